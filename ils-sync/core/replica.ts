// All records a node holds, in memory: per origin a map by kind and key, and the same records by rising USN for pages.
import { hash } from 'node:crypto'
import { limits } from './limits.ts'
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

/** The last written record of each kind and key of one origin. */
class OriginRecords {
  epoch: number
  usn: number
  readonly byKey = new Map<string, IlsRecord>()
  /** Rising USN; superseded entries stay until they are half of it. */
  #ordered: IlsRecord[] = []

  constructor(version: Version) {
    this.epoch = version.epoch
    this.usn = version.usn
  }

  append(record: IlsRecord): void {
    this.byKey.set(recordKey(record), record)
    this.#ordered.push(record)
    if (this.#ordered.length > 64 && this.#ordered.length > 2 * this.byKey.size) {
      this.#ordered = this.#ordered.filter((one) => this.isCurrent(one))
    }
  }

  isCurrent(record: IlsRecord): boolean {
    return this.byKey.get(recordKey(record)) === record
  }

  /** Current records above `usn`, in order. */
  *after(usn: number): Generator<IlsRecord> {
    let low = 0
    let high = this.#ordered.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#ordered[middle] as IlsRecord).usn <= usn) low = middle + 1
      else high = middle
    }
    for (; low < this.#ordered.length; low++) {
      const record = this.#ordered[low] as IlsRecord
      if (this.isCurrent(record)) yield record
    }
  }
}

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
  #digest: string | undefined

  constructor(stored: Iterable<StoredOrigin>) {
    for (const { origin, version, records } of stored) {
      const held = new OriginRecords(version)
      for (const record of records.toSorted((a, b) => a.usn - b.usn)) held.append(record)
      this.#origins.set(origin, held)
    }
  }

  version(origin: string): Version | undefined {
    return this.#origins.get(origin)
  }

  find(origin: string, kind: string, key: string): IlsRecord | undefined {
    return this.#origins.get(origin)?.byKey.get(`${kind}\0${key}`)
  }

  *origins(): Generator<string> {
    yield* this.#origins.keys()
  }

  *records(origin: string): Generator<IlsRecord> {
    yield* this.#origins.get(origin)?.byKey.values() ?? []
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

  /** Equal digests mean equal vectors, hence equal replicas. */
  digest(): string {
    this.#digest ??= hash('sha256', describeVector(this.vector()), 'base64url').slice(0, 22)
    return this.#digest
  }

  apply(batch: Batch): ApplyResult {
    const held = this.#origins.get(batch.origin)
    if (held === undefined) return batch.from === 0 ? this.#extend(this.#admit(batch), batch) : { outcome: 'gap' }
    if (batch.epoch < held.epoch) return { outcome: 'duplicate' }
    if (batch.epoch > held.epoch) return this.#stage(batch)
    if (held.usn < batch.from) return { outcome: 'gap' }
    return held.usn >= batch.to ? { outcome: 'duplicate' } : this.#extend(held, batch)
  }

  /** What `origin` wrote after `from`, as far as the budget goes, which is used up. Undefined when nothing is held of it. */
  batch(origin: string, from: number, budget: PageBudget): Batch | undefined {
    const held = this.#origins.get(origin)
    if (held === undefined) return undefined
    const records: IlsRecord[] = []
    for (const record of held.after(from)) {
      const size = record.kind.length + record.key.length + JSON.stringify(record.value).length + 24
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

  /** What `have` lacks of this replica, except `exclude`'s own records; `more` when it did not fit into one page. */
  page(have: Vector, exclude: string): { readonly batches: readonly Batch[]; readonly more: boolean } {
    const budget = fullPage()
    const batches: Batch[] = []
    for (const [origin, held] of this.#origins) {
      const theirs = have.get(origin)
      if (origin === exclude || compareVersions(theirs, held) >= 0) continue
      const batch = this.batch(origin, theirs?.epoch === held.epoch ? theirs.usn : 0, budget) as Batch
      if (batch.to > batch.from || batch.head === 0) batches.push(batch)
      if (batch.to < batch.head) return { batches, more: true }
    }
    return { batches, more: false }
  }

  #admit({ origin, epoch }: Batch): OriginRecords {
    const held = new OriginRecords({ epoch, usn: 0 })
    this.#origins.set(origin, held)
    return held
  }

  #extend(held: OriginRecords, batch: Batch): ApplyResult {
    const from = held.usn
    const applied = batch.records.filter((record) => record.usn > from)
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
    for (const record of batch.records) if (record.usn > staged.usn) staged.append(record)
    staged.usn = Math.max(staged.usn, batch.to)
    return staged.usn < batch.head ? { outcome: 'staged' } : this.#complete(batch.origin, staged)
  }

  #complete(origin: string, staged: OriginRecords): ApplyResult {
    const before = this.#origins.get(origin)
    this.#staged.delete(origin)
    this.#origins.set(origin, staged)
    this.#digest = undefined
    const removed = [...(before?.byKey ?? [])].filter(([key]) => !staged.byKey.has(key)).map(([, record]) => record)
    const version = { epoch: staged.epoch, usn: staged.usn }
    return { outcome: 'replaced', version, applied: [...staged.after(0)], removed }
  }
}

function recordKey(record: IlsRecord): string {
  return `${record.kind}\0${record.key}`
}

function describeVector(vector: Vector): string {
  const entries = [...vector].map(([origin, { epoch, usn }]) => `${origin}:${epoch}:${usn}`)
  return entries.sort().join('\n')
}
