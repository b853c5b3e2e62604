// Which pattern a dialled number means: closest match over the partitions that the caller's search space names.
// Numbers arrive en bloc (the whole number at once), so the vendor's question whether a longer match is still possible, and its
// interdigit timeout, never arise.
import { literalTokens, parsePattern, PatternError } from '../../wire/pattern.ts'
import type { PatternToken } from '../../wire/pattern.ts'
import type { ClusterDatabase } from '../../database/api.ts'
import { countMatches } from './count-matches.ts'
import { PatternTrie } from './pattern-trie.ts'

/** What a dialled number leads to. */
export type Match =
  | { readonly kind: 'line'; readonly dn: string; readonly partition: string }
  | { readonly kind: 'routePattern'; readonly pattern: string; readonly partition: string; readonly trunk: string }

/** Partition → rank, 0 searched first. `undefined` in place of one: every partition is open (calls from a trunk). */
export type PartitionRanks = ReadonlyMap<string, number>

interface Entry {
  readonly match: Match
  readonly tokens: readonly PatternToken[]
  /** Numbers matched, by length; filled when two patterns have to be compared. */
  readonly counts: Map<number, bigint>
}

/** The compiled dial plan of one moment. Build a new one when numbers or patterns change. */
export class DigitAnalysis {
  readonly #trie = new PatternTrie()
  readonly #entries: Entry[] = []

  /** Literal numbers of this cluster. */
  addLine(dn: string, partition: string): void {
    this.#add(literalTokens(dn), { kind: 'line', dn, partition })
  }

  /** Throws PatternError. */
  addRoutePattern(pattern: string, partition: string, trunk: string): void {
    this.#add(parsePattern(pattern), { kind: 'routePattern', pattern, partition, trunk })
  }

  /**
   * The pattern that matches the fewest numbers of the dialled length among those that match; of equally close ones, that of the
   * partition searched first, then the one added first. Without `ranks` every partition counts, <None> last.
   */
  analyse(digits: string, ranks?: PartitionRanks): Match | undefined {
    let best: Entry | undefined
    let bestIndex = 0
    for (const index of this.#trie.match(digits)) {
      const entry = this.#entries[index]
      if (entry === undefined || (ranks !== undefined && !ranks.has(entry.match.partition))) continue
      const order = best === undefined ? -1 : compare(entry, best, { length: digits.length, ranks })
      if (order < 0 || (order === 0 && index < bestIndex)) {
        best = entry
        bestIndex = index
      }
    }
    return best?.match
  }

  #add(tokens: readonly PatternToken[], match: Match): void {
    this.#trie.add(tokens)
    this.#entries.push({ match, tokens, counts: new Map() })
  }
}

/** Below zero: `one` is the better match. */
function compare(
  one: Entry,
  other: Entry,
  { length, ranks }: { length: number; ranks: PartitionRanks | undefined },
): number {
  const [numbersOfOne, numbersOfOther] = [numbers(one, length), numbers(other, length)]
  if (numbersOfOne !== numbersOfOther) return numbersOfOne < numbersOfOther ? -1 : 1
  return rank(one, ranks) - rank(other, ranks)
}

function numbers(entry: Entry, length: number): bigint {
  const known = entry.counts.get(length)
  if (known !== undefined) return known
  const count = countMatches(entry.tokens, length)
  entry.counts.set(length, count)
  return count
}

function rank(entry: Entry, ranks: PartitionRanks | undefined): number {
  if (ranks !== undefined) return ranks.get(entry.match.partition) ?? Number.MAX_SAFE_INTEGER
  return entry.match.partition === '' ? 1 : 0
}

/**
 * The caller's search order: the line's calling search space, then the device's, and <None> behind both. Unknown names count as empty.
 */
export function searchOrder(
  spaces: ReadonlyMap<string, readonly string[]>,
  lineSpace: string,
  deviceSpace: string,
): PartitionRanks {
  const ranks = new Map<string, number>()
  for (const partition of [...(spaces.get(lineSpace) ?? []), ...(spaces.get(deviceSpace) ?? [])]) {
    if (partition !== '' && !ranks.has(partition)) ranks.set(partition, ranks.size)
  }
  return ranks.set('', ranks.size)
}

/** Compiles what is on disk. A pattern that cannot be used is reported and left out, so that one mistake does not end all calls. */
export function compileDialPlan(
  database: Pick<ClusterDatabase, 'lines' | 'dialPlan'>,
  report: (error: PatternError) => void,
): DigitAnalysis {
  const analysis = new DigitAnalysis()
  const attempt = (add: () => void): void => {
    try {
      add()
    } catch (error) {
      if (!(error instanceof PatternError)) throw error
      report(error)
    }
  }
  for (const { dn, partition } of database.lines.list()) attempt(() => analysis.addLine(dn, partition))
  for (const { pattern, partition, trunk } of database.dialPlan.routePatterns()) {
    attempt(() => analysis.addRoutePattern(pattern, partition, trunk))
  }
  return analysis
}
