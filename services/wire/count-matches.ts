import type { PatternToken, SymbolSet } from './pattern.ts'
import { dialableSymbols } from './pattern.ts'

/** Past this many sets of positions the count goes on by ways to match instead of numbers. */
const mostSets = 2048

/**
 * How many numbers of exactly `length` symbols the pattern matches: the measure of the vendor's closest-match rule, which for `!`
 * counts only numbers as long as the dialled one. A pattern built to blow the count up is counted by its ways to match, which
 * can only make it look less specific than it is.
 */
export function countMatches(tokens: readonly PatternToken[], length: number): bigint {
  const classes = symbolClasses(tokens)
  let counts = new Map<bigint, bigint>([[withPosition(tokens, 0n, 0), 1n]])
  for (let step = 0; step < length; step += 1) {
    counts = oneSymbolFurther(tokens, counts, classes)
    if (counts.size > mostSets) return countWays(tokens, length)
  }
  const end = 1n << BigInt(tokens.length)
  let total = 0n
  for (const [positions, count] of counts) if ((positions & end) !== 0n) total += count
  return total
}

/**
 * The same in microseconds, for patterns that others have written, of which there may be very many: exact with one repetition at most,
 * as nearly all patterns are; with more of them by ways to match, rounded where they are too many for a number.
 */
export function countQuickly(tokens: readonly PatternToken[], length: number): number | bigint {
  const repeating = tokens.filter((token) => token.repeats)
  if (repeating.length > 1) return countWaysRoughly(tokens, length)
  const [only] = repeating
  const others = tokens.length - repeating.length
  const repeated = length - others
  if (repeated < 0 || (only === undefined ? repeated > 0 : repeated === 0 && !only.optional)) return 0
  let count = 1n
  for (const token of tokens) if (token !== only) count *= sizeOf(token.symbols)
  if (only !== undefined) count *= sizeOf(only.symbols) ** BigInt(repeated)
  return count <= Number.MAX_SAFE_INTEGER ? Number(count) : count
}

/** One symbol stands for all that the pattern treats alike. */
interface SymbolClass {
  readonly symbol: SymbolSet
  readonly size: bigint
}

function symbolClasses(tokens: readonly PatternToken[]): readonly SymbolClass[] {
  const classes = new Map<string, SymbolClass>()
  for (let bit = 0; bit < dialableSymbols.length; bit += 1) {
    const symbol = 1 << bit
    const signature = tokens.map((token) => ((token.symbols & symbol) === 0 ? '0' : '1')).join('')
    classes.set(signature, { symbol, size: (classes.get(signature)?.size ?? 0n) + 1n })
  }
  return [...classes.values()]
}

// The subset construction: all numbers that lead to the same set of positions are counted together, each exactly once.
// Bit n is «before token n»; a repeating token that has matched once also keeps bit 65 + n, its loop.
const loopShift = 65n

function oneSymbolFurther(
  tokens: readonly PatternToken[],
  counts: ReadonlyMap<bigint, bigint>,
  classes: readonly SymbolClass[],
): Map<bigint, bigint> {
  const next = new Map<bigint, bigint>()
  for (const [positions, count] of counts) {
    for (const { symbol, size } of classes) {
      const reached = advance(tokens, positions, symbol)
      if (reached !== 0n) next.set(reached, (next.get(reached) ?? 0n) + count * size)
    }
  }
  return next
}

function advance(tokens: readonly PatternToken[], positions: bigint, symbol: SymbolSet): bigint {
  let reached = 0n
  for (const [at, token] of tokens.entries()) {
    if ((token.symbols & symbol) === 0) continue
    const loop = token.repeats ? 1n << (loopShift + BigInt(at)) : 0n
    if ((positions & ((1n << BigInt(at)) | loop)) === 0n) continue
    reached = withPosition(tokens, reached | loop, at + 1)
  }
  return reached
}

/** Adds position `at` and those behind it that optional tokens let reach for nothing. */
function withPosition(tokens: readonly PatternToken[], positions: bigint, at: number): bigint {
  let added = positions | (1n << BigInt(at))
  for (let next = at; tokens[next]?.optional === true; next += 1) added |= 1n << BigInt(next + 1)
  return added
}

function countWays(tokens: readonly PatternToken[], length: number): bigint {
  // before[n]: ways in which the tokens so far match n symbols; taken[n]: those in which this token takes the last of them.
  let before: bigint[] = Array.from({ length: length + 1 }, (_, n) => (n === 0 ? 1n : 0n))
  for (const token of tokens) {
    const taken = before.map(() => 0n)
    for (let n = 1; n <= length; n += 1) {
      const ways = (before[n - 1] ?? 0n) + (token.repeats ? (taken[n - 1] ?? 0n) : 0n)
      taken[n] = ways * sizeOf(token.symbols)
    }
    before = before.map((ways, n) => (token.optional ? ways : 0n) + (taken[n] ?? 0n))
  }
  return before[length] ?? 0n
}

/** As `countWays`, in floating point: the same everywhere, since the order of its steps is. */
function countWaysRoughly(tokens: readonly PatternToken[], length: number): number {
  let before = Float64Array.from({ length: length + 1 }, (_, n) => (n === 0 ? 1 : 0))
  for (const { symbols, optional, repeats } of tokens) {
    const size = Number(sizeOf(symbols))
    const after = new Float64Array(length + 1)
    let taken = 0
    if (optional) after[0] = before[0] ?? 0
    for (let n = 1; n <= length; n += 1) {
      taken = ((before[n - 1] ?? 0) + (repeats ? taken : 0)) * size
      after[n] = taken + (optional ? (before[n] ?? 0) : 0)
    }
    before = after
  }
  return Math.min(before[length] ?? 0, Number.MAX_VALUE)
}

function sizeOf(set: SymbolSet): bigint {
  let size = 0n
  for (let rest = set; rest !== 0; rest &= rest - 1) size += 1n
  return size
}
