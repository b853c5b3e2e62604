import { Type } from 'typebox'
import type { Static } from 'typebox'
import type { Registration } from '../callmanager/api.ts'
import { AnswerMode } from '../database/api.ts'
import type { Device, Line } from '../database/api.ts'
import { Role } from '../service.ts'
import type { Door, ServiceApp, ServiceContext } from '../service.ts'
import { change, notFound } from './change.ts'
import { endLogins } from './end-logins.ts'
import { LineInputs, LineView, listOf, nothing, name, names, readLines, text } from './fields.ts'

const path = '/api/v1/devices'
const tags = ['devices']

const members = {
  description: text('Free text', 'Reception'),
  model: text('Model', 'Cisco 8845'),
  extensionMobility: Type.Boolean({ description: 'Enable Extension Mobility' }),
  owner: text('Owner User ID; empty if none', 'bob'),
  callingSearchSpace: text('Calling search space of the device; empty = <None>', ''),
  devicePool: text('Device pool', 'Default'),
  phoneServices: names('Subscribed phone services', 'Extension Mobility'),
  answerMode: Type.Enum(Object.values(AnswerMode), { description: 'What the simulated phone does when it is called' }),
}
const deviceName = name('Name of the phone', 'SEP000000010001')

/** A phone as it is configured, and as it is now. */
interface DeviceState extends Device {
  readonly effectiveLines: readonly Line[]
  readonly registration?: Omit<Registration, 'deviceName'>
  readonly login?: { readonly userId: string; readonly deviceProfile: string; readonly loginTime: string }
}

const DeviceView = Type.Unsafe<DeviceState>(
  Type.Object({
    name: deviceName,
    ...members,
    lines: Type.Array(LineView, { description: 'The phone’s own lines' }),
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
const optional = Type.Partial(Type.Object({ ...members, lines: LineInputs })).properties
const strict = { additionalProperties: false }
const NewDevice = Type.Object({ ...optional, name: deviceName }, strict)
const DeviceChanges = Type.Object(optional, strict)
const OneDevice = Type.Object({ name: text('Name of the phone', 'SEP000000010001') })

/** Phones: their configuration, registration, login and lines. */
export function registerDeviceRoutes(app: ServiceApp, door: Door<object>): void {
  const { context } = door
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
      const device = await addDevice(context, request.body)
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
    async (request) => stateOf(context, await changeDevice(context, request.params.name, request.body)),
  )
  app.delete(
    `${path}/:name`,
    {
      config: write,
      schema: { tags, summary: 'Delete a phone; its login ends', params: OneDevice, response: nothing },
    },
    async (request, reply) => {
      await removeDevice(context, request.params.name)
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

function addDevice(context: ServiceContext, { lines, ...device }: Static<typeof NewDevice>): Promise<Device> {
  const { devices } = context.use('database')
  return change(context, () => devices.insert({ ...device, ...(lines && { lines: readLines(lines) }) }))
}

function changeDevice(
  context: ServiceContext,
  id: string,
  { lines, ...changes }: Static<typeof DeviceChanges>,
): Promise<Device> {
  const { devices, logins } = context.use('database')
  return change(context, () => {
    const { name: known } = findDevice(context, id)
    const login = logins.on(known)
    // Nobody can be logged in on a phone without Extension Mobility.
    if (login !== undefined && changes.extensionMobility === false) endLogins(context, [login])
    return devices.update(known, { ...changes, ...(lines && { lines: readLines(lines) }) })
  })
}

function removeDevice(context: ServiceContext, id: string): Promise<void> {
  const { devices, logins } = context.use('database')
  return change(context, () => {
    const { name: known } = findDevice(context, id)
    const login = logins.on(known)
    if (login !== undefined) endLogins(context, [login])
    devices.remove(known)
  })
}

function findDevice(context: ServiceContext, id: string): Device {
  const device = context.use('database').devices.find(id)
  if (device === undefined) throw notFound('phone', id)
  return device
}
