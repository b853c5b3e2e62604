// The records of Administration as bulk provisioning writes them: the same schemas and the same works as the JSON door's.
import { Type } from 'typebox'
import type { Static } from 'typebox'
import { Problem } from '../problem.ts'
import type { ServiceContext } from '../service.ts'
import type { Administration, Existing, Outcome, RecordKind } from './api.ts'
import { Association, associate } from './associations.ts'
import { NewDevice, changeDevice, insertDevice } from './device-changes.ts'
import { NewDeviceProfile, changeDeviceProfile, insertDeviceProfile } from './device-profile-changes.ts'
import { NewUser, changeUser, insertUser, prepareUser } from './user-changes.ts'

type User = Static<typeof NewUser>
type Device = Static<typeof NewDevice>
type Profile = Static<typeof NewDeviceProfile>

const Combined = Type.Partial(Type.Object({ deviceProfile: NewDeviceProfile, user: NewUser, phone: NewDevice }), {
  additionalProperties: false,
})
type Combined = Static<typeof Combined>

/** Every kind that can be written many at a time. */
export function recordKinds(context: ServiceContext): Administration['kinds'] {
  const users = usersOf(context)
  const phones = phonesOf(context)
  const deviceProfiles = deviceProfilesOf(context)
  return {
    users,
    phones,
    'device-profiles': deviceProfiles,
    associations: associationsOf(context),
    combined: combinedOf({ deviceProfile: deviceProfiles, user: users, phone: phones }),
  }
}

function usersOf(context: ServiceContext): RecordKind {
  return {
    schema: NewUser,
    keyOf: (record) => (record as User).userId,
    async prepare(record, existing) {
      const user = record as User
      const { userId, ...given } = user
      const prepared = await prepareUser(context, given)
      return addOrUpdate(existing, {
        isThere: () => context.use('database').endUsers.find(userId) !== undefined,
        add: () => insertUser(context, user, prepared),
        update: () => changeUser(context, userId, prepared),
      })
    },
  }
}

function phonesOf(context: ServiceContext): RecordKind {
  return {
    schema: NewDevice,
    keyOf: (record) => (record as Device).name,
    phoneOf: (record) => (record as Device).name,
    async prepare(record, existing) {
      const device = record as Device
      const { name, ...changes } = device
      return addOrUpdate(existing, {
        isThere: () => context.use('database').devices.find(name) !== undefined,
        add: () => insertDevice(context, device),
        update: () => changeDevice(context, name, changes),
      })
    },
  }
}

function deviceProfilesOf(context: ServiceContext): RecordKind {
  return {
    schema: NewDeviceProfile,
    keyOf: (record) => (record as Profile).name,
    async prepare(record, existing) {
      const profile = record as Profile
      const { name, ...changes } = profile
      return addOrUpdate(existing, {
        isThere: () => context.use('database').deviceProfiles.find(name) !== undefined,
        add: () => insertDeviceProfile(context, profile),
        update: () => changeDeviceProfile(context, name, changes),
      })
    },
  }
}

/** The user is there, or there is nothing to associate with. */
function associationsOf(context: ServiceContext): RecordKind {
  return {
    schema: Association,
    keyOf: (record) => (record as Association).userId,
    prepare: async (record) => () => {
      associate(context, record as Association)
      return 'updated'
    },
  }
}

/** In the order in which they refer to each other; one that is refused takes all three back. */
function combinedOf(parts: Readonly<Record<keyof Combined, RecordKind>>): RecordKind {
  const order = ['deviceProfile', 'user', 'phone'] as const
  const partsOf = (record: unknown) =>
    order.flatMap((part) => {
      const given = (record as Combined)[part]
      return given === undefined ? [] : [{ kind: parts[part], given }]
    })
  return {
    schema: Combined,
    keyOf: (record) => {
      const { user, deviceProfile, phone } = record as Combined
      return user?.userId ?? deviceProfile?.name ?? phone?.name ?? ''
    },
    async prepare(record, existing) {
      const given = partsOf(record)
      if (given.length === 0) throw new Problem({ status: 422, title: 'Nothing to write', detail: 'The row is empty.' })
      const works = await Promise.all(given.map((part) => part.kind.prepare(part.given, existing)))
      return () => {
        const outcomes = works.map((work) => work())
        return outcomes.includes('added') ? 'added' : 'updated'
      }
    },
  }
}

interface Write {
  readonly isThere: () => boolean
  readonly add: () => unknown
  readonly update: () => unknown
}

function addOrUpdate(existing: Existing, { isThere, add, update }: Write): () => Outcome {
  return () => {
    if (existing === 'update' && isThere()) {
      update()
      return 'updated'
    }
    add()
    return 'added'
  }
}
