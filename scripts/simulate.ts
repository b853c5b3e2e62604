// `npm run simulate`: torments simulated ILS networks with seeded faults, and shows the story of any seed that breaks a promise.
import { randomInt } from 'node:crypto'
import { Command, InvalidArgumentError } from 'commander'
import { runSimulation } from '../test/simulation/simulator.ts'
import type { SimulationResult } from '../test/simulation/simulator.ts'

interface Options {
  readonly seeds: number
  readonly steps: number
  readonly seed?: number
  readonly nodes?: number
  readonly story?: boolean
}

const storyLines = 40

const program = new Command('simulate')
  .description(
    'Runs the unmodified ILS core on a simulated network, clock and disk: messages are lost, doubled, delayed and\ngarbled, links are cut, processes crash between any two effects, disks fail. Exits 1 when any seed breaks a promise.',
  )
  .option('--seeds <n>', 'how many seeds', positive, 100)
  .option('--steps <m>', 'things that happen before the network heals', positive, 300)
  .option('--seed <s>', 'the first seed (default: a fresh one; alone: only that one)', natural)
  .option('--nodes <k>', 'how many nodes (default: 3 to 10, by the seed)', positive)
  .option('--story', 'show what happened, also of seeds that held')
  .action((options: Options, command: Command) => {
    const only = options.seed !== undefined && command.getOptionValueSource('seeds') === 'default'
    process.exitCode = simulate(options, options.seed ?? randomInt(1, 2 ** 31), only ? 1 : options.seeds)
  })

program.parse()

/** The exit code. */
function simulate({ steps, nodes, story = false }: Options, first: number, seeds: number): number {
  const started = performance.now()
  const broken: number[] = []
  let applied = 0
  let crashes = 0
  for (let seed = first; seed < first + seeds; seed++) {
    const size = nodes ?? nodesOf(seed)
    const result = runSimulation({ seed, steps, nodes: size })
    applied += result.appliedRecords
    crashes += result.crashes
    if (result.violation !== undefined) broken.push(seed)
    if (result.violation !== undefined || story) tell(result, { steps, size, story })
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(
    `${seeds} seeds from ${first}, ${seeds * steps} steps: ${crashes} kills, ${applied} records applied by the last lives, ${broken.length} broken (${seconds} s)`,
  )
  return broken.length === 0 ? 0 : 1
}

/** 3 to 10, so that networks with one hub and with two take turns. */
function nodesOf(seed: number): number {
  return 3 + (seed % 8)
}

function tell(
  { seed, violation, story }: SimulationResult,
  run: { steps: number; size: number; story: boolean },
): void {
  console.log(`seed ${seed}: ${violation ?? 'held'}`)
  for (const line of run.story ? story : story.slice(-storyLines)) console.log(`  ${line}`)
  console.log(`  again: npm run simulate -- --seed ${seed} --steps ${run.steps} --nodes ${run.size} --story\n`)
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
