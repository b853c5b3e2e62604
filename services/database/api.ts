// What the cluster's own database offers. Tables and columns are named as the vendor's data dictionary names them
// (device, enduser, extensionmobilitydynamic, …), rows are handed out as the frozen values below.
import type { DatabaseSync } from 'node:sqlite'
import type { CredentialPolicyRepository, CredentialState } from './credential-policy.ts'
import type { DeviceButtons, DeviceCommon, DeviceSettings } from './device-settings.ts'
import type { RowCache } from './row-memory.ts'

export type { CredentialPolicy, CredentialPolicyRepository, CredentialState } from './credential-policy.ts'
export type {
  BlfSpeedDial,
  DeviceButtons,
  DeviceCommon,
  DeviceSettings,
  IntercomLine,
  SpeedDial,
} from './device-settings.ts'
export type { RowCache } from './row-memory.ts'

/** A cluster's SQLite file. Reads are direct; writes are grouped: one commit per turn of the event loop. */
export interface ClusterDatabase {
  /**
   * Queues `work` for this turn's transaction and resolves with its value once that is on disk (WAL, synchronous=FULL).
   * `work` runs synchronously, atomically, and never overlaps another's; when it throws, only its own writes are undone and the
   * promise rejects with what it threw. A failed commit rejects every promise of the batch.
   */
  write<T>(work: () => T): Promise<T>
  /** Inside `work` only: runs `effect` after the batch is on disk and before its promises resolve; dropped if `work` fails. */
  afterCommit(effect: () => void): void
  /** Runs when a batch could not be committed: whoever keeps memory beside the tables must read it again. */
  onRollback(listener: () => void): () => void
  /** For prepared statements of services that own tables of their own (ILS); never for another's tables. */
  readonly sql: DatabaseSync
  /** For values read from such tables: what a work changes in it is undone with the work, and any failed batch empties it. */
  cache<V>(): RowCache<V>
  readonly endUsers: EndUserRepository
  readonly devices: DeviceRepository
  readonly deviceProfiles: DeviceProfileRepository
  readonly defaultDeviceProfiles: DefaultDeviceProfileRepository
  readonly userProfiles: UserProfileRepository
  readonly lines: LineRepository
  readonly dialPlan: DialPlanRepository
  readonly logins: LoginRepository
  readonly accessControlGroups: AccessControlGroupRepository
  readonly applicationUsers: ApplicationUserRepository
  readonly credentials: CredentialRepository
  readonly credentialPolicies: CredentialPolicyRepository
  readonly phoneServices: PhoneServiceRepository
  readonly serviceParameters: ServiceParameterRepository
  readonly serviceActivation: ServiceActivationRepository
}

/** The access control group whose members roam (Feature Configuration Guide, EM Roaming Across Clusters). */
export const superUsersGroup = 'Standard EM Roaming Across Clusters Super Users'

/** A directory number as stored: digits, `*`, `#`, `+`, `A`–`D`; separators such as `-` are taken out at the boundary. */
export interface Line {
  /** Button, from 1. */
  readonly index: number
  readonly dn: string
  /** Route partition name; empty = <None>. */
  readonly partition: string
  readonly label: string
  readonly display: string
  /** Calling search space of the line, by name; empty = <None>. */
  readonly callingSearchSpace: string
  /** Calls on this line at which a further one is busy. */
  readonly busyTrigger: number
  readonly maxCalls: number
  /** Forward all calls to this number; empty = off. Belongs to the number, as its calling search spaces do. */
  readonly forwardAll: string
  /** Calling Search Space for Forward All, by name; empty = <None>. */
  readonly forwardAllCallingSearchSpace: string
}

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

/** How the simulated phone behaves when it is called. */
export const AnswerMode = { immediately: 'immediately', never: 'never', reject: 'reject' } as const
export type AnswerMode = (typeof AnswerMode)[keyof typeof AnswerMode]

/** A phone. Names compare without regard to case. */
export interface Device extends DeviceCommon {
  readonly pkid: string
  /** e.g. `SEP000000010001` */
  readonly name: string
  readonly description: string
  /** Model name, e.g. `Cisco 8845`. */
  readonly model: string
  /** Enable Extension Mobility (`allowhotelingflag`). */
  readonly extensionMobility: boolean
  /** Owner User ID; empty if none. */
  readonly owner: string
  readonly callingSearchSpace: string
  readonly devicePool: string
  /** Names of subscribed phone services. */
  readonly phoneServices: readonly string[]
  /** The phone's own lines (those of its logout profile). */
  readonly lines: readonly Line[]
  readonly answerMode: AnswerMode
  /** Log Out Profile: name of a device profile that the phone shows while nobody is logged in; empty = Use Current Device Settings. */
  readonly logoutProfile: string
  /** IP Addressing Mode. */
  readonly addressingMode: AddressingMode
  /** Address from which this simulated phone speaks; empty = loopback of its addressing mode. */
  readonly ipAddress: string
  /** Device Security Mode. */
  readonly securityMode: 'Non Secure' | 'Authenticated' | 'Encrypted'
  /** Protected Device: plays the secure tone; Extension Mobility and Join Across Lines are disabled on it. */
  readonly protectedDevice: boolean
}

export const AddressingMode = { ipv4: 'IPv4 Only', ipv6: 'IPv6 Only', dual: 'IPv4 and IPv6' } as const
export type AddressingMode = (typeof AddressingMode)[keyof typeof AddressingMode]

export type NewDevice = Pick<Device, 'name'> &
  Partial<Omit<Device, 'pkid' | 'name' | 'lines'>> & { readonly lines?: readonly NewLine[] }
export type DeviceChanges = Partial<Omit<Device, 'pkid' | 'name' | 'lines'>> & { readonly lines?: readonly NewLine[] }
export type NewLine = Pick<Line, 'dn'> & Partial<Omit<Line, 'dn'>>

export interface DeviceRepository {
  find(name: string): Device | undefined
  list(): readonly Device[]
  insert(device: NewDevice): Device
  update(name: string, changes: DeviceChanges): Device
  /** Also ends its login, and unsets it where it is an intercom line's default device. */
  remove(name: string): boolean
  /** What the phone shows now; undefined for an unknown one. */
  effective(name: string): EffectiveConfiguration | undefined
  /** Version stamps of the phones that follow on `after` by name, as many as `limit`. Cheap: it reads nothing else. */
  versionStamps(after: string, limit: number): readonly DeviceStamp[]
  /** Gives the phone a new version stamp: its configuration file is another one now. In the hot path of login and logout. */
  stamp(name: string): void
}

/** Which configuration a phone should have. */
export interface DeviceStamp {
  readonly name: string
  readonly versionStamp: string
}

/** A phone's configuration as it is in force: its own, that of a login's device profile, or that of its log out profile. */
export interface EffectiveConfiguration extends DeviceSettings, DeviceButtons {
  readonly deviceName: string
  readonly model: string
  /** User logged in by Extension Mobility; empty = nobody. */
  readonly userId: string
  /** Profile in force; empty = the phone's own settings. */
  readonly deviceProfile: string
  readonly callingSearchSpace: string
  readonly lines: readonly Line[]
  /** Services on the phone's buttons, enterprise subscriptions included, disabled ones left out. */
  readonly phoneServices: readonly PhoneService[]
  /** `epoch-uuid`, another one after each login, logout and change. */
  readonly versionStamp: string
  /** Where profile and phone differ so that the phone resets after it has restarted (Extension Mobility restrictions, Locale). */
  readonly mismatch: readonly ('userLocale' | 'modules')[]
}

/** Default Device Profile of a model: what a phone shows when the user's profile was made for another model. */
export interface DefaultDeviceProfile extends DeviceSettings {
  readonly model: string
  readonly phoneServices: readonly string[]
}
export interface DefaultDeviceProfileRepository {
  find(model: string): DefaultDeviceProfile | undefined
  list(): readonly DefaultDeviceProfile[]
  /** Adds or replaces members. */
  set(model: string, changes: Partial<Omit<DefaultDeviceProfile, 'model'>>): DefaultDeviceProfile
  remove(model: string): boolean
}

/** A user device profile: a virtual device that is mapped onto a phone at login (class 254). */
export interface DeviceProfile extends DeviceCommon {
  readonly pkid: string
  readonly name: string
  readonly description: string
  readonly model: string
  readonly callingSearchSpace: string
  readonly phoneServices: readonly string[]
  readonly lines: readonly Line[]
  /** Used as a log out profile, the phone logs this user in again after every logout; empty = nobody. */
  readonly loginUserId: string
}
export type NewDeviceProfile = Pick<DeviceProfile, 'name'> &
  Partial<Omit<DeviceProfile, 'pkid' | 'name' | 'lines'>> & { readonly lines?: readonly NewLine[] }
export type DeviceProfileChanges = Partial<Omit<DeviceProfile, 'pkid' | 'name' | 'lines'>> & {
  readonly lines?: readonly NewLine[]
}

export interface DeviceProfileRepository {
  find(name: string): DeviceProfile | undefined
  list(): readonly DeviceProfile[]
  insert(profile: NewDeviceProfile): DeviceProfile
  update(name: string, changes: DeviceProfileChanges): DeviceProfile
  remove(name: string): boolean
}

/** A row of `numplan` with usage Device, and which phones and profiles carry it. */
export interface DirectoryNumber {
  readonly pkid: string
  readonly dn: string
  readonly partition: string
  readonly devices: readonly string[]
  readonly deviceProfiles: readonly string[]
}

export interface LineRepository {
  list(): readonly DirectoryNumber[]
  find(dn: string): readonly DirectoryNumber[]
  /** The lines a phone shows now: those of the login's device profile while somebody is logged in, else its own. */
  effective(deviceName: string): readonly Line[]
  /** Names of the phones that may show this number now: it is their own, or that of a profile which somebody brought or left there. */
  shownOn(dn: string): readonly string[]
}

/** A route pattern: a dialled number that matches leaves through the trunk. */
export interface RoutePattern {
  readonly pattern: string
  readonly partition: string
  /** Name of the intercluster trunk. */
  readonly trunk: string
}

/** An intercluster trunk to one remote cluster. */
export interface Trunk {
  readonly name: string
  /** Cluster ID at the other end; also the route string under which ILS-learned numbers find this trunk. */
  readonly remoteCluster: string
  /** HTTPS base URL; empty = taken from the peer info that ILS learned. */
  readonly url: string
}

export interface DialPlanRepository {
  partitions(): readonly string[]
  insertPartition(name: string): void
  /** Name → partitions in order of precedence. */
  callingSearchSpaces(): ReadonlyMap<string, readonly string[]>
  insertCallingSearchSpace(name: string, partitions: readonly string[]): void
  routePatterns(): readonly RoutePattern[]
  insertRoutePattern(pattern: RoutePattern): void
  trunks(): readonly Trunk[]
  insertTrunk(trunk: Trunk): void
}

/** A phone somebody is logged in to (a row of `extensionmobilitydynamic` with a user). */
export interface Login {
  readonly deviceName: string
  readonly userId: string
  readonly deviceProfile: string
  /** Milliseconds since the epoch. */
  readonly loginTime: number
  /** Seconds until automatic logout; 0 = no limit. */
  readonly loginDuration: number
}

export interface LoginRepository {
  on(deviceName: string): Login | undefined
  of(userId: string): readonly Login[]
  list(): readonly Login[]
  /** Who was logged in on this phone before whoever is now; empty if nobody. */
  lastUser(deviceName: string): string
  open(login: Login): void
  close(deviceName: string): void
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

/** Service Type: the phone's button behind which the service is found. */
export const PhoneServiceType = { services: 'Services', directories: 'Directories', messages: 'Messages' } as const
export type PhoneServiceType = (typeof PhoneServiceType)[keyof typeof PhoneServiceType]

/** IP Phone Services Configuration. */
export interface PhoneService {
  readonly name: string
  readonly description: string
  /** Case-sensitive; `#DEVICENAME#` is filled in by the phone. */
  readonly url: string
  /** Secure-Service URL; empty if none. */
  readonly secureUrl: string
  /** Service Category. */
  readonly category: 'XML Service' | 'Java MIDlet'
  readonly type: PhoneServiceType
  readonly vendor: string
  readonly version: string
  /** Enterprise Subscription: every phone has it, nobody can unsubscribe. Can be set only at creation. */
  readonly enterpriseSubscription: boolean
  readonly enabled: boolean
}
export type NewPhoneService = Pick<PhoneService, 'name' | 'url'> & Partial<Omit<PhoneService, 'name' | 'url'>>
export type PhoneServiceChanges = Partial<Omit<PhoneService, 'name' | 'enterpriseSubscription'>>
export interface PhoneServiceRepository {
  find(name: string): PhoneService | undefined
  list(): readonly PhoneService[]
  /** Throws DATABASE_DUPLICATE. */
  insert(service: NewPhoneService): PhoneService
  /** Throws DATABASE_NOT_FOUND. */
  update(name: string, changes: PhoneServiceChanges): PhoneService
  /** Ends its subscriptions too. */
  remove(name: string): boolean
}

export interface ServiceParameterRepository {
  /** Value on disk, undefined while it is at its default. */
  get(service: string, name: string): string | undefined
  set(service: string, name: string, value: string): void
}

export interface ServiceActivationRepository {
  /** Undefined while nobody has decided. Keyed by the service's title. */
  get(title: string): boolean | undefined
  set(title: string, active: boolean): void
}
