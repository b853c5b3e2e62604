// What can be done with phones, each inside a work of the database: the JSON door and bulk provisioning do it alike.
import { isIP } from 'node:net'
import { Type } from 'typebox'
import type { Static } from 'typebox'
import { AddressingMode, AnswerMode } from '../database/api.ts'
import type { Device } from '../database/api.ts'
import { Problem } from '../problem.ts'
import type { ServiceContext } from '../service.ts'
import { notFound } from './change.ts'
import { buttonInputs, readButtons, refuseForbiddenSettings, settingMembers } from './device-fields.ts'
import { endLogins } from './end-logins.ts'
import { LineInputs, names, readLines, text } from './fields.ts'

const changeable = {
  description: text('Free text', 'Reception'),
  model: text('Model', 'Cisco 8845'),
  extensionMobility: Type.Boolean({ description: 'Enable Extension Mobility' }),
  owner: text('Owner User ID; empty if none', 'bob'),
  callingSearchSpace: text('Calling search space of the device; empty = <None>', ''),
  aarCallingSearchSpace: text('AAR Calling Search Space, for PSTN failover of its calls; empty = <None>', ''),
  devicePool: text('Device pool', 'Default'),
  phoneServices: names('Subscribed phone services', 'Extension Mobility'),
  answerMode: Type.Enum(Object.values(AnswerMode), { description: 'What the simulated phone does when it is called' }),
  logoutProfile: text('Log Out Profile; empty = Use Current Device Settings', ''),
  addressingMode: Type.Enum(Object.values(AddressingMode), { description: 'IP Addressing Mode' }),
  ipAddress: text('Address from which the simulated phone speaks; empty = loopback', ''),
  securityMode: Type.Enum(['Non Secure', 'Authenticated', 'Encrypted'], { description: 'Device Security Mode' }),
  protectedDevice: Type.Boolean({
    description: 'Protected Device: plays the secure tone, Extension Mobility and Join Across Lines are disabled on it',
  }),
  ...settingMembers,
}

/** It is the name of a file for TFTP, and stands in URLs that phones build by themselves. */
const phoneName = Type.String({
  pattern: '^[A-Za-z0-9._-]{1,128}$',
  description: 'Name of the phone: letters, digits, dot, hyphen and underscore',
  examples: ['SEP000000010001'],
})

/** Members of a phone beside lines and buttons. */
export const deviceMembers = { name: phoneName, ...changeable }
const optional = Type.Partial(Type.Object({ ...changeable, lines: LineInputs, ...buttonInputs })).properties
const strict = { additionalProperties: false }

/** What a phone is made of. */
export const NewDevice = Type.Object({ name: deviceMembers.name, ...optional }, strict)
/** What can be changed of one. */
export const DeviceChanges = Type.Object(optional, strict)

/** Inside a work. Throws Problem (422) or DatabaseError. */
export function insertDevice(context: ServiceContext, given: Static<typeof NewDevice>): Device {
  refuseForbiddenSettings(given)
  refuseForeignAddress(given)
  return context.use('database').devices.insert({ ...stored(given, given.name), name: given.name })
}

/** Inside a work. Throws Problem (404, 422) or DatabaseError. */
export function changeDevice(context: ServiceContext, id: string, given: Static<typeof DeviceChanges>): Device {
  const { devices, logins } = context.use('database')
  const before = findDevice(context, id)
  refuseForbiddenSettings({ ...before, ...given })
  refuseForeignAddress({ ...before, ...given })
  const login = logins.on(before.name)
  // Nobody can be logged in on a phone without Extension Mobility; a protected device has none (restrictions, Secure Tone).
  const cannotStay = given.extensionMobility === false || given.protectedDevice === true
  if (login !== undefined && cannotStay) endLogins(context, [login])
  return devices.update(before.name, stored(given, before.name))
}

/** Inside a work. The phone's login ends. Throws Problem (404). */
export function removeDevice(context: ServiceContext, id: string): void {
  const { devices, logins } = context.use('database')
  const { name: known } = findDevice(context, id)
  const login = logins.on(known)
  if (login !== undefined) endLogins(context, [login])
  devices.remove(known)
}

/** Throws Problem (404). */
export function findDevice(context: ServiceContext, id: string): Device {
  const device = context.use('database').devices.find(id)
  if (device === undefined) throw notFound('phone', id)
  return device
}

function stored(given: Static<typeof DeviceChanges>, deviceName: string) {
  const { lines, speedDials, blfSpeedDials, intercomLines, ...members } = given
  return {
    ...members,
    ...(lines && { lines: readLines(lines) }),
    ...readButtons({ speedDials, blfSpeedDials, intercomLines }, deviceName),
  }
}

interface Address {
  readonly ipAddress?: string
  readonly addressingMode?: AddressingMode
}

/** A phone speaks from an address of the kind that it has. */
function refuseForeignAddress({ ipAddress = '', addressingMode = AddressingMode.ipv4 }: Address): void {
  const version = isIP(ipAddress)
  const only = { [AddressingMode.ipv4]: 4, [AddressingMode.ipv6]: 6, [AddressingMode.dual]: version }[addressingMode]
  if (ipAddress === '' || (version !== 0 && version === only)) return
  const detail = `${JSON.stringify(ipAddress)} is no address of a phone whose IP Addressing Mode is ${addressingMode}.`
  throw new Problem({ status: 422, title: 'Not a possible value', detail })
}
