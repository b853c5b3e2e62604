// Objects beyond ILS Max Number of Learned Objects in Database: known to the replica, relayed, and not learned until there is room.
// Who is refused outlives a restart as ranges of update sequence numbers: one row for a million objects that came in a row.
import type { IlsRecord } from '../../../ils-sync/core/data/record.ts'
import type { ObjectRecord } from './learned-record.ts'

/** Numbers of one origin's records, both inclusive. */
export interface RefusedRange {
  readonly origin: string
  readonly epoch: number
  readonly first: number
  readonly last: number
}

/** What must be written so that the ranges on disk are those in memory. */
export type RangeChange =
  | { readonly type: 'put'; readonly range: RefusedRange }
  | { readonly type: 'remove'; readonly origin: string; readonly first: number }
  | { readonly type: 'clear'; readonly origin: string }

interface OriginRefusals {
  epoch: number
  /** By rising update sequence number. */
  records: Map<string, ObjectRecord>
  /** Taken from the front of `records` since it was made: a map is slow to pass over what it has lost. */
  taken: number
  readonly ranges: { first: number; last: number }[]
  /** The last range may be extended: nothing that was learned came behind it. */
  open: boolean
}

const fewTaken = 1000

export class RefusedObjects {
  readonly #origins = new Map<string, OriginRefusals>()
  #changes: RangeChange[] = []
  /** Origin → up to which number everything is learned now, and its ranges are to be cut. */
  readonly #learnedUpTo = new Map<string, number>()
  #size = 0

  get size(): number {
    return this.#size
  }

  has({ origin, kind, key }: Pick<IlsRecord, 'origin' | 'kind' | 'key'>): boolean {
    return this.#origins.get(origin)?.records.has(nameOf(kind, key)) === true
  }

  /** A record that has just come, and is not learned. */
  refuse(record: ObjectRecord): void {
    const refusals = this.#of(record.origin, record.epoch)
    this.#hold(refusals, record)
    const open = refusals.open ? refusals.ranges.at(-1) : undefined
    if (open) open.last = Math.max(open.last, record.usn)
    else refusals.ranges.push({ first: record.usn, last: record.usn })
    refusals.open = true
    this.#put(record.origin, refusals)
  }

  /** A record of this origin that is learned has come: its number belongs to no range. */
  passed({ origin, epoch }: ObjectRecord): void {
    const refusals = this.#origins.get(origin)
    if (refusals === undefined) return
    if (refusals.epoch === epoch) refusals.open = false
    else this.#of(origin, epoch).open = false
  }

  /** The origin took it back. */
  drop({ origin, kind, key }: Pick<IlsRecord, 'origin' | 'kind' | 'key'>): boolean {
    const refusals = this.#origins.get(origin)
    if (refusals?.records.delete(nameOf(kind, key)) !== true) return false
    this.#size -= 1
    this.#tidy(origin, refusals)
    return true
  }

  /** The next to be learned: by Cluster ID, of one cluster in the order in which it wrote them. */
  *inOrder(): Generator<ObjectRecord> {
    for (const origin of [...this.#origins.keys()].sort()) {
      for (const record of this.#origins.get(origin)?.records.values() ?? []) yield record
    }
  }

  /** `record` was the next, and is learned now. */
  learned(record: ObjectRecord): void {
    const refusals = this.#origins.get(record.origin)
    if (refusals?.records.delete(nameOf(record.kind, record.key)) !== true) return
    this.#size -= 1
    refusals.taken += 1
    this.#learnedUpTo.set(record.origin, record.usn)
    this.#tidy(record.origin, refusals)
  }

  /** At the start: the ranges on disk, and then every record that lies in one of them. */
  restore(ranges: Iterable<RefusedRange>): void {
    this.clear()
    for (const { origin, epoch, first, last } of ranges) {
      const refusals = this.#of(origin, epoch)
      refusals.ranges.push({ first, last })
    }
    for (const { ranges: held } of this.#origins.values()) held.sort((a, b) => a.first - b.first)
    this.#changes = []
  }

  isInRange({ origin, epoch, usn }: IlsRecord): boolean {
    const refusals = this.#origins.get(origin)
    if (refusals?.epoch !== epoch) return false
    const { ranges } = refusals
    let [low, high] = [0, ranges.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((ranges[middle]?.last ?? 0) < usn) low = middle + 1
      else high = middle
    }
    return (ranges[low]?.first ?? Number.POSITIVE_INFINITY) <= usn
  }

  /** At the start, by rising number. */
  restoreRecord(record: ObjectRecord): void {
    this.#hold(this.#of(record.origin, record.epoch), record)
  }

  /** At the start, when all records have been restored: ranges without any are no longer needed. */
  restored(): void {
    for (const [origin, refusals] of this.#origins) this.#tidy(origin, refusals)
  }

  /** What to write since this was asked last. */
  takeChanges(): readonly RangeChange[] {
    for (const [origin, usn] of this.#learnedUpTo) this.#cutRanges(origin, usn)
    this.#learnedUpTo.clear()
    return this.#changes.splice(0)
  }

  clear(): void {
    this.#origins.clear()
    this.#learnedUpTo.clear()
    this.#changes = []
    this.#size = 0
  }

  /** Under a new epoch all numbers are new. What was refused is held until it comes again. */
  #of(origin: string, epoch: number): OriginRefusals {
    let refusals = this.#origins.get(origin)
    if (refusals === undefined) {
      refusals = { epoch, records: new Map(), taken: 0, ranges: [], open: false }
      this.#origins.set(origin, refusals)
    }
    if (refusals.epoch !== epoch) {
      refusals.epoch = epoch
      refusals.ranges.length = 0
      refusals.open = false
      this.#learnedUpTo.delete(origin)
      this.#changes.push({ type: 'clear', origin })
    }
    return refusals
  }

  /** Behind all others: the newer number is the higher one. */
  #hold({ records }: OriginRefusals, record: ObjectRecord): void {
    const name = nameOf(record.kind, record.key)
    if (!records.delete(name)) this.#size += 1
    records.set(name, record)
  }

  #cutRanges(origin: string, usn: number): void {
    const refusals = this.#origins.get(origin)
    if (refusals === undefined) return
    const { ranges, epoch } = refusals
    for (let range = ranges[0]; range !== undefined && range.first <= usn; range = ranges[0]) {
      this.#changes.push({ type: 'remove', origin, first: range.first })
      if (range.last <= usn) ranges.shift()
      else {
        range.first = usn + 1
        this.#changes.push({ type: 'put', range: { origin, epoch, ...range } })
      }
    }
  }

  #tidy(origin: string, refusals: OriginRefusals): void {
    if (refusals.records.size === 0) {
      this.#origins.delete(origin)
      this.#changes.push({ type: 'clear', origin })
    } else if (refusals.taken > fewTaken && refusals.taken > refusals.records.size) {
      refusals.records = new Map(refusals.records)
      refusals.taken = 0
    }
  }

  #put(origin: string, { epoch, ranges }: OriginRefusals): void {
    const range = ranges.at(-1)
    const last = this.#changes.at(-1)
    if (range === undefined) return
    // A batch that was refused as a whole is one row, written once.
    if (last?.type === 'put' && last.range.origin === origin && last.range.first === range.first) this.#changes.pop()
    this.#changes.push({ type: 'put', range: { origin, epoch, ...range } })
  }
}

function nameOf(kind: string, key: string): string {
  return `${kind} ${key}`
}
