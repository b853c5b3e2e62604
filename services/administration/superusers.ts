import { Type } from 'typebox'
import type { Static } from 'typebox'
import { Problem } from '../problem.ts'
import { Role } from '../service.ts'
import type { Door, ServiceApp } from '../service.ts'
import type { ImportAnswer, SuperUserRecord } from '../super-user-sync/api.ts'
import { commit } from './change.ts'
import { buttonInputs, readButtons, settingMembers } from './device-fields.ts'
import { LineInputs, name, names, readDirectoryNumber, readLines, text } from './fields.ts'
import { importSuperuser, removeImported } from './superuser-import.ts'
import { recordOf } from './superuser-record.ts'
import { maximumLoginTimeMember } from './user-changes.ts'

const path = '/api/v1/superusers'
const tags = ['superusers']

const strict = { additionalProperties: false }
const Profile = Type.Object(
  {
    name: name('Device profile name', 'bob-profile', 50),
    description: Type.Optional(text('Free text', '')),
    model: Type.Optional(text('Model', 'Cisco 8845')),
    callingSearchSpace: Type.Optional(text('Left out where it does not exist', '')),
    phoneServices: Type.Optional(names('Left out where they do not exist', 'Extension Mobility')),
    loginUserId: Type.Optional(text('Login User ID; empty = nobody', '')),
    lines: Type.Optional(LineInputs),
    ...buttonInputs,
    ...Type.Partial(Type.Object(settingMembers)).properties,
  },
  strict,
)
const Record = Type.Object(
  {
    userId: Type.String({ minLength: 1, maxLength: 128, pattern: '^\\S+$', examples: ['bob'] }),
    firstName: text('First name', 'Bob'),
    lastName: text('Last name', 'Builder'),
    displayName: text('Display name', 'Bob'),
    homeCluster: Type.Boolean({ description: 'True in the export of the user’s home cluster' }),
    primaryExtension: text('Primary extension; empty if none', '1000001'),
    selfServiceUserId: text('Self-service user ID; empty if none', ''),
    defaultProfile: text('Default device profile; empty if none', 'bob-profile'),
    deviceProfiles: Type.Array(Profile, { maxItems: 100 }),
    userLocale: Type.Optional(text('User Locale; empty = <None>', '')),
    userProfile: Type.Optional(text('User Profile; left out where it does not exist', '')),
    maximumLoginTime: Type.Optional(maximumLoginTimeMember),
    pin: Type.Optional(
      Type.Object(
        {
          hash: Type.String({
            maxLength: 512,
            pattern: '^\\$argon2id\\$',
            description: 'PHC string, keyed with the lab’s pepper',
          }),
          changedAt: Type.Integer({ minimum: 0, description: 'Milliseconds since the epoch' }),
        },
        strict,
      ),
    ),
  },
  strict,
)
const RecordList = Type.Unsafe<readonly SuperUserRecord[]>(Type.Array(Record))
const Answer = Type.Unsafe<ImportAnswer>(
  Type.Object({
    outcome: Type.String({ description: 'created, updated, unchanged, conflicting or removed' }),
    reason: Type.Optional(Type.String({ description: 'Why it is conflicting' })),
  }),
)
const OneUser = Type.Object({ userId: text('User ID', 'bob') })

/** The door of the Super User Synchronization Tool. It tells PIN hashes, so only its own role opens it and nothing may keep an answer. */
export function registerSuperuserRoutes(app: ServiceApp, { context }: Door<object>): void {
  const config = { access: 'role', role: Role.superUserSync } as const

  app.get(
    path,
    {
      config,
      schema: { tags, summary: 'Superusers this cluster knows, its own and copies', response: { 200: RecordList } },
    },
    async (_request, reply) => {
      reply.header('cache-control', 'no-store')
      const database = context.use('database')
      return database.endUsers.superusers().map((user) => recordOf(database, user))
    },
  )
  app.put(
    `${path}/:userId`,
    {
      config,
      schema: { tags, summary: 'Import one superuser', params: OneUser, body: Record, response: { 200: Answer } },
    },
    async (request) => {
      const record = readRecord(request.params.userId, request.body)
      return commit(context, () => importSuperuser(context, record))
    },
  )
  app.delete(
    `${path}/:userId`,
    {
      config,
      schema: { tags, summary: 'Remove the copy of a superuser', params: OneUser, response: { 200: Answer } },
    },
    async (request) => commit(context, () => removeImported(context, request.params.userId)),
  )
}

function readRecord(
  userId: string,
  { primaryExtension, deviceProfiles, ...rest }: Static<typeof Record>,
): SuperUserRecord {
  if (rest.userId.toLowerCase() !== userId.toLowerCase()) {
    const detail = `The path names ${userId}, the record ${rest.userId}.`
    throw new Problem({ status: 422, title: 'Two user IDs', detail })
  }
  return {
    ...rest,
    primaryExtension: primaryExtension && readDirectoryNumber(primaryExtension),
    deviceProfiles: deviceProfiles.map(({ lines, speedDials, blfSpeedDials, intercomLines, ...profile }) => ({
      ...profile,
      ...(lines && { lines: readLines(lines) }),
      ...readButtons({ speedDials, blfSpeedDials, intercomLines }, ''),
    })),
  }
}
