// What a cluster says of its own numbers to others, and how it reaches theirs: Call Routing > Global Dial Plan Replication.

/** Enterprise or +E.164 alternate number of a directory number. */
export interface AlternateNumber {
  /** Number Mask: each `X` is a digit of the directory number, right-aligned; the rest stands as it is. */
  readonly mask: string
  /** The mask filled in. */
  readonly number: string
  /** Add to Local Route Partition: by name, empty = <None>; undefined = not added, so only other clusters dial it. */
  readonly partition: string | undefined
  /** Advertise Globally via ILS. */
  readonly advertise: boolean
}

export interface DirectoryUri {
  /** `user@host`, lower case. */
  readonly uri: string
  /** By name; empty = <None>. */
  readonly partition: string
  readonly advertise: boolean
}

/** Which number others dial over the PSTN when the way to this cluster fails. */
export const AdvertisedFailover = {
  none: 'None',
  enterprise: 'Enterprise Alternate Number',
  e164: '+E.164 Alternate Number',
} as const
export type AdvertisedFailover = (typeof AdvertisedFailover)[keyof typeof AdvertisedFailover]

/** What a directory number is beyond its digits. */
export interface AdvertisedNumber {
  readonly dn: string
  readonly partition: string
  readonly enterpriseAlternateNumber: AlternateNumber | undefined
  readonly e164AlternateNumber: AlternateNumber | undefined
  readonly advertisedFailover: AdvertisedFailover
  /** Up to five; the first is the primary one. */
  readonly directoryUris: readonly DirectoryUri[]
}
export type NewAlternateNumber = { readonly mask: string; readonly partition?: string; readonly advertise?: boolean }
/** Members that are left out stay as they are; null takes away. */
export interface AdvertisedNumberChanges {
  readonly enterpriseAlternateNumber?: NewAlternateNumber | null
  readonly e164AlternateNumber?: NewAlternateNumber | null
  readonly advertisedFailover?: AdvertisedFailover
  readonly directoryUris?: readonly {
    readonly uri: string
    readonly partition?: string
    readonly advertise?: boolean
  }[]
}

export const AdvertisedPatternType = { enterprise: 'Enterprise Number Pattern', e164: 'E.164 Number Pattern' } as const
export type AdvertisedPatternType = (typeof AdvertisedPatternType)[keyof typeof AdvertisedPatternType]

/** PSTN Failover of an advertised or imported pattern. */
export type PatternFailover =
  | { readonly use: "Don't Use PSTN Failover" }
  | { readonly use: 'Use Pattern as PSTN Failover' }
  | { readonly use: 'Strip Digits and Prepend Digits'; readonly stripDigits: number; readonly prependDigits: string }

/** Summarises a range for those who learn it; this cluster itself never routes by it. */
export interface AdvertisedPattern {
  readonly pattern: string
  readonly description: string
  readonly type: AdvertisedPatternType
  readonly failover: PatternFailover
}

/** Imported Global Dial Plan Catalog: numbers of a call control that cannot join ILS. Only hubs import. */
export interface Catalog {
  readonly name: string
  readonly description: string
  readonly routeString: string
  readonly entries: number
}
export const CatalogEntryType = {
  directoryUri: 'Directory URI',
  enterpriseNumber: 'Enterprise Number',
  e164Number: 'E.164 Number',
  enterprisePattern: 'Enterprise Pattern',
  e164Pattern: 'E.164 Pattern',
} as const
export type CatalogEntryType = (typeof CatalogEntryType)[keyof typeof CatalogEntryType]
export interface CatalogEntry {
  readonly type: CatalogEntryType
  /** URI, number or pattern. */
  readonly pattern: string
  /** Number to dial over the PSTN; empty = none. Of a pattern: its failover. */
  readonly failover: string | PatternFailover
}
/** Entries of one type that follow on `after`, which is empty at the beginning. */
export interface CatalogPart {
  readonly type: CatalogEntryType
  readonly after: string
  readonly most: number
}

/** Block Learned Numbers and Patterns. An empty member holds for all. */
export interface BlockingRule {
  readonly id: string
  readonly description: string
  /** A learned number or pattern spelled like this. */
  readonly pattern: string
  /** A learned number or pattern that begins with this. */
  readonly prefix: string
  readonly clusterId: string
  readonly patternType: 'Any' | 'Enterprise Pattern' | '+E.164 Pattern'
}

/** SIP Route Pattern: a route string, or a URI's host, that matches leaves through the trunk. */
export interface SipRoutePattern {
  /** Labels separated by dots; `*` as the first label stands for any labels. */
  readonly pattern: string
  readonly partition: string
  readonly trunk: string
}

/** Partitions for Learned Numbers and Patterns; never <None>. */
export interface LearnedPartitions {
  readonly enterpriseNumbers: string
  readonly e164Numbers: string
  readonly enterprisePatterns: string
  readonly e164Patterns: string
}
export const defaultLearnedPartitions: LearnedPartitions = {
  enterpriseNumbers: 'Global Learned Enterprise Numbers',
  e164Numbers: 'Global Learned E.164 Numbers',
  enterprisePatterns: 'Global Learned Enterprise Patterns',
  e164Patterns: 'Global Learned E.164 Patterns',
}

/** Everything that changes does so inside `database.write`, and throws DatabaseError as the other repositories do. */
export interface GlobalDialPlanRepository {
  /** Of a directory number; undefined for one that does not exist. One without anything has undefined members and no URIs. */
  number(dn: string, partition: string): AdvertisedNumber | undefined
  /** Directory numbers with an alternate number or a URI, by dn and partition. */
  numbers(): Iterable<AdvertisedNumber>
  /** The same in pieces and in no order: begin with an empty `after`, go on with `next` until it is undefined. */
  numbersAfter(
    after: string,
    most: number,
  ): { readonly numbers: readonly AdvertisedNumber[]; readonly next: string | undefined }
  changeNumber(dn: string, partition: string, changes: AdvertisedNumberChanges): AdvertisedNumber
  /**
   * Called inside the write that takes away a directory number with an alternate number or a URI, which are gone by then: its last
   * phone or profile has dropped it. The listener leaves the tables here as they are.
   */
  onNumberRemoved(listener: (number: { readonly dn: string; readonly partition: string }) => void): () => void
  /** The directory numbers that an alternate number (in a local partition or not) or a URI stands for. */
  findAlternate(number: string): readonly AdvertisedNumber[]
  findUri(uri: string): readonly { readonly dn: string; readonly partition: string; readonly uri: DirectoryUri }[]

  advertisedPatterns(): readonly AdvertisedPattern[]
  /** As it is stored. */
  advertisedPattern(pattern: string): AdvertisedPattern | undefined
  /** As it is stored: without separators, in upper case, a leading plus as `\+`. */
  insertAdvertisedPattern(pattern: AdvertisedPattern): AdvertisedPattern
  updateAdvertisedPattern(pattern: string, changes: Partial<Omit<AdvertisedPattern, 'pattern'>>): AdvertisedPattern
  removeAdvertisedPattern(pattern: string): boolean

  catalogs(): readonly Catalog[]
  /**
   * By type and pattern. Others may write between two of them; throws DATABASE_CHANGED when an import has replaced what was being read.
   */
  catalogEntries(name: string): Iterable<CatalogEntry>
  /** By pattern; nothing for an unknown catalog. */
  catalogPart(name: string, part: CatalogPart): readonly CatalogEntry[]
  insertCatalog(catalog: Omit<Catalog, 'entries'>): Catalog
  updateCatalog(name: string, changes: Partial<Pick<Catalog, 'description' | 'routeString'>>): Catalog
  /** Replaces all entries in one write: for few. `importInPieces` takes many. */
  importCatalog(name: string, entries: Iterable<CatalogEntry>): Catalog
  /** Entries that do not count yet come under the number that this returns; `endCatalogImport`, which any import needs, gives it up. */
  beginCatalogImport(name: string): number
  stageCatalogEntries(content: number, entries: Iterable<CatalogEntry>): void
  /** They replace all entries. */
  finishCatalogImport(name: string, content: number): Catalog
  endCatalogImport(content: number): void
  /** What was in it does not count any more; `clearCatalogs` takes it away. */
  removeCatalog(name: string): boolean
  /** Takes away so many entries of what does not count any more; false when there is no more of it. */
  clearCatalogs(most: number): boolean

  blockingRules(): readonly BlockingRule[]
  insertBlockingRule(rule: Omit<BlockingRule, 'id'>): BlockingRule
  updateBlockingRule(id: string, changes: Partial<Omit<BlockingRule, 'id'>>): BlockingRule
  removeBlockingRule(id: string): boolean

  sipRoutePatterns(): readonly SipRoutePattern[]
  insertSipRoutePattern(pattern: SipRoutePattern): SipRoutePattern
  removeSipRoutePattern(pattern: string, partition: string): boolean

  learnedPartitions(): LearnedPartitions
  setLearnedPartitions(partitions: Partial<LearnedPartitions>): LearnedPartitions
}
