// Learned patterns: who claims each of them, which of them match a number, and how closely. A trie only grows, so that patterns which
// went stay in it, unheard, until they are more than those that count.
import { countQuickly } from '../../wire/count-matches.ts'
import { PatternTrie } from '../../wire/pattern-trie.ts'
import type { PatternToken } from '../../wire/pattern.ts'
import type { Claim, ClaimMap } from './learned-objects.ts'
import { tokensOf } from './learned-record.ts'
import type { PatternKind } from './learned-record.ts'
import { ObjectKind } from './records.ts'

const patternKinds: readonly PatternKind[] = [ObjectKind.enterprisePattern, ObjectKind.e164Pattern]

/** Counts that were worked out for patterns whose numbers differ in length. */
const rememberedCounts = 100_000
const longestNumber = 64
const fewDead = 64
/** Stands for a count that depends on the length, or is beyond what a number holds exactly. */
const byLength = -1

/** Patterns are known by the number that the trie gives them; it is another one after any change. */
export class LearnedPatterns {
  #trie = new PatternTrie()
  /** Undefined: nobody claims it any more. */
  #claims: (Claim | undefined)[] = []
  #kinds = new Uint8Array(0)
  #counts = new Float64Array(0)
  #live = 0
  /** By the pattern's number and the length of what was dialled. */
  readonly #countsByLength = new Map<number, number | bigint>()
  readonly #numbers: readonly Map<string, number>[] = patternKinds.map(() => new Map())

  /** The patterns of one kind, as the learned objects keep them. */
  claims(kind: PatternKind): ClaimMap {
    const place = patternKinds.indexOf(kind)
    const numbers = this.#numbers[place] as Map<string, number>
    const claimOf = (number: number) => this.#claims[number] as Claim
    return {
      get size() {
        return numbers.size
      },
      get: (pattern) => {
        const number = numbers.get(pattern)
        return number === undefined ? undefined : claimOf(number)
      },
      set: (pattern, claim) => this.#set(place, pattern, claim),
      delete: (pattern) => this.#delete(place, pattern),
      // Both kinds share the trie, and are forgotten together.
      clear: () => this.#clear(),
      *[Symbol.iterator]() {
        for (const [pattern, number] of numbers) yield [pattern, claimOf(number)] as const
      },
    }
  }

  /** All that match the whole number, in no particular order; among them such as nobody claims any more. */
  match(digits: string): readonly number[] {
    return this.#trie.match(digits)
  }

  claimOf(number: number): Claim | undefined {
    return this.#claims[number]
  }

  patternOf(number: number): string {
    const claim = this.#claims[number]
    return (Array.isArray(claim) ? claim[0] : claim)?.key ?? ''
  }

  kindOf(number: number): PatternKind {
    return patternKinds[this.#kinds[number] ?? 0] as PatternKind
  }

  /** How many numbers of this length it matches. */
  countOf(number: number, length: number): number | bigint {
    const count = this.#counts[number] ?? byLength
    return count === byLength ? this.#countByLength(number, length) : count
  }

  #set(place: number, pattern: string, claim: Claim): void {
    const number = this.#numbers[place]?.get(pattern)
    if (number === undefined) this.#insert(place, pattern, claim)
    else this.#claims[number] = claim
  }

  #delete(place: number, pattern: string): boolean {
    const number = this.#numbers[place]?.get(pattern)
    if (number === undefined) return false
    this.#numbers[place]?.delete(pattern)
    this.#claims[number] = undefined
    this.#live -= 1
    if (this.#claims.length > 2 * this.#live + fewDead) this.#build()
    return true
  }

  #insert(place: number, pattern: string, claim: Claim): void {
    const tokens = tokensOf(pattern) ?? []
    const number = this.#trie.add(tokens)
    this.#numbers[place]?.set(pattern, number)
    this.#claims.push(claim)
    if (number >= this.#kinds.length) this.#grow(number)
    this.#kinds[number] = place
    this.#counts[number] = plainCount(tokens)
    this.#live += 1
  }

  #countByLength(number: number, length: number): number | bigint {
    const name = number * (longestNumber + 1) + length
    const known = length > longestNumber ? undefined : this.#countsByLength.get(name)
    if (known !== undefined) return known
    const count = countQuickly(tokensOf(this.patternOf(number)) ?? [], length)
    if (this.#countsByLength.size >= rememberedCounts) this.#countsByLength.clear()
    if (length <= longestNumber) this.#countsByLength.set(name, count)
    return count
  }

  #grow(number: number): void {
    const size = Math.max(64, number * 2)
    const [kinds, counts] = [new Uint8Array(size), new Float64Array(size)]
    kinds.set(this.#kinds)
    counts.set(this.#counts)
    this.#kinds = kinds
    this.#counts = counts
  }

  /** Anew, with what is claimed. */
  #build(): void {
    const claimed = this.#numbers.map((numbers) => [...numbers].map(([name, at]) => [name, this.#claims[at]] as const))
    this.#clear()
    for (const [place, patterns] of claimed.entries()) {
      for (const [pattern, claim] of patterns) if (claim) this.#insert(place, pattern, claim)
    }
  }

  #clear(): void {
    this.#trie = new PatternTrie()
    this.#claims = []
    this.#live = 0
    this.#countsByLength.clear()
    for (const numbers of this.#numbers) numbers.clear()
  }
}

/** How many numbers a pattern of one length matches: as many as it has choices. */
function plainCount(tokens: readonly PatternToken[]): number {
  let count = 1
  for (const { symbols, optional, repeats } of tokens) {
    if (optional || repeats) return byLength
    count *= sizeOf(symbols)
  }
  return Number.isSafeInteger(count) ? count : byLength
}

function sizeOf(set: number): number {
  let size = 0
  for (let rest = set; rest !== 0; rest &= rest - 1) size += 1
  return size
}
