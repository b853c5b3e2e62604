// A superuser as the Super User Synchronization Tool carries it: from the tables, and fitted to the tables of another cluster.
import { CredentialKind } from '../database/api.ts'
import type {
  ClusterDatabase,
  DeviceProfile,
  EndUser,
  IntercomLine,
  NewDeviceProfile,
  NewLine,
} from '../database/api.ts'
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

/** Phones do not travel, and so an intercom line's default device does not. */
function profileOf({ pkid: _pkid, ...profile }: DeviceProfile): NewDeviceProfile {
  return { ...profile, intercomLines: profile.intercomLines.map((line) => ({ ...line, defaultDevice: '' })) }
}

/** What of the user's own members exists in this cluster. */
export function fitUser<Members extends { readonly userProfile?: string }>(
  database: ClusterDatabase,
  { userProfile, ...members }: Members,
) {
  const known = userProfile === '' || (userProfile !== undefined && database.userProfiles.find(userProfile))
  return { ...members, ...(known && userProfile !== undefined && { userProfile }) }
}

/**
 * The profile without what does not exist in this cluster: calling search spaces, partitions, phone services and the user whom a log
 * out profile logs in are left out rather than refused, so that a user can roam before the clusters agree in every name.
 */
export function fitProfile(database: ClusterDatabase, profile: NewDeviceProfile): NewDeviceProfile {
  const { callingSearchSpace, emccCallingSearchSpace, phoneServices, lines, intercomLines, loginUserId, ...rest } =
    profile
  const here = database.deviceProfiles.find(profile.name)
  const spaces = database.dialPlan.callingSearchSpaces()
  const partitions = new Set(database.dialPlan.partitions())
  const known = {
    space: (space: string) => space === '' || spaces.has(space),
    partition: (partition: string) => partition === '' || partitions.has(partition),
  }
  return {
    ...rest,
    // As it is spelled here already, if it is here.
    name: here?.name ?? profile.name,
    ...(callingSearchSpace !== undefined && known.space(callingSearchSpace) && { callingSearchSpace }),
    ...(emccCallingSearchSpace !== undefined && known.space(emccCallingSearchSpace) && { emccCallingSearchSpace }),
    ...(loginUserId !== undefined && isUser(database, loginUserId) && { loginUserId }),
    ...(phoneServices && { phoneServices: phoneServices.filter((service) => database.phoneServices.find(service)) }),
    ...(lines && { lines: lines.map((line) => fitLine(line, known)) }),
    ...(intercomLines && { intercomLines: intercomLines.map((line) => fitIntercomLine(line, here, known)) }),
  }
}

interface Known {
  space(name: string): boolean
  partition(name: string): boolean
}

function isUser({ endUsers }: ClusterDatabase, userId: string): boolean {
  return userId === '' || endUsers.find(userId) !== undefined
}

function fitLine(given: NewLine, known: Known): NewLine {
  const { partition, callingSearchSpace, forwardAllCallingSearchSpace: forwarding, ...line } = given
  return {
    ...line,
    ...(forwarding !== undefined && known.space(forwarding) && { forwardAllCallingSearchSpace: forwarding }),
    ...(partition !== undefined && known.partition(partition) && { partition }),
    ...(callingSearchSpace !== undefined && known.space(callingSearchSpace) && { callingSearchSpace }),
  }
}

/** The default device that an administrator chose here stays. */
function fitIntercomLine(line: IntercomLine, here: DeviceProfile | undefined, known: Known): IntercomLine {
  const partition = known.partition(line.partition) ? line.partition : ''
  const same = here?.intercomLines.find((one) => one.dn === line.dn && one.partition === partition)
  return { ...line, partition, defaultDevice: same?.defaultDevice ?? '' }
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
