import { Type } from 'typebox'
import type { Static } from 'typebox'
import { AdvertisedPatternType } from '../../database/api.ts'
import type { AdvertisedPattern } from '../../database/api.ts'
import { Role } from '../../service.ts'
import type { Door, ServiceApp, ServiceContext } from '../../service.ts'
import { notFound } from '../change.ts'
import { listOf, nothing, text } from '../fields.ts'
import { changeDialPlan } from './dial-plan-change.ts'
import { failover, readFailover, root, strict, tags } from './fields.ts'

const path = `${root}/advertised-patterns`

const pattern = Type.String({
  minLength: 1,
  maxLength: 64,
  description: 'Pattern for a range of numbers; an E.164 pattern begins with `+` or `\\+`, which is how it is stored',
  examples: ['\\+1408555XXXX'],
})
const changeable = {
  description: text('Free text', 'All of San Jose'),
  type: Type.Enum(Object.values(AdvertisedPatternType), { description: 'Pattern Type' }),
  failover,
}
const PatternView = Type.Unsafe<AdvertisedPattern>(Type.Object({ pattern, ...changeable }))
const optional = Type.Partial(Type.Object(changeable)).properties
const NewPattern = Type.Object({ ...optional, pattern, type: changeable.type }, strict)
const PatternChanges = Type.Object(optional, strict)
const OnePattern = Type.Object({ pattern: text('Advertised pattern', '54XXX') })
const read = { access: 'role', role: Role.readOnly } as const
const write = { access: 'role', role: Role.administer } as const

/** Advertised Patterns: each stands for a range of this cluster's numbers at those who learn it; this cluster never routes by it. */
export function registerAdvertisedPatternRoutes(app: ServiceApp, { context }: Door<object>): void {
  registerReading(app, context)
  app.post(
    path,
    {
      config: write,
      schema: { tags, summary: 'Advertise a pattern', body: NewPattern, response: { 201: PatternView } },
    },
    async (request, reply) => {
      const added = await addPattern(context, request.body)
      return reply
        .code(201)
        .header('location', `${path}/${encodeURIComponent(added.pattern)}`)
        .send(added)
    },
  )
  app.patch(
    `${path}/:pattern`,
    {
      config: write,
      schema: {
        tags,
        summary: 'Change an advertised pattern',
        params: OnePattern,
        body: PatternChanges,
        response: { 200: PatternView },
      },
    },
    async (request) => {
      const { failover: given, ...rest } = request.body
      const changes = { ...rest, ...(given && { failover: readFailover(given) }) }
      return changePattern(context, () => {
        const { pattern: known } = findPattern(context, request.params.pattern)
        return context.use('database').globalDialPlan.updateAdvertisedPattern(known, changes)
      })
    },
  )
  app.delete(
    `${path}/:pattern`,
    {
      config: write,
      schema: { tags, summary: 'Advertise a pattern no longer', params: OnePattern, response: nothing },
    },
    async (request, reply) => {
      await changePattern(context, () => {
        const known = findPattern(context, request.params.pattern)
        context.use('database').globalDialPlan.removeAdvertisedPattern(known.pattern)
        return known
      })
      return reply.code(204).send(null)
    },
  )
}

function registerReading(app: ServiceApp, context: ServiceContext): void {
  app.get(
    path,
    { config: read, schema: { tags, summary: 'All advertised patterns', response: { 200: listOf(PatternView) } } },
    async () => context.use('database').globalDialPlan.advertisedPatterns(),
  )
  app.get(
    `${path}/:pattern`,
    {
      config: read,
      schema: { tags, summary: 'One advertised pattern', params: OnePattern, response: { 200: PatternView } },
    },
    async (request) => findPattern(context, request.params.pattern),
  )
}

function addPattern(context: ServiceContext, given: Static<typeof NewPattern>): Promise<AdvertisedPattern> {
  const { description = '', failover: asked = { use: "Don't Use PSTN Failover" }, ...rest } = given
  const wanted = { ...rest, description, failover: readFailover(asked) }
  return changePattern(context, () => context.use('database').globalDialPlan.insertAdvertisedPattern(wanted))
}

function changePattern(context: ServiceContext, work: () => AdvertisedPattern): Promise<AdvertisedPattern> {
  return changeDialPlan(context, work, (changed) => ({ part: 'pattern', pattern: changed.pattern }))
}

/** As it is stored, or as people write it with a bare plus in front. */
function findPattern(context: ServiceContext, id: string): AdvertisedPattern {
  const wanted = id.startsWith('+') ? `\\${id}` : id
  const found = context.use('database').globalDialPlan.advertisedPattern(wanted)
  if (found === undefined) throw notFound('advertised pattern', id)
  return found
}
