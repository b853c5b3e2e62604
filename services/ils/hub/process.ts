// The hub when it has a process to itself.
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
  const refusals = /^(?:ILS_|EADDR|EACCES|EPERM|EROFS|ENOSPC|ENOENT|ENOTDIR|EEXIST|ENOTFOUND)/u
  return runProcess({ kind: 'hub', program: 'services/ils/hub/main.ts', refusals, parse: parseHubConfig, start }, args)
}

function start(config: HubConfig): Promise<Hub> {
  return createHub(config, { log: processLog({ name: config.name, level: config.log.level }) })
}
