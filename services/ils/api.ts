/** Where a superuser's directory number is now, as far as this cluster knows. */
export interface LearnedLocation {
  readonly dn: string
  readonly userId: string
  readonly cluster: string
  /** The phones the user is logged in to there; empty when `source` is `home`. */
  readonly deviceNames: readonly string[]
  /** `local`: logged in here. `learned`: logged in elsewhere. `home`: logged out everywhere, so the owner's home cluster. */
  readonly source: 'local' | 'learned' | 'home'
  /** ISO 8601 of the login, or of what made it so. */
  readonly since: string
}

/** ILS Clusters and Global Dial Plan Imported Catalogs, and Cluster View: one cluster or hub of the network. */
export interface IlsPeer {
  readonly clusterId: string
  readonly role: 'hub' | 'spoke'
  /** `Up to Date` as the vendor's page says it, else an honest other word: `Synchronizing`, `Unreachable`, `Never contacted`, … */
  readonly status: string
  /** ISO 8601; absent if there was none. For clusters beyond the hub: the last time a change of theirs arrived. */
  readonly lastContact?: string
  /** Highest update sequence number held of this origin. */
  readonly usn: number
  readonly https?: string
  readonly description?: string
  /** How far this cluster is behind it: numbers not held of those it is known to have written, and for how many seconds already. */
  readonly lag?: { readonly usns: number; readonly seconds: number }
  readonly peerId?: string
  readonly version?: string
  /** The hub of a spoke. */
  readonly hub?: string
  /** Host names of its ILS-activated nodes, the publisher first. */
  readonly hostNames?: readonly string[]
  /** Title → whether it is activated there, e.g. `Cisco Extension Mobility`. */
  readonly services?: Readonly<Record<string, boolean>>
  readonly advertisedRouteString?: string
  /** Wall clock there minus ours, seconds; only of direct neighbours. */
  readonly clockOffsetSeconds?: number
  readonly direct: boolean
}

/** Cluster View: what one cluster or hub of the network tells of itself; this one is among them, as `Local`. */
export type IlsCluster = Omit<IlsPeer, 'role' | 'usn' | 'lag' | 'direct'> & {
  readonly self: boolean
  readonly role: IlsStatus['role']
}

export interface IlsStatus {
  readonly clusterId: string
  readonly role: 'standalone' | 'hub' | 'spoke'
  readonly hub?: string
  readonly peerId?: string
  readonly authentication?: 'password' | 'certificates' | 'both'
  readonly peers: readonly IlsPeer[]
  /** A full synchronization under way: how much has come of how much. */
  readonly progress?: { readonly peer: string; readonly records: number; readonly of: number }
  readonly learned: {
    readonly superusers: number
    readonly locations: number
    readonly records: number
    /** Learned objects of the global dial plan, the cap, and what could not be written because of it. */
    readonly objects?: number
    readonly maximumObjects?: number
    readonly refusedObjects?: number
    /** Learned objects with the same name as an earlier one of another cluster. */
    readonly duplicates?: number
  }
  /** What somebody should look at, one sentence each. */
  readonly warnings?: readonly string[]
}

/** Advanced Features > ILS Configuration; kept in the cluster's database once it was changed there. */
export interface IlsConfiguration {
  readonly role: 'standalone' | 'hub' | 'spoke'
  /** The hub that a spoke has, or that a new hub names; empty for the first hub. */
  readonly registrationServer: string
  /** Exchange Global Dial Plan Replication Data with Remote Clusters. */
  readonly exchangeGlobalDialPlan: boolean
  /** Advertised Route String. */
  readonly advertisedRouteString: string
  /** Synchronize Clusters Every (minutes). */
  readonly synchronizeClustersEveryMinutes: number
}

/** ILS Configuration after a change. */
export type IlsConfigured = IlsConfiguration & {
  /** Of a cluster that has left: neighbours that could not be told, and show it as Unreachable until it is back. */
  readonly untold?: readonly string[]
}

/** What was learned of a dialled number or URI. */
export interface LearnedRoute {
  readonly kind: 'directory-uri' | 'enterprise-number' | 'e164-number' | 'enterprise-pattern' | 'e164-pattern'
  /** As it was learned. */
  readonly pattern: string
  /** The learned partition; empty for URIs, which everybody may dial (our choice). */
  readonly partition: string
  /** Origin of the record. */
  readonly cluster: string
  readonly routeString: string
  readonly catalog?: string
  /** What to dial over the PSTN when the way fails, worked out for what was dialled; absent = no failover. */
  readonly pstnFailover?: string
}

/** Learned numbers, patterns and URIs, as this cluster may use them: those that blocking rules name are not among the answers. */
export interface LearnedDialPlan {
  /**
   * The closest match for a dialled number: a learned number before patterns, of patterns the one that matches the fewest numbers of this
   * length; of equally close ones that of the partition searched first, then the first in alphabetical order. `ranks` as in digit analysis.
   * `numbers` is how many numbers of this length it matches, to be compared with a local match.
   */
  matchNumber(
    digits: string,
    ranks?: ReadonlyMap<string, number>,
  ): { readonly route: LearnedRoute; readonly numbers: bigint } | undefined
  matchUri(uri: string): LearnedRoute | undefined
}

/** One learned number, pattern or URI, for people. */
export interface LearnedObject extends Omit<LearnedRoute, 'pstnFailover'> {
  /** Of a number or URI what to dial over the PSTN, of a pattern how to make it of what was dialled. */
  readonly pstnFailover?: string | { readonly stripDigits: number; readonly prependDigits: string }
  /** Further clusters that claim the same, in the order in which they would take over. */
  readonly duplicates: readonly string[]
  /** A blocking rule names it. */
  readonly blocked: boolean
}

export interface LearnedQuery {
  readonly kinds: readonly LearnedRoute['kind'][]
  /** Only what this cluster claims. */
  readonly cluster?: string
  /** Part of the number, pattern or URI. */
  readonly contains?: string
  readonly offset: number
  readonly limit: number
}

export interface LearnedPage {
  /** How many fit the query. */
  readonly total: number
  readonly objects: readonly LearnedObject[]
}

/** A part of the cluster's own dial plan that has changed. */
export type DialPlanChange =
  | { readonly part: 'number'; readonly dn: string; readonly partition: string }
  | { readonly part: 'pattern'; readonly pattern: string }
  | { readonly part: 'catalog'; readonly name: string }
  /** Blocking rules, learned partitions: nothing that is advertised. */
  | { readonly part: 'use' }
  /** Anything. Costs a look at everything that is advertised. */
  | { readonly part: 'all' }

/** A local login of a superuser that a newer login elsewhere has ended. */
export interface Superseded {
  readonly userId: string
  /** The cluster of the newer login. */
  readonly cluster: string
}

export interface Ils {
  /** The location of a superuser's DN; undefined when no superuser is known to own it. */
  locate(dn: string): LearnedLocation | undefined
  locations(): readonly LearnedLocation[]
  /** HTTPS base URL of a cluster, from its peer info; undefined if never learned. */
  addressOf(clusterId: string): string | undefined
  /**
   * Resolves `caught-up` once everything the hub held when this process started has been applied and every superseded local
   * login is logged out, or `stale` when the hub has not answered within the configured grace. Immediate afterwards.
   */
  caughtUp(): Promise<'caught-up' | 'stale'>
  /** Inside `database.write` of a login or logout: appends this user's location to the outgoing records, sent after commit. */
  locationChanged(userId: string, change: 'login' | 'logout'): void
  /** Inside `database.write`: the user became, stays (changed) or ceased to be a superuser. */
  superuserChanged(userId: string): void
  /** Local logins that must end. Asked by Extension Mobility when it starts and at each notice. */
  superseded(): readonly Superseded[]
  onSuperseded(listener: (one: Superseded) => void): () => void
  status(): IlsStatus
  /** Inside `database.write`: what this cluster advertises may be other now. */
  dialPlanChanged(change: DialPlanChange): void
  readonly learned: LearnedDialPlan
  learnedObjects(query: LearnedQuery): LearnedPage
  configuration(): IlsConfiguration
  /**
   * Changes ILS Configuration, kept over restarts and in effect when it resolves. Rejects with a Problem and changes nothing: 422 for what
   * makes no sense, 409 for what this cluster is not ready for.
   */
  configure(changes: Partial<IlsConfiguration>): Promise<IlsConfigured>
  /** Pulls from every neighbour now, as the timer does. Throws a Problem (409) while standalone. */
  synchronize(): IlsSynchronization
  /** By cluster ID. */
  clusters(): readonly IlsCluster[]
}

/** Which neighbours `synchronize` has asked; what comes of it shows in the status. */
export interface IlsSynchronization {
  readonly asked: readonly string[]
  readonly unreachable: readonly string[]
}
