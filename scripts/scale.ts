// `npm run scale`: ILS with many clusters and many objects.
//
// To record everything anew for docs/benchmarks.md, on a machine that does nothing else (about a quarter of an hour):
//
//   npm run scale -- --record
//
// measures all four parts, writes docs/benchmarks/*.json, draws docs/pictures/ils-*.svg from them and puts the tables of
// docs/benchmarks.md in order. `--only` records a part alone, `--draw` makes pictures and tables of what is recorded, measuring nothing.
import { cpus, totalmem } from 'node:os'
import { Command, InvalidArgumentError, Option } from 'commander'
import { readRecords, RecordError, writeRecord } from './benchmark/scale/rows.ts'
import type { Recorded, RecordName, Records } from './benchmark/scale/rows.ts'

interface Options {
  readonly only?: readonly RecordName[]
  readonly memory: number
  readonly hubs: number
  readonly steps: readonly number[]
  readonly minutes: number
  readonly quick?: boolean
  readonly record?: boolean
  readonly draw?: boolean
  readonly json?: boolean
  readonly redis?: string
}

const defaultSteps: readonly number[] = [5, 10, 20, 40, 60, 80, 100, 120, 140]

const stop = new AbortController()
const signal = stop.signal
const tell = (row: object) => process.stderr.write(`${JSON.stringify(row)}\n`)

type Part<Name extends RecordName> = (options: Options) => Promise<Omit<Records[Name], 'recorded'>>

/** In the order in which they are measured. */
const parts: { readonly [Name in RecordName]: Part<Name> } = {
  'login-visible': async ({ quick, redis }) => {
    const { benchmarkLoginVisible } = await import('./benchmark/login-visible.ts')
    const { ours, floor, ratio, spread } = await benchmarkLoginVisible({ samples: quick ? 50 : 1000, redis })
    return { ours, floor, ratio, spread: [...spread] }
  },
  objects: async ({ quick, redis }) => {
    const { measureObjects } = await import('./benchmark/scale/objects.ts')
    const sizes = quick ? [1000, 10_000] : [1000, 10_000, 100_000, 1_000_000]
    return {
      rows: [
        ...(await measureObjects({ sizes, rounds: quick ? 1 : 3, quick: quick === true, redis, signal, onRow: tell })),
      ],
    }
  },
  processes: async ({ quick, hubs, steps, memory, minutes, redis }) => {
    const { measureProcesses } = await import('./benchmark/scale/processes.ts')
    const { rows, limit } = await measureProcesses({
      hubs,
      steps: quick ? [3, 5] : steps,
      memoryMiB: memory,
      logins: quick ? 5 : 100,
      minutes,
      redis,
      signal,
      onRow: tell,
    })
    return { rows: [...rows], limit, budgetMiB: memory }
  },
  simulation: async ({ quick }) => {
    const { measureSimulation } = await import('./benchmark/scale/simulation.ts')
    const rows = await measureSimulation({
      logins: quick ? 100 : 10_000,
      clusters: quick ? 25 : 200,
      signal,
      onRow: tell,
    })
    return { rows: [...rows] }
  },
}
const names = Object.keys(parts) as RecordName[]

const program = new Command('npm run scale --')
  .description(
    'Grows ILS until something ends: real clusters up to the memory given, 200 simulated ones, a million learned objects.\nPrints a row of figures at each size.',
  )
  .option('--only <parts...>', `some of: ${names.join(', ')}`, part)
  .addOption(
    new Option('--memory <size>', 'what real processes may take together, e.g. 8GiB, 500MiB')
      .argParser(size)
      .default(8192, '8GiB'),
  )
  .option('--hubs <n>', 'hubs of the real network', upTo(10), 4)
  .addOption(
    new Option('--steps <counts>', 'numbers of real clusters to measure at')
      .argParser(counts)
      .default(defaultSteps, defaultSteps.join(',')),
  )
  .option('--minutes <n>', 'no further step of real clusters is begun after so long', upTo(600), 8)
  .option('--quick', 'small sizes and few logins: shows that it runs, not how fast')
  .option('--record', 'write docs/benchmarks/*.json, and draw')
  .option('--draw', 'measure nothing: make pictures and tables of what is recorded')
  .option('--json', 'one JSON document on stdout')
  .option('--redis <url>', 'a Redis to use instead of one of its own')
  .addHelpText(
    'after',
    '\nExamples:\n  npm run scale -- --only processes --memory 2GiB --steps 5,10,20\n  npm run scale -- --only simulation --json\n  npm run scale -- --record',
  )
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .action(run)

for (const [name, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.once(name, () => {
    process.exitCode = code
    stop.abort()
  })
}
try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof RecordError) {
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 1
    // What breaks because everything was stopped says nothing.
  } else if (!signal.aborted) throw error
}

async function run(options: Options): Promise<void> {
  if (options.record === true && options.quick === true)
    program.error('--quick figures are not for the record', { exitCode: 2 })
  const found: Record<string, unknown> = {}
  for (const name of options.draw === true ? [] : (options.only ?? names)) {
    process.stderr.write(`… ${name}\n`)
    found[name] = await measure(name, options)
  }
  if (options.json === true) console.log(JSON.stringify(found, null, 2))
  if (options.record !== true && options.draw !== true) return
  const { writeCurves } = await import('./benchmark/scale/curves.ts')
  const { writeTables } = await import('./benchmark/scale/tables.ts')
  const records = readRecords()
  writeCurves(records)
  writeTables(records)
}

async function measure<Name extends RecordName>(name: Name, options: Options): Promise<Records[Name]> {
  const measured = await parts[name](options)
  const record = { recorded: machine(), ...measured } as unknown as Records[Name]
  if (options.record === true) writeRecord(name, record)
  return record
}

function machine(): Recorded {
  return {
    on: new Date().toISOString().slice(0, 10),
    cpus: cpus().length,
    model: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  }
}

function part(name: string, before: readonly RecordName[] | undefined): readonly RecordName[] {
  if (!(name in parts)) throw new InvalidArgumentError(`there are ${names.join(', ')}`)
  return [...(before ?? []), name as RecordName]
}

/** In MiB. */
function size(text: string): number {
  const [, figures, unit] = /^(\d+(?:\.\d+)?)\s*(GiB|MiB)$/iu.exec(text) ?? []
  if (figures === undefined || Number(figures) === 0) throw new InvalidArgumentError('a size such as 8GiB or 500MiB')
  return Number(figures) * (unit?.toLowerCase() === 'gib' ? 1024 : 1)
}

function upTo(most: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (Number.isInteger(value) && value >= 1 && value <= most) return value
    throw new InvalidArgumentError(`a whole number from 1 to ${most}`)
  }
}

function counts(text: string): readonly number[] {
  const values = text.split(',').map(Number)
  const isGrowing = values.every((value, at) => Number.isInteger(value) && value > (values[at - 1] ?? 1))
  if (!isGrowing) throw new InvalidArgumentError('growing numbers of 2 or more, e.g. 5,10,20')
  return values
}
