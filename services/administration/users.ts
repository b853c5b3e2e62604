import { Type } from 'typebox'
import { CredentialKind } from '../database/api.ts'
import type { EndUser } from '../database/api.ts'
import { Problem } from '../problem.ts'
import { Role } from '../service.ts'
import type { Door, ServiceApp, ServiceContext } from '../service.ts'
import { change } from './change.ts'
import type { Reach } from './change.ts'
import { listOf, nothing, text } from './fields.ts'
import {
  NewUser,
  UserChanges,
  changeUser,
  findUser,
  insertUser,
  maximumLoginTimeMember,
  passwordMembers,
  pinMembers,
  prepareUser,
  removeUser,
  userMembers,
} from './user-changes.ts'

const path = '/api/v1/users'
const tags = ['users']

/** A user, and what may be told of their PIN and password. */
interface UserState extends EndUser {
  readonly pinMustChange: boolean
  readonly pinDoesNotExpire: boolean
  readonly pinCannotChange: boolean
  readonly pinLocked: boolean
  readonly passwordMustChange: boolean
}

const UserView = Type.Unsafe<UserState>(
  Type.Object({
    ...userMembers,
    superuser: Type.Boolean({ description: 'Roams across clusters' }),
    ...pinMembers,
    pinLocked: Type.Boolean({ description: 'Too many wrong PINs, under the credential policy' }),
    ...passwordMembers,
  }),
)
const OneUser = Type.Object({ userId: text('User ID', 'bob') })
const OwnMaximum = Type.Object({ maximumLoginTime: maximumLoginTimeMember }, { additionalProperties: false })

/** End users. Whoever is or becomes a superuser is announced through ILS in the same transaction. */
export function registerUserRoutes(app: ServiceApp, { context }: Door<object>): void {
  const read = { access: 'role', role: Role.readOnly } as const
  const write = { access: 'role', role: Role.administer } as const

  app.get(
    path,
    { config: read, schema: { tags, summary: 'All end users', response: { 200: listOf(UserView) } } },
    async () => {
      const users = context.use('database').endUsers.list()
      return users.map((user) => stateOf(context, user))
    },
  )
  app.get(
    `${path}/:userId`,
    { config: read, schema: { tags, summary: 'One end user', params: OneUser, response: { 200: UserView } } },
    async (request) => stateOf(context, findUser(context, request.params.userId)),
  )
  app.post(
    path,
    { config: write, schema: { tags, summary: 'Add an end user', body: NewUser, response: { 201: UserView } } },
    async (request, reply) => {
      const { userId, ...given } = request.body
      const prepared = await prepareUser(context, given)
      const user = await change(context, () => insertUser(context, request.body, prepared), [])
      reply.code(201).header('location', `${path}/${encodeURIComponent(userId)}`)
      return stateOf(context, user)
    },
  )
  app.patch(
    `${path}/:userId`,
    {
      config: write,
      schema: { tags, summary: 'Change an end user', params: OneUser, body: UserChanges, response: { 200: UserView } },
    },
    async (request) => {
      const { userId: known } = findUser(context, request.params.userId)
      const prepared = await prepareUser(context, request.body)
      const phones = phonesOf(context, known)
      return stateOf(context, await change(context, () => changeUser(context, known, prepared), phones))
    },
  )
  app.delete(
    `${path}/:userId`,
    {
      config: write,
      schema: { tags, summary: 'Delete an end user, who is logged out first', params: OneUser, response: nothing },
    },
    async (request, reply) => {
      await change(context, () => removeUser(context, request.params.userId))
      return reply.code(204).send(null)
    },
  )
  registerSelfCareRoute(app, context)
}

/** Where a change of the user may be seen; whoever logs in meanwhile restarts the phone anyway. */
function phonesOf(context: ServiceContext, userId: string): Reach {
  const logins = context.use('database').logins.of(userId)
  return logins.map(({ deviceName }) => deviceName)
}

/** What the user would set in the Self-Care Portal, under the rule that holds there. */
function registerSelfCareRoute(app: ServiceApp, context: ServiceContext): void {
  app.put(
    `${path}/:userId/maximum-login-time`,
    {
      config: { access: 'role', role: Role.administer },
      schema: {
        tags,
        summary: 'The user sets their own Extension Mobility maximum login time, if their user profile allows it',
        params: OneUser,
        body: OwnMaximum,
        response: { 200: UserView },
      },
    },
    async (request) => {
      const prepared = await prepareUser(context, request.body)
      const user = await change(context, () => {
        requireOwnMaximum(context, findUser(context, request.params.userId))
        return changeUser(context, request.params.userId, prepared)
      })
      return stateOf(context, user)
    },
  )
}

/** "Allow End User to set their Extension Mobility maximum login time" (User Profile Configuration). */
function requireOwnMaximum(context: ServiceContext, { userId, userProfile }: EndUser): void {
  if (userProfile && context.use('database').userProfiles.find(userProfile)?.maySetMaximumLoginTime) return
  const which = userProfile
    ? `the user profile ${userProfile} of ${userId} does`
    : `${userId} has no user profile, so it does`
  const detail = `A user may set their maximum login time when their user profile allows it; ${which} not.`
  throw new Problem({ status: 409, title: 'Not allowed by the user profile', detail })
}

function stateOf(context: ServiceContext, user: EndUser): UserState {
  const { credentials } = context.use('database')
  const pin = credentials.state(user.userId, CredentialKind.pin)
  const password = credentials.state(user.userId, CredentialKind.userPassword)
  return {
    ...user,
    pinMustChange: pin?.mustChange ?? false,
    pinDoesNotExpire: pin?.doesNotExpire ?? false,
    pinCannotChange: pin?.cannotChange ?? false,
    pinLocked: (pin?.lockedUntil ?? 0) > context.clock.now(),
    passwordMustChange: password?.mustChange ?? false,
  }
}
