// The hub when it has a process to itself.
import { mkdirSync } from 'node:fs'
import { loadIdentity } from '../../certificates/index.ts'
import { processLog, runProcess } from '../../process.ts'
import { parseHubConfig } from './config.ts'
import type { HubConfig } from './config.ts'
import { createHub } from './create-hub.ts'
import type { Hub } from './create-hub.ts'

/** Checks the configuration and starts. Throws IlsError or the error of `listen`. */
export async function startHub(input: unknown): Promise<Hub> {
  return start(parseHubConfig(input))
}

/** Runs until told to stop. */
export function runHub(args: readonly string[]): Promise<void> {
  const refusals = /^(?:ILS_|CERTIFICATES_|EADDR|EACCES|EPERM|EROFS|ENOSPC|ENOENT|ENOTDIR|EEXIST|ENOTFOUND)/u
  return runProcess({ kind: 'hub', program: 'services/ils/hub/main.ts', refusals, parse: parseHubConfig, start }, args)
}

async function start(config: HubConfig): Promise<Hub> {
  const log = processLog({ name: config.name, level: config.log.level })
  const identity = await identityOf(config)
  return createHub(config, { log, ...(identity === undefined ? {} : { identity }) })
}

/** Undefined where nobody asks for one: passwords alone need no certificate, and a hub has no HTTPS. */
async function identityOf({ name, dataDirectory, secretsDirectory, listen, ils }: HubConfig) {
  if (ils.authentication === 'password' || secretsDirectory === undefined) return undefined
  mkdirSync(dataDirectory, { recursive: true })
  return loadIdentity({ secretsDirectory, dataDirectory, name, hosts: [listen.advertise ?? listen.host] })
}
