import type { ClusterDatabase } from '../database/api.ts'
import type { Ils, LearnedLocation, LearnedRoute } from '../ils/api.ts'
import type { CallParty } from './api.ts'
import type { Destination, Destinations } from './destinations.ts'
import type { SipRoutes } from './digit-analysis/sip-routes.ts'
import type { Phones } from './phones.ts'

/** Where a number is, superuser's or not. `userId` is empty where nobody is known. */
export interface NumberLocation extends LearnedLocation {
  /** What was asked for, where `dn` is the number that it stands for. */
  readonly dialled?: string
  /** How a learned number, pattern or URI was learned. */
  readonly learned?: LearnedRoute
}

export interface LocationsOptions {
  readonly clusterId: string
  readonly database: Pick<ClusterDatabase, 'dialPlan'>
  readonly phones: Pick<Phones, 'withLine' | 'registeredLines'>
  readonly ils: () => Ils | undefined
  readonly destinations: Pick<Destinations, 'find'>
  readonly sipRoutes: () => SipRoutes
  readonly party: (deviceName: string, dn: string) => CallParty
  /** ISO 8601 of when the dial plan was last read: the age of what follows from it alone. */
  readonly dialPlanSince: () => string
}

/** Answers where numbers are, as routing would see it without a caller's restrictions. */
export class Locations {
  readonly #options: LocationsOptions

  constructor(options: LocationsOptions) {
    this.#options = options
  }

  /** Of a number or a URI: ILS first, then the phones here, then the dial plan; undefined when nothing matches. */
  locate(dialled: string): NumberLocation | undefined {
    return this.#ofUser(dialled) ?? this.#byDialPlan(dialled)
  }

  #ofUser(dn: string): NumberLocation | undefined {
    return this.#options.ils()?.locate(dn) ?? this.#here(dn)
  }

  /** All superusers' numbers and all that phones here show, by number. */
  list(): readonly NumberLocation[] {
    const learned = this.#options.ils()?.locations() ?? []
    const known = new Set(learned.map(({ dn }) => dn))
    const here = this.#options.phones
      .registeredLines()
      .filter((dn) => !known.has(dn))
      .map((dn) => this.#here(dn))
      .filter((location) => location !== undefined)
    return [...learned, ...here].sort((a, b) => (a.dn < b.dn ? -1 : 1))
  }

  #here(dn: string): NumberLocation | undefined {
    const { clusterId, phones, party } = this.#options
    const [first, ...others] = phones.withLine(dn)
    if (first === undefined) return undefined
    return {
      dn,
      userId: party(first.deviceName, dn).userId ?? '',
      cluster: clusterId,
      deviceNames: [first, ...others].map(({ deviceName }) => deviceName),
      source: 'local',
      since: new Date(first.since).toISOString(),
    }
  }

  #byDialPlan(dialled: string): NumberLocation | undefined {
    const destination = this.#options.destinations.find(dialled)
    if (destination === undefined) return undefined
    if (destination.kind === 'alternate') {
      const { dn } = destination
      return { ...(this.#ofUser(dn) ?? this.#somewhere(dn, this.#options.clusterId)), dialled }
    }
    if (destination.kind === 'learned') {
      const { learned } = destination
      return { ...this.#somewhere(dialled, learned.cluster), source: 'learned', learned }
    }
    const cluster = this.#clusterOf(destination)
    return cluster === undefined ? undefined : this.#somewhere(dialled, cluster)
  }

  #clusterOf(destination: Exclude<Destination, { kind: 'alternate' | 'learned' }>): string | undefined {
    const { clusterId, database, sipRoutes } = this.#options
    if (destination.kind === 'line') return clusterId
    const route = destination.kind === 'host' ? sipRoutes().match(destination.host) : destination
    // Nobody is barred who does not call.
    const trunk = route === 'barred' ? undefined : route?.trunk
    return database.dialPlan.trunks().find(({ name }) => name === trunk)?.remoteCluster
  }

  /** `home`: no phone shows the number, so it is where the dial plan has it, here or behind a trunk. */
  #somewhere(dn: string, cluster: string): NumberLocation {
    return { dn, userId: '', cluster, deviceNames: [], source: 'home', since: this.#options.dialPlanSince() }
  }
}
