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
}

export interface IlsStatus {
  readonly clusterId: string
  readonly role: 'standalone' | 'hub' | 'spoke'
  readonly hub?: string
  readonly peers: readonly IlsPeer[]
  readonly learned: { readonly superusers: number; readonly locations: number; readonly records: number }
}

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
}
