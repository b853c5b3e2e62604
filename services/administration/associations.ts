// Which device profiles, default profile and groups a user has, changed without the rest (the vendor's end user page: from Available
// Profiles to Controlled Profiles, and back).
import { Type } from 'typebox'
import type { Static } from 'typebox'
import type { EndUser, EndUserChanges } from '../database/api.ts'
import { foldName } from '../database/row-memory.ts'
import type { ServiceContext } from '../service.ts'
import { findUser } from './user-changes.ts'
import { names, text } from './fields.ts'
import { tellIls } from './superuser-notice.ts'

/** What is associated with, or taken from, one user. */
export const Association = Type.Object(
  {
    userId: Type.String({ minLength: 1, maxLength: 128, description: 'User ID', examples: ['bob'] }),
    action: Type.Optional(Type.Enum(['add', 'remove'], { description: 'add, unless it says remove' })),
    deviceProfiles: Type.Optional(names('Device profiles that become controlled profiles', 'bob-profile')),
    defaultProfile: Type.Optional(text('Default profile; it becomes a controlled one too', 'bob-profile')),
    groups: Type.Optional(names('Access control groups', 'Standard CCM End Users')),
    homeCluster: Type.Optional(Type.Boolean({ description: 'Home Cluster; with remove it is left alone' })),
  },
  { additionalProperties: false },
)
export type Association = Static<typeof Association>

/** Inside a work. Throws Problem (404) or DatabaseError. */
export function associate(context: ServiceContext, association: Association): EndUser {
  const before = findUser(context, association.userId)
  const changes = association.action === 'remove' ? without(before, association) : withMore(before, association)
  const after = context.use('database').endUsers.update(before.userId, changes)
  tellIls(context, before, after)
  return after
}

function withMore(user: EndUser, { deviceProfiles = [], defaultProfile, groups = [], ...rest }: Association) {
  const profiles = defaultProfile ? [...deviceProfiles, defaultProfile] : deviceProfiles
  const changes: EndUserChanges = {
    deviceProfiles: union(user.deviceProfiles, profiles),
    groups: union(user.groups, groups),
    ...(defaultProfile && { defaultProfile }),
    ...(rest.homeCluster !== undefined && { homeCluster: rest.homeCluster }),
  }
  return changes
}

function without(user: EndUser, { deviceProfiles = [], defaultProfile, groups = [] }: Association): EndUserChanges {
  const gone = new Set(deviceProfiles.map(foldName))
  const isGone = (name: string): boolean => gone.has(foldName(name))
  const defaultGoes =
    isGone(user.defaultProfile) || (defaultProfile && foldName(defaultProfile) === foldName(user.defaultProfile))
  const goneGroups = new Set(groups.map(foldName))
  return {
    deviceProfiles: user.deviceProfiles.filter((name) => !isGone(name)),
    groups: user.groups.filter((name) => !goneGroups.has(foldName(name))),
    ...(defaultGoes && { defaultProfile: '' }),
  }
}

function union(has: readonly string[], more: readonly string[]): readonly string[] {
  const known = new Set(has.map(foldName))
  return [...has, ...more.filter((name) => !known.has(foldName(name)) && known.add(foldName(name)))]
}
