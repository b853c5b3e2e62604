// What a seed may say of the global dial plan. The advertised route string is not here: it belongs to ILS.
import { Type } from 'typebox'
import type { Static } from 'typebox'
import { AdvertisedFailover, AdvertisedPatternType, CatalogEntryType } from './dial-plan-api.ts'
import { DialledNumber, Name, strict, Text } from './seed-values.ts'

const Rule = strict({
  use: Type.Enum(["Don't Use PSTN Failover", 'Use Pattern as PSTN Failover', 'Strip Digits and Prepend Digits']),
  stripDigits: Type.Optional(Type.Integer({ minimum: 0, maximum: 64 })),
  prependDigits: Type.Optional(Text),
})

const AlternateNumber = strict({
  mask: DialledNumber,
  /** Add to Local Route Partition; empty = <None>, left out = not added. */
  partition: Type.Optional(Text),
  advertise: Type.Optional(Type.Boolean()),
})

const Uri = strict({ uri: Name, partition: Type.Optional(Text), advertise: Type.Optional(Type.Boolean()) })

const SeedAdvertisedNumber = strict({
  dn: DialledNumber,
  partition: Type.Optional(Text),
  enterpriseAlternateNumber: Type.Optional(AlternateNumber),
  e164AlternateNumber: Type.Optional(AlternateNumber),
  advertisedFailover: Type.Optional(Type.Enum(AdvertisedFailover)),
  directoryUris: Type.Optional(Type.Array(Uri)),
})

const SeedCatalog = strict({
  name: Name,
  description: Type.Optional(Text),
  routeString: Text,
  entries: Type.Optional(
    Type.Array(
      strict({
        type: Type.Enum(CatalogEntryType),
        pattern: Text,
        /** Number to dial over the PSTN; of a pattern its rule. */
        failover: Type.Optional(Type.Union([Text, Rule])),
      }),
    ),
  ),
})

export const SeedGlobalDialPlan = strict({
  learnedPartitions: Type.Optional(
    strict({
      enterpriseNumbers: Type.Optional(Name),
      e164Numbers: Type.Optional(Name),
      enterprisePatterns: Type.Optional(Name),
      e164Patterns: Type.Optional(Name),
    }),
  ),
  numbers: Type.Optional(Type.Array(SeedAdvertisedNumber)),
  advertisedPatterns: Type.Optional(
    Type.Array(
      strict({
        pattern: Name,
        description: Type.Optional(Text),
        type: Type.Enum(AdvertisedPatternType),
        failover: Type.Optional(Rule),
      }),
    ),
  ),
  catalogs: Type.Optional(Type.Array(SeedCatalog)),
  blockedLearnedPatterns: Type.Optional(
    Type.Array(
      strict({
        description: Type.Optional(Text),
        pattern: Type.Optional(Text),
        prefix: Type.Optional(Text),
        clusterId: Type.Optional(Text),
        patternType: Type.Optional(Type.Enum(['Any', 'Enterprise Pattern', '+E.164 Pattern'])),
      }),
    ),
  ),
  sipRoutePatterns: Type.Optional(Type.Array(strict({ pattern: Text, partition: Type.Optional(Text), trunk: Name }))),
})
export type SeedGlobalDialPlan = Static<typeof SeedGlobalDialPlan>
