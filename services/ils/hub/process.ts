// What surrounds the hub when it has a process to itself: arguments, log, the ready line, signals, exit codes.
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import closeWithGrace from 'close-with-grace'
import { pino } from 'pino'
import { IlsError } from '../errors.ts'
import { parseHubConfig } from './config.ts'
import type { HubConfig } from './config.ts'
import { createHub } from './create-hub.ts'
import type { Hub } from './create-hub.ts'

/** A stop that takes longer than this is cut short, and the exit code is 1. */
const stopWithinMs = 4500

/** Errors whose message is a sentence for people; anything else that stops a start is a bug and shows its stack. */
const refusals = /^(?:ILS_|EADDR|EACCES|EPERM|EROFS|ENOSPC|ENOENT|ENOTDIR|EEXIST|ENOTFOUND)/u

/** Checks the configuration and starts. Throws IlsError or the error of `listen`. */
export function startHub(input: unknown): Promise<Hub> {
  return start(parseHubConfig(input))
}

/** Runs until told to stop; exit code 0 stopped as told, 1 failed, 2 refused to start with one sentence on stderr. */
export async function runProcess(args: readonly string[]): Promise<void> {
  try {
    const config = parseHubConfig(await readConfig(args))
    const started = start(config)
    // Before it is up, so that a signal during the start finds its way.
    const stopper = closeWithGrace({ delay: stopWithinMs, logger: false }, async ({ err }) => {
      if (err) process.stderr.write(`${err.stack}\n`)
      else await (await started).stop()
    })
    stopWithParent(() => void stopper.close())
    const { http } = await started
    const ready = { ready: true, name: config.name, kind: 'hub', pid: process.pid, http, https: null }
    process.stdout.write(`${JSON.stringify(ready)}\n`)
  } catch (error) {
    const { code = '', message, stack } = error as NodeJS.ErrnoException
    const refused = refusals.test(code)
    process.stderr.write(`${refused ? `hub: ${message}` : stack}\n`)
    process.exit(refused ? 2 : 1)
  }
}

async function start(config: HubConfig): Promise<Hub> {
  const log = pino(
    { level: config.log.level, base: { name: config.name }, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: true }),
  )
  return createHub(config, { log })
}

async function readConfig(args: readonly string[]): Promise<unknown> {
  try {
    const { values } = parseArgs({ args: [...args], options: { config: { type: 'string' } } })
    if (values.config === undefined) throw new Error('--config FILE is missing')
    return JSON.parse(await readFile(values.config, 'utf8'))
  } catch (cause) {
    throw new IlsError('ILS_CONFIG', (cause as Error).message, { cause })
  }
}

/** A lab runner that dies, however it dies, closes its end of the pipe: the hub does not outlive it. */
function stopWithParent(stop: () => void): void {
  if (process.env['ROAMLINE_PARENT_PIPE'] !== '1') return
  process.stdin.once('end', stop).once('error', stop).resume()
}
