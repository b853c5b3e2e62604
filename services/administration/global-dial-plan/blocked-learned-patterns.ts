import { Type } from 'typebox'
import type { BlockingRule } from '../../database/api.ts'
import { Role } from '../../service.ts'
import type { Door, ServiceApp, ServiceContext } from '../../service.ts'
import { notFound } from '../change.ts'
import { listOf, nothing, text } from '../fields.ts'
import { changeDialPlan } from './dial-plan-change.ts'
import { root, strict, tags } from './fields.ts'

const path = `${root}/blocked-learned-patterns`

const members = {
  description: text('Free text', 'Premium numbers'),
  pattern: Type.String({
    maxLength: 64,
    description: 'Learned number or pattern that is spelled like this; empty = any',
    examples: ['8555XXXX'],
  }),
  prefix: Type.String({
    maxLength: 65,
    description: 'Learned numbers and patterns that begin with this; empty = any',
    examples: ['+1900'],
  }),
  clusterId: Type.String({
    maxLength: 50,
    description: 'Cluster it was learned from; empty = any',
    examples: ['cluster2'],
  }),
  patternType: Type.Enum(['Any', 'Enterprise Pattern', '+E.164 Pattern'], { description: 'Pattern Type' }),
}
const RuleView = Type.Unsafe<BlockingRule>(Type.Object({ id: Type.String({ format: 'uuid' }), ...members }))
const RuleMembers = Type.Partial(Type.Object(members), strict)
const OneRule = Type.Object({ id: Type.String({ format: 'uuid', description: 'Blocking rule' }) })

const unlimited = { description: '', pattern: '', prefix: '', clusterId: '', patternType: 'Any' } as const

/** Block Learned Numbers and Patterns: checked before a call is routed to a learned destination. */
export function registerBlockedLearnedPatternRoutes(app: ServiceApp, { context }: Door<object>): void {
  const read = { access: 'role', role: Role.readOnly } as const
  const write = { access: 'role', role: Role.administer } as const

  app.get(
    path,
    { config: read, schema: { tags, summary: 'All blocking rules', response: { 200: listOf(RuleView) } } },
    async () => context.use('database').globalDialPlan.blockingRules(),
  )
  app.post(
    path,
    {
      config: write,
      schema: {
        tags,
        summary: 'Block learned numbers and patterns by pattern, prefix, cluster, or several of them together',
        body: RuleMembers,
        response: { 201: RuleView },
      },
    },
    async (request, reply) => {
      const rule = { ...unlimited, ...request.body }
      const added = await changeUse(context, () => context.use('database').globalDialPlan.insertBlockingRule(rule))
      return reply.code(201).header('location', `${path}/${added.id}`).send(added)
    },
  )
  app.patch(
    `${path}/:id`,
    {
      config: write,
      schema: {
        tags,
        summary: 'Change a blocking rule',
        params: OneRule,
        body: RuleMembers,
        response: { 200: RuleView },
      },
    },
    async (request) =>
      changeUse(context, () =>
        context.use('database').globalDialPlan.updateBlockingRule(request.params.id, request.body),
      ),
  )
  app.delete(
    `${path}/:id`,
    { config: write, schema: { tags, summary: 'Delete a blocking rule', params: OneRule, response: nothing } },
    async (request, reply) => {
      const { id } = request.params
      await changeUse(context, () => {
        const isGone = context.use('database').globalDialPlan.removeBlockingRule(id)
        if (!isGone) throw notFound('blocking rule', id)
      })
      return reply.code(204).send(null)
    },
  )
}

function changeUse<T>(context: ServiceContext, work: () => T): Promise<T> {
  return changeDialPlan(context, work, () => ({ part: 'use' }))
}
