// What surrounds the tool when it has a process to itself: arguments, log, the ready line, signals, exit codes.
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import closeWithGrace from 'close-with-grace'
import { pino } from 'pino'
import { loadIdentity } from '../certificates/index.ts'
import { ConfigError, parseConfig } from './config.ts'
import type { SuperUserSyncConfig } from './config.ts'
import { createSuperUserSync } from './create-super-user-sync.ts'
import type { SuperUserSync } from './create-super-user-sync.ts'

/** A stop that takes longer than this is cut short, and the exit code is 1. */
const stopWithinMs = 4500

/** Errors whose message is a sentence for people; anything else that stops a start is a bug and shows its stack. */
const refusals = /^(?:SUPER_USER_SYNC_|CERTIFICATES_|EADDR|EACCES|EPERM|EROFS|ENOSPC|ENOENT|ENOTDIR|ENOTFOUND)/u

/** Checks the configuration, loads the lab's CA and starts. Throws `ConfigError`, `StoreError`, `CertificatesError` or the error of `listen`. */
export function startTool(input: unknown): Promise<SuperUserSync> {
  return start(parseConfig(input))
}

/** Runs until told to stop; exit code 0 stopped as told, 1 failed, 2 refused to start with one sentence on stderr. */
export async function runProcess(args: readonly string[]): Promise<void> {
  try {
    const config = parseConfig(await readConfig(args))
    const started = start(config)
    // Before it is up, so that a signal during the start finds its way.
    const stopper = closeWithGrace({ delay: stopWithinMs, logger: false }, async ({ err }) => {
      if (err) process.stderr.write(`${err.stack}\n`)
      else await (await started).stop()
    })
    stopWithParent(() => void stopper.close())
    const { http } = await started
    const ready = { ready: true, name: config.name, kind: 'super-user-sync', pid: process.pid, http, https: null }
    process.stdout.write(`${JSON.stringify(ready)}\n`)
  } catch (error) {
    const { code = '', message, stack } = error as NodeJS.ErrnoException
    const refused = refusals.test(code)
    process.stderr.write(`${refused ? `super-user-sync: ${message}` : stack}\n`)
    process.exit(refused ? 2 : 1)
  }
}

async function start(config: SuperUserSyncConfig): Promise<SuperUserSync> {
  const { name, listen, dataDirectory, secretsDirectory } = config
  const log = pino(
    { level: config.log.level, base: { name }, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: true }),
  )
  const hosts = [listen.advertise ?? listen.host]
  const { caPem } = await loadIdentity({ name, secretsDirectory, dataDirectory, hosts })
  return createSuperUserSync(config, { caPem, log })
}

async function readConfig(args: readonly string[]): Promise<unknown> {
  try {
    const { values } = parseArgs({ args: [...args], options: { config: { type: 'string' } } })
    if (values.config === undefined) throw new Error('--config FILE is missing')
    return JSON.parse(await readFile(values.config, 'utf8'))
  } catch (cause) {
    throw new ConfigError((cause as Error).message, { cause })
  }
}

/** A lab runner that dies, however it dies, closes its end of the pipe: the tool does not outlive it. */
function stopWithParent(stop: () => void): void {
  if (process.env['ROAMLINE_PARENT_PIPE'] !== '1') return
  process.stdin.once('end', stop).once('error', stop).resume()
}
