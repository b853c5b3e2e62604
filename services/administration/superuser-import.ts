// The receiving end of the Super User Synchronization Tool: a superuser of another cluster becomes, or stays, a copy here.
// Which fields travel and what conflicts is our choice (docs/fidelity.md). Everything here runs inside `database.write`.
import { CredentialKind, superUsersGroup } from '../database/api.ts'
import type { EndUser, EndUserChanges, NewDeviceProfile } from '../database/api.ts'
import { Problem } from '../problem.ts'
import type { ServiceContext } from '../service.ts'
import type { ImportAnswer, SuperUserRecord } from '../super-user-sync/api.ts'
import { announce, notFound } from './change.ts'
import { endLogins } from './end-logins.ts'
import { agrees, fitProfile, fitUser, recordOf } from './superuser-record.ts'
import { tellIls } from './superuser-notice.ts'

/**
 * Makes the local copy like the record: Home Cluster unchecked, in the superusers' group, profiles with their lines. What does not
 * exist here (calling search spaces, partitions, phone services, user profiles) is left out rather than refused. A user or profile of this
 * cluster's own is never touched: `conflicting`. A record that says what is so already writes nothing: `unchanged`.
 */
export function importSuperuser(context: ServiceContext, given: SuperUserRecord): ImportAnswer {
  const database = context.use('database')
  const before = database.endUsers.find(given.userId)
  const reason = conflict(context, given, before)
  if (reason !== undefined) return { outcome: 'conflicting', reason }

  const profiles = given.deviceProfiles.map((profile) => fitProfile(database, profile))
  const leftovers = before === undefined ? [] : formerProfiles(before, profiles)
  const inUse = leftovers.filter((name) => isInUse(context, name))
  const { pin, userId, deviceProfiles: _profiles, ...members } = given
  const wanted = {
    ...fitUser(database, members),
    homeCluster: false,
    // A former profile that somebody is logged in with here stays until the next run after the logout.
    deviceProfiles: [...profiles.map((profile) => profile.name), ...inUse],
  }
  if (before !== undefined && isSame(context, before, { wanted, profiles, pin })) return { outcome: 'unchanged' }

  for (const profile of profiles) putProfile(context, profile)
  const after = putUser(context, before ?? userId, wanted)
  if (pin !== undefined) database.credentials.set(after.userId, CredentialKind.pin, pin)
  removeProfiles(
    context,
    leftovers.filter((name) => !inUse.includes(name)),
  )
  tellIls(context, before, after)
  announce(context)
  return { outcome: before === undefined ? 'created' : 'updated' }
}

/** Takes a copy away with the profiles nobody else controls; it is logged out first. 404 if there is none, 409 for a home user. */
export function removeImported(context: ServiceContext, userId: string): ImportAnswer {
  const { endUsers, logins } = context.use('database')
  const user = endUsers.find(userId)
  if (user === undefined) throw notFound('user', userId)
  if (user.homeCluster) {
    const detail = `Home Cluster is checked for ${user.userId} here; only copies are removed this way.`
    throw new Problem({ status: 409, title: 'A user of this cluster', detail })
  }
  endLogins(context, logins.of(user.userId))
  endUsers.remove(user.userId)
  removeProfiles(context, user.deviceProfiles)
  tellIls(context, user, undefined)
  announce(context)
  return { outcome: 'removed' }
}

function conflict(context: ServiceContext, given: SuperUserRecord, before: EndUser | undefined): string | undefined {
  if (before?.homeCluster) return `Home Cluster is checked for ${before.userId} in this cluster too.`
  const { devices, endUsers } = context.use('database')
  const owners = new Map<string, string>()
  for (const user of endUsers.list()) {
    if (user.homeCluster) for (const name of user.deviceProfiles) owners.set(name.toLowerCase(), user.userId)
  }
  for (const { name } of given.deviceProfiles) {
    const owner = owners.get(name.toLowerCase())
    if (owner !== undefined) return `The device profile ${name} belongs to ${owner}, a user of this cluster.`
    if (devices.find(name)) return `A phone of this cluster is called ${name}.`
  }
  return undefined
}

interface Wanted {
  readonly wanted: EndUserChanges
  readonly profiles: readonly NewDeviceProfile[]
  readonly pin: SuperUserRecord['pin']
}

function isSame(context: ServiceContext, before: EndUser, { wanted, profiles, pin }: Wanted): boolean {
  const database = context.use('database')
  return (
    before.superuser &&
    agrees(before, wanted) &&
    profiles.every((profile) => agrees(database.deviceProfiles.find(profile.name), profile)) &&
    (pin === undefined || agrees(recordOf(database, before).pin, pin))
  )
}

function putProfile(context: ServiceContext, { name, ...members }: NewDeviceProfile): void {
  const { deviceProfiles } = context.use('database')
  if (deviceProfiles.find(name) === undefined) deviceProfiles.insert({ name, ...members })
  else deviceProfiles.update(name, members)
}

function putUser(
  context: ServiceContext,
  before: EndUser | string,
  wanted: EndUserChanges & Pick<EndUser, 'lastName'>,
): EndUser {
  const { endUsers } = context.use('database')
  if (typeof before === 'string') return endUsers.insert({ ...wanted, userId: before, groups: [superUsersGroup] })
  const groups = before.superuser ? before.groups : [...before.groups, superUsersGroup]
  return endUsers.update(before.userId, { ...wanted, groups })
}

/** Profiles that the copy controls and the record does not name any more. */
function formerProfiles(before: EndUser, profiles: readonly NewDeviceProfile[]): readonly string[] {
  const kept = new Set(profiles.map((profile) => profile.name.toLowerCase()))
  return before.deviceProfiles.filter((name) => !kept.has(name.toLowerCase()))
}

function isInUse(context: ServiceContext, profileName: string): boolean {
  return context
    .use('database')
    .logins.list()
    .some((login) => login.deviceProfile === profileName)
}

/** Those of them that no user controls. */
function removeProfiles(context: ServiceContext, candidates: readonly string[]): void {
  const { deviceProfiles, endUsers } = context.use('database')
  const controlled = new Set(endUsers.list().flatMap((user) => user.deviceProfiles))
  for (const name of candidates) if (!controlled.has(name)) deviceProfiles.remove(name)
}
