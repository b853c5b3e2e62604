import type { IlsRecord, StoreChange, StoredOrigin, Version } from '../core/data/record.ts'

/** Where a replica outlives its process. All members are synchronous, and run inside the host's write. */
export interface IlsStore {
  /** Made with the store and never changed: a store that was lost and made anew has another one. */
  peerId(): string
  /** Everything that is on disk. Throws when the store cannot be read. */
  load(): readonly StoredOrigin[]
  /** The same, one by one as they are asked for. */
  origins(): Iterable<StoredOrigin>
  /** How much is on disk of one origin. */
  version(origin: string): Version | undefined
  /** As part of the running transaction, undone with it. */
  apply(change: StoreChange): void
  /** What the running transaction sees: committed records, and those written in it so far. */
  find(origin: string, kind: string, key: string): IlsRecord | undefined
  /** All records of one origin as the running transaction sees them. */
  records(origin: string): readonly IlsRecord[]
}

/** The host's database: how the core's changes get on disk together with the host's own. */
export interface IlsHost {
  /** Runs `work` in a transaction and resolves once it is on disk; a rejection means that nothing of it was kept. */
  write<T>(work: () => T): Promise<T>
  /**
   * Inside `work` only: runs `effect` once it would survive a power failure, before the promise resolves; dropped when the work
   * fails. The node's own records leave here, and a number that others have seen must never be given out again.
   */
  afterCommit(effect: () => void): void
}
