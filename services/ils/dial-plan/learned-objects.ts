// The learned objects by kind and key. There may be a million: per object one entry of a map, which shares the key and the record
// with the replica.
import { LearnedPatterns } from './learned-patterns.ts'
import type { ObjectRecord } from './learned-record.ts'
import { ObjectKind } from './records.ts'

/** Nearly always one record; several when more than one cluster says the same, the one learned first in front. */
export type Claim = ObjectRecord | ObjectRecord[]

/** What is used of a map from keys to claims. */
export interface ClaimMap extends Iterable<readonly [string, Claim]> {
  readonly size: number
  get(key: string): Claim | undefined
  set(key: string, claim: Claim): void
  delete(key: string): boolean
  clear(): void
}

/** The record learned first of those that `usable` lets pass; without it, of all. */
export function firstOf(claim: Claim, usable?: (record: ObjectRecord) => boolean): ObjectRecord | undefined {
  if (Array.isArray(claim)) return usable ? claim.find(usable) : claim[0]
  return usable === undefined || usable(claim) ? claim : undefined
}

export class LearnedObjects {
  readonly patterns = new LearnedPatterns()
  readonly #claims: Readonly<Record<ObjectKind, ClaimMap>> = {
    [ObjectKind.directoryUri]: new Map<string, Claim>(),
    [ObjectKind.enterpriseNumber]: new Map<string, Claim>(),
    [ObjectKind.e164Number]: new Map<string, Claim>(),
    [ObjectKind.enterprisePattern]: this.patterns.claims(ObjectKind.enterprisePattern),
    [ObjectKind.e164Pattern]: this.patterns.claims(ObjectKind.e164Pattern),
  }
  readonly #shared = new Set<ObjectRecord[]>()
  #size = 0

  /** Records, those of duplicates included. */
  get size(): number {
    return this.#size
  }

  /** Records that come behind another cluster's. */
  get duplicates(): number {
    let count = 0
    for (const claim of this.#shared) count += claim.length - 1
    return count
  }

  /** What clusters say of this key, the one learned first in front. */
  claimants(kind: ObjectKind, key: string): readonly ObjectRecord[] {
    const claim = this.#claims[kind].get(key)
    if (claim === undefined) return []
    return Array.isArray(claim) ? claim : [claim]
  }

  /** The innermost step of a call. */
  claim(kind: ObjectKind, key: string): Claim | undefined {
    return this.#claims[kind].get(key)
  }

  /** The one learned first of those that `usable` lets pass; without it, of all. */
  first(kind: ObjectKind, key: string, usable?: (record: ObjectRecord) => boolean): ObjectRecord | undefined {
    const claim = this.#claims[kind].get(key)
    return claim && firstOf(claim, usable)
  }

  find(origin: string, kind: ObjectKind, key: string): ObjectRecord | undefined {
    return this.first(kind, key, (record) => record.origin === origin)
  }

  /** Learns it, behind those of other clusters; what the same cluster said before is replaced in its place. */
  put(record: ObjectRecord): void {
    const claims = this.#claims[record.kind]
    const claim = claims.get(record.key)
    if (claim === undefined || (!Array.isArray(claim) && claim.origin === record.origin)) {
      claims.set(record.key, record)
      if (claim === undefined) this.#size += 1
      return
    }
    const several = Array.isArray(claim) ? claim : [claim]
    const place = several.findIndex(({ origin }) => origin === record.origin)
    if (place >= 0) {
      several[place] = record
      return
    }
    several.push(record)
    this.#size += 1
    claims.set(record.key, several)
    this.#shared.add(several)
  }

  /** False when it was not known. The next cluster, if there is one, takes over. */
  drop(origin: string, kind: ObjectKind, key: string): boolean {
    const claims = this.#claims[kind]
    const claim = claims.get(key)
    if (claim === undefined) return false
    if (!Array.isArray(claim)) return claim.origin === origin && this.#remove(kind, key)
    const place = claim.findIndex((record) => record.origin === origin)
    if (place < 0) return false
    claim.splice(place, 1)
    this.#size -= 1
    if (claim.length > 1) return true
    this.#shared.delete(claim)
    claims.set(key, claim[0] as ObjectRecord)
    return true
  }

  /** Puts duplicates in order by the place that each had, which is behind all others where none is known; ties by Cluster ID. */
  arrange(placeOf: (record: ObjectRecord) => number | undefined): void {
    for (const claim of this.#shared) {
      const places = new Map(claim.map((record) => [record, placeOf(record) ?? Number.MAX_SAFE_INTEGER]))
      claim.sort((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0) || (a.origin < b.origin ? -1 : 1))
    }
  }

  /** Keys that more than one cluster claims, with who does. */
  shared(): Iterable<readonly ObjectRecord[]> {
    return this.#shared
  }

  /** Of a kind: by key, the one learned first in front. */
  *ofKind(kind: ObjectKind): Generator<readonly [string, readonly ObjectRecord[]]> {
    for (const [key, claim] of this.#claims[kind]) yield [key, Array.isArray(claim) ? claim : [claim]]
  }

  clear(): void {
    for (const claims of Object.values(this.#claims)) claims.clear()
    this.#shared.clear()
    this.#size = 0
  }

  #remove(kind: ObjectKind, key: string): boolean {
    this.#claims[kind].delete(key)
    this.#size -= 1
    return true
  }
}
