// The Super User Synchronization Tool in its process.
import { loadIdentity } from '../certificates/index.ts'
import { processLog, runProcess } from '../process.ts'
import { parseConfig } from './config.ts'
import type { SuperUserSyncConfig } from './config.ts'
import { createSuperUserSync } from './create-super-user-sync.ts'
import type { SuperUserSync } from './create-super-user-sync.ts'

/** Checks the configuration, loads the lab's CA and starts. Throws `ConfigError`, `StoreError`, `CertificatesError` or the error of `listen`. */
export async function startTool(input: unknown): Promise<SuperUserSync> {
  return start(parseConfig(input))
}

/** Runs until told to stop. */
export function runTool(args: readonly string[]): Promise<void> {
  const refusals = /^(?:SUPER_USER_SYNC_|CERTIFICATES_|EADDR|EACCES|EPERM|EROFS|ENOSPC|ENOENT|ENOTDIR|ENOTFOUND)/u
  const program = 'services/super-user-sync/main.ts'
  return runProcess({ kind: 'super-user-sync', program, refusals, parse: parseConfig, start }, args)
}

async function start(config: SuperUserSyncConfig): Promise<SuperUserSync> {
  const { name, listen, dataDirectory, secretsDirectory } = config
  const log = processLog({ name, level: config.log.level })
  const hosts = [listen.advertise ?? listen.host]
  const { caPem } = await loadIdentity({ name, secretsDirectory, dataDirectory, hosts })
  return createSuperUserSync(config, { caPem, log })
}
