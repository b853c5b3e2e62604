// `npm run bench`: each figure as a ratio against a floor that is measured in the same run, on the same machine, in turn.
import { cpus, totalmem } from 'node:os'
import { Command } from 'commander'
import type { Comparison } from './benchmark/measure.ts'

interface Options {
  readonly json?: boolean
  readonly quick?: boolean
  readonly only?: readonly string[]
  readonly redis?: string
  readonly objects?: string
}

type Benchmark = (options: { quick: boolean; redis: string | undefined }) => Promise<Comparison>

const benchmarks: Record<string, Benchmark> = {
  'login-rate': async ({ quick, redis }) => {
    const { benchmarkLoginRate } = await import('./benchmark/login-rate.ts')
    return benchmarkLoginRate({ rounds: quick ? 2 : 7, seconds: quick ? 2 : 5, connections: 50, redis })
  },
  'em-api': async ({ quick, redis }) => {
    const { benchmarkEmApi } = await import('./benchmark/em-api.ts')
    return benchmarkEmApi({ rounds: quick ? 2 : 7, seconds: quick ? 2 : 5, connections: 50, redis })
  },
  'nine-o-clock': async ({ quick }) => {
    const { benchmarkNineOClock } = await import('./benchmark/nine-o-clock.ts')
    return benchmarkNineOClock({ users: quick ? 2000 : 10_000, rounds: quick ? 1 : 5 })
  },
  'login-visible': async ({ quick, redis }) => {
    const { benchmarkLoginVisible } = await import('./benchmark/login-visible.ts')
    return benchmarkLoginVisible({ samples: quick ? 100 : 1000, redis })
  },
  'ils-full-sync': async ({ quick, redis }) => {
    const { benchmarkFullSync } = await import('./benchmark/ils-full-sync.ts')
    return benchmarkFullSync({ objects: objects ?? (quick ? 100_000 : 1_000_000), rounds: quick ? 1 : 3, redis })
  },
  'ils-number-lookup': async ({ quick }) => {
    const { benchmarkNumberLookup } = await import('./benchmark/ils-lookups.ts')
    return benchmarkNumberLookup({ objects: objects ?? (quick ? 100_000 : 1_000_000), rounds: quick ? 3 : 9 })
  },
  'ils-pattern-lookup': async ({ quick }) => {
    const { benchmarkPatternLookup } = await import('./benchmark/ils-lookups.ts')
    return benchmarkPatternLookup({ objects: objects ?? (quick ? 100_000 : 1_000_000), rounds: quick ? 3 : 9 })
  },
  'lab-start': async ({ quick, redis }) => {
    const { benchmarkLabStart } = await import('./benchmark/lab-start.ts')
    return benchmarkLabStart({ rounds: quick ? 2 : 7, redis })
  },
  'idle-memory': async ({ redis }) => {
    const { benchmarkIdleMemory } = await import('./benchmark/idle-memory.ts')
    return benchmarkIdleMemory({ redis })
  },
}

const program = new Command('npm run bench --')
  .description('Measures Roamline against floors taken in the same run and prints the ratios.')
  .option('--json', 'one JSON document on stdout')
  .option('--quick', 'fewer rounds: shows that it runs, not how fast')
  .option('--only <names...>', `some of: ${Object.keys(benchmarks).join(', ')}`)
  .option('--redis <url>', "a Redis to use instead of the lab's own")
  .option('--objects <count>', 'how many objects are learned where that is the question; default one million')
  .addHelpText('after', '\nExample:\n  npm run bench -- --only login-rate --json')
  .parse()
const options = program.opts<Options>()
const objects = options.objects === undefined ? undefined : Number(options.objects)
if (objects !== undefined && !(Number.isInteger(objects) && objects > 0))
  program.error('--objects takes a number of 1 or more', { exitCode: 2 })
const names = options.only ?? Object.keys(benchmarks)
const unknown = names.filter((name) => !(name in benchmarks))
if (unknown.length > 0)
  program.error(`no benchmark is named ${unknown.join(', ')}; there are ${Object.keys(benchmarks).join(', ')}`, {
    exitCode: 2,
  })

const results: Comparison[] = []
for (const name of names) {
  if (process.stderr.isTTY) process.stderr.write(`… ${name}\r`)
  const result = await benchmarks[name]!({ quick: options.quick === true, redis: options.redis })
  results.push(result)
  if (options.json !== true) print(result)
}
if (options.json === true) {
  const machine = {
    cpus: cpus().length,
    model: cpus()[0]?.model,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  }
  console.log(JSON.stringify({ machine, results }, null, 2))
}

function print(result: Comparison): void {
  const { aim } = result
  const reached = aim.better === 'higher' ? result.ratio >= aim.ratio : result.ratio <= aim.ratio
  console.log(
    `${result.name}: ${result.ratio.toFixed(2)} × the floor (aim ${aim.better === 'higher' ? '≥' : '≤'} ${aim.ratio}, ${reached ? 'reached' : 'not reached'})`,
  )
  console.log(`  ${figure(result.ours)} ${result.unit}  ${result.what}`)
  console.log(`  ${figure(result.floor)} ${result.unit}  ${result.floorWhat}`)
  console.log(`  pairwise ratios ${result.spread.map((one) => one.toFixed(2)).join(' … ')}`)
  for (const note of result.notes) console.log(`  ${note}`)
}

function figure(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(2)
}
