// Global dial plan data as ILS records. `ils-sync` carries them without knowing what they mean.
import { Type } from 'typebox'
import type { Static } from 'typebox'

/** The kinds of records that count as learned objects at those who receive them; the key is the URI, number or pattern. */
export const ObjectKind = {
  directoryUri: 'directory-uri',
  enterpriseNumber: 'enterprise-number',
  e164Number: 'e164-number',
  enterprisePattern: 'enterprise-pattern',
  e164Pattern: 'e164-pattern',
} as const
export type ObjectKind = (typeof ObjectKind)[keyof typeof ObjectKind]

/** One record per origin says how its objects are reached: kind `dial-plan`, key `route-string`. */
export const routeStringKind = 'dial-plan'
export const routeStringKey = 'route-string'
export const RouteStringValue = Type.Object({ routeString: Type.String() })
export type RouteStringValue = Static<typeof RouteStringValue>

/** Value of an object; short, for there may be a million of them. */
export const ObjectValue = Type.Object({
  /** PSTN failover: of a number or URI what to dial; of a pattern `{s, p}`: strip so many digits, then prepend these. Absent: none. */
  f: Type.Optional(
    Type.Union([Type.String(), Type.Object({ s: Type.Integer({ minimum: 0, maximum: 64 }), p: Type.String() })]),
  ),
  /** Imported catalog: its name and its own route string, in place of the origin's. */
  c: Type.Optional(Type.Tuple([Type.String(), Type.String()])),
})
export type ObjectValue = Static<typeof ObjectValue>
