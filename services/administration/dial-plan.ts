// Call Routing: partitions, calling search spaces, route patterns and trunks.
import { Type } from 'typebox'
import type { RoutePattern, Trunk } from '../database/api.ts'
import { Problem } from '../problem.ts'
import { Role } from '../service.ts'
import type { Door, ServiceApp, ServiceContext } from '../service.ts'
import { PatternError, parsePattern } from '../wire/pattern.ts'
import { notFound } from './change.ts'
import { listOf, name, names, nothing, text } from './fields.ts'
import { changeRouting } from './global-dial-plan/dial-plan-change.ts'

const tags = ['dial-plan']
const strict = { additionalProperties: false }
const read = { access: 'role', role: Role.readOnly } as const
const write = { access: 'role', role: Role.administer } as const

/** What is there, added and deleted, but never changed: CallManager reads the whole of it after each change. */
export function registerDialPlanRoutes(app: ServiceApp, { context }: Door<object>): void {
  registerPartitions(app, context)
  registerCallingSearchSpaces(app, context)
  registerRoutePatterns(app, context)
  registerTrunks(app, context)
}

const Partition = Type.Object({ name: name('Partition', 'Internal') }, strict)
const OnePartition = Type.Object({ name: text('Partition', 'Internal') })

function registerPartitions(app: ServiceApp, context: ServiceContext): void {
  const path = '/api/v1/partitions'
  app.get(
    path,
    { config: read, schema: { tags, summary: 'All partitions', response: { 200: listOf(Partition) } } },
    async () =>
      plan(context)
        .partitions()
        .map((one) => ({ name: one })),
  )
  app.post(
    path,
    { config: write, schema: { tags, summary: 'Add a partition', body: Partition, response: { 201: Partition } } },
    async (request, reply) => {
      const { name: added } = request.body
      await changeRouting(context, () => plan(context).insertPartition(added))
      return reply
        .code(201)
        .header('location', `${path}/${encodeURIComponent(added)}`)
        .send(request.body)
    },
  )
  app.delete(
    `${path}/:name`,
    {
      config: write,
      schema: { tags, summary: 'Delete a partition that nothing is in', params: OnePartition, response: nothing },
    },
    async (request, reply) => {
      const { name: id } = request.params
      await remove(context, { kind: 'partition', id }, () => plan(context).removePartition(id))
      return reply.code(204).send(null)
    },
  )
}

const Space = Type.Object(
  { name: name('Calling search space', 'Everything'), partitions: names('In order of precedence', 'Internal') },
  strict,
)
const OneSpace = Type.Object({ name: text('Calling search space', 'Everything') })

function registerCallingSearchSpaces(app: ServiceApp, context: ServiceContext): void {
  const path = '/api/v1/calling-search-spaces'
  app.get(
    path,
    { config: read, schema: { tags, summary: 'All calling search spaces', response: { 200: listOf(Space) } } },
    async () =>
      [...plan(context).callingSearchSpaces()].map(([one, partitions]) => ({ name: one, partitions: [...partitions] })),
  )
  app.post(
    path,
    { config: write, schema: { tags, summary: 'Add a calling search space', body: Space, response: { 201: Space } } },
    async (request, reply) => {
      const { name: added, partitions } = request.body
      await changeRouting(context, () => plan(context).insertCallingSearchSpace(added, partitions))
      return reply
        .code(201)
        .header('location', `${path}/${encodeURIComponent(added)}`)
        .send(request.body)
    },
  )
  app.delete(
    `${path}/:name`,
    {
      config: write,
      schema: { tags, summary: 'Delete a calling search space that nothing has', params: OneSpace, response: nothing },
    },
    async (request, reply) => {
      const { name: id } = request.params
      await remove(context, { kind: 'calling search space', id }, () => plan(context).removeCallingSearchSpace(id))
      return reply.code(204).send(null)
    },
  )
}

const partition = text('Route partition; empty = <None>', '')
const routeMembers = { pattern: name('Route pattern', '2XXX', 64), trunk: name('Trunk', 'to-cluster2') }
const RouteView = Type.Unsafe<RoutePattern>(Type.Object({ ...routeMembers, partition }))
const NewRoute = Type.Object({ ...routeMembers, partition: Type.Optional(partition) }, strict)
const OneRoute = Type.Object({ pattern: text('Route pattern', '2XXX') })
const InPartition = Type.Object({ partition: Type.Optional(partition) }, strict)

function registerRoutePatterns(app: ServiceApp, context: ServiceContext): void {
  const path = '/api/v1/route-patterns'
  app.get(
    path,
    { config: read, schema: { tags, summary: 'All route patterns', response: { 200: listOf(RouteView) } } },
    async () => plan(context).routePatterns(),
  )
  app.post(
    path,
    { config: write, schema: { tags, summary: 'Add a route pattern', body: NewRoute, response: { 201: RouteView } } },
    async (request, reply) => {
      const added = { partition: '', ...request.body }
      requirePattern(added.pattern)
      await changeRouting(context, () => plan(context).insertRoutePattern(added))
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
        summary: 'Delete a route pattern',
        params: OneRoute,
        querystring: InPartition,
        response: nothing,
      },
    },
    async (request, reply) => {
      const { pattern: id } = request.params
      const { partition: of = '' } = request.query
      await remove(context, { kind: 'route pattern', id }, () => plan(context).removeRoutePattern(id, of))
      return reply.code(204).send(null)
    },
  )
}

const url = Type.String({
  maxLength: 255,
  pattern: '^(https://.+)?$',
  description: 'HTTPS base URL of the remote cluster; empty = taken from what ILS learns',
  examples: [''],
})
const trunkMembers = {
  name: name('Trunk', 'to-cluster2'),
  remoteCluster: name('Cluster ID at the other end', 'cluster2', 50),
}
const TrunkView = Type.Unsafe<Trunk>(Type.Object({ ...trunkMembers, url }))
const NewTrunk = Type.Object({ ...trunkMembers, url: Type.Optional(url) }, strict)
const OneTrunk = Type.Object({ name: text('Trunk', 'to-cluster2') })

function registerTrunks(app: ServiceApp, context: ServiceContext): void {
  const path = '/api/v1/trunks'
  app.get(
    path,
    { config: read, schema: { tags, summary: 'All intercluster trunks', response: { 200: listOf(TrunkView) } } },
    async () => plan(context).trunks(),
  )
  app.post(
    path,
    {
      config: write,
      schema: { tags, summary: 'Add an intercluster trunk', body: NewTrunk, response: { 201: TrunkView } },
    },
    async (request, reply) => {
      const added = { url: '', ...request.body }
      await changeRouting(context, () => plan(context).insertTrunk(added))
      return reply
        .code(201)
        .header('location', `${path}/${encodeURIComponent(added.name)}`)
        .send(added)
    },
  )
  app.delete(
    `${path}/:name`,
    {
      config: write,
      schema: { tags, summary: 'Delete a trunk that no pattern leaves through', params: OneTrunk, response: nothing },
    },
    async (request, reply) => {
      const { name: id } = request.params
      await remove(context, { kind: 'trunk', id }, () => plan(context).removeTrunk(id))
      return reply.code(204).send(null)
    },
  )
}

function plan(context: ServiceContext) {
  return context.use('database').dialPlan
}

/** 404 where there is nothing to delete. */
function remove(
  context: ServiceContext,
  what: { readonly kind: string; readonly id: string },
  work: () => boolean,
): Promise<void> {
  return changeRouting(context, () => {
    if (!work()) throw notFound(what.kind, what.id)
  })
}

function requirePattern(pattern: string): void {
  try {
    parsePattern(pattern)
  } catch (error) {
    if (!(error instanceof PatternError)) throw error
    throw new Problem({ status: 422, title: 'Not a possible value', detail: error.message }, { cause: error })
  }
}
