// The replicated data: records with one writer each, and the version vector that says how much of each origin is held.

/** JSON as it travels; frozen once it is inside. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [name: string]: JsonValue }

/** Kinds that this release writes. Kinds are open: a replica keeps and relays what it does not know, unchanged. */
export const RecordKind = { peerInfo: 'peer-info', superuser: 'superuser', location: 'location' } as const
export type RecordKind = (typeof RecordKind)[keyof typeof RecordKind]

/**
 * One fact, written by its origin alone. Writing the same kind and key again supersedes it under a higher update sequence
 * number; `value` null is a tombstone, which is kept so that the deletion travels.
 */
export interface IlsRecord {
  readonly origin: string
  /** Rises when the origin's store was recreated or found to be older than its peers' copies. */
  readonly epoch: number
  /** Update sequence number: +1 per write of the origin, within one epoch. */
  readonly usn: number
  readonly kind: string
  readonly key: string
  readonly value: JsonValue
}

/** How much of one origin is held: everything up to `usn` of `epoch`. */
export interface Version {
  readonly epoch: number
  readonly usn: number
}

/** Origin → version. */
export type Vector = ReadonlyMap<string, Version>

/**
 * What an origin wrote after `from` and up to `to`. Superseded records are gone, so `to` may lie beyond the last record and
 * numbers may be missing; a batch without records only says how far the origin is.
 */
export interface Batch {
  readonly origin: string
  readonly epoch: number
  /** Exclusive. */
  readonly from: number
  /** Inclusive. */
  readonly to: number
  /** The sender's highest number of this origin when it built the batch: where a set of a new epoch is complete. */
  readonly head: number
  /** Rising numbers, all within (from, to]. */
  readonly records: readonly IlsRecord[]
}

/** What a store must make durable, in one transaction, in the order given. */
export type StoreChange =
  /** Supersede by kind and key, and set the origin's version. */
  | {
      readonly type: 'records'
      readonly origin: string
      readonly version: Version
      readonly records: readonly IlsRecord[]
      /** Of the own origin, while this life has met no peer: the highest number that peers can know of. Kept until `met` or `replace`. */
      readonly unmet?: number
    }
  /** As above, after dropping every record that is held of this origin: a new epoch. What was staged of it comes first. */
  | {
      readonly type: 'replace'
      readonly origin: string
      readonly version: Version
      readonly records: readonly IlsRecord[]
      readonly unmet?: number
    }
  /** What a `replace` that is too long for one write begins with: kept out of sight until the rest of it comes, or the process ends. */
  | {
      readonly type: 'stage'
      readonly origin: string
      readonly version: Version
      readonly records: readonly IlsRecord[]
    }
  /** A peer has shown that it holds nothing of the own origin that it should not: `unmet` is over, and nothing else changes. */
  | { readonly type: 'met'; readonly origin: string; readonly version: Version; readonly records: readonly [] }
  /** Drop every record of the origin, and that it was ever heard of. */
  | { readonly type: 'forget'; readonly origin: string; readonly version: Version; readonly records: readonly [] }

/** Everything a store holds of one origin. */
export interface StoredOrigin {
  readonly origin: string
  readonly version: Version
  readonly records: readonly IlsRecord[]
  /** See StoreChange. */
  readonly unmet?: number
}

/** Negative when `a` holds less of an origin than `b`, 0 when the same. An origin never heard of counts as epoch -1. */
export function compareVersions(a: Version | undefined, b: Version | undefined): number {
  const epochs = (a?.epoch ?? -1) - (b?.epoch ?? -1)
  return epochs === 0 ? (a?.usn ?? 0) - (b?.usn ?? 0) : epochs
}

/** Cluster IDs and hub names: alphanumerics, dot and dash, 50 at most (System Configuration Guide, ILS). */
export const nodeIdPattern = /^[A-Za-z0-9.-]{1,50}$/u

/** Freezes a parsed JSON value all the way down. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const member of Object.values(value)) deepFreeze(member)
  return Object.freeze(value)
}
