import type { SipRoutePattern } from '../../database/api.ts'
import type { PartitionRanks } from './digit-analysis.ts'
import { rankOf } from './digit-analysis.ts'

/** `barred`: there are patterns that match, and the caller's search space names the partition of none. */
export type SipRoute = SipRoutePattern | 'barred' | undefined

/** SIP route patterns, asked which of them a route string or a URI's host matches. Build a new one when they change. */
export class SipRoutes {
  readonly #byName = new Map<string, SipRoutePattern[]>()

  constructor(patterns: Iterable<SipRoutePattern>) {
    for (const pattern of patterns) {
      const name = pattern.pattern.toLowerCase()
      const known = this.#byName.get(name)
      if (known === undefined) this.#byName.set(name, [pattern])
      else known.push(pattern)
    }
  }

  /**
   * The longest match: the name itself, else the pattern with the most labels behind its `*`. Of several partitions, the one searched
   * first. Costs one look for each label, however many patterns there are.
   */
  match(name: string, ranks?: PartitionRanks): SipRoute {
    let isBarred = false
    for (const spelling of spellings(name.toLowerCase())) {
      const patterns = this.#byName.get(spelling) ?? []
      const found = firstSearched(patterns, ranks)
      if (found !== undefined) return found
      isBarred ||= patterns.length > 0
    }
    return isBarred ? 'barred' : undefined
  }
}

/** `a.b.c`, `*.b.c`, `*.c`: `*` stands for one label or more. */
function* spellings(name: string): Generator<string> {
  yield name
  for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) yield `*${name.slice(dot)}`
}

function firstSearched(
  patterns: readonly SipRoutePattern[],
  ranks: PartitionRanks | undefined,
): SipRoutePattern | undefined {
  let best: SipRoutePattern | undefined
  for (const pattern of patterns) {
    if (ranks !== undefined && !ranks.has(pattern.partition)) continue
    if (best === undefined || rankOf(pattern.partition, ranks) < rankOf(best.partition, ranks)) best = pattern
  }
  return best
}
