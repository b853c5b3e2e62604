// Where a call is to be sent: the call routing table of Extension Mobility Roaming Across Clusters, then the dial plan.
import type { ClusterDatabase, Trunk } from '../database/api.ts'
import type { Ils, LearnedLocation, LearnedRoute } from '../ils/api.ts'
import { Cause } from './api.ts'
import type { Destination, Destinations } from './destinations.ts'
import type { DigitAnalysis, PartitionRanks } from './digit-analysis/digit-analysis.ts'
import type { SipRoutes } from './digit-analysis/sip-routes.ts'
import type { Phones, RegisteredPhone } from './phones.ts'

/** The way to a learned destination may fail: then this is what to dial over the PSTN. */
interface LearnedWay {
  readonly pstnFailover?: string
}

export type Route =
  /** `partition` is absent where ILS knows the number; it need not be that of a line here. */
  | { readonly kind: 'phones'; readonly phones: readonly RegisteredPhone[]; readonly partition?: string }
  /** Another name of a directory number of this cluster. */
  | (Destination & { readonly kind: 'alternate' })
  /** `url` is absent when nobody has told us where that cluster is. `why` is the hop's words. */
  | ({
      readonly kind: 'cluster'
      readonly cluster: string
      readonly url: string | undefined
      readonly why: string
    } & LearnedWay)
  | ({ readonly kind: 'nowhere'; readonly cause: Cause; readonly why: string } & LearnedWay)
  /** A diverted call whose way leads to a cluster through which it came: that one is asked to send it on. */
  | { readonly kind: 'back'; readonly cluster: string }

/** What a call may still do. */
export interface RoutingScope {
  /** The caller's search order; absent for calls from a trunk, which may reach every partition (a trunk has no search space here). */
  readonly ranks?: PartitionRanks
  /** The caller's AAR calling search space, for PSTN failover; absent where that is over, or not for this cluster to do. */
  readonly aarRanks?: PartitionRanks
  /** The call leaves by PSTN failover. */
  readonly overPstn?: boolean
  /** Clusters that the call has been to before this one. */
  readonly visited: ReadonlySet<string>
  /** The call goes to another number than that with which it came here. */
  readonly diverted?: boolean
  /** How often the call may still be handed on to another cluster. */
  readonly handOnsLeft: number
}

export interface RoutingOptions {
  readonly clusterId: string
  readonly database: Pick<ClusterDatabase, 'lines' | 'dialPlan'>
  readonly phones: Pick<Phones, 'withLine'>
  /** Asked at each call: ILS may be deactivated at any moment. */
  readonly ils: () => Ils | undefined
  readonly destinations: Pick<Destinations, 'find'>
  /** The dial plan of this moment. */
  readonly digitAnalysis: () => DigitAnalysis
  readonly sipRoutes: () => SipRoutes
}

/** Why a call goes somewhere, and what it may do there. */
interface Reason {
  readonly why: string
  readonly scope: RoutingScope
}

/** Decides, for one number at a time; holds no state of its own. */
export class Routing {
  readonly #options: RoutingOptions

  constructor(options: RoutingOptions) {
    this.#options = options
  }

  /**
   * A superuser's number goes where the user is; everything else follows the dial plan. A cluster that was down answers for a
   * superuser's number only when ILS has caught up, because by then a superseded login here is logged out.
   */
  async route(dialled: string, scope: RoutingScope): Promise<Route> {
    const isSuperusers = this.#options.ils()?.locate(dialled) !== undefined && this.#mayReach(dialled, scope.ranks)
    const toUser = isSuperusers ? await this.#toSuperuser(dialled, scope) : undefined
    return toUser ?? this.#byDialPlan(dialled, scope)
  }

  /** To a directory number of this cluster that was dialled by another name: whoever may dial that name reaches the number. */
  async routeToNumber({ dn, partition }: { dn: string; partition: string }, scope: RoutingScope): Promise<Route> {
    return (await this.#toSuperuser(dn, scope)) ?? this.#toPhonesWith(dn, partition)
  }

  /** A number of the PSTN: digit analysis alone, for what was learned of it is the way that has failed. */
  overPstn(number: string, scope: RoutingScope): Route {
    const match = this.#options.digitAnalysis().analyse(number, scope.ranks)
    return match === undefined ? unallocated(number) : this.#to(number, match, scope)
  }

  async #toSuperuser(dn: string, scope: RoutingScope): Promise<Route | undefined> {
    const ils = this.#options.ils()
    if (ils?.locate(dn) === undefined) return undefined
    const freshness = await ils.caughtUp()
    const location = this.#options.ils()?.locate(dn)
    if (location === undefined) return undefined
    if (location.cluster === this.#options.clusterId) return this.#toPhonesOf(location)
    const why = `ILS, ${location.source}${freshness === 'stale' ? ', stale' : ''}`
    return this.#toCluster(location.cluster, this.#addressOf(location.cluster), { why, scope })
  }

  /** A number learned through ILS is in the partition of the local number if there is one; else everybody may call it (our choice). */
  #mayReach(dn: string, ranks: PartitionRanks | undefined): boolean {
    if (ranks === undefined) return true
    const local = this.#options.database.lines.find(dn)
    return local.length === 0 || local.some(({ partition }) => ranks.has(partition))
  }

  #toPhonesOf({ dn, source, deviceNames }: LearnedLocation): Route {
    const sharing = this.#options.phones.withLine(dn)
    // Logged out everywhere: the phones at home that carry the number as their own line.
    if (source === 'home') return { kind: 'phones', phones: sharing }
    const loggedIn = new Set(deviceNames.map((name) => name.toUpperCase()))
    return { kind: 'phones', phones: sharing.filter(({ deviceName }) => loggedIn.has(deviceName.toUpperCase())) }
  }

  #byDialPlan(dialled: string, scope: RoutingScope): Route {
    const destination = this.#options.destinations.find(dialled, scope.ranks)
    return destination === undefined ? this.#nowhere(dialled) : this.#to(dialled, destination, scope)
  }

  /** Says so where the number was learned and only the caller's search space is in the way: people wonder where it is otherwise. */
  #nowhere(dialled: string): Route {
    const barred = this.#options.ils()?.learned.matchNumber(dialled)?.route
    if (barred === undefined) return unallocated(dialled)
    const why = `learned from ${barred.cluster} in ${barred.partition}, which is no partition of the caller's (1)`
    return { kind: 'nowhere', cause: Cause.unallocated, why }
  }

  #to(dialled: string, destination: Destination, scope: RoutingScope): Route {
    switch (destination.kind) {
      case 'line':
        return this.#toPhonesWith(dialled, destination.partition)
      case 'alternate':
        return destination
      case 'routePattern':
        return this.#toTrunk(destination.trunk, { why: `route pattern ${destination.pattern}`, scope })
      case 'host':
        return this.#bySipRoute(destination.host, { why: '', scope }) ?? unallocated(dialled)
      case 'learned': {
        const { learned } = destination
        const { pstnFailover } = learned
        return { ...this.#toLearned(learned, scope), ...(pstnFailover !== undefined && { pstnFailover }) }
      }
    }
  }

  #toPhonesWith(dn: string, partition: string): Route {
    const phones = this.#options.phones.withLine(dn)
    return { kind: 'phones', phones: phones.filter(({ lines }) => hasLine(lines, dn, partition)), partition }
  }

  /** By its route string; without a SIP route pattern for it to the cluster itself, whose address ILS knows (our choice). */
  #toLearned({ cluster, catalog, routeString }: LearnedRoute, scope: RoutingScope): Route {
    const imported = catalog === undefined ? '' : `, catalog ${catalog}`
    const why = `learned from ${cluster}${imported}, route string ${routeString || '<None>'}`
    const route = this.#bySipRoute(routeString, { why: `${why}, `, scope })
    if (route !== undefined) return route
    // What a catalog names is beyond ILS: the cluster that imported it does not have it.
    if (catalog === undefined) return this.#toCluster(cluster, this.#addressOf(cluster), { why, scope })
    return { kind: 'nowhere', cause: Cause.networkOutOfOrder, why: `no SIP route pattern (${why}) (38)` }
  }

  /** Undefined where no SIP route pattern matches. */
  #bySipRoute(name: string, { why, scope }: Reason): Route | undefined {
    const found = this.#options.sipRoutes().match(name, scope.ranks)
    if (found === undefined) return undefined
    if (found !== 'barred')
      return this.#toTrunk(found.trunk, { why: `${why}SIP route pattern ${found.pattern}`, scope })
    return {
      kind: 'nowhere',
      cause: Cause.unallocated,
      why: `${why}the SIP route pattern for ${name} is in no partition of the caller's (1)`,
    }
  }

  #toTrunk(name: string, { why, scope }: Reason): Route {
    const trunk = this.#options.database.dialPlan.trunks().find((one) => one.name === name)
    if (trunk !== undefined) {
      return this.#toCluster(trunk.remoteCluster, this.#urlOf(trunk), { why: `${why}, trunk ${trunk.name}`, scope })
    }
    return { kind: 'nowhere', cause: Cause.networkOutOfOrder, why: `${why} names the unknown trunk ${name} (38)` }
  }

  #toCluster(cluster: string, url: string | undefined, { why, scope }: Reason): Route {
    if (scope.diverted === true && scope.visited.has(cluster)) return { kind: 'back', cluster }
    // Two clusters that each believe the other has the user would hand the call on for ever.
    if (cluster === this.#options.clusterId || scope.visited.has(cluster)) {
      return { kind: 'nowhere', cause: Cause.temporaryFailure, why: `loop: ${cluster} has had this call (41)` }
    }
    if (scope.handOnsLeft <= 0) {
      return { kind: 'nowhere', cause: Cause.temporaryFailure, why: 'handed on too often (41)' }
    }
    return { kind: 'cluster', cluster, url, why: `routed to ${cluster} (${why})` }
  }

  /** A trunk with a URL; else what ILS learned, also where no trunk is configured at all (our choice: ILS already knows both ends). */
  #addressOf(cluster: string): string | undefined {
    const trunks = this.#options.database.dialPlan.trunks().filter(({ remoteCluster }) => remoteCluster === cluster)
    return trunks.find(({ url }) => url !== '')?.url ?? this.#options.ils()?.addressOf(cluster)
  }

  #urlOf(trunk: Trunk): string | undefined {
    return trunk.url === '' ? this.#options.ils()?.addressOf(trunk.remoteCluster) : trunk.url
  }

  /** For calls back to a cluster that called us: the same order, then the address that its own message gave. */
  urlOf(cluster: string, given: string | undefined): string | undefined {
    return this.#addressOf(cluster) ?? given
  }
}

function unallocated(dialled: string): Route {
  return { kind: 'nowhere', cause: Cause.unallocated, why: `no pattern matches ${dialled} (1)` }
}

function hasLine(lines: RegisteredPhone['lines'], dn: string, partition: string): boolean {
  return lines.some((line) => line.dn === dn && line.partition === partition)
}
