// What surrounds a service that has a process to itself: arguments, log, the ready line, signals, exit codes.
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import closeWithGrace from 'close-with-grace'
import { pino } from 'pino'
import type { Logger } from 'pino'

/** A stop that takes longer than this is cut short, and the exit code is 1. */
const stopWithinMs = 4500

/** What differs from one such process to the next. */
export interface ProcessKind<Config extends { readonly name: string }> {
  /** As the ready line says it, e.g. `hub`. */
  readonly kind: string
  /** How it is called from the project's folder, e.g. `services/ils/hub/main.ts`. */
  readonly program: string
  /** Codes of errors whose message is a sentence for people; anything else that stops a start is a bug and shows its stack. */
  readonly refusals: RegExp
  /** Checks what the configuration file holds. Throws an error with one of the codes above. */
  parse(input: unknown): Config
  start(config: Config): Promise<RunningProcess>
}

export interface RunningProcess {
  /** Base URL. */
  readonly http: string
  stop(): Promise<void>
}

/** The configuration file is missing, or cannot be read, or is not JSON; the message is one sentence for people. */
class ConfigurationUnreadable extends Error {
  readonly code = 'CONFIGURATION_UNREADABLE'
}

/** Runs until told to stop; exit code 0 stopped as told, 1 failed, 2 refused to start with one sentence on stderr. */
export async function runProcess<Config extends { readonly name: string }>(
  { kind, program, refusals, parse, start }: ProcessKind<Config>,
  args: readonly string[],
): Promise<void> {
  try {
    const file = configurationFile(args)
    if (file === undefined) return void process.stdout.write(usage(program))
    const config = parse(await readConfiguration(file))
    const started = start(config)
    // Before it is up, so that a signal during the start finds its way.
    const stopper = closeWithGrace({ delay: stopWithinMs, logger: false }, async ({ err }) => {
      if (err) process.stderr.write(`${err.stack}\n`)
      else await (await started).stop()
    })
    stopWithParent(() => void stopper.close())
    const { http } = await started
    const ready = { ready: true, name: config.name, kind, pid: process.pid, http, https: null }
    process.stdout.write(`${JSON.stringify(ready)}\n`)
  } catch (error) {
    const { code = '', message, stack } = error as NodeJS.ErrnoException
    const refused = error instanceof ConfigurationUnreadable || refusals.test(code)
    process.stderr.write(`${refused ? `${kind}: ${message}` : stack}\n`)
    process.exit(refused ? 2 : 1)
  }
}

/** JSON lines on stderr: stdout is for the ready line. */
export function processLog({ name, level }: { readonly name: string; readonly level: string }): Logger {
  return pino(
    { level, base: { name }, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: true }),
  )
}

/** A lab runner that dies, however it dies, closes its end of the pipe: none of its processes outlives it. */
export function stopWithParent(stop: () => void): void {
  if (process.env['ROAMLINE_PARENT_PIPE'] !== '1') return
  process.stdin.once('end', stop).once('error', stop).resume()
}

/** The file that the arguments name; undefined when help is asked for. Throws ConfigurationUnreadable. */
export function configurationFile(args: readonly string[]): string | undefined {
  const options = { config: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const
  try {
    const { values } = parseArgs({ args: [...args], options })
    if (values.help) return undefined
    if (values.config !== undefined) return values.config
  } catch (cause) {
    throw new ConfigurationUnreadable(`${(cause as Error).message} (--help shows how this is called)`, { cause })
  }
  throw new ConfigurationUnreadable('--config FILE is missing (--help shows how this is called)')
}

/** What the file holds, unchecked. Rejects with ConfigurationUnreadable. */
export async function readConfiguration(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch (cause) {
    const what =
      cause instanceof SyntaxError ? `is not JSON: ${cause.message}` : `cannot be read: ${(cause as Error).message}`
    throw new ConfigurationUnreadable(`the configuration file ${file} ${what}`, { cause })
  }
}

function usage(program: string): string {
  return `Usage: node ${program} --config FILE

FILE is JSON (config.ts beside the program says what may stand in it).
Prints one JSON line on stdout when it is ready; logs go to stderr.
SIGTERM and SIGINT stop it cleanly; with ROAMLINE_PARENT_PIPE=1 the end of stdin does too.

Exit codes: 0 stopped as told, 1 failed, 2 refused to start (the reason is on stderr).
`
}
