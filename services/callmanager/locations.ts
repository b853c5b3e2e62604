import type { ClusterDatabase } from '../database/api.ts'
import type { Ils, LearnedLocation } from '../ils/api.ts'
import type { CallParty } from './api.ts'
import type { DigitAnalysis } from './digit-analysis/digit-analysis.ts'
import type { Phones } from './phones.ts'

/** Where a number is, superuser's or not. `userId` is empty where nobody is known. */
export type NumberLocation = LearnedLocation

export interface LocationsOptions {
  readonly clusterId: string
  readonly database: Pick<ClusterDatabase, 'dialPlan'>
  readonly phones: Pick<Phones, 'withLine' | 'registeredLines'>
  readonly ils: () => Ils | undefined
  readonly digitAnalysis: () => DigitAnalysis
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

  /** ILS first, then the phones here, then the dial plan; undefined when nothing matches. */
  locate(dn: string): NumberLocation | undefined {
    return this.#options.ils()?.locate(dn) ?? this.#here(dn) ?? this.#byDialPlan(dn)
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

  /** `home`: no phone shows the number, so it is where the dial plan has it, here or behind a trunk. */
  #byDialPlan(dn: string): NumberLocation | undefined {
    const { clusterId, database, digitAnalysis, dialPlanSince } = this.#options
    const match = digitAnalysis().analyse(dn)
    if (match === undefined) return undefined
    const trunk = match.kind === 'routePattern' ? match.trunk : undefined
    const remote = database.dialPlan.trunks().find(({ name }) => name === trunk)?.remoteCluster
    const cluster = trunk === undefined ? clusterId : remote
    if (cluster === undefined) return undefined
    return { dn, userId: '', cluster, deviceNames: [], source: 'home', since: dialPlanSince() }
  }
}
