// What can be done with device profiles, each inside a work of the database: the JSON door and bulk provisioning do it alike.
import { Type } from 'typebox'
import type { Static } from 'typebox'
import type { DeviceProfile } from '../database/api.ts'
import { Problem } from '../problem.ts'
import type { ServiceContext } from '../service.ts'
import { notFound } from './change.ts'
import { buttonInputs, readButtons, refuseForbiddenSettings, settingMembers } from './device-fields.ts'
import { LineInputs, name, names, readLines, text } from './fields.ts'
import { superusersWith, tellIls } from './superuser-notice.ts'

const changeable = {
  description: text('Free text', 'Bob’s desk, anywhere'),
  model: text('Model of the phone it was made for', 'Cisco 8845'),
  callingSearchSpace: text('Calling search space of the device; empty = <None>', ''),
  phoneServices: names('Subscribed phone services', 'Extension Mobility'),
  loginUserId: text('Login User ID: as a log out profile, it logs this user in again; empty = nobody', ''),
  ...settingMembers,
}

/** Members of a device profile beside lines and buttons. "unique; up to 50 characters" (device profile fields). */
export const profileMembers = {
  name: name('Device profile name, at most 50 characters', 'bob-profile', 50),
  ...changeable,
}
const optional = Type.Partial(Type.Object({ ...changeable, lines: LineInputs, ...buttonInputs })).properties
const strict = { additionalProperties: false }

/** What a device profile is made of. */
export const NewDeviceProfile = Type.Object({ name: profileMembers.name, ...optional }, strict)
/** What can be changed of one. */
export const DeviceProfileChanges = Type.Object(optional, strict)

/** Inside a work. Throws Problem (422) or DatabaseError. */
export function insertDeviceProfile(context: ServiceContext, given: Static<typeof NewDeviceProfile>): DeviceProfile {
  refuseForbiddenSettings(given)
  return context.use('database').deviceProfiles.insert({ ...stored(context, given, ''), name: given.name })
}

/** Inside a work. Throws Problem (404, 422) or DatabaseError. */
export function changeDeviceProfile(
  context: ServiceContext,
  id: string,
  given: Static<typeof DeviceProfileChanges>,
): DeviceProfile {
  const { deviceProfiles, logins } = context.use('database')
  const before = findDeviceProfile(context, id)
  refuseForbiddenSettings({ ...before, ...given })
  // Only an intercom line needs to know where the profile is in use; logins are not looked through for anything else.
  const inUseOn = given.intercomLines ? logins.list().find((login) => login.deviceProfile === before.name) : undefined
  const after = deviceProfiles.update(before.name, stored(context, given, inUseOn?.deviceName ?? ''))
  for (const user of superusersWith(context, before.name)) tellIls(context, user, user)
  return after
}

/** Inside a work. Throws Problem: 404, and 409 while somebody is logged in with it. */
export function removeDeviceProfile(context: ServiceContext, id: string): void {
  const { deviceProfiles, endUsers, logins } = context.use('database')
  const { name: known } = findDeviceProfile(context, id)
  const inUse = logins.list().find((login) => login.deviceProfile === known)
  if (inUse !== undefined) {
    const detail = `${inUse.userId} is logged in with ${known} on ${inUse.deviceName}; log out first.`
    throw new Problem({ status: 409, title: 'In use', detail })
  }
  const controllers = superusersWith(context, known)
  deviceProfiles.remove(known)
  for (const user of controllers) tellIls(context, user, endUsers.find(user.userId))
}

/** Throws Problem (404). */
export function findDeviceProfile(context: ServiceContext, id: string): DeviceProfile {
  const profile = context.use('database').deviceProfiles.find(id)
  if (profile === undefined) throw notFound('device profile', id)
  return profile
}

function stored(context: ServiceContext, given: Static<typeof DeviceProfileChanges>, currentDevice: string) {
  const { lines, speedDials, blfSpeedDials, intercomLines, ...members } = given
  requireUser(context, members.loginUserId)
  return {
    ...members,
    ...(lines && { lines: readLines(lines) }),
    ...readButtons({ speedDials, blfSpeedDials, intercomLines }, currentDevice),
  }
}

/** "valid login user id" (device profile fields). */
function requireUser(context: ServiceContext, userId: string | undefined): void {
  if (!userId || context.use('database').endUsers.find(userId)) return
  const detail = `Login User ID: there is no end user ${JSON.stringify(userId)} in this cluster.`
  throw new Problem({ status: 422, title: 'Names something unknown', detail })
}
