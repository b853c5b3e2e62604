import type { Command } from 'commander'
import { paint, print, run } from './verb.ts'
import type { StepReport } from '../demo/run-demo.ts'

interface DemoVerbOptions {
  readonly kill: string
  readonly redis?: string
  readonly keep?: boolean
  readonly json?: boolean
}

/** `roamline demo`, which is also `npm run demo` */
export function addDemo(program: Command): void {
  program
    .command('demo')
    .description('the story of the roaming user, told by a lab of its own; succeeds only if every step holds')
    .option('--kill <process>', 'kill this one instead of the home cluster: then the story must fail', 'cluster1')
    .option('--redis <url>', 'Redis to use, or "embedded"', process.env['REDIS_URL'])
    .option('--keep', 'leave its data and logs')
    .option('--json', 'print one line of JSON per step and one for the whole')
    .addHelpText('after', '\nExample:\n  $ npm run demo\n')
    .action((options: DemoVerbOptions) => run(options.json, () => demo(options)))
}

async function demo({ kill, redis, keep, json }: DemoVerbOptions): Promise<void> {
  const [{ runDemo }, { onSignals }] = await Promise.all([
    import('../demo/run-demo.ts'),
    import('../lab/foreground.ts'),
  ])
  const interrupted = new AbortController()
  const forget = onSignals(() => interrupted.abort())
  let number = 0
  const onStep = (step: StepReport) => print(json ? JSON.stringify(step) : describeStep(step, ++number))
  try {
    const report = await runDemo({ kill, redis, keep: keep === true, signal: interrupted.signal, onStep })
    const { held, tookMs, data } = report
    if (json) print(JSON.stringify({ held, tookMs, data }))
    else if (data !== undefined) print(`Data and logs: ${data}`)
    if (interrupted.signal.aborted) process.exitCode = 130
    else if (!held) process.exitCode = 1
    if (!json && !interrupted.signal.aborted) print(verdict(report))
  } finally {
    forget()
  }
}

function describeStep({ step, held, seen, tookMs }: StepReport, number: number): string {
  const mark = held ? paint('green', '✔') : paint('red', '✘')
  const time = `${tookMs.toFixed(0)} ms`.padStart(8)
  return `${mark} ${String(number).padStart(2)}. ${step}\n ${time}  ${paint('dim', seen)}`
}

function verdict({ held, steps, tookMs }: { held: boolean; steps: readonly StepReport[]; tookMs: number }): string {
  const failed = steps.find((step) => !step.held)
  const seconds = `${(tookMs / 1000).toFixed(1)} s`
  if (held) return paint('green', `Every step held (${seconds}).`)
  return paint('red', `The story did not hold: "${failed?.step}": ${failed?.seen} (${seconds}).`)
}
