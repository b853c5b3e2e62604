// What a lab file may say of a cluster's global dial plan; the shapes are those of its seed.
import { Type } from 'typebox'
import { choice, flag, list, object, optionalText, text } from './lab-device-schema.ts'

const rule = object({
  use: Type.Union(
    ["Don't Use PSTN Failover", 'Use Pattern as PSTN Failover', 'Strip Digits and Prepend Digits'].map((word) =>
      Type.Literal(word),
    ),
  ),
  stripDigits: Type.Optional(Type.Integer({ minimum: 0, maximum: 64 })),
  prependDigits: optionalText,
})
const alternateNumber = Type.Optional(
  object({ mask: text('a number mask, e.g. 8555XXXX'), partition: optionalText, advertise: flag }),
)
const oneOf = <const Words extends readonly string[]>(words: Words) =>
  Type.Union(words.map((word) => Type.Literal(word)))

/** Under `globalDialPlan` of a cluster. */
export const globalDialPlan = object({
  learnedPartitions: Type.Optional(
    object({
      enterpriseNumbers: optionalText,
      e164Numbers: optionalText,
      enterprisePatterns: optionalText,
      e164Patterns: optionalText,
    }),
  ),
  numbers: list({
    dn: text('a directory number'),
    partition: optionalText,
    enterpriseAlternateNumber: alternateNumber,
    e164AlternateNumber: alternateNumber,
    advertisedFailover: choice(['None', 'Enterprise Alternate Number', '+E.164 Alternate Number']),
    directoryUris: Type.Optional(
      Type.Array(object({ uri: text('a URI user@host'), partition: optionalText, advertise: flag }), {
        maxItems: 5,
        description: 'at most five URIs',
      }),
    ),
  }),
  advertisedPatterns: list({
    pattern: text('a pattern'),
    description: optionalText,
    type: oneOf(['Enterprise Number Pattern', 'E.164 Number Pattern']),
    failover: Type.Optional(rule),
  }),
  catalogs: list({
    name: text('a name'),
    description: optionalText,
    routeString: text('a route string'),
    entries: list({
      type: oneOf(['Directory URI', 'Enterprise Number', 'E.164 Number', 'Enterprise Pattern', 'E.164 Pattern']),
      pattern: text('a URI, number or pattern'),
      failover: Type.Optional(Type.Union([Type.String({ description: 'a number' }), rule])),
    }),
  }),
  blockedLearnedPatterns: list({
    description: optionalText,
    pattern: optionalText,
    prefix: optionalText,
    clusterId: optionalText,
    patternType: choice(['Any', 'Enterprise Pattern', '+E.164 Pattern']),
  }),
  sipRoutePatterns: list({ pattern: text('a SIP route pattern'), partition: optionalText, trunk: text('a trunk') }),
})
