// `node search.ts '{…}'`: runs seeds until one breaks a promise, or measures what they cost. A process of its own, so that a copy of
// the simulation with a rule taken out can be run beside the real one.
import { readFileSync } from 'node:fs'
import { growNetwork } from './large.ts'
import type { ActionName } from './script.ts'
import { parseScript } from './script.ts'
import { runScript, runSimulation } from './simulator.ts'

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
  /** Run all seeds and add up what they cost, instead of stopping at the first that breaks. */
  readonly measure?: boolean
}

export interface SearchResult {
  /** The first seed that broke, and how. */
  readonly broken?: { readonly seed: number; readonly violation: string }
  readonly messages: number
  /** Heartbeats until healed, of all seeds together. */
  readonly healing: number
  /** Mean milliseconds until a login was visible everywhere, in a network that loses one message of fifty. */
  readonly visibleMs?: number
}

export const nodesOf = (seed: number): number => 3 + (seed % 8)

export function search(options: SearchOptions): SearchResult {
  const { firstSeed, seeds, measure = false, nodes, script, ...plan } = options
  if (script !== undefined) return replay(script)
  let messages = 0
  let healing = 0
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    const outcome = runOne({ ...plan, seed, nodes: nodes ?? nodesOf(seed) })
    if (typeof outcome === 'string') return { broken: { seed, violation: outcome }, messages, healing }
    messages += outcome.messages
    healing += outcome.healedAfter ?? 0
  }
  if (!measure) return { messages, healing }
  return {
    messages,
    healing,
    visibleMs: growNetwork({ hubs: 2, clusters: 8, logins: 80, loss: 0.02, seed: 1 }).visibleMs.mean,
  }
}

function replay(file: string): SearchResult {
  const script = parseScript(readFileSync(new URL(file, import.meta.url), 'utf8'))
  const { violation, messages, healedAfter = 0 } = runScript(script)
  const costs = { messages, healing: healedAfter }
  return violation === undefined ? costs : { broken: { seed: script.seed, violation }, ...costs }
}

function runOne(plan: Parameters<typeof runSimulation>[0]) {
  try {
    const result = runSimulation(plan)
    return result.violation ?? result
  } catch (error) {
    return `threw ${(error as Error).message}`
  }
}

if (import.meta.main) {
  process.stdout.write(JSON.stringify(search(JSON.parse(process.argv[2] ?? '{}') as SearchOptions)))
}
