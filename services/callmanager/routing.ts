// Where a number is to be sent: the call routing table of Extension Mobility Roaming Across Clusters, then the dial plan.
import type { ClusterDatabase, Trunk } from '../database/api.ts'
import type { Ils, LearnedLocation } from '../ils/api.ts'
import { Cause } from './api.ts'
import type { DigitAnalysis, PartitionRanks } from './digit-analysis/digit-analysis.ts'
import type { Phones, RegisteredPhone } from './phones.ts'

export type Route =
  /** `partition` is absent where ILS knows the number; it need not be that of a line here. */
  | { readonly kind: 'phones'; readonly phones: readonly RegisteredPhone[]; readonly partition?: string }
  /** `url` is absent when nobody has told us where that cluster is. `why` is the hop's words. */
  | { readonly kind: 'cluster'; readonly cluster: string; readonly url: string | undefined; readonly why: string }
  | { readonly kind: 'nowhere'; readonly cause: Cause; readonly why: string }
  /** A diverted call whose way leads to a cluster through which it came: that one is asked to send it on. */
  | { readonly kind: 'back'; readonly cluster: string }

/** What a call may still do. */
export interface RoutingScope {
  /** The caller's search order; absent for calls from a trunk, which may reach every partition (a trunk has no search space here). */
  readonly ranks?: PartitionRanks
  /** Clusters that the call has been to before this one. */
  readonly visited: ReadonlySet<string>
  /** The call has been diverted since it came here. */
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
  /** The dial plan of this moment. */
  readonly digitAnalysis: () => DigitAnalysis
}

/** Decides, for one number at a time; holds no state of its own. */
export class Routing {
  readonly #options: RoutingOptions

  constructor(options: RoutingOptions) {
    this.#options = options
  }

  /**
   * A superuser's number goes where the user is; everything else follows digit analysis. A cluster that was down answers for a
   * superuser's number only when ILS has caught up, because by then a superseded login here is logged out.
   */
  async route(dn: string, scope: RoutingScope): Promise<Route> {
    const ils = this.#options.ils()
    if (ils?.locate(dn) === undefined || !this.#mayReach(dn, scope.ranks)) return this.#byDigits(dn, scope)
    const freshness = await ils.caughtUp()
    const location = this.#options.ils()?.locate(dn)
    if (location === undefined) return this.#byDigits(dn, scope)
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

  #byDigits(dn: string, scope: RoutingScope): Route {
    const match = this.#options.digitAnalysis().analyse(dn, scope.ranks)
    if (match === undefined) return { kind: 'nowhere', cause: Cause.unallocated, why: `no pattern matches ${dn} (1)` }
    if (match.kind === 'line') {
      const phones = this.#options.phones.withLine(dn)
      const { partition } = match
      return { kind: 'phones', phones: phones.filter(({ lines }) => hasLine(lines, dn, partition)), partition }
    }
    const trunk = this.#options.database.dialPlan.trunks().find(({ name }) => name === match.trunk)
    if (trunk === undefined) {
      const why = `route pattern ${match.pattern} names the unknown trunk ${match.trunk} (38)`
      return { kind: 'nowhere', cause: Cause.networkOutOfOrder, why }
    }
    const why = `route pattern ${match.pattern}, trunk ${trunk.name}`
    return this.#toCluster(trunk.remoteCluster, this.#urlOf(trunk), { why, scope })
  }

  #toCluster(
    cluster: string,
    url: string | undefined,
    { why, scope }: { readonly why: string; readonly scope: RoutingScope },
  ): Route {
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

function hasLine(lines: RegisteredPhone['lines'], dn: string, partition: string): boolean {
  return lines.some((line) => line.dn === dn && line.partition === partition)
}
