// What two CallManagers say to each other. HTTPS with both sides authenticated; every message is checked by these schemas on arrival.
import { Type } from 'typebox'
import type { Static } from 'typebox'
import { Presentation } from '../api.ts'
import { longestAction } from '../calls.ts'
import { allCauses } from '../causes.ts'

const clusterName = (description: string) =>
  Type.String({ minLength: 1, maxLength: 64, description, examples: ['cluster3'] })
const dialled = (description: string) =>
  Type.String({ pattern: '^\\+?[0-9A-D*#]{1,64}$', description, examples: ['1000001'] })
/** A cluster of release 0.2 knows no URIs and refuses the message. */
const destination = (description: string) =>
  Type.String({
    maxLength: 254,
    pattern: `^(?:\\+?[0-9A-D*#]{1,64}|[a-z0-9!$&*_+~=\\\\?'.,/()%-]{1,47}@[a-z0-9-]{1,63}(?:\\.[a-z0-9-]{1,63})*)$`,
    description,
    examples: ['1000001'],
  })
const timestamp = Type.String({
  minLength: 20,
  maxLength: 40,
  description: 'ISO 8601',
  examples: ['2026-11-21T07:00:00.000Z'],
})

/** What is dialled, or where a call is sent on to. */
export const DestinationSchema = destination('Digits, or a directory URI')

/** Mirrors `Hop` of api.ts. */
export const HopSchema = Type.Object(
  {
    cluster: clusterName('Where it happened'),
    action: Type.String({ maxLength: longestAction, examples: ['routed to cluster2 (ILS, learned)'] }),
    at: timestamp,
  },
  { additionalProperties: false },
)

/** Mirrors `CallParty` of api.ts. */
export const PartySchema = Type.Object(
  {
    cluster: clusterName('Where the phone is registered'),
    deviceName: Type.Optional(Type.String({ maxLength: 128, examples: ['SEP000000030001'] })),
    userId: Type.Optional(Type.String({ maxLength: 128, examples: ['kally'] })),
    dn: dialled('The phone’s line'),
    name: Type.Optional(Type.String({ maxLength: 255, description: 'Display (Caller ID)', examples: ['Kally'] })),
  },
  { additionalProperties: false },
)

export const CauseSchema = Type.Enum([...allCauses], { description: 'Q.850', examples: [16] })

/** Calls have the same id at every cluster that has a part of them. */
export const callIdSchema = Type.String({
  pattern: '^[A-Za-z0-9-]{1,64}$',
  description: 'The call’s id',
  examples: ['9f0e'],
})

/** Calling or connected line ID presentation. */
export const PresentationSchema = Type.Enum(Presentation, { examples: ['restricted'] })

/** Longest chain of diversions of one call. */
export const mostDiversions = 12

const divertedBy = Type.Array(dialled('A number that diverted the call'), { maxItems: mostDiversions })

/** Longest list of hops that travels; four hand-ons with ringing phones and all diversions stay far below. */
const mostHops = 64

/** `POST /intercluster/v1/calls`: set a call up. */
export const SetupSchema = Type.Object(
  {
    id: callIdSchema,
    sender: Type.Object(
      {
        cluster: clusterName('Must be the name in the client’s certificate'),
        https: Type.Optional(
          Type.String({
            maxLength: 300,
            pattern: '^https://',
            description: 'Where the sender is reached, if nobody else knows',
          }),
        ),
      },
      { additionalProperties: false },
    ),
    from: PartySchema,
    to: destination('Dialled digits, normalised, or a directory URI in lower case'),
    hops: Type.Array(HopSchema, { minItems: 1, maxItems: mostHops }),
    presentation: Type.Optional(PresentationSchema),
    divertedBy: Type.Optional(divertedBy),
    handOnsLeft: Type.Integer({
      minimum: 0,
      maximum: 16,
      description: 'How often the call may still go on to another cluster',
    }),
  },
  { additionalProperties: false },
)
export type SetupMessage = Static<typeof SetupSchema>

/** The answer, when ringing is over; `hops` are those that were added behind the trunk. */
export const SetupAnswerSchema = Type.Union([
  Type.Object({
    state: Type.Literal('connected'),
    to: PartySchema,
    hops: Type.Array(HopSchema, { maxItems: mostHops }),
  }),
  Type.Object({
    state: Type.Literal('failed'),
    cause: CauseSchema,
    hops: Type.Array(HopSchema, { maxItems: mostHops }),
  }),
  // The call was diverted to a cluster through which it came: that one shall send it there itself.
  Type.Object({
    state: Type.Literal('returned'),
    to: destination('Where the call shall go'),
    divertedBy,
    hops: Type.Array(HopSchema, { maxItems: mostHops }),
  }),
])
export type SetupAnswer = Static<typeof SetupAnswerSchema>

/** `POST /intercluster/v1/calls/{id}/release`. */
export const ReleaseSchema = Type.Object(
  { cause: CauseSchema, hop: Type.Optional(HopSchema) },
  { additionalProperties: false },
)
export type ReleaseMessage = Static<typeof ReleaseSchema>

/** `GET /intercluster/v1/supervision`: the watcher says how often, in milliseconds, it wants to hear from us. */
export const SupervisionQuerySchema = Type.Object(
  {
    intervalMs: Type.String({
      pattern: '^[1-9][0-9]{1,4}$',
      default: '1000',
      description: 'Milliseconds between lines',
      examples: ['1000'],
    }),
  },
  { additionalProperties: false },
)
