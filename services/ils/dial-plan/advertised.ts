// What this cluster's own dial plan says to others, as records: pure, one source at a time.
import type { AdvertisedNumber, AdvertisedPattern, Catalog, CatalogEntry, PatternFailover } from '../../database/api.ts'
import { AdvertisedFailover, AdvertisedPatternType, CatalogEntryType } from '../../database/api.ts'
import { ObjectKind, routeStringKey, routeStringKind } from './records.ts'
import type { ObjectValue, RouteStringValue } from './records.ts'

/** One record to be. */
export interface Advertised {
  readonly kind: string
  readonly key: string
  readonly value: ObjectValue | RouteStringValue
}

/** What is checked to be advertised (Advertise Globally via ILS) of one directory number. */
export function advertisedOfNumber(number: AdvertisedNumber): readonly Advertised[] {
  const { enterpriseAlternateNumber: enterprise, e164AlternateNumber: e164, directoryUris } = number
  const value = withFailover(failoverOf(number))
  const all: Advertised[] = []
  if (enterprise?.advertise) all.push({ kind: ObjectKind.enterpriseNumber, key: enterprise.number, value })
  if (e164?.advertise) all.push({ kind: ObjectKind.e164Number, key: e164.number, value })
  for (const { uri, advertise } of directoryUris) {
    if (advertise) all.push({ kind: ObjectKind.directoryUri, key: uri, value })
  }
  return all
}

export function advertisedOfPattern({ pattern, type, failover }: AdvertisedPattern): readonly Advertised[] {
  const kind = type === AdvertisedPatternType.e164 ? ObjectKind.e164Pattern : ObjectKind.enterprisePattern
  return [{ kind, key: pattern, value: withFailover(rewriteOf(failover)) }]
}

export const kindOfEntry: Readonly<Record<CatalogEntryType, ObjectKind>> = {
  [CatalogEntryType.directoryUri]: ObjectKind.directoryUri,
  [CatalogEntryType.enterpriseNumber]: ObjectKind.enterpriseNumber,
  [CatalogEntryType.e164Number]: ObjectKind.e164Number,
  [CatalogEntryType.enterprisePattern]: ObjectKind.enterprisePattern,
  [CatalogEntryType.e164Pattern]: ObjectKind.e164Pattern,
}

/** Every entry names its catalog and the catalog's route string, which stands in place of this cluster's own. */
export function* advertisedOfCatalog(
  { name, routeString }: Catalog,
  entries: Iterable<CatalogEntry>,
): Generator<Advertised> {
  for (const { type, pattern, failover } of entries) {
    const rewrite = typeof failover === 'string' ? failover || undefined : rewriteOf(failover)
    yield { kind: kindOfEntry[type], key: pattern, value: { ...withFailover(rewrite), c: [name, routeString] } }
  }
}

export function advertisedRouteString(routeString: string): readonly Advertised[] {
  return routeString === '' ? [] : [{ kind: routeStringKind, key: routeStringKey, value: { routeString } }]
}

/** The number that others dial over the PSTN; that it is advertised itself is not needed. */
function failoverOf(number: AdvertisedNumber): string | undefined {
  switch (number.advertisedFailover) {
    case AdvertisedFailover.enterprise:
      return number.enterpriseAlternateNumber?.number
    case AdvertisedFailover.e164:
      return number.e164AlternateNumber?.number
    default:
      return undefined
  }
}

/** "Use Pattern as PSTN Failover" is what was dialled, unchanged: nothing stripped, nothing prepended. */
function rewriteOf(failover: PatternFailover): ObjectValue['f'] {
  switch (failover.use) {
    case 'Use Pattern as PSTN Failover':
      return { s: 0, p: '' }
    case 'Strip Digits and Prepend Digits':
      return { s: failover.stripDigits, p: failover.prependDigits }
    default:
      return undefined
  }
}

function withFailover(f: ObjectValue['f']): ObjectValue {
  return f === undefined ? {} : { f }
}
