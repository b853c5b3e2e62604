// `npm run simulate`: torments simulated ILS networks with seeded faults, and makes the script of any seed that breaks a promise short.
import { randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { Command, InvalidArgumentError } from 'commander'
import { ScriptError, parseScript } from '../test/simulation/script.ts'
import type { Script } from '../test/simulation/script.ts'
import { drawScript } from '../test/simulation/plan.ts'
import { explainBrokenSeed, tellStory, violationOf } from './simulation/broken-seed.ts'
import { runMutations } from './simulation/run-mutations.ts'
import { runInPool } from './simulation/pool.ts'
import { createProgress } from './simulation/progress.ts'
import { createTally } from './simulation/tally.ts'
import type { SeedAnswer, SeedTask } from './simulation/worker.ts'

interface Options {
  readonly seeds: number
  readonly steps: number
  readonly seed?: number
  readonly nodes?: number
  readonly for?: number
  readonly minutes?: number
  readonly jobs: number
  readonly json?: boolean
  readonly story?: boolean
  readonly shrinkRuns: number
  readonly replay?: string
  readonly mutations?: boolean
  readonly write?: boolean
  readonly missing?: boolean
}

/** Beyond so many broken seeds nothing new is learned. */
const mostBroken = 5

const program = new Command('npm run simulate --')
  .description(
    'Runs the unmodified ILS core on a simulated network, clock and disk: messages are lost, doubled, delayed, garbled and\nreplayed, groups are cut off, processes crash between any two effects, disks fail and are set back, clocks jump, roles\nchange. Then everything heals and is judged. docs/simulation.md says what must hold.',
  )
  .option('--seeds <n>', 'how many seeds', positive, 100)
  .option('--steps <m>', 'things that happen before everything heals', positive, 300)
  .option('--seed <s>', 'the first seed (default: a fresh one; without --seeds: only that one)', natural)
  .option(
    '--nodes <k>',
    'how many nodes, hubs included (default: by the seed, mostly 3 to 10, at times up to 200)',
    positive,
  )
  .option('--for <time>', 'go on for so long instead, e.g. 90s, 20m, 1h', duration)
  .option('--minutes <n>', 'the same, in minutes', positive)
  .option('--jobs <n>', 'processes at a time', positive, availableParallelism())
  .option('--json', 'one JSON document on stdout')
  .option('--story', 'with --seed or --replay: everything that happened')
  .option('--shrink-runs <n>', 'runs that may be spent on making a broken seed short', natural, 2000)
  .option('--replay <file>', 'run the script in this file; - for standard input')
  .option('--mutations', 'take out one repair rule after the other instead, and show which seed notices')
  .option('--write', 'with --mutations: write the table of docs/simulation.md')
  .option('--missing', 'with --mutations: only the rules of which nothing is written down')
  .addHelpText(
    'after',
    '\nExit code: 0 when every promise held, 1 when one was broken, 2 when asked wrongly.\n\nExamples:\n  npm run simulate -- --seeds 500 --steps 400\n  npm run simulate -- --for 1h\n  npm run simulate -- --seed 4711 --story\n  npm run simulate -- --replay script.json\n  npm run simulate:mutations',
  )
  .configureOutput({ outputError: (text, write) => write(text) })
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .action(async (options: Options, command: Command) => {
    process.exitCode = await run(options, command.getOptionValueSource('seeds') === 'default')
  })

await program.parseAsync()

/** The exit code. */
async function run(options: Options, countIsDefault: boolean): Promise<number> {
  if (options.replay !== undefined) return replay(options.replay, options)
  if (options.mutations)
    return runMutations({ jobs: options.jobs, write: options.write === true, missing: options.missing === true, print })
  if (options.seed !== undefined && countIsDefault && limitOf(options) === undefined)
    return runOne(options.seed, options)
  return runMany(options)
}

async function runMany(options: Options): Promise<number> {
  const { steps, jobs, json = false } = options
  const first = options.seed ?? randomInt(1, 2 ** 31)
  const limit = limitOf(options)
  const started = performance.now()
  const broken: SeedTask[] = []
  const tally = createTally(first)
  const progress = createProgress(tally, json)
  let seed = first
  const goesOn = () =>
    broken.length < mostBroken &&
    (limit === undefined ? seed < first + options.seeds : performance.now() - started < limit)
  const nextTask = () => {
    const task = { seed, steps, nodes: options.nodes ?? nodesOf(seed) }
    seed += 1
    return task
  }
  await runInPool<SeedTask, SeedAnswer>({
    worker: new URL('simulation/worker.ts', import.meta.url),
    jobs,
    next: () => (goesOn() ? nextTask() : undefined),
    onAnswer(task, answer) {
      tally.add(task, answer)
      if (answer.violation !== undefined) broken.push(task)
      progress.told(task, answer)
    },
  })
  progress.end()
  const explained = broken.map((task) => ({ ...task, ...explainBrokenSeed(task, options.shrinkRuns) }))
  if (json) print(JSON.stringify({ ...tally.figures(), broken: explained }))
  else {
    for (const { text } of explained) print(`${text}\n`)
    print(tally.line())
  }
  return broken.length === 0 ? 0 : 1
}

function runOne(seed: number, options: Options): number {
  const task = { seed, steps: options.steps, nodes: options.nodes ?? nodesOf(seed) }
  const script = drawScript(task)
  const violation = violationOf(script)
  if (violation === undefined) {
    report(
      { seed, violation: null },
      [...(options.story ? tellStory(script, true) : []), `seed ${seed}: held`],
      options,
    )
    return 0
  }
  const { text, script: shrunk } = explainBrokenSeed(task, options.shrinkRuns)
  report({ seed, violation, script: shrunk }, [...(options.story ? tellStory(script, true) : []), text], options)
  return 1
}

function replay(file: string, options: Options): number {
  let script: Script
  try {
    script = parseScript(readFileSync(file === '-' ? 0 : file, 'utf8'))
  } catch (error) {
    if (!(error instanceof ScriptError) && (error as NodeJS.ErrnoException).code === undefined) throw error
    process.stderr.write(`${file}: ${(error as Error).message}\n`)
    return 2
  }
  const violation = violationOf(script)
  report({ violation: violation ?? null }, [...tellStory(script, true), violation ?? 'held'], options)
  return violation === undefined ? 0 : 1
}

function report(json: object, lines: readonly string[], options: Options): void {
  print(options.json ? JSON.stringify(json) : lines.join('\n'))
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** Mostly 3 to 10, so that networks with one hub and with two take turns; at times many more. */
function nodesOf(seed: number): number {
  if (seed % 400 === 0) return 200
  if (seed % 20 === 0) return 12 + (seed % 37)
  return 3 + (seed % 8)
}

function limitOf(options: Options): number | undefined {
  return options.for ?? (options.minutes === undefined ? undefined : options.minutes * 60_000)
}

function duration(text: string): number {
  const match = /^(\d{1,6})(s|m|h)$/u.exec(text)
  if (match === null) throw new InvalidArgumentError('must be like 90s, 20m or 1h')
  const unitMs = { s: 1000, m: 60_000, h: 3_600_000 }[match[2] as 's' | 'm' | 'h']
  return Number(match[1]) * unitMs
}

function positive(text: string): number {
  const value = natural(text)
  if (value < 1) throw new InvalidArgumentError('must be 1 or more')
  return value
}

function natural(text: string): number {
  if (!/^\d{1,10}$/u.test(text)) throw new InvalidArgumentError('must be a whole number')
  return Number(text)
}
