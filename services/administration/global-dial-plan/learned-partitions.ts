import { Type } from 'typebox'
import type { LearnedPartitions } from '../../database/api.ts'
import { Role } from '../../service.ts'
import type { Door, ServiceApp, ServiceContext } from '../../service.ts'
import { name } from '../fields.ts'
import { changeDialPlan } from './dial-plan-change.ts'
import { root, strict, tags } from './fields.ts'

const members = {
  enterpriseNumbers: name('Partition for Enterprise Alternate Numbers', 'Global Learned Enterprise Numbers'),
  e164Numbers: name('Partition for E.164 Alternate Numbers', 'Global Learned E.164 Numbers'),
  enterprisePatterns: name('Partition for Enterprise Patterns', 'Global Learned Enterprise Patterns'),
  e164Patterns: name('Partition for E.164 Patterns', 'Global Learned E.164 Patterns'),
}
const PartitionsView = Type.Unsafe<LearnedPartitions>(Type.Object(members))
const PartitionChanges = Type.Partial(Type.Object(members), strict)

/** Partitions for Learned Numbers and Patterns: who has them in the calling search space may dial what ILS has learned. */
export function registerLearnedPartitionRoutes(app: ServiceApp, { context }: Door<object>): void {
  app.get(
    `${root}/learned-partitions`,
    {
      config: { access: 'role', role: Role.readOnly },
      schema: { tags, summary: 'Partitions for learned numbers and patterns', response: { 200: PartitionsView } },
    },
    async () => context.use('database').globalDialPlan.learnedPartitions(),
  )
  app.patch(
    `${root}/learned-partitions`,
    {
      config: { access: 'role', role: Role.administer },
      schema: {
        tags,
        summary: 'Put what is learned into other partitions; never into <None>',
        body: PartitionChanges,
        response: { 200: PartitionsView },
      },
    },
    async (request) => changePartitions(context, request.body),
  )
}

function changePartitions(context: ServiceContext, given: Partial<LearnedPartitions>): Promise<LearnedPartitions> {
  const work = () => context.use('database').globalDialPlan.setLearnedPartitions(given)
  return changeDialPlan(context, work, () => ({ part: 'use' }))
}
