// All records a node holds, in memory, by origin.
import { hash } from 'node:crypto'
import type { HeldRecord } from './held-record.ts'
import { limits } from '../limits.ts'
import { OriginRecords, charactersOf } from './origin-records.ts'
import { compareVersions } from './record.ts'
import type { Batch, IlsRecord, StoredOrigin, Vector, Version } from './record.ts'

/** What became of a batch. `applied` lists the records that were new here, in order. */
export type ApplyResult =
  | {
      readonly outcome: 'applied'
      readonly from: number
      readonly version: Version
      readonly applied: readonly IlsRecord[]
    }
  /** A new epoch is complete: everything of the older one is gone, `removed` is what has no successor. */
  | {
      readonly outcome: 'replaced'
      readonly version: Version
      readonly applied: readonly IlsRecord[]
      readonly removed: readonly IlsRecord[]
    }
  /** Part of a new epoch, kept aside until the set is complete. */
  | { readonly outcome: 'staged' }
  | { readonly outcome: 'duplicate' }
  /** Something between is missing: pull. */
  | { readonly outcome: 'gap' }
  /** The origin has more than a replica takes of one: it stays as it is here until it starts a new epoch with less. */
  | { readonly outcome: 'full' }

/** How much of others' a replica takes. */
export type ReplicaBounds = Readonly<Record<'origins' | 'originRecords' | 'originCharacters', number>>

/** How much more a page may carry; shared by its batches. */
export interface PageBudget {
  records: number
  characters: number
}

export const fullPage = (): PageBudget => ({ records: limits.pageRecords, characters: limits.pageCharacters })

/** A replica. Its own origin's records are added by `apply` like all others, once they are committed. */
export class Replica {
  readonly #origins = new Map<string, OriginRecords>()
  /** Incomplete sets of a newer epoch, only in memory: after a crash they are pulled again. */
  readonly #staged = new Map<string, OriginRecords>()
  /** Origins that went beyond the bounds, with the epoch in which they did. */
  readonly #full = new Map<string, number>()
  readonly #bounds: ReplicaBounds
  #digest: string | undefined

  constructor(stored: Iterable<StoredOrigin>, bounds: ReplicaBounds = limits) {
    this.#bounds = bounds
    for (const { origin, version, records } of stored) {
      const held = new OriginRecords(version)
      for (const record of rising(records)) held.append(record)
      this.#origins.set(origin, held)
    }
  }

  version(origin: string): Version | undefined {
    return this.#origins.get(origin)
  }

  find(origin: string, kind: string, key: string): HeldRecord | undefined {
    return this.#origins.get(origin)?.find(kind, key)
  }

  /** Prepares so many records to be found: the next look at their origin would do it, all at once. */
  index(most: number): void {
    let left = most
    for (const held of this.#origins.values()) {
      left -= held.index(left)
      if (left <= 0) return
    }
  }

  /** How many records are held of an origin, and how many of them are tombstones. */
  count(origin: string): { readonly records: number; readonly tombstones: number } {
    const { size = 0, tombstones = 0 } = this.#origins.get(origin) ?? {}
    return { records: size, tombstones }
  }

  *origins(): Generator<string> {
    yield* this.#origins.keys()
  }

  /** By rising number. */
  *records(origin: string): Generator<HeldRecord> {
    yield* this.#origins.get(origin)?.current() ?? []
  }

  /** Drops all that is held of an origin, as if it had never been heard of, and returns it. */
  forget(origin: string): readonly HeldRecord[] {
    const removed = [...this.records(origin)]
    this.#origins.delete(origin)
    this.#staged.delete(origin)
    this.#full.delete(origin)
    this.#digest = undefined
    return removed
  }

  /** What is held and visible. */
  vector(): Vector {
    return new Map([...this.#origins].map(([origin, { epoch, usn }]) => [origin, { epoch, usn }]))
  }

  /** What need not be sent any more: the vector, with incomplete new epochs counted in. */
  progress(): Vector {
    const vector = new Map(this.vector())
    for (const [origin, { epoch, usn }] of this.#staged) vector.set(origin, { epoch, usn })
    return vector
  }

  /** Origins of which nothing more is taken, unless they start a newer epoch than this. */
  full(): ReadonlyMap<string, number> {
    return this.#full
  }

  /** Equal digests mean equal vectors, hence equal replicas. */
  digest(): string {
    this.#digest ??= hash('sha256', describeVector(this.vector()), 'base64url').slice(0, 22)
    return this.#digest
  }

  apply(batch: Batch): ApplyResult {
    const { origin } = batch
    if (batch.epoch <= (this.#full.get(origin) ?? -1)) return { outcome: 'full' }
    const held = this.#origins.get(origin)
    if (held === undefined) return batch.from === 0 ? this.#admit(batch) : { outcome: 'gap' }
    if (batch.epoch < held.epoch) return { outcome: 'duplicate' }
    if (batch.epoch > held.epoch) return this.#stage(batch)
    if (held.usn < batch.from) return { outcome: 'gap' }
    return held.usn >= batch.to ? { outcome: 'duplicate' } : this.#extend(held, batch)
  }

  /** What `origin` wrote after `from`, as far as the budget goes, which is used up. Undefined when nothing is held of it. */
  batch(origin: string, from: number, budget: PageBudget): Batch | undefined {
    const held = this.#origins.get(origin)
    if (held === undefined) return undefined
    const records: HeldRecord[] = []
    for (const record of held.after(from)) {
      const size = charactersInPage(record)
      // A single record is smaller than a page, so an empty page always takes at least one.
      if (budget.records <= 0 || budget.characters < size) {
        return { origin, epoch: held.epoch, from, to: records.at(-1)?.usn ?? from, head: held.usn, records }
      }
      budget.records -= 1
      budget.characters -= size
      records.push(record)
    }
    return { origin, epoch: held.epoch, from, to: held.usn, head: held.usn, records }
  }

  /** What `have` lacks of this replica, of the origins that are wanted; `more` when it did not fit into one page. */
  page(
    have: Vector,
    wanted: (origin: string) => boolean,
  ): { readonly batches: readonly Batch[]; readonly more: boolean } {
    const budget = fullPage()
    const batches: Batch[] = []
    for (const [origin, held] of this.#origins) {
      const theirs = have.get(origin)
      if (compareVersions(theirs, held) >= 0 || !wanted(origin)) continue
      if (budget.characters <= 0) return { batches, more: true }
      budget.characters -= charactersOfBatch
      const batch = this.batch(origin, theirs?.epoch === held.epoch ? theirs.usn : 0, budget) as Batch
      if (batch.to > batch.from || batch.head === 0) batches.push(batch)
      if (batch.to < batch.head) return { batches, more: true }
    }
    return { batches, more: false }
  }

  /** How many records a page after page would still carry; superseded ones may be counted in. */
  left(have: Vector, wanted: (origin: string) => boolean): number {
    let left = 0
    for (const [origin, held] of this.#origins) {
      const theirs = have.get(origin)
      if (compareVersions(theirs, held) >= 0 || !wanted(origin)) continue
      left += held.countAfter(theirs?.epoch === held.epoch ? theirs.usn : 0)
    }
    return left
  }

  #admit(batch: Batch): ApplyResult {
    if (this.#origins.size >= this.#bounds.origins) return { outcome: 'full' }
    const held = new OriginRecords({ epoch: batch.epoch, usn: 0 })
    this.#origins.set(batch.origin, held)
    return this.#extend(held, batch)
  }

  #extend(held: OriginRecords, batch: Batch): ApplyResult {
    const from = held.usn
    const applied = batch.records.filter((record) => record.usn > from)
    if (this.#overflows(held, batch)) return { outcome: 'full' }
    for (const record of applied) held.append(record)
    held.usn = batch.to
    this.#digest = undefined
    return { outcome: 'applied', from, version: { epoch: held.epoch, usn: held.usn }, applied }
  }

  /** The older epoch stays visible until the newer one is complete, so that nobody becomes unreachable in between. */
  #stage(batch: Batch): ApplyResult {
    let staged = this.#staged.get(batch.origin)
    if (staged !== undefined && batch.epoch < staged.epoch) return { outcome: 'duplicate' }
    if (staged === undefined || batch.epoch > staged.epoch) {
      if (batch.from !== 0) return { outcome: 'gap' }
      staged = new OriginRecords({ epoch: batch.epoch, usn: 0 })
      this.#staged.set(batch.origin, staged)
    }
    if (staged.usn < batch.from) return { outcome: 'gap' }
    if (this.#overflows(staged, batch)) {
      this.#staged.delete(batch.origin)
      return { outcome: 'full' }
    }
    for (const record of batch.records) if (record.usn > staged.usn) staged.append(record)
    staged.usn = Math.max(staged.usn, batch.to)
    return staged.usn < batch.head ? { outcome: 'staged' } : this.#complete(batch.origin, staged)
  }

  #complete(origin: string, staged: OriginRecords): ApplyResult {
    const before = this.#origins.get(origin)
    this.#staged.delete(origin)
    this.#full.delete(origin)
    this.#origins.set(origin, staged)
    this.#digest = undefined
    const removed = [...(before?.current() ?? [])].filter(({ kind, key }) => staged.find(kind, key) === undefined)
    const version = { epoch: staged.epoch, usn: staged.usn }
    return { outcome: 'replaced', version, applied: [...staged.current()], removed }
  }

  /** Whether an origin would hold more than it may, and if so, closes it: what follows could not be applied either. */
  #overflows(held: OriginRecords, { origin, epoch, records }: Batch): boolean {
    const { originRecords, originCharacters } = this.#bounds
    const fits = held.hasRoom(records.length, { records: originRecords, characters: originCharacters })
    if (!fits) this.#full.set(origin, epoch)
    return !fits
  }
}

/** As stores give them, which is nearly always in order already. */
function rising(records: Iterable<IlsRecord>): Iterable<IlsRecord> {
  const list = Array.isArray(records) ? (records as IlsRecord[]) : [...records]
  const ordered = list.every((record, place) => place === 0 || (list[place - 1] as IlsRecord).usn <= record.usn)
  return ordered ? list : list.toSorted((a, b) => a.usn - b.usn)
}

/** Of a batch without records, a third of its bytes. */
const charactersOfBatch = 70

/** No less than a third of its bytes: a control character of a kind or key is six of them in JSON, anything else three at most. */
function charactersInPage(record: HeldRecord): number {
  return charactersOf(record) + record.kind.length + record.key.length + 24
}

function describeVector(vector: Vector): string {
  const entries = [...vector].map(([origin, { epoch, usn }]) => `${origin}:${epoch}:${usn}`)
  return entries.sort().join('\n')
}
