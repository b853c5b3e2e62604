import { Type } from 'typebox'
import type { Registration } from '../callmanager/api.ts'
import type { Device, Line } from '../database/api.ts'
import { Role } from '../service.ts'
import type { Door, ServiceApp, ServiceContext } from '../service.ts'
import { change } from './change.ts'
import {
  DeviceChanges,
  NewDevice,
  changeDevice,
  deviceMembers,
  findDevice,
  insertDevice,
  removeDevice,
} from './device-changes.ts'
import { buttonViews } from './device-fields.ts'
import { LineView, listOf, nothing, text } from './fields.ts'

const path = '/api/v1/devices'
const tags = ['devices']

/** A phone as it is configured, and as it is now. */
interface DeviceState extends Device {
  readonly effectiveLines: readonly Line[]
  readonly registration?: Omit<Registration, 'deviceName'>
  readonly login?: { readonly userId: string; readonly deviceProfile: string; readonly loginTime: string }
}

const DeviceView = Type.Unsafe<DeviceState>(
  Type.Object({
    ...deviceMembers,
    lines: Type.Array(LineView, { description: 'The phone’s own lines' }),
    ...buttonViews,
    effectiveLines: Type.Array(LineView, {
      description: 'What it shows now: the profile’s lines while a user is logged in',
    }),
    registration: Type.Optional(
      Type.Object({
        state: Type.String({ examples: ['registered'] }),
        reason: Type.Optional(Type.Integer({ description: 'CISCO-CCM-MIB unregister reason' })),
        since: Type.String({ format: 'date-time' }),
        lines: Type.Array(Type.String()),
      }),
    ),
    login: Type.Optional(
      Type.Object({
        userId: Type.String(),
        deviceProfile: Type.String(),
        loginTime: Type.String({ format: 'date-time' }),
      }),
    ),
  }),
)
const OneDevice = Type.Object({ name: text('Name of the phone', 'SEP000000010001') })

/** Phones: their configuration, registration, login and lines. */
export function registerDeviceRoutes(app: ServiceApp, { context }: Door<object>): void {
  const read = { access: 'role', role: Role.readOnly } as const
  const write = { access: 'role', role: Role.administer } as const

  app.get(
    path,
    { config: read, schema: { tags, summary: 'All phones', response: { 200: listOf(DeviceView) } } },
    async () => {
      const devices = context.use('database').devices.list()
      return devices.map((device) => stateOf(context, device))
    },
  )
  app.get(
    `${path}/:name`,
    { config: read, schema: { tags, summary: 'One phone', params: OneDevice, response: { 200: DeviceView } } },
    async (request) => stateOf(context, findDevice(context, request.params.name)),
  )
  app.post(
    path,
    { config: write, schema: { tags, summary: 'Add a phone', body: NewDevice, response: { 201: DeviceView } } },
    async (request, reply) => {
      const device = await change(context, () => insertDevice(context, request.body), [request.body.name])
      reply.code(201).header('location', `${path}/${encodeURIComponent(device.name)}`)
      return stateOf(context, device)
    },
  )
  app.patch(
    `${path}/:name`,
    {
      config: write,
      schema: {
        tags,
        summary: 'Change a phone',
        params: OneDevice,
        body: DeviceChanges,
        response: { 200: DeviceView },
      },
    },
    async (request) => {
      const { name } = request.params
      const device = await change(context, () => changeDevice(context, name, request.body), [name])
      return stateOf(context, device)
    },
  )
  app.delete(
    `${path}/:name`,
    {
      config: write,
      schema: { tags, summary: 'Delete a phone; its login ends', params: OneDevice, response: nothing },
    },
    async (request, reply) => {
      const { name } = request.params
      await change(context, () => removeDevice(context, name), [name])
      return reply.code(204).send(null)
    },
  )
}

function stateOf(context: ServiceContext, device: Device): DeviceState {
  const { lines, logins } = context.use('database')
  const registration = context.find('callmanager')?.registration(device.name)
  const login = logins.on(device.name)
  return {
    ...device,
    effectiveLines: lines.effective(device.name),
    ...(registration && { registration }),
    ...(login && { login: { ...login, loginTime: new Date(login.loginTime).toISOString() } }),
  }
}
