// Which cluster to ask for a superuser's number: every answer is worked out when a record changes, so that asking is one look
// into a map.
import { RecordKind } from '../../ils-sync/core/data/record.ts'
import type { IlsRecord, JsonValue } from '../../ils-sync/core/data/record.ts'
import { asLocation, asSuperuser, newestLogin, supersededBy } from '../../ils-sync/core/data/locations.ts'
import type { LocationValue, Sighting, SuperuserValue } from '../../ils-sync/core/data/locations.ts'
import type { LearnedLocation, Superseded } from './api.ts'

/** Where a user was and is, for those who watch. */
export interface LocationChange {
  readonly userId: string
  /** Undefined: no longer a superuser that anybody knows of. */
  readonly location: UserLocation | undefined
}

type UserLocation = Omit<LearnedLocation, 'dn'> & { readonly dns: readonly string[] }

interface KnownUser {
  /** By origin; more than one is a mistake in the clusters' Home Cluster boxes, and the smallest ID wins everywhere. */
  readonly superuser: Map<string, SuperuserValue>
  readonly locations: Map<string, LocationValue>
  current: UserLocation | undefined
  /** Numbers claimed, with their rank: a primary extension goes before an additional line. */
  claims: ReadonlyMap<string, number>
}

export class LocationDirectory {
  readonly #self: string
  readonly #users = new Map<string, KnownUser>()
  /** Number → user key → rank. Nearly always one user. */
  readonly #claims = new Map<string, Map<string, number>>()
  readonly #answers = new Map<string, LearnedLocation>()

  /** `self` is this cluster's ID. */
  constructor(self: string) {
    this.#self = self
  }

  locate(dn: string): LearnedLocation | undefined {
    return this.#answers.get(dn)
  }

  all(): readonly LearnedLocation[] {
    return [...this.#answers.values()]
  }

  /**
   * Takes in one record of any kind; `gone` when its origin has dropped it. Returns what changed for watchers, if anything did. The value
   * of another kind is not looked at: it is parsed at each reading, and there may be a million.
   */
  apply(record: IlsRecord, gone = false): LocationChange | undefined {
    const { origin, kind, key } = record
    const present = () => (gone ? null : record.value)
    if (kind === RecordKind.superuser)
      return this.#change(key, ({ superuser }) => put(superuser, origin, asSuperuser(present())))
    if (kind === RecordKind.location)
      return this.#change(key, ({ locations }) => put(locations, origin, asLocation(present())))
    return undefined
  }

  /** Forgets everything, before all records are applied again. */
  clear(): void {
    this.#users.clear()
    this.#claims.clear()
    this.#answers.clear()
  }

  /**
   * Users whose login at this cluster a newer one elsewhere has ended. `own` answers this cluster's own location record, as the
   * running transaction sees it: a login that is just being written is newer than all.
   */
  superseded(own: (userKey: string) => JsonValue): readonly Superseded[] {
    return [...this.#users.keys()].flatMap((key) => this.supersededUser(key, own) ?? [])
  }

  supersededUser(key: string, own: (userKey: string) => JsonValue): Superseded | undefined {
    const user = this.#users.get(key)
    // A user whose own record says nothing of a login here need not be read from disk.
    if (!user?.locations.get(this.#self)?.loggedIn) return undefined
    const location = asLocation(own(key))
    if (location === undefined) return undefined
    const sightings = sightingsOf(user).filter(({ clusterId }) => clusterId !== this.#self)
    const cluster = supersededBy(this.#self, [...sightings, { clusterId: this.#self, location }])
    return cluster === undefined ? undefined : { userId: location.userId, cluster }
  }

  #change(key: string, change: (user: KnownUser) => void): LocationChange | undefined {
    const user = this.#users.get(key) ?? {
      superuser: new Map(),
      locations: new Map(),
      current: undefined,
      claims: new Map(),
    }
    this.#users.set(key, user)
    change(user)
    const before = user.current
    user.current = this.#resolve(user)
    this.#claim(key, user)
    if (user.superuser.size === 0 && user.locations.size === 0) this.#users.delete(key)
    if (same(before, user.current)) return undefined
    return { userId: user.current?.userId ?? before?.userId ?? key, location: user.current }
  }

  #resolve(user: KnownUser): UserLocation | undefined {
    const superuser = homeRecord(user)
    const newest = newestLogin(sightingsOf(user))
    if (newest?.location.loggedIn) {
      const { clusterId: cluster, location } = newest
      const { userId, deviceNames, since } = location
      const dns = [...new Set([...(superuser?.dns ?? []), ...location.dns])]
      return { userId, cluster, deviceNames, source: cluster === this.#self ? 'local' : 'learned', since, dns }
    }
    if (superuser === undefined) return undefined
    const { userId, homeCluster, dns } = superuser
    return {
      userId,
      cluster: homeCluster,
      deviceNames: [],
      source: 'home',
      since: newest?.location.since ?? superuser.since,
      dns,
    }
  }

  #claim(key: string, user: KnownUser): void {
    const primary = homeRecord(user)?.dns[0]
    const before = user.claims
    user.claims = new Map(user.current?.dns.map((dn) => [dn, dn === primary ? 0 : 1]))
    for (const dn of before.keys()) if (!user.claims.has(dn)) this.#unclaim(dn, key)
    for (const [dn, rank] of user.claims) {
      const claims = this.#claims.get(dn) ?? new Map<string, number>()
      this.#claims.set(dn, claims.set(key, rank))
      this.#answer(dn, claims)
    }
  }

  #unclaim(dn: string, key: string): void {
    const claims = this.#claims.get(dn)
    claims?.delete(key)
    if (claims && claims.size > 0) return this.#answer(dn, claims)
    this.#claims.delete(dn)
    this.#answers.delete(dn)
  }

  /** Of several users with the same number, the one whose primary extension it is, else the first by user ID: the same at all clusters. */
  #answer(dn: string, claims: ReadonlyMap<string, number>): void {
    const [first] = [...claims].sort(([a, rankA], [b, rankB]) => rankA - rankB || (a < b ? -1 : 1))
    const current = first && this.#users.get(first[0])?.current
    if (current === undefined) return
    const { dns: _, ...location } = current
    this.#answers.set(dn, Object.freeze({ dn, ...location }))
  }
}

function put<T>(map: Map<string, T>, origin: string, value: T | undefined): void {
  if (value === undefined) map.delete(origin)
  else map.set(origin, value)
}

function homeRecord({ superuser }: KnownUser): SuperuserValue | undefined {
  if (superuser.size < 2) return superuser.values().next().value
  const [smallest] = [...superuser.keys()].sort()
  return superuser.get(smallest as string)
}

function sightingsOf({ locations }: KnownUser): readonly Sighting[] {
  return [...locations].map(([clusterId, location]) => ({ clusterId, location }))
}

function same(a: UserLocation | undefined, b: UserLocation | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return (
    a.userId === b.userId &&
    a.cluster === b.cluster &&
    a.source === b.source &&
    a.since === b.since &&
    areSame(a.deviceNames, b.deviceNames) &&
    areSame(a.dns, b.dns)
  )
}

function areSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((one, place) => one === b[place])
}
