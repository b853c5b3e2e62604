import type { Command } from 'commander'
import { join } from 'node:path'
import { projectRoot } from '../lab/node-child.ts'
import type { ForegroundLab } from '../lab/foreground.ts'
import { LabError } from '../lab/lab-error.ts'
import type { ManagedProcess } from '../lab/managed-process.ts'
import { paint, print, run } from './verb.ts'

interface StartOptions {
  readonly lab: string
  readonly data?: string
  readonly redis?: string
  readonly freePorts?: boolean
  readonly json?: boolean
}

const defaultLab = join(projectRoot, 'labs', 'three-clusters.yaml')

/** `roamline start`, which is also `npm start` */
export function addStart(program: Command): void {
  program
    .command('start')
    .description('bring a lab up in the foreground; Ctrl-C ends all of it')
    .option('--lab <file>', 'lab file', defaultLab)
    .option('--data <dir>', 'where it keeps its data (default: .roamline/<lab name> in the project)')
    .option('--redis <url>', 'Redis to use, or "embedded"', process.env['REDIS_URL'])
    .option('--free-ports', "free ports on 127.0.0.1 instead of the lab's own addresses")
    .option('--json', 'print the status as JSON once everything is up')
    .addHelpText('after', '\nExample:\n  $ npm start -- --lab labs/three-clusters.yaml --data /tmp/lab\n')
    .action((options: StartOptions) => run(options.json, () => start(options)))
}

async function start({ lab: file, data, redis, freePorts, json }: StartOptions): Promise<void> {
  const [{ loadLab }, { startForeground, dataDirectoryOf, StartAbandoned }] = await Promise.all([
    import('../lab/lab-file.ts'),
    import('../lab/foreground.ts'),
  ])
  const lab = loadLab(file)
  const say = (text: string) => json || print(text)
  say(`Starting the lab ${lab.name} …`)
  const started = performance.now()
  const reporter = createReporter(say)
  try {
    const running = await startForeground({
      lab,
      dataDirectory: dataDirectoryOf(lab.name, data),
      redis,
      freePorts,
      announced: true,
      onState: reporter.onState,
    })
    try {
      const { welcome } = await import('../welcome.ts')
      const unsettled = await settle(running)
      if (unsettled !== 'ended') {
        print(json ? JSON.stringify(running.status()) : welcome(running, performance.now() - started))
        if (unsettled !== undefined) process.stderr.write(`${paint('yellow', unsettled)}\n`)
        reporter.begin()
        await running.endAsked
      }
      say('Stopping …')
    } finally {
      reporter.end()
      await running.stop()
    }
    say('Stopped; the data stays.')
  } catch (error) {
    if (!(error instanceof StartAbandoned)) throw error
    process.exitCode = 130
  }
}

/**
 * Waits until the lab can be used. A lab that does not get there, of a wrong ILS password say, is there to be looked at: the answer is
 * then a sentence about what is missing.
 */
async function settle(running: ForegroundLab): Promise<string | undefined> {
  const [{ clientsOf }, { waitUntilSettled }] = await Promise.all([
    import('../welcome.ts'),
    import('../lab/settled.ts'),
  ])
  const enough = new AbortController()
  const settled = waitUntilSettled(running.lab, clientsOf(running), { signal: enough.signal }).then(
    () => undefined,
    (error: Error) => {
      if (error instanceof LabError) return error.message
      throw error
    },
  )
  try {
    return await Promise.race([settled, running.endAsked.then(() => 'ended')])
  } finally {
    enough.abort()
  }
}

/** Tells of every process that changes its state while the lab runs; dying is what they are for. */
function createReporter(say: (text: string) => void) {
  let isOn = false
  return {
    begin: () => void (isOn = true),
    end: () => void (isOn = false),
    onState: ({ name, state, lastExit, spec }: ManagedProcess) => {
      if (!isOn) return
      const time = new Date().toISOString().slice(11, 19)
      if (state === 'crashed') {
        say(paint('red', `${time} ${name} died (${lastExit}); its log is ${spec.logFile}`))
        say(`         the lab goes on; bring it back with: npx roamline restart ${name}`)
      } else say(`${time} ${name} is ${state}`)
    },
  }
}
