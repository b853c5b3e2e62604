import { RecordKind } from '../../ils-sync/core/data/record.ts'
import type { IlsRecord } from '../../ils-sync/core/data/record.ts'
import type { Notice } from '../../ils-sync/core/notice.ts'

/** How many superusers, and logins of superusers, others have told of: counted as it comes, for a replica may hold a million records. */
export class SuperuserCounts {
  readonly #self: string
  readonly #superusers = new Set<string>()
  readonly #locations = new Set<string>()

  constructor(self: string) {
    this.#self = self
  }

  get superusers(): number {
    return this.#superusers.size
  }

  /** Superusers logged in elsewhere. */
  get locations(): number {
    return this.#locations.size
  }

  /** From the beginning: all records of a replica. */
  readAgain(records: Iterable<IlsRecord>): void {
    this.#superusers.clear()
    this.#locations.clear()
    for (const record of records) this.#take(record)
  }

  applied({ records, removed }: Extract<Notice, { type: 'applied' }>): void {
    for (const record of removed) this.#take(record, true)
    for (const record of records) this.#take(record)
  }

  /** Nearly all records are of other kinds: their values, which are parsed at each reading, are left alone. */
  #take(record: IlsRecord, gone = false): void {
    const { origin, kind, key } = record
    if (origin === this.#self) return
    if (kind === RecordKind.superuser) put(this.#superusers, `${origin}\0${key}`, !gone && record.value !== null)
    if (kind === RecordKind.location) put(this.#locations, `${origin}\0${key}`, !gone && isLoggedIn(record.value))
  }
}

function put(set: Set<string>, key: string, is: boolean): void {
  if (is) set.add(key)
  else set.delete(key)
}

function isLoggedIn(value: IlsRecord['value']): boolean {
  return typeof value === 'object' && value !== null && 'loggedIn' in value && value.loggedIn === true
}
