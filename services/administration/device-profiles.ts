import { Type } from 'typebox'
import type { DeviceProfile } from '../database/api.ts'
import { Role } from '../service.ts'
import type { Door, ServiceApp } from '../service.ts'
import { change } from './change.ts'
import {
  DeviceProfileChanges,
  NewDeviceProfile,
  changeDeviceProfile,
  findDeviceProfile,
  insertDeviceProfile,
  profileMembers,
  removeDeviceProfile,
} from './device-profile-changes.ts'
import { buttonViews } from './device-fields.ts'
import { LineView, listOf, nothing, text } from './fields.ts'

const path = '/api/v1/device-profiles'
const tags = ['device-profiles']

const ProfileView = Type.Unsafe<DeviceProfile>(
  Type.Object({ ...profileMembers, lines: Type.Array(LineView), ...buttonViews }),
)
const OneProfile = Type.Object({ name: text('Device profile name', 'bob-profile') })

/** User device profiles. A change reaches the phones on which one is in use. */
export function registerDeviceProfileRoutes(app: ServiceApp, { context }: Door<object>): void {
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
    async (request) => findDeviceProfile(context, request.params.name),
  )
  app.post(
    path,
    {
      config: write,
      schema: { tags, summary: 'Add a device profile', body: NewDeviceProfile, response: { 201: ProfileView } },
    },
    async (request, reply) => {
      const profile = await change(context, () => insertDeviceProfile(context, request.body))
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
        body: DeviceProfileChanges,
        response: { 200: ProfileView },
      },
    },
    async (request) => change(context, () => changeDeviceProfile(context, request.params.name, request.body)),
  )
  app.delete(
    `${path}/:name`,
    {
      config: write,
      schema: { tags, summary: 'Delete a device profile that is not in use', params: OneProfile, response: nothing },
    },
    async (request, reply) => {
      await change(context, () => removeDeviceProfile(context, request.params.name))
      return reply.code(204).send(null)
    },
  )
}
