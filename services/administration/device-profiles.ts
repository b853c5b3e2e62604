import { Type } from 'typebox'
import type { Static } from 'typebox'
import type { DeviceProfile } from '../database/api.ts'
import { Problem } from '../problem.ts'
import { Role } from '../service.ts'
import type { Door, ServiceApp, ServiceContext } from '../service.ts'
import { change, notFound } from './change.ts'
import { LineInputs, LineView, listOf, nothing, name, names, readLines, text } from './fields.ts'
import { controllersOf, tellIls } from './superuser-notice.ts'

const path = '/api/v1/device-profiles'
const tags = ['device-profiles']

const members = {
  description: text('Free text', 'Bob’s desk, anywhere'),
  model: text('Model of the phone it was made for', 'Cisco 8845'),
  callingSearchSpace: text('Calling search space of the device; empty = <None>', ''),
  phoneServices: names('Subscribed phone services', 'Extension Mobility'),
}
// "unique; up to 50 characters" (Feature Configuration Guide, device profile fields)
const profileName = name('Device profile name, at most 50 characters', 'bob-profile', 50)
const ProfileView = Type.Unsafe<DeviceProfile>(
  Type.Object({ name: profileName, ...members, lines: Type.Array(LineView) }),
)
const optional = Type.Partial(Type.Object({ ...members, lines: LineInputs })).properties
const strict = { additionalProperties: false }
const NewProfile = Type.Object({ ...optional, name: profileName }, strict)
const ProfileChanges = Type.Object(optional, strict)
const OneProfile = Type.Object({ name: text('Device profile name', 'bob-profile') })

/** User device profiles. A change reaches the phones on which one is in use. */
export function registerDeviceProfileRoutes(app: ServiceApp, door: Door<object>): void {
  const { context } = door
  const read = { access: 'role', role: Role.readOnly } as const
  const write = { access: 'role', role: Role.administer } as const

  app.get(
    path,
    { config: read, schema: { tags, summary: 'All device profiles', response: { 200: listOf(ProfileView) } } },
    async () => context.use('database').deviceProfiles.list(),
  )
  app.get(
    `${path}/:name`,
    {
      config: read,
      schema: { tags, summary: 'One device profile', params: OneProfile, response: { 200: ProfileView } },
    },
    async (request) => findProfile(context, request.params.name),
  )
  app.post(
    path,
    {
      config: write,
      schema: { tags, summary: 'Add a device profile', body: NewProfile, response: { 201: ProfileView } },
    },
    async (request, reply) => {
      const profile = await addProfile(context, request.body)
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
        summary: 'Change a device profile',
        params: OneProfile,
        body: ProfileChanges,
        response: { 200: ProfileView },
      },
    },
    async (request) => changeProfile(context, request.params.name, request.body),
  )
  app.delete(
    `${path}/:name`,
    {
      config: write,
      schema: { tags, summary: 'Delete a device profile that is not in use', params: OneProfile, response: nothing },
    },
    async (request, reply) => {
      await removeProfile(context, request.params.name)
      return reply.code(204).send(null)
    },
  )
}

function addProfile(context: ServiceContext, { lines, ...profile }: Static<typeof NewProfile>): Promise<DeviceProfile> {
  const { deviceProfiles } = context.use('database')
  return change(context, () => deviceProfiles.insert({ ...profile, ...(lines && { lines: readLines(lines) }) }))
}

function changeProfile(
  context: ServiceContext,
  id: string,
  { lines, ...changes }: Static<typeof ProfileChanges>,
): Promise<DeviceProfile> {
  const { deviceProfiles } = context.use('database')
  return change(context, () => {
    const { name: known } = findProfile(context, id)
    const after = deviceProfiles.update(known, { ...changes, ...(lines && { lines: readLines(lines) }) })
    for (const user of controllersOf(context, known)) tellIls(context, user, user)
    return after
  })
}

function removeProfile(context: ServiceContext, id: string): Promise<void> {
  const { deviceProfiles, endUsers, logins } = context.use('database')
  return change(context, () => {
    const { name: known } = findProfile(context, id)
    const inUse = logins.list().find((login) => login.deviceProfile === known)
    if (inUse !== undefined) {
      const detail = `${inUse.userId} is logged in with ${known} on ${inUse.deviceName}; log out first.`
      throw new Problem({ status: 409, title: 'In use', detail })
    }
    const controllers = controllersOf(context, known)
    deviceProfiles.remove(known)
    for (const user of controllers) tellIls(context, user, endUsers.find(user.userId))
  })
}

function findProfile(context: ServiceContext, id: string): DeviceProfile {
  const profile = context.use('database').deviceProfiles.find(id)
  if (profile === undefined) throw notFound('device profile', id)
  return profile
}
