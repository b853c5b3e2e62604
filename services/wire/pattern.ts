// The vendor's pattern syntax for route patterns (System Configuration Guide, Wildcards and Special Characters in Route Patterns).

/** Everything that can be dialled, in the order of the bits of a `SymbolSet`. */
export const dialableSymbols = '0123456789*#+ABCD'

/** A set of dialable symbols as a bit mask: bit n is the nth of `dialableSymbols`. */
export type SymbolSet = number

const anyDigit: SymbolSet = 0b11_1111_1111
const longestPattern = 64

/** One position of a pattern. `repeats`: any further number of the same set may follow; `optional`: none at all will do. */
export interface PatternToken {
  readonly symbols: SymbolSet
  readonly optional: boolean
  readonly repeats: boolean
}

/** A pattern that cannot be used; the message says which and why, for people. */
export class PatternError extends Error {
  readonly code = 'PATTERN_INVALID'
  readonly pattern: string
  constructor(pattern: string, reason: string) {
    super(`The pattern "${pattern}" cannot be used: ${reason}.`)
    this.name = 'PatternError'
    this.pattern = pattern
  }
}

const symbolByCode = Int32Array.from({ length: 128 }, (_, code) => {
  const position = dialableSymbols.indexOf(String.fromCharCode(code))
  return position < 0 ? 0 : 1 << position
})

/** The set of the one character at `index`; 0 when it cannot be dialled or there is none. */
export function symbolAt(text: string, index: number): SymbolSet {
  const code = index < text.length ? text.charCodeAt(index) : 0
  return code < 128 ? (symbolByCode[code] ?? 0) : 0
}

/** The set of one character, 0 when it cannot be dialled. */
export function symbolOf(character: string): SymbolSet {
  return symbolAt(character, 0)
}

/** Literal digits as tokens: a directory number is a pattern without wildcards, and its leading `+` is a plus. */
export function literalTokens(dn: string): readonly PatternToken[] {
  return [...dn].map((character) => {
    const symbols = symbolOf(character)
    if (symbols === 0) throw new PatternError(dn, `"${character}" cannot be dialled`)
    return { symbols, optional: false, repeats: false }
  })
}

/**
 * Reads digits, `*`, `#`, `A`–`D`, `X` (0–9), `!` (one or more digits), `[1-3]`, `[^4]`, `\+`, and `?` and `+` (zero or more,
 * one or more of what stands before). `.` and the separators that people write in numbers are left out. Throws PatternError.
 */
export function parsePattern(pattern: string): readonly PatternToken[] {
  if (pattern.length > longestPattern)
    throw new PatternError(`${pattern.slice(0, 20)}…`, 'it is longer than 64 characters')
  const tokens: PatternToken[] = []
  for (let at = 0; at < pattern.length;) at = readToken(pattern, at, tokens)
  if (tokens.length === 0) throw new PatternError(pattern, 'it is blank')
  return mergeRuns(tokens)
}

/** Appends what stands at `at` and returns where the next one begins. */
function readToken(pattern: string, at: number, tokens: PatternToken[]): number {
  const character = (pattern[at] ?? '').toUpperCase()
  switch (character) {
    case '.':
    case '-':
    case ' ':
    case '(':
    case ')':
      return at + 1
    case 'X':
      tokens.push({ symbols: anyDigit, optional: false, repeats: false })
      return at + 1
    case '!':
      tokens.push({ symbols: anyDigit, optional: false, repeats: true })
      return at + 1
    case '?':
    case '+':
      repeatLast(pattern, tokens, character === '?')
      return at + 1
    case '[':
      return readBracket(pattern, at, tokens)
    case '\\':
      if (pattern[at + 1] !== '+') throw new PatternError(pattern, 'a backslash stands only before "+"')
      tokens.push({ symbols: symbolOf('+'), optional: false, repeats: false })
      return at + 2
    case '@':
      throw new PatternError(pattern, '"@" (the numbering plan wildcard) is not supported')
    default:
      tokens.push(...literal(pattern, character))
      return at + 1
  }
}

function literal(pattern: string, character: string): readonly PatternToken[] {
  if (symbolOf(character) === 0) throw new PatternError(pattern, `"${character}" has no meaning in it`)
  return literalTokens(character)
}

function repeatLast(pattern: string, tokens: PatternToken[], optional: boolean): void {
  const last = tokens.pop()
  if (last === undefined) throw new PatternError(pattern, 'nothing stands before the repetition')
  if (last.repeats) throw new PatternError(pattern, 'a repetition cannot be repeated')
  tokens.push({ symbols: last.symbols, optional, repeats: true })
}

function readBracket(pattern: string, at: number, tokens: PatternToken[]): number {
  const end = pattern.indexOf(']', at)
  if (end < 0) throw new PatternError(pattern, 'a bracket is not closed')
  const inside = pattern.slice(at + 1, end)
  const negated = inside.startsWith('^')
  const listed = readSet(pattern, negated ? inside.slice(1) : inside)
  // The guide's example: 813510[^0-5] is 8135106 to 8135109, so a negation leaves digits only.
  const symbols = negated ? anyDigit & ~listed : listed
  if (symbols === 0) throw new PatternError(pattern, 'a bracket holds nothing that could match')
  tokens.push({ symbols, optional: false, repeats: false })
  return end + 1
}

function readSet(pattern: string, inside: string): SymbolSet {
  let set: SymbolSet = 0
  for (let at = 0; at < inside.length;) {
    const first = inside[at] ?? ''
    const ranged = inside[at + 1] === '-'
    const last = ranged ? (inside[at + 2] ?? '') : first
    set |= ranged ? digitRange(pattern, first, last) : inBracket(pattern, first)
    at += ranged ? 3 : 1
  }
  return set
}

function inBracket(pattern: string, character: string): SymbolSet {
  if (!/^[0-9*#]$/u.test(character)) throw new PatternError(pattern, `"${character}" cannot stand in a bracket`)
  return symbolOf(character)
}

function digitRange(pattern: string, first: string, last: string): SymbolSet {
  if (!/^[0-9]$/u.test(first) || !/^[0-9]$/u.test(last) || first > last) {
    throw new PatternError(pattern, `"${first}-${last}" is not a range of digits`)
  }
  let set: SymbolSet = 0
  for (let digit = Number(first); digit <= Number(last); digit += 1) set |= 1 << digit
  return set
}

/** Neighbours over one set mean their sum (`X?X?` = `X?`, `X!` = two or more): one way to write it, so that equal patterns share a path in the trie. */
function mergeRuns(tokens: readonly PatternToken[]): readonly PatternToken[] {
  const merged: PatternToken[] = []
  for (let at = 0; at < tokens.length;) {
    const symbols = tokens[at]?.symbols ?? 0
    let end = at
    while (tokens[end]?.symbols === symbols) end += 1
    const run = tokens.slice(at, end)
    const required = run.filter((token) => !token.optional).length
    const repeats = run.some((token) => token.repeats)
    for (let n = 1; n < required; n += 1) merged.push({ symbols, optional: false, repeats: false })
    merged.push({ symbols, optional: required === 0, repeats })
    at = end
  }
  return merged
}
