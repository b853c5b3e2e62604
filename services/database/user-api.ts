// End users, application users, groups and credentials, as the database offers them.
import type { CredentialState } from './credential-policy.ts'

export interface EndUser {
  readonly pkid: string
  readonly userId: string
  readonly firstName: string
  readonly lastName: string
  readonly displayName: string
  /** The Home Cluster check box (`islocaluser`). */
  readonly homeCluster: boolean
  /** Stored DN; empty if none. */
  readonly primaryExtension: string
  /** Self-service user ID (`keypadenteredalternateidentifier`); empty if none. */
  readonly selfServiceUserId: string
  /** Controlled profiles, by name. */
  readonly deviceProfiles: readonly string[]
  /** Default profile; empty if none. */
  readonly defaultProfile: string
  /** Access control groups, by name. */
  readonly groups: readonly string[]
  /** Member of `superUsersGroup`. */
  readonly superuser: boolean
  /** User Locale; empty = <None>. */
  readonly userLocale: string
  /** User Profile, by name; empty = none. */
  readonly userProfile: string
  /** The user's own Extension Mobility maximum login time, set in self-care: `HHH:MM`, empty = not set. */
  readonly maximumLoginTime: string
}

/** User Profile Configuration, as far as Extension Mobility reads it. */
export interface UserProfile {
  readonly name: string
  /** Allow End User to set their Extension Mobility maximum login time */
  readonly maySetMaximumLoginTime: boolean
}
export interface UserProfileRepository {
  find(name: string): UserProfile | undefined
  list(): readonly UserProfile[]
  /** Throws DATABASE_DUPLICATE. */
  insert(profile: UserProfile): void
  update(name: string, changes: Partial<Omit<UserProfile, 'name'>>): UserProfile
  remove(name: string): boolean
}

export type NewEndUser = Pick<EndUser, 'userId' | 'lastName'> &
  Partial<Omit<EndUser, 'pkid' | 'userId' | 'lastName' | 'superuser'>>
/** `deviceProfiles` and `groups`, where given, replace the whole list. */
export type EndUserChanges = Partial<Omit<EndUser, 'pkid' | 'userId' | 'superuser'>>

/** User IDs compare without regard to case. Changes naming something unknown throw `DatabaseError` (`DATABASE_UNKNOWN_REFERENCE`). */
export interface EndUserRepository {
  find(userId: string): EndUser | undefined
  /** All users with this primary extension: more than one is error 216. */
  findByPrimaryExtension(dn: string): readonly EndUser[]
  findBySelfServiceUserId(id: string): EndUser | undefined
  list(): readonly EndUser[]
  superusers(): readonly EndUser[]
  /** Throws `DATABASE_DUPLICATE`. */
  insert(user: NewEndUser): EndUser
  /** Throws `DATABASE_NOT_FOUND`. */
  update(userId: string, changes: EndUserChanges): EndUser
  remove(userId: string): boolean
}

export interface AccessControlGroup {
  readonly name: string
  readonly roles: readonly string[]
  /** End users' user IDs. */
  readonly members: readonly string[]
}
export interface AccessControlGroupRepository {
  find(name: string): AccessControlGroup | undefined
  list(): readonly AccessControlGroup[]
  insert(name: string, roles: readonly string[]): void
  addMember(group: string, userId: string): void
  removeMember(group: string, userId: string): boolean
}

export interface ApplicationUser {
  readonly userId: string
  readonly groups: readonly string[]
  /** Union of the groups' roles. */
  readonly roles: readonly string[]
}
export interface ApplicationUserRepository {
  find(userId: string): ApplicationUser | undefined
  list(): readonly ApplicationUser[]
  insert(user: { readonly userId: string; readonly groups: readonly string[] }): void
}

/** `pin` and `userPassword` are end users', `password` is an application user's. */
export const CredentialKind = { pin: 'PIN', password: 'Password', userPassword: 'User Password' } as const
export type CredentialKind = (typeof CredentialKind)[keyof typeof CredentialKind]

/** A slow salted hash in PHC string format (`$argon2id$v=19$m=…,t=…,p=…$salt$hash`), keyed with the lab's pepper. Never a secret in clear. */
export interface StoredCredential {
  readonly hash: string
  /** Milliseconds since the epoch. */
  readonly changedAt: number
}
/** argon2id off the event loop, at most a few at once; the rest wait their turn. */
export interface CredentialHasher {
  hash(secret: string): Promise<StoredCredential>
  /** Constant-time compare; false for a hash that cannot be read. */
  verify(secret: string, stored: StoredCredential): Promise<boolean>
}
export interface CredentialRepository {
  /** `owner` is an end user's ID for a PIN or User Password, an application user's for a Password. */
  find(owner: string, kind: CredentialKind): StoredCredential | undefined
  /** Replaces it; the one before goes into the history. State is kept but for failures and lock, which end. */
  set(owner: string, kind: CredentialKind, credential: StoredCredential): void
  /** Undefined without a credential. */
  state(owner: string, kind: CredentialKind): CredentialState | undefined
  /** Throws DATABASE_NOT_FOUND without a credential. */
  setState(owner: string, kind: CredentialKind, changes: Partial<Omit<CredentialState, 'history'>>): void
}
