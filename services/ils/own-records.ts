// What this cluster says about itself: derived from the cluster's tables, written only where it changed, always inside the
// transaction that changed them.
import { isDeepStrictEqual } from 'node:util'
import type { HybridClock } from '../../ils-sync/core/data/hybrid-clock.ts'
import { parseReading, readingAt } from '../../ils-sync/core/data/hybrid-clock.ts'
import { asLocation } from '../../ils-sync/core/data/locations.ts'
import type { LocationValue, PeerInfoValue, SuperuserValue } from '../../ils-sync/core/data/locations.ts'
import { RecordKind } from '../../ils-sync/core/data/record.ts'
import type { JsonValue } from '../../ils-sync/core/data/record.ts'
import type { IlsNode } from '../../ils-sync/node.ts'
import type { ClusterDatabase, EndUser, Login } from '../database/api.ts'

export interface OwnRecordsOptions {
  readonly clusterId: string
  readonly database: Pick<ClusterDatabase, 'endUsers' | 'logins' | 'lines' | 'deviceProfiles'>
  readonly node: Pick<IlsNode, 'change' | 'own' | 'ownRecords'>
  readonly hybridClock: HybridClock
  readonly now: () => number
}

/** Everything here runs inside `database.write`. */
export class OwnRecords {
  readonly #options: OwnRecordsOptions

  constructor(options: OwnRecordsOptions) {
    this.#options = options
  }

  locationChanged(userId: string, change: 'login' | 'logout'): void {
    const user = this.#superuser(userId)
    if (user === undefined) return this.#put(RecordKind.location, userId, null)
    const previous = this.#ownLocation(userId)
    const loginClock = change === 'login' ? this.#options.hybridClock.tick() : previous?.loginClock
    this.#putLocation(user, loginClock ?? this.#clockFromTables(user))
  }

  /** The user became, is in other words now, or ceased to be a superuser. */
  superuserChanged(userId: string): void {
    const user = this.#superuser(userId)
    this.#put(RecordKind.superuser, userId, user?.homeCluster ? this.#describe(user) : null)
    if (user === undefined) this.#put(RecordKind.location, userId, null)
    else this.#putLocation(user, this.#newerClock(user))
  }

  /** At the start: whatever changed while ILS was not running. */
  reconcile(): void {
    const { database, node } = this.#options
    const superusers = new Set(database.endUsers.superusers().map(({ userId }) => keyOf(userId)))
    for (const record of node.ownRecords()) {
      const ofUser = record.kind === RecordKind.superuser || record.kind === RecordKind.location
      if (ofUser && record.value !== null) superusers.add(record.key)
    }
    for (const userId of superusers) this.superuserChanged(userId)
  }

  peerInfo(info: PeerInfoValue): void {
    this.#put(RecordKind.peerInfo, this.#options.clusterId, { ...info }, this.#options.clusterId)
  }

  #superuser(userId: string): EndUser | undefined {
    const user = this.#options.database.endUsers.find(userId)
    return user?.superuser ? user : undefined
  }

  #ownLocation(userId: string): LocationValue | undefined {
    return asLocation(this.#options.node.own(RecordKind.location, keyOf(userId))?.value ?? null)
  }

  /** The user's numbers as callers know them: the primary extension, then every line of the controlled profiles. */
  #describe(user: EndUser): JsonValue & SuperuserValue {
    const { database, clusterId, now } = this.#options
    const lines = user.deviceProfiles.flatMap((name) => database.deviceProfiles.find(name)?.lines ?? [])
    const dns = unique([user.primaryExtension, ...lines.map(({ dn }) => dn)])
    return { userId: user.userId, homeCluster: clusterId, dns, since: new Date(now()).toISOString() }
  }

  /** Without any reading there was never a login, and so nothing to say. */
  #putLocation(user: EndUser, loginClock: string | undefined): void {
    if (loginClock === undefined) return
    const { database, now } = this.#options
    const logins = database.logins.of(user.userId)
    const deviceNames = logins.map(({ deviceName }) => deviceName).sort()
    const dns = unique(deviceNames.flatMap((name) => database.lines.effective(name).map(({ dn }) => dn)))
    const since = new Date(newestOf(logins) ?? now()).toISOString()
    const value = { userId: user.userId, dns, deviceNames, loggedIn: logins.length > 0, loginClock, since }
    this.#put(RecordKind.location, user.userId, value)
  }

  /** A login that ILS was not told of is as old as the table says; one that it knows keeps its reading. */
  #newerClock(user: EndUser): string | undefined {
    const known = this.#ownLocation(user.userId)?.loginClock
    const knownMs = (known === undefined ? undefined : parseReading(known)?.ms) ?? -1
    const newestMs = newestOf(this.#options.database.logins.of(user.userId)) ?? -1
    return newestMs > knownMs ? this.#clockFromTables(user) : known
  }

  #clockFromTables(user: EndUser): string | undefined {
    const newestMs = newestOf(this.#options.database.logins.of(user.userId))
    return newestMs === undefined ? undefined : readingAt(newestMs, this.#options.clusterId)
  }

  /** Writes only what is news; `since` alone is none, and neither is the absence of what was never there. */
  #put(kind: string, userId: string, value: JsonValue, key = keyOf(userId)): void {
    const before = this.#options.node.own(kind, key)?.value ?? null
    if (!isDeepStrictEqual(comparable(before), comparable(value))) this.#options.node.change(kind, key, value)
  }
}

function keyOf(userId: string): string {
  return userId.toLowerCase()
}

function newestOf(logins: readonly Login[]): number | undefined {
  return logins.length === 0 ? undefined : Math.max(...logins.map(({ loginTime }) => loginTime))
}

function unique(dns: readonly string[]): string[] {
  return [...new Set(dns.filter((dn) => dn !== ''))]
}

function comparable(value: JsonValue): unknown {
  return value === null ? null : { ...(value as object), since: '' }
}
