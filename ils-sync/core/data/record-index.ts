// Where each kind and key is in a list: open addressing with linear probing over places in that list. A Map of a million strings
// costs five times the memory, and most of the time of a full synchronization.
import type { HeldRecord } from './held-record.ts'

/** A record, or in its place the number of one that was superseded. */
export type Entry = HeldRecord | number

const free = -1
const smallestSize = 16

export class RecordIndex {
  #slots = new Int32Array(smallestSize).fill(free)
  /** By place: a record is looked at only when its hash fits, and none when the slots are doubled. */
  #hashes = new Int32Array(smallestSize)
  #count = 0

  /** Different kinds and keys. */
  get size(): number {
    return this.#count
  }

  /** The place of this kind and key in `entries`, or -1. */
  find(entries: readonly Entry[], kind: string, key: string): number {
    return this.#slots[this.#slotOf(entries, { kind, key }, hashOf(kind, key))] as number
  }

  /** Puts the record at `place` of `entries` in; returns the place of the one that it supersedes, or -1. */
  put(entries: readonly Entry[], place: number): number {
    if (place >= this.#hashes.length) this.#hashes = doubled(this.#hashes)
    if (2 * (this.#count + 1) > this.#slots.length) this.#grow()
    const { stem, key } = entries[place] as HeldRecord
    const hash = hashOf(stem.kind, key)
    const slot = this.#slotOf(entries, { kind: stem.kind, key }, hash)
    const superseded = this.#slots[slot] as number
    this.#slots[slot] = place
    this.#hashes[place] = hash
    if (superseded === free) this.#count += 1
    return superseded
  }

  /** The slot that holds this kind and key, or the free one where it would go. */
  #slotOf(
    entries: readonly Entry[],
    { kind, key }: { readonly kind: string; readonly key: string },
    hash: number,
  ): number {
    const slots = this.#slots
    const hashes = this.#hashes
    const mask = slots.length - 1
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const place = slots[slot] as number
      if (place === free) return slot
      if (hashes[place] !== hash) continue
      const record = entries[place] as HeldRecord
      if (record.key === key && record.stem.kind === kind) return slot
    }
  }

  #grow(): void {
    const before = this.#slots
    const slots = new Int32Array(2 * before.length).fill(free)
    const mask = slots.length - 1
    for (const place of before) {
      if (place === free) continue
      let slot = (this.#hashes[place] as number) & mask
      while (slots[slot] !== free) slot = (slot + 1) & mask
      slots[slot] = place
    }
    this.#slots = slots
  }
}

function doubled(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * array.length)
  larger.set(array)
  return larger
}

/** Drawn anew by each process, which makes it harder for a peer to choose keys that all meet in one place. */
const seed = Math.trunc(Math.random() * 2 ** 32)

/** As MurmurHash3 mixes, one character at a time. */
function hashOf(kind: string, key: string): number {
  let hash = seed ^ kind.length
  for (let place = 0; place < key.length; place++) {
    hash = Math.imul(hash ^ key.charCodeAt(place), 0xcc9e2d51)
    hash = (hash << 15) | (hash >>> 17)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}
