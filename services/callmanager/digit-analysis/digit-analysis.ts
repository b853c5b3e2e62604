// Which pattern a dialled number means: closest match over the partitions that the caller's search space names.
// Numbers arrive en bloc (the whole number at once), so the vendor's question whether a longer match is still possible, and its
// interdigit timeout, never arise.
import { literalTokens, parsePattern, PatternError } from '../../wire/pattern.ts'
import type { PatternToken } from '../../wire/pattern.ts'
import type { ClusterDatabase } from '../../database/api.ts'
import { countMatches } from '../../wire/count-matches.ts'
import { PatternTrie } from '../../wire/pattern-trie.ts'

/** What a dialled number leads to. */
export type Match =
  | { readonly kind: 'line'; readonly dn: string; readonly partition: string }
  | { readonly kind: 'routePattern'; readonly pattern: string; readonly partition: string; readonly trunk: string }

/** Partition → rank, 0 searched first. `undefined` in place of one: every partition is open (calls from a trunk). */
export type PartitionRanks = ReadonlyMap<string, number>

/** How good a match is: fewer numbers before more, then the partition searched first. */
export interface Closeness {
  /** How many numbers as long as the dialled one it matches. */
  readonly numbers: bigint
  readonly rank: number
}

interface Entry {
  readonly match: Match
  /** What is needed to count; absent for a number, which matches itself alone: there are many of them. */
  readonly pattern?: {
    readonly tokens: readonly PatternToken[]
    /** Numbers matched, by length; filled when two patterns have to be compared. */
    readonly counts: Map<number, bigint>
  }
}

/** The compiled dial plan of one moment. Build a new one when numbers or patterns change. */
export class DigitAnalysis {
  readonly #trie = new PatternTrie()
  readonly #entries: Entry[] = []

  /** Literal numbers of this cluster. */
  addLine(dn: string, partition: string): void {
    this.#trie.add(literalTokens(dn))
    this.#entries.push({ match: { kind: 'line', dn, partition } })
  }

  /** Throws PatternError. */
  addRoutePattern(pattern: string, partition: string, trunk: string): void {
    const tokens = parsePattern(pattern)
    this.#trie.add(tokens)
    const match: Match = { kind: 'routePattern', pattern, partition, trunk }
    this.#entries.push({ match, pattern: { tokens, counts: new Map() } })
  }

  /**
   * The pattern that matches the fewest numbers of the dialled length among those that match; of equally close ones, that of the
   * partition searched first, then the one added first. Without `ranks` every partition counts, <None> last.
   */
  analyse(digits: string, ranks?: PartitionRanks): Match | undefined {
    return this.#best(digits, ranks)?.match
  }

  /** As `analyse`, with what it takes to compare the match with one from elsewhere. */
  closest(digits: string, ranks?: PartitionRanks): (Closeness & { readonly match: Match }) | undefined {
    const entry = this.#best(digits, ranks)
    if (entry === undefined) return undefined
    const { match } = entry
    return { match, numbers: numbers(entry, digits.length), rank: rankOf(match.partition, ranks) }
  }

  #best(digits: string, ranks: PartitionRanks | undefined): Entry | undefined {
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
    return best
  }
}

/** Below zero: `one` is the better match. */
function compare(
  one: Entry,
  other: Entry,
  { length, ranks }: { length: number; ranks: PartitionRanks | undefined },
): number {
  return compareCloseness(
    { numbers: numbers(one, length), rank: rankOf(one.match.partition, ranks) },
    { numbers: numbers(other, length), rank: rankOf(other.match.partition, ranks) },
  )
}

/** Below zero: `one` is closer. */
export function compareCloseness(one: Closeness, other: Closeness): number {
  if (one.numbers !== other.numbers) return one.numbers < other.numbers ? -1 : 1
  return one.rank - other.rank
}

function numbers({ pattern }: Entry, length: number): bigint {
  if (pattern === undefined) return 1n
  const known = pattern.counts.get(length)
  if (known !== undefined) return known
  const count = countMatches(pattern.tokens, length)
  pattern.counts.set(length, count)
  return count
}

/** Where a partition stands in the search order. */
export function rankOf(partition: string, ranks: PartitionRanks | undefined): number {
  if (ranks !== undefined) return ranks.get(partition) ?? Number.MAX_SAFE_INTEGER
  return partition === '' ? 1 : 0
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
