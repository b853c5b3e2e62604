// What a replica holds of one origin: the last record of each kind and key, by rising number.
import { hold } from './held-record.ts'
import type { HeldRecord } from './held-record.ts'
import { limits } from '../limits.ts'
import { RecordIndex } from './record-index.ts'
import type { Entry } from './record-index.ts'
import type { IlsRecord, Version } from './record.ts'

export class OriginRecords {
  readonly epoch: number
  usn: number
  #characters = 0
  #tombstones = 0
  /** Rising numbers. A superseded record leaves its number behind, until half of all are such. */
  #entries: Entry[] = []
  #index = new RecordIndex()
  /**
   * Entries from here on are not in the index yet. They are put there by the first look at any of them, or while others are written
   * to disk: that is half of what a full synchronization would otherwise cost before its records are known.
   */
  #unindexed = 0

  constructor(version: Version) {
    this.epoch = version.epoch
    this.usn = version.usn
  }

  get size(): number {
    this.index()
    return this.#index.size
  }

  get tombstones(): number {
    this.index()
    return this.#tombstones
  }

  /** Whether it could hold so many more records, and as many characters as it does, without going beyond these bounds. */
  hasRoom(more: number, bounds: { readonly records: number; readonly characters: number }): boolean {
    // What is superseded counts until it is known to be.
    if (this.#entries.length + more <= bounds.records && this.#characters <= bounds.characters) return true
    this.index()
    return this.#index.size + more <= bounds.records && this.#characters <= bounds.characters
  }

  /** Numbers must rise. */
  append(record: IlsRecord): void {
    const held = hold(record, this.#last?.stem)
    this.#entries.push(held)
    this.#count(held, 1)
  }

  /** Puts so many entries that are not in the index there; returns how many it were. */
  index(most = Number.POSITIVE_INFINITY): number {
    const start = this.#unindexed
    const end = Math.min(this.#entries.length, start + most)
    for (let place = start; place < end; place++) this.#indexOne(place)
    this.#unindexed = end
    if (this.#entries.length > 64 && end === this.#entries.length && end > 2 * this.#index.size) this.#compact()
    return end - start
  }

  find(kind: string, key: string): HeldRecord | undefined {
    this.index()
    const place = this.#index.find(this.#entries, kind, key)
    return place < 0 ? undefined : (this.#entries[place] as HeldRecord)
  }

  /** Current records, in order. */
  *current(): Generator<HeldRecord> {
    this.index()
    yield* this.#entriesAfter(0)
  }

  /**
   * What to tell whoever holds everything up to `usn`, in order. Among very many that are not in the index yet, as after a start, there
   * may be some that were superseded since: whoever is told of them is told of their successors as well, and nobody waits for the index.
   */
  after(usn: number): Generator<HeldRecord> {
    if (this.#entries.length - this.#unindexed <= limits.pageRecords) this.index()
    return this.#entriesAfter(usn)
  }

  *#entriesAfter(usn: number): Generator<HeldRecord> {
    const entries = this.#entries
    for (let place = this.#placeAfter(usn); place < entries.length; place++) {
      const entry = entries[place] as Entry
      if (typeof entry !== 'number') yield entry
    }
  }

  /** How many records are above `usn`, at most; exact where nothing was superseded. */
  countAfter(usn: number): number {
    const unindexed = this.#entries.length - this.#unindexed
    return Math.min(this.#index.size + unindexed, this.#entries.length - this.#placeAfter(usn))
  }

  #placeAfter(usn: number): number {
    let low = 0
    let high = this.#entries.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (numberOf(this.#entries[middle] as Entry) <= usn) low = middle + 1
      else high = middle
    }
    return low
  }

  get #last(): HeldRecord | undefined {
    const last = this.#entries.at(-1)
    return typeof last === 'number' ? undefined : last
  }

  #count(record: HeldRecord, sign: 1 | -1): void {
    this.#characters += sign * charactersOf(record)
    if (record.deleted) this.#tombstones += sign
  }

  #indexOne(place: number): void {
    const superseded = this.#index.put(this.#entries, place)
    if (superseded < 0) return
    const before = this.#entries[superseded] as HeldRecord
    this.#count(before, -1)
    this.#entries[superseded] = before.usn
  }

  #compact(): void {
    const records = this.#entries.filter((entry) => typeof entry !== 'number')
    this.#entries = records
    this.#index = new RecordIndex()
    for (let place = 0; place < records.length; place++) this.#index.put(records, place)
    this.#unindexed = records.length
  }
}

export function charactersOf({ stem, key, text }: HeldRecord): number {
  return stem.kind.length + key.length + text.length
}

function numberOf(entry: Entry): number {
  return typeof entry === 'number' ? entry : entry.usn
}
