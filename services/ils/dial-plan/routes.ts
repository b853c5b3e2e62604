// Learned Numbers, Learned Patterns, Learned Directory URIs of Call Routing > Global Dial Plan Replication, over JSON.
import { Type } from 'typebox'
import type { Static } from 'typebox'
import { Role } from '../../service.ts'
import type { Access, Door, ServiceApp } from '../../service.ts'
import type { Ils, LearnedPage, LearnedRoute } from '../api.ts'
import { ObjectKind } from './records.ts'

const access: Access = { access: 'role', role: Role.readOnly }

const LearnedObjectView = Type.Object({
  kind: Type.Enum(Object.values(ObjectKind)),
  pattern: Type.String({ description: 'Number, pattern or URI, as it was learned' }),
  cluster: Type.String({ description: 'The cluster that calls go to: of several the one learned first' }),
  partition: Type.String({ description: 'Learned partition; empty for directory URIs, which everybody may dial' }),
  routeString: Type.String(),
  catalog: Type.Optional(Type.String({ description: 'Imported catalog that it comes from' })),
  pstnFailover: Type.Optional(
    Type.Union([Type.String(), Type.Object({ stripDigits: Type.Integer(), prependDigits: Type.String() })], {
      description: 'What to dial over the PSTN when the way fails; of a pattern how to make it of what was dialled',
    }),
  ),
  duplicates: Type.Array(Type.String(), {
    description: 'Further clusters that claim it, in the order they would take over',
  }),
  blocked: Type.Boolean({ description: 'A rule of Block Learned Numbers and Patterns names it' }),
})

const LearnedPageView = Type.Object({
  total: Type.Integer({ description: 'How many fit the query' }),
  objects: Type.Array(LearnedObjectView),
})

const Query = Type.Object(
  {
    cluster: Type.Optional(Type.String({ maxLength: 50, description: 'Only what this cluster advertises' })),
    contains: Type.Optional(Type.String({ maxLength: 256, description: 'Part of the number, pattern or URI' })),
    // Texts, as all of a query: nothing is coerced at the doors.
    offset: Type.String({ pattern: String.raw`^\d{1,7}$`, default: '0', description: 'How many to pass over' }),
    limit: Type.String({
      pattern: String.raw`^([1-9]\d{0,2}|1000)$`,
      default: '100',
      description: 'How many at most: 1 to 1000',
    }),
  },
  { additionalProperties: false },
)

const lists: Readonly<Record<string, { readonly summary: string; readonly kinds: readonly LearnedRoute['kind'][] }>> = {
  numbers: { summary: 'Learned Numbers', kinds: [ObjectKind.enterpriseNumber, ObjectKind.e164Number] },
  patterns: { summary: 'Learned Patterns', kinds: [ObjectKind.enterprisePattern, ObjectKind.e164Pattern] },
  'directory-uris': { summary: 'Learned Directory URIs', kinds: [ObjectKind.directoryUri] },
}

export function registerLearnedRoutes(app: ServiceApp, door: Door<Ils>): void {
  for (const [name, { summary, kinds }] of Object.entries(lists)) {
    app.get(
      `/api/v1/global-dial-plan/learned/${name}`,
      {
        config: access,
        schema: { tags: ['global-dial-plan'], summary, querystring: Query, response: { 200: LearnedPageView } },
      },
      ({ query: { offset, limit, ...filters } }) =>
        toAnswer(door.api().learnedObjects({ kinds, ...filters, offset: Number(offset), limit: Number(limit) })),
    )
  }
}

/** As the schema wants it, whose arrays are mutable. */
function toAnswer({ total, objects }: LearnedPage): Static<typeof LearnedPageView> {
  return { total, objects: objects.map((one) => ({ ...one, duplicates: [...one.duplicates] })) }
}
