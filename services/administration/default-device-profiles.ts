import { Type } from 'typebox'
import type { Static } from 'typebox'
import type { DefaultDeviceProfile } from '../database/api.ts'
import { Role } from '../service.ts'
import type { Door, ServiceApp, ServiceContext } from '../service.ts'
import { change, notFound } from './change.ts'
import { refuseForbiddenSettings, settingMembers } from './device-fields.ts'
import { listOf, name, names, nothing } from './fields.ts'

const path = '/api/v1/default-device-profiles'
const tags = ['default-device-profiles']

const model = name('Model', 'Cisco 8845')
const changeable = { phoneServices: names('Subscribed phone services', 'Extension Mobility'), ...settingMembers }
const ProfileView = Type.Unsafe<DefaultDeviceProfile>(Type.Object({ model, ...changeable }))
const Settings = Type.Partial(Type.Object(changeable), { additionalProperties: false })
const OneModel = Type.Object({ model })

/** What a phone of a model shows when the user's device profile was made for another model. One for each model at most. */
export function registerDefaultDeviceProfileRoutes(app: ServiceApp, { context }: Door<object>): void {
  const read = { access: 'role', role: Role.readOnly } as const
  const write = { access: 'role', role: Role.administer } as const
  const summary = (text: string) => ({ tags, summary: text, params: OneModel })

  app.get(
    path,
    { config: read, schema: { tags, summary: 'All default device profiles', response: { 200: listOf(ProfileView) } } },
    async () => context.use('database').defaultDeviceProfiles.list(),
  )
  app.get(
    `${path}/:model`,
    { config: read, schema: { ...summary('The default device profile of a model'), response: { 200: ProfileView } } },
    async (request) => findProfile(context, request.params.model),
  )
  app.put(
    `${path}/:model`,
    {
      config: write,
      schema: {
        ...summary('Make the default device profile of a model; what is left out gets its default'),
        body: Settings,
        response: { 200: ProfileView, 201: ProfileView },
      },
    },
    async (request, reply) => {
      const { profile, isNew } = await change(context, () => replace(context, request.params.model, request.body))
      return reply.code(isNew ? 201 : 200).send(profile)
    },
  )
  app.patch(
    `${path}/:model`,
    {
      config: write,
      schema: { ...summary('Change a default device profile'), body: Settings, response: { 200: ProfileView } },
    },
    async (request) =>
      change(context, () => {
        const before = findProfile(context, request.params.model)
        refuseForbiddenSettings({ ...before, ...request.body })
        return context.use('database').defaultDeviceProfiles.set(before.model, request.body)
      }),
  )
  app.delete(
    `${path}/:model`,
    { config: write, schema: { ...summary('Delete a default device profile'), response: nothing } },
    async (request, reply) => {
      await change(context, () => {
        const { model: known } = findProfile(context, request.params.model)
        context.use('database').defaultDeviceProfiles.remove(known)
      })
      return reply.code(204).send(null)
    },
  )
}

function replace(context: ServiceContext, wanted: string, settings: Static<typeof Settings>) {
  const { defaultDeviceProfiles } = context.use('database')
  refuseForbiddenSettings({ model: wanted, ...settings })
  const isNew = !defaultDeviceProfiles.remove(wanted)
  return { profile: defaultDeviceProfiles.set(wanted, settings), isNew }
}

function findProfile(context: ServiceContext, wanted: string): DefaultDeviceProfile {
  const profile = context.use('database').defaultDeviceProfiles.find(wanted)
  if (profile === undefined) throw notFound('default device profile for', wanted)
  return profile
}
