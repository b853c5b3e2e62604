// A superuser as the Super User Synchronization Tool carries it: from the tables, and fitted to the tables of another cluster.
import { CredentialKind } from '../database/api.ts'
import type { ClusterDatabase, DeviceProfile, EndUser, NewDeviceProfile, NewLine } from '../database/api.ts'
import type { SuperUserRecord } from '../super-user-sync/api.ts'

/** Everything a roaming cluster needs to log this user in. Holds the PIN's hash: for the tool's eyes only. */
export function recordOf(database: ClusterDatabase, user: EndUser): SuperUserRecord {
  const { pkid: _pkid, groups: _groups, superuser: _superuser, deviceProfiles, ...members } = user
  const pin = database.credentials.find(user.userId, CredentialKind.pin)
  const profiles = deviceProfiles.map((name) => database.deviceProfiles.find(name))
  return {
    ...members,
    deviceProfiles: profiles.filter((profile) => profile !== undefined).map(profileOf),
    ...(pin && { pin: { hash: pin.hash, changedAt: pin.changedAt } }),
  }
}

function profileOf({ pkid: _pkid, ...profile }: DeviceProfile): NewDeviceProfile {
  return profile
}

/**
 * The profile without what does not exist in this cluster: calling search spaces, partitions and phone services are left out
 * rather than refused, so that a user can roam before the dial plans agree in every name.
 */
export function fitProfile(database: ClusterDatabase, profile: NewDeviceProfile): NewDeviceProfile {
  const { name, callingSearchSpace, phoneServices, lines, ...rest } = profile
  const spaces = database.dialPlan.callingSearchSpaces()
  const partitions = new Set(database.dialPlan.partitions())
  const known = {
    space: (space: string) => space === '' || spaces.has(space),
    partition: (partition: string) => partition === '' || partitions.has(partition),
  }
  return {
    // As it is spelled here already, if it is here.
    name: database.deviceProfiles.find(name)?.name ?? name,
    ...rest,
    ...(callingSearchSpace !== undefined && known.space(callingSearchSpace) && { callingSearchSpace }),
    ...(phoneServices && { phoneServices: phoneServices.filter((service) => database.phoneServices.find(service)) }),
    ...(lines && { lines: lines.map((line) => fitLine(line, known)) }),
  }
}

interface Known {
  space(name: string): boolean
  partition(name: string): boolean
}

function fitLine({ partition, callingSearchSpace, ...line }: NewLine, known: Known): NewLine {
  return {
    ...line,
    ...(partition !== undefined && known.partition(partition) && { partition }),
    ...(callingSearchSpace !== undefined && known.space(callingSearchSpace) && { callingSearchSpace }),
  }
}

/** True when everything that `wanted` says is so in `found`; what it leaves out does not matter. Lists must be of one length. */
export function agrees(found: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    return Array.isArray(found) && found.length === wanted.length && wanted.every((one, i) => agrees(found[i], one))
  }
  if (typeof wanted === 'object' && wanted !== null) {
    return Object.entries(wanted).every(([key, value]) => agrees((found as Record<string, unknown>)?.[key], value))
  }
  return found === wanted
}
