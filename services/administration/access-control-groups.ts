import { Type } from 'typebox'
import type { AccessControlGroup, EndUser } from '../database/api.ts'
import { Role } from '../service.ts'
import type { Door, ServiceApp, ServiceContext } from '../service.ts'
import { change, notFound } from './change.ts'
import { listOf, nothing, text } from './fields.ts'
import { tellIls } from './superuser-notice.ts'

const path = '/api/v1/access-control-groups'
const tags = ['access-control-groups']

const groupName = text('Access control group', 'Standard EM Roaming Across Clusters Super Users')
const GroupView = Type.Unsafe<AccessControlGroup>(
  Type.Object({
    name: groupName,
    roles: Type.Array(Type.String()),
    members: Type.Array(Type.String(), { description: 'User IDs of end users', examples: [['bob']] }),
  }),
)
const OneGroup = Type.Object({ name: groupName })
const OneMember = Type.Object({ name: groupName, userId: text('User ID', 'bob') })

/** Access control groups; membership in `Standard EM Roaming Across Clusters Super Users` makes a superuser. */
export function registerAccessControlGroupRoutes(app: ServiceApp, { context }: Door<object>): void {
  const read = { access: 'role', role: Role.readOnly } as const
  const write = { access: 'role', role: Role.administer } as const

  app.get(
    path,
    { config: read, schema: { tags, summary: 'All access control groups', response: { 200: listOf(GroupView) } } },
    async () => context.use('database').accessControlGroups.list(),
  )
  app.get(
    `${path}/:name`,
    {
      config: read,
      schema: { tags, summary: 'One access control group', params: OneGroup, response: { 200: GroupView } },
    },
    async (request) => findGroup(context, request.params.name),
  )
  app.put(
    `${path}/:name/members/:userId`,
    { config: write, schema: { tags, summary: 'Add an end user to a group', params: OneMember, response: nothing } },
    async (request, reply) => {
      await addMember(context, request.params.name, request.params.userId)
      return reply.code(204).send(null)
    },
  )
  app.delete(
    `${path}/:name/members/:userId`,
    {
      config: write,
      schema: { tags, summary: 'Take an end user out of a group', params: OneMember, response: nothing },
    },
    async (request, reply) => {
      await removeMember(context, request.params.name, request.params.userId)
      return reply.code(204).send(null)
    },
  )
}

/** Of a member already there nothing changes, and nobody is told. */
function addMember(context: ServiceContext, group: string, userId: string): Promise<void> {
  const { accessControlGroups, endUsers } = context.use('database')
  return change(context, () => {
    const { name } = findGroup(context, group)
    const before = findUser(context, userId)
    if (before.groups.includes(name)) return
    accessControlGroups.addMember(name, before.userId)
    tellIls(context, before, endUsers.find(before.userId))
  })
}

function removeMember(context: ServiceContext, group: string, userId: string): Promise<void> {
  const { accessControlGroups, endUsers } = context.use('database')
  return change(context, () => {
    const { name } = findGroup(context, group)
    const before = findUser(context, userId)
    if (!accessControlGroups.removeMember(name, before.userId)) throw notFound(`member of ${name} called`, userId)
    tellIls(context, before, endUsers.find(before.userId))
  })
}

function findGroup(context: ServiceContext, name: string): AccessControlGroup {
  const group = context.use('database').accessControlGroups.find(name)
  if (group === undefined) throw notFound('access control group', name)
  return group
}

function findUser(context: ServiceContext, id: string): EndUser {
  const user = context.use('database').endUsers.find(id)
  if (user === undefined) throw notFound('user', id)
  return user
}
