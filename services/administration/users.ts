import { Type } from 'typebox'
import type { Static } from 'typebox'
import { CredentialKind } from '../database/api.ts'
import type { EndUser, StoredCredential } from '../database/api.ts'
import { CredentialHasherBusy } from '../database/credential-hasher.ts'
import { Problem } from '../problem.ts'
import { Role } from '../service.ts'
import type { Door, ServiceApp, ServiceContext } from '../service.ts'
import { change, notFound } from './change.ts'
import { endLogins } from './end-logins.ts'
import { listOf, nothing, name, names, readDirectoryNumber, text } from './fields.ts'
import { tellIls } from './superuser-notice.ts'

const path = '/api/v1/users'
const tags = ['users']

const members = {
  lastName: name('Last name', 'Builder'),
  firstName: text('First name', 'Bob'),
  displayName: text('Display name', 'Bob'),
  homeCluster: Type.Boolean({ description: 'Home Cluster: this cluster is the user’s home' }),
  primaryExtension: text('Primary extension; empty if none', '1000001'),
  selfServiceUserId: text('Self-service user ID; empty if none', '1000001'),
  deviceProfiles: names('Controlled device profiles', 'bob-profile'),
  defaultProfile: text('Default device profile; empty if none', 'bob-profile'),
  groups: names('Access control groups', 'Standard CCM End Users'),
}
const userId = Type.String({
  minLength: 1,
  maxLength: 128,
  pattern: '^\\S+$',
  description: 'User ID',
  examples: ['bob'],
})
const pin = Type.String({
  minLength: 1,
  maxLength: 128,
  pattern: '\\S',
  writeOnly: true,
  description: 'Kept as a slow salted hash only, never told',
  examples: ['12345'],
})

const UserView = Type.Unsafe<EndUser>(
  Type.Object({ userId, ...members, superuser: Type.Boolean({ description: 'Roams across clusters' }) }),
)
const optional = Type.Partial(Type.Object({ ...members, pin })).properties
const strict = { additionalProperties: false }
const NewUser = Type.Object({ ...optional, userId, lastName: members.lastName }, strict)
const UserChanges = Type.Object(optional, strict)
const OneUser = Type.Object({ userId: text('User ID', 'bob') })

/** End users. Whoever is or becomes a superuser is announced through ILS in the same transaction. */
export function registerUserRoutes(app: ServiceApp, door: Door<object>): void {
  const { context } = door
  const read = { access: 'role', role: Role.readOnly } as const
  const write = { access: 'role', role: Role.administer } as const

  app.get(
    path,
    { config: read, schema: { tags, summary: 'All end users', response: { 200: listOf(UserView) } } },
    async () => context.use('database').endUsers.list(),
  )
  app.get(
    `${path}/:userId`,
    { config: read, schema: { tags, summary: 'One end user', params: OneUser, response: { 200: UserView } } },
    async (request) => findUser(context, request.params.userId),
  )
  app.post(
    path,
    { config: write, schema: { tags, summary: 'Add an end user', body: NewUser, response: { 201: UserView } } },
    async (request, reply) => {
      const user = await addUser(context, request.body)
      return reply
        .code(201)
        .header('location', `${path}/${encodeURIComponent(user.userId)}`)
        .send(user)
    },
  )
  app.patch(
    `${path}/:userId`,
    {
      config: write,
      schema: { tags, summary: 'Change an end user', params: OneUser, body: UserChanges, response: { 200: UserView } },
    },
    async (request) => changeUser(context, request.params.userId, request.body),
  )
  app.delete(
    `${path}/:userId`,
    {
      config: write,
      schema: { tags, summary: 'Delete an end user, who is logged out first', params: OneUser, response: nothing },
    },
    async (request, reply) => {
      await removeUser(context, request.params.userId)
      return reply.code(204).send(null)
    },
  )
}

async function addUser(context: ServiceContext, { pin: secret, ...user }: Static<typeof NewUser>): Promise<EndUser> {
  const { endUsers, credentials } = context.use('database')
  const hash = await hashPin(context, secret)
  return change(context, () => {
    const added = endUsers.insert(stored(user))
    if (hash !== undefined) credentials.set(added.userId, CredentialKind.pin, hash)
    tellIls(context, undefined, added)
    return added
  })
}

async function changeUser(
  context: ServiceContext,
  id: string,
  { pin: secret, ...changes }: Static<typeof UserChanges>,
): Promise<EndUser> {
  const { endUsers, credentials } = context.use('database')
  const { userId: known } = findUser(context, id)
  const hash = await hashPin(context, secret)
  return change(context, () => {
    const before = findUser(context, known)
    if (hash !== undefined) credentials.set(before.userId, CredentialKind.pin, hash)
    if (Object.keys(changes).length === 0) return before
    const after = endUsers.update(before.userId, stored(changes))
    tellIls(context, before, after)
    return after
  })
}

function removeUser(context: ServiceContext, id: string): Promise<void> {
  const { endUsers, logins } = context.use('database')
  return change(context, () => {
    const user = findUser(context, id)
    endLogins(context, logins.of(user.userId))
    endUsers.remove(user.userId)
    tellIls(context, user, undefined)
  })
}

async function hashPin(context: ServiceContext, secret: string | undefined): Promise<StoredCredential | undefined> {
  if (secret === undefined) return undefined
  try {
    return await context.hasher.hash(secret)
  } catch (error) {
    if (!(error instanceof CredentialHasherBusy)) throw error
    const detail = 'Too many credentials wait to be hashed: try again in a few seconds.'
    throw new Problem({ status: 503, title: 'Busy', detail }, { cause: error })
  }
}

function findUser(context: ServiceContext, id: string): EndUser {
  const user = context.use('database').endUsers.find(id)
  if (user === undefined) throw notFound('user', id)
  return user
}

/** Numbers in their stored form; empty stays empty. */
function stored<Members extends { readonly primaryExtension?: string }>(given: Members): Members {
  const { primaryExtension } = given
  return primaryExtension ? { ...given, primaryExtension: readDirectoryNumber(primaryExtension) } : given
}
