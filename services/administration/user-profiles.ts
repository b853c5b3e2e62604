import { Type } from 'typebox'
import type { UserProfile } from '../database/api.ts'
import { Problem } from '../problem.ts'
import { Role } from '../service.ts'
import type { Door, ServiceApp, ServiceContext } from '../service.ts'
import { commit, notFound } from './change.ts'
import { listOf, name, nothing, text } from './fields.ts'

const path = '/api/v1/user-profiles'
const tags = ['user-profiles']

const profileName = name('User profile name', 'Hot desking')
const changeable = {
  maySetMaximumLoginTime: Type.Boolean({
    description: 'Allow End User to set their Extension Mobility maximum login time',
  }),
}
const strict = { additionalProperties: false }
const ProfileView = Type.Object({ name: profileName, ...changeable }, strict)
const ProfileChanges = Type.Partial(Type.Object(changeable), strict)
const NewProfile = Type.Object({ name: profileName, ...Type.Partial(Type.Object(changeable)).properties }, strict)
const OneProfile = Type.Object({ name: text('User profile name', 'Hot desking') })

/** User profiles: what users may set for themselves. */
export function registerUserProfileRoutes(app: ServiceApp, { context }: Door<object>): void {
  const read = { access: 'role', role: Role.readOnly } as const
  const write = { access: 'role', role: Role.administer } as const

  app.get(
    path,
    { config: read, schema: { tags, summary: 'All user profiles', response: { 200: listOf(ProfileView) } } },
    async () => context.use('database').userProfiles.list(),
  )
  app.get(
    `${path}/:name`,
    { config: read, schema: { tags, summary: 'One user profile', params: OneProfile, response: { 200: ProfileView } } },
    async (request) => findProfile(context, request.params.name),
  )
  app.post(
    path,
    {
      config: write,
      schema: { tags, summary: 'Add a user profile', body: NewProfile, response: { 201: ProfileView } },
    },
    async (request, reply) => {
      const profile = { maySetMaximumLoginTime: false, ...request.body }
      await commit(context, () => context.use('database').userProfiles.insert(profile))
      return reply
        .code(201)
        .header('location', `${path}/${encodeURIComponent(profile.name)}`)
        .send(profile)
    },
  )
  app.patch(
    `${path}/:name`,
    {
      config: write,
      schema: {
        tags,
        summary: 'Change a user profile',
        params: OneProfile,
        body: ProfileChanges,
        response: { 200: ProfileView },
      },
    },
    async (request) =>
      commit(context, () => {
        const { name: known } = findProfile(context, request.params.name)
        return context.use('database').userProfiles.update(known, request.body)
      }),
  )
  app.delete(
    `${path}/:name`,
    {
      config: write,
      schema: { tags, summary: 'Delete a user profile that no user has', params: OneProfile, response: nothing },
    },
    async (request, reply) => {
      await commit(context, () => removeProfile(context, request.params.name))
      return reply.code(204).send(null)
    },
  )
}

function removeProfile(context: ServiceContext, id: string): void {
  const { userProfiles, endUsers } = context.use('database')
  const { name: known } = findProfile(context, id)
  const user = endUsers.list().find((one) => one.userProfile === known)
  if (user !== undefined) {
    const detail = `${user.userId} has the user profile ${known}; give them another one first.`
    throw new Problem({ status: 409, title: 'In use', detail })
  }
  userProfiles.remove(known)
}

function findProfile(context: ServiceContext, id: string): UserProfile {
  const profile = context.use('database').userProfiles.find(id)
  if (profile === undefined) throw notFound('user profile', id)
  return profile
}
