// What a dialled number or URI means here: numbers and patterns of this cluster, alternate numbers, and what was learned through ILS.
import type { AdvertisedNumber, ClusterDatabase } from '../database/api.ts'
import type { Ils, LearnedRoute } from '../ils/api.ts'
import { hostOf, isUri } from './destination.ts'
import type { Closeness, DigitAnalysis, Match, PartitionRanks } from './digit-analysis/digit-analysis.ts'
import { compareCloseness, rankOf } from './digit-analysis/digit-analysis.ts'
import type { SipRoutes } from './digit-analysis/sip-routes.ts'

export type Destination =
  | Match
  /** Another name of a directory number of this cluster; `partition` is that of the directory number, `why` the hop's words. */
  | { readonly kind: 'alternate'; readonly dn: string; readonly partition: string; readonly why: string }
  | { readonly kind: 'learned'; readonly learned: LearnedRoute }
  /** A URI that nobody knows: its host decides. */
  | { readonly kind: 'host'; readonly host: string }

export interface DestinationsOptions {
  readonly database: Pick<ClusterDatabase, 'globalDialPlan'>
  /** Asked at each call: ILS may be deactivated at any moment. */
  readonly ils: () => Ils | undefined
  /** The dial plan of this moment. */
  readonly digitAnalysis: () => DigitAnalysis
  readonly sipRoutes: () => SipRoutes
}

type Candidate = Closeness & { readonly destination: Destination }

/** Nothing is copied: alternate numbers are looked up in the database and learned ones in ILS, each when somebody dials. */
export class Destinations {
  readonly #options: DestinationsOptions

  constructor(options: DestinationsOptions) {
    this.#options = options
  }

  /** The closest match; without `ranks`, for calls from a trunk, every partition counts. */
  find(dialled: string, ranks?: PartitionRanks): Destination | undefined {
    return isUri(dialled) ? this.#byUri(dialled, ranks) : this.#byNumber(dialled, ranks)
  }

  /** Local numbers and patterns before learned ones where both are equally close and equally early in the search order. */
  #byNumber(digits: string, ranks: PartitionRanks | undefined): Destination | undefined {
    let best = this.#localMatch(digits, ranks)
    if (best !== undefined && isUnbeatable(best, ranks)) return best.destination
    for (const one of [this.#alternate(digits, ranks), this.#learned(digits, ranks)]) {
      if (one !== undefined && (best === undefined || compareCloseness(one, best) < 0)) best = one
    }
    return best?.destination
  }

  #localMatch(digits: string, ranks: PartitionRanks | undefined): Candidate | undefined {
    const found = this.#options.digitAnalysis().closest(digits, ranks)
    return found && { destination: found.match, numbers: found.numbers, rank: found.rank }
  }

  /** Whoever calls from here needs a local partition to find it in; other clusters have learned it, so calls from a trunk always do. */
  #alternate(digits: string, ranks: PartitionRanks | undefined): Candidate | undefined {
    let best: Candidate | undefined
    for (const number of this.#options.database.globalDialPlan.findAlternate(digits)) {
      for (const partition of partitionsOf(number, digits)) {
        if (ranks !== undefined && (partition === undefined || !ranks.has(partition))) continue
        const why = `${digits} is an alternate number of ${number.dn}`
        const destination = { kind: 'alternate', dn: number.dn, partition: number.partition, why } as const
        const one = { destination, numbers: 1n, rank: rankBehindLines(partition ?? '', ranks) }
        if (best === undefined || compareCloseness(one, best) < 0) best = one
      }
    }
    return best
  }

  #learned(digits: string, ranks: PartitionRanks | undefined): Candidate | undefined {
    const found = this.#options.ils()?.learned.matchNumber(digits, ranks)
    if (found === undefined) return undefined
    const { route: learned, numbers } = found
    return { destination: { kind: 'learned', learned }, numbers, rank: rankBehindLines(learned.partition, ranks) }
  }

  #byUri(uri: string, ranks: PartitionRanks | undefined): Destination | undefined {
    const own = this.#ownUri(uri, ranks)
    if (own !== undefined) return own
    const learned = this.#options.ils()?.learned.matchUri(uri)
    if (learned !== undefined) return { kind: 'learned', learned }
    const host = hostOf(uri)
    return this.#options.sipRoutes().match(host, ranks) === undefined ? undefined : { kind: 'host', host }
  }

  #ownUri(uri: string, ranks: PartitionRanks | undefined): Destination | undefined {
    const reachable = this.#options.database.globalDialPlan
      .findUri(uri)
      .filter((one) => ranks === undefined || ranks.has(one.uri.partition))
      .sort((a, b) => rankOf(a.uri.partition, ranks) - rankOf(b.uri.partition, ranks))
    const [first] = reachable
    if (first === undefined) return undefined
    const { dn, partition } = first
    return { kind: 'alternate', dn, partition, why: `${uri} is a directory URI of ${dn}` }
  }
}

/** Of the alternate numbers spelled like this; undefined = in no local partition. */
function partitionsOf(number: AdvertisedNumber, digits: string): readonly (string | undefined)[] {
  return [number.enterpriseAlternateNumber, number.e164AlternateNumber]
    .filter((alternate) => alternate?.number === digits)
    .map((alternate) => alternate?.partition)
}

/** A number of this cluster where nothing is searched before it: most calls. */
function isUnbeatable({ numbers, rank }: Closeness, ranks: PartitionRanks | undefined): boolean {
  return numbers === 1n && (ranks === undefined || rank === 0)
}

/** A call from a trunk has no search order: of equally close matches this cluster's own numbers and patterns come first. */
function rankBehindLines(partition: string, ranks: PartitionRanks | undefined): number {
  return ranks === undefined ? Number.MAX_SAFE_INTEGER : rankOf(partition, ranks)
}
