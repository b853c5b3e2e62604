import { Type } from 'typebox'
import { Problem } from '../problem.ts'
import type { Door, ServiceApp } from '../service.ts'
import { Role } from '../service.ts'
import type { Call } from './api.ts'
import { Presentation } from './api.ts'
import type { CallProcessing } from './call-processing.ts'
import { longestDestination, normalizeDestination } from './destination.ts'
import type { NumberLocation } from './locations.ts'
import { callIdSchema, CauseSchema, DestinationSchema, HopSchema, PartySchema } from './trunk/messages.ts'

const tags = ['Cisco CallManager']
const readOnly = { access: 'role', role: Role.readOnly } as const
const administer = { access: 'role', role: Role.administer } as const

/** Blank and undialable texts are let through: they are answered with 422 and a sentence. */
const dialled = (description: string, examples: readonly string[], maxLength = 128) =>
  Type.String({ maxLength, description, examples: [...examples] })

const NewCall = Type.Object(
  {
    from: dialled('Device name or directory number of the phone that dials', ['3000001']),
    to: dialled(
      'Dialled digits, of which separators such as - are left out; or a directory URI',
      ['1000-001', 'bob@cluster1.example'],
      longestDestination,
    ),
    lineIndex: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 200, description: 'Button of the line that dials, where a phone does' }),
    ),
    presentation: Type.Optional(
      Type.Enum(Presentation, { description: 'Calling Line ID Presentation: may the called phone show who calls?' }),
    ),
    connectedPresentation: Type.Optional(
      Type.Enum(Presentation, {
        description: 'Connected Line ID Presentation: may the calling phone show who answers?',
      }),
    ),
  },
  { additionalProperties: false },
)

const timestamp = Type.String({ format: 'date-time', examples: ['2026-11-21T07:00:00.000Z'] })

const display = Type.Optional(
  Type.String({
    description: 'What the other side’s phone shows, where it is a phone here',
    examples: ['Kally (3000001)'],
  }),
)
const { dn: _number, ...calledPhone } = PartySchema.properties
const CallerSchema = Type.Object({ ...PartySchema.properties, display })
/** The number or URI is there from the start, the rest as far as the call got. */
const CalledSchema = Type.Object({
  ...Type.Partial(Type.Object(calledPhone)).properties,
  dn: DestinationSchema,
  display,
})

/** A call as it is told. */
export const CallView = Type.Object({
  id: callIdSchema,
  state: Type.Enum(['ringing', 'connected', 'failed', 'ended'], { examples: ['connected'] }),
  cause: Type.Optional(CauseSchema),
  causeText: Type.Optional(Type.String({ examples: ['normal clearing'] })),
  from: CallerSchema,
  to: CalledSchema,
  divertedBy: Type.Optional(
    Type.Array(Type.String(), { description: 'Numbers that diverted the call, the dialled one first' }),
  ),
  presentation: Type.Optional(Type.Enum(Presentation)),
  connectedPresentation: Type.Optional(Type.Enum(Presentation)),
  heldBy: Type.Optional(Type.Array(Type.String(), { description: 'Phones here that hold the call' })),
  intercom: Type.Optional(Type.Literal(true)),
  hops: Type.Array(HopSchema, { description: 'The call’s way through all clusters, in order' }),
  startedAt: timestamp,
  endedAt: Type.Optional(timestamp),
})

/** Mirrors `LearnedRoute` of ILS. */
const LearnedView = Type.Object(
  {
    kind: Type.Enum(['directory-uri', 'enterprise-number', 'e164-number', 'enterprise-pattern', 'e164-pattern']),
    pattern: Type.String({ examples: ['8100XXXX'] }),
    partition: Type.String({ description: 'Empty for URIs', examples: ['Global Learned Enterprise Patterns'] }),
    cluster: Type.String({ description: 'From which it was learned', examples: ['cluster1'] }),
    routeString: Type.String({ examples: ['cluster1.example'] }),
    catalog: Type.Optional(Type.String({ description: 'Imported Global Dial Plan Catalog' })),
    pstnFailover: Type.Optional(Type.String({ examples: ['+14085550001'] })),
  },
  { description: 'How it was learned: of numbers, patterns and URIs of the global dial plan' },
)

const LocationView = Type.Object({
  dn: Type.String({ examples: ['1000001'] }),
  dialled: Type.Optional(
    Type.String({ description: 'The alternate number or URI that was asked for', examples: ['81000001'] }),
  ),
  userId: Type.String({ description: 'Empty where nobody is known', examples: ['bob'] }),
  cluster: Type.String({ examples: ['cluster2'] }),
  deviceNames: Type.Array(Type.String(), { examples: [['SEP000000020003']] }),
  source: Type.Enum(['local', 'learned', 'home'], { examples: ['learned'] }),
  since: timestamp,
  learned: Type.Optional(LearnedView),
})

const OneCall = Type.Object({ id: callIdSchema })
const OneNumber = Type.Object({
  dn: dialled(
    'Directory number, alternate number or directory URI',
    ['1000001', 'bob@cluster1.example'],
    longestDestination,
  ),
})
const AllCalls = Type.Object(
  {
    all: Type.Enum(['true', 'false'], { default: 'false', description: 'Also the last 1000 calls that are over' }),
  },
  { additionalProperties: false },
)

/** The JSON door of calls: `calls` and `calls/{id}`. */
export function registerCallRoutes(app: ServiceApp, door: Door<CallProcessing>): void {
  app.post(
    '/api/v1/calls',
    {
      config: administer,
      schema: { tags, summary: 'Dial, and wait for the outcome', body: NewCall, response: { 201: CallView } },
    },
    async ({ body: { from, to, ...dialling } }, reply) =>
      reply.code(201).send(asCallView(await door.api().control.place(from, to, dialling))),
  )

  app.get(
    '/api/v1/calls',
    {
      config: readOnly,
      schema: {
        tags,
        summary: 'Calls of this cluster',
        querystring: AllCalls,
        response: { 200: Type.Array(CallView) },
      },
    },
    async ({ query }) => {
      const { calls } = door.api()
      const asked = query.all === 'true' ? calls.all() : calls.active().map((call) => call.snapshot())
      return asked.map(asCallView)
    },
  )

  app.get(
    '/api/v1/calls/:id',
    { config: readOnly, schema: { tags, summary: 'One call', params: OneCall, response: { 200: CallView } } },
    async ({ params }) => asCallView(door.api().calls.get(params.id) ?? unknownCall(params.id)),
  )

  app.delete(
    '/api/v1/calls/:id',
    {
      config: administer,
      schema: {
        tags,
        summary: 'Release a call, from whichever side; nothing happens when it is over already',
        params: OneCall,
        response: { 204: Type.Null({ description: 'Released on both sides' }) },
      },
    },
    async ({ params }, reply) => {
      if (!door.api().control.release(params.id)) unknownCall(params.id)
      return reply.code(204).send(null)
    },
  )
}

/** The JSON door of numbers: `locations` and `locations/{dn}`. */
export function registerLocationRoutes(app: ServiceApp, door: Door<CallProcessing>): void {
  app.get(
    '/api/v1/locations',
    {
      config: readOnly,
      schema: {
        tags,
        summary: 'All superusers’ numbers, and those that phones here show',
        response: { 200: Type.Array(LocationView) },
      },
    },
    async () => door.api().locations.list().map(asLocationView),
  )

  app.get(
    '/api/v1/locations/:dn',
    {
      config: readOnly,
      schema: { tags, summary: 'Where a number or URI is now', params: OneNumber, response: { 200: LocationView } },
    },
    async ({ params }) => {
      const dn = normalizeDestination(params.dn)
      const location = dn === undefined ? undefined : door.api().locations.locate(dn)
      if (location !== undefined) return asLocationView(location)
      throw new Problem({ status: 404, title: 'Number unknown', detail: `No pattern matches "${params.dn}" here.` })
    },
  )
}

// Answers own their arrays: the schemas' types are writable, ours are not.
/** For the answer: a copy whose lists are the answer's own. */
export function asCallView({ divertedBy, heldBy, ...call }: Call) {
  return {
    ...call,
    hops: [...call.hops],
    ...(divertedBy && { divertedBy: [...divertedBy] }),
    ...(heldBy && { heldBy: [...heldBy] }),
  }
}

function asLocationView(location: NumberLocation) {
  return { ...location, deviceNames: [...location.deviceNames] }
}

function unknownCall(id: string): never {
  throw new Problem({ status: 404, title: 'Call unknown', detail: `This cluster has no call ${id}, and none lately.` })
}
