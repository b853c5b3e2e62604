import type { TSchema } from 'typebox'

/** The kinds of records that can be written many at a time; `combined` writes a user with their device profile and phone at once. */
export type RecordKindName = 'users' | 'phones' | 'device-profiles' | 'associations' | 'combined'

/** What happens to a record that is there already. */
export type Existing = 'refuse' | 'update'

/** What became of a record. */
export type Outcome = 'added' | 'updated'

/** One kind of records, as the JSON door knows it. */
export interface RecordKind {
  /** What a record must be like; `prepare` believes it. */
  readonly schema: TSchema
  /** What people call the record. */
  keyOf(record: unknown): string
  /** The phone that a record is about. Absent where a record may change any phone. */
  phoneOf?(record: unknown): string
  /**
   * Hashes what is secret and resolves with the work, which is to be run inside `database.write`, whole: it throws Problem or DatabaseError
   * and tells ILS, but not CallManager. Rejects with Problem; status 503 means: later.
   */
  prepare(record: unknown, existing: Existing): Promise<() => Outcome>
}

/** The configuration of the cluster, for services that write much of it. */
export interface Administration {
  readonly kinds: Readonly<Record<RecordKindName, RecordKind>>
}
