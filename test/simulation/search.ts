// `node search.ts '{…}'`: runs seeds until one breaks a promise. A process of its own, so that a copy of the simulation with a rule
// taken out can be run beside the real one.
import { readFileSync } from 'node:fs'
import type { ActionName } from './script.ts'
import { parseScript } from './script.ts'
import { runScript, runSimulation } from './simulator.ts'
import type { SimulationResult } from './simulator.ts'

export interface SearchOptions {
  readonly firstSeed: number
  readonly seeds: number
  readonly steps: number
  /** 3 to 10 by the seed, by default. */
  readonly nodes?: number
  readonly only?: readonly ActionName[]
  readonly violence?: number
  readonly synchronizeEveryMs?: number
  /** A script in found/ or cases/ instead of seeds. */
  readonly script?: string
}

export interface SearchResult {
  /** The first seed that broke, and how. */
  readonly broken?: { readonly seed: number; readonly violation: string }
}

export const nodesOf = (seed: number): number => 3 + (seed % 8)

export function search({ firstSeed, seeds, nodes, script, ...plan }: SearchOptions): SearchResult {
  if (script !== undefined) return replay(script)
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    const violation = violationOf(() => runSimulation({ ...plan, seed, nodes: nodes ?? nodesOf(seed) }))
    if (violation !== undefined) return { broken: { seed, violation } }
  }
  return {}
}

function replay(file: string): SearchResult {
  const script = parseScript(readFileSync(new URL(file, import.meta.url), 'utf8'))
  const violation = violationOf(() => runScript(script))
  return violation === undefined ? {} : { broken: { seed: script.seed, violation } }
}

function violationOf(run: () => SimulationResult): string | undefined {
  try {
    return run().violation
  } catch (error) {
    return `threw ${(error as Error).message}`
  }
}

if (import.meta.main) {
  process.stdout.write(JSON.stringify(search(JSON.parse(process.argv[2] ?? '{}') as SearchOptions)))
}
