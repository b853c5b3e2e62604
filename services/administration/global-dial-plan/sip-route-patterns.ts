import { Type } from 'typebox'
import type { SipRoutePattern } from '../../database/api.ts'
import { Role } from '../../service.ts'
import type { Door, ServiceApp } from '../../service.ts'
import { notFound } from '../change.ts'
import { listOf, name, nothing, text } from '../fields.ts'
import { changeRouting } from './dial-plan-change.ts'
import { root, strict, tags } from './fields.ts'

const path = `${root}/sip-route-patterns`

const pattern = Type.String({
  minLength: 1,
  maxLength: 255,
  description:
    'Route string or host: labels of letters, digits and dashes with dots between, `*` as the first one for any; nothing but digits between two dashes is refused',
  examples: ['cluster2.roamline.example'],
})
const partition = text('Route partition; empty = <None>', '')
const members = { pattern, partition, trunk: name('SIP trunk', 'to-cluster2') }
const PatternView = Type.Unsafe<SipRoutePattern>(Type.Object(members))
const NewPattern = Type.Object({ pattern, trunk: members.trunk, partition: Type.Optional(partition) }, strict)
const OnePattern = Type.Object({ pattern: text('SIP route pattern', 'cluster2.roamline.example') })
const InPartition = Type.Object({ partition: Type.Optional(partition) }, strict)

/** SIP Route Pattern: through which trunk the clusters of a route string, or the hosts of URIs, are reached. */
export function registerSipRoutePatternRoutes(app: ServiceApp, { context }: Door<object>): void {
  const read = { access: 'role', role: Role.readOnly } as const
  const write = { access: 'role', role: Role.administer } as const

  app.get(
    path,
    { config: read, schema: { tags, summary: 'All SIP route patterns', response: { 200: listOf(PatternView) } } },
    async () => context.use('database').globalDialPlan.sipRoutePatterns(),
  )
  app.post(
    path,
    {
      config: write,
      schema: { tags, summary: 'Add a SIP route pattern', body: NewPattern, response: { 201: PatternView } },
    },
    async (request, reply) => {
      const wanted = { partition: '', ...request.body }
      const added = await changeRouting(context, () =>
        context.use('database').globalDialPlan.insertSipRoutePattern(wanted),
      )
      return reply
        .code(201)
        .header('location', `${path}/${encodeURIComponent(added.pattern)}`)
        .send(added)
    },
  )
  app.delete(
    `${path}/:pattern`,
    {
      config: write,
      schema: {
        tags,
        summary: 'Delete a SIP route pattern',
        params: OnePattern,
        querystring: InPartition,
        response: nothing,
      },
    },
    async (request, reply) => {
      const { partition: of = '' } = request.query
      await changeRouting(context, () => {
        const isGone = context.use('database').globalDialPlan.removeSipRoutePattern(request.params.pattern, of)
        if (!isGone) throw notFound('SIP route pattern', `${request.params.pattern}${of && ` in ${of}`}`)
      })
      return reply.code(204).send(null)
    },
  )
}
