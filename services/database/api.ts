// What the cluster's own database offers. Tables and columns are named as the vendor's data dictionary names them
// (device, enduser, extensionmobilitydynamic, …), rows are handed out as the frozen values below.
import type { DatabaseSync } from 'node:sqlite'
import type { CredentialPolicyRepository } from './credential-policy.ts'
import type {
  DefaultDeviceProfileRepository,
  DeviceProfileRepository,
  DeviceRepository,
  LineRepository,
  PhoneServiceRepository,
} from './device-api.ts'
import type {
  AccessControlGroupRepository,
  ApplicationUserRepository,
  CredentialRepository,
  EndUserRepository,
  UserProfileRepository,
} from './user-api.ts'
import type { GlobalDialPlanRepository } from './dial-plan-api.ts'
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
export {
  AdvertisedFailover,
  AdvertisedPatternType,
  CatalogEntryType,
  defaultLearnedPartitions,
} from './dial-plan-api.ts'
export type {
  AdvertisedNumber,
  AdvertisedNumberChanges,
  AdvertisedPattern,
  AlternateNumber,
  BlockingRule,
  Catalog,
  CatalogEntry,
  DirectoryUri,
  GlobalDialPlanRepository,
  LearnedPartitions,
  NewAlternateNumber,
  PatternFailover,
  SipRoutePattern,
} from './dial-plan-api.ts'
export { AddressingMode, AnswerMode, PhoneServiceType } from './device-api.ts'
export type {
  DefaultDeviceProfile,
  DefaultDeviceProfileRepository,
  Device,
  DeviceChanges,
  DeviceProfile,
  DeviceProfileChanges,
  DeviceProfileRepository,
  DeviceRepository,
  DeviceStamp,
  DirectoryNumber,
  EffectiveConfiguration,
  Line,
  LineRepository,
  NewDevice,
  NewDeviceProfile,
  NewLine,
  NewPhoneService,
  PhoneService,
  PhoneServiceChanges,
  PhoneServiceRepository,
} from './device-api.ts'
export { CredentialKind } from './user-api.ts'
export type {
  AccessControlGroup,
  AccessControlGroupRepository,
  ApplicationUser,
  ApplicationUserRepository,
  CredentialHasher,
  CredentialRepository,
  EndUser,
  EndUserChanges,
  EndUserRepository,
  NewEndUser,
  StoredCredential,
  UserProfile,
  UserProfileRepository,
} from './user-api.ts'

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
  readonly globalDialPlan: GlobalDialPlanRepository
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
  /** False for an unknown one. Throws DATABASE_REFERENCED for what is in use, as do the other removals. */
  removePartition(name: string): boolean
  /** Name → partitions in order of precedence. */
  callingSearchSpaces(): ReadonlyMap<string, readonly string[]>
  insertCallingSearchSpace(name: string, partitions: readonly string[]): void
  removeCallingSearchSpace(name: string): boolean
  routePatterns(): readonly RoutePattern[]
  insertRoutePattern(pattern: RoutePattern): void
  removeRoutePattern(pattern: string, partition: string): boolean
  trunks(): readonly Trunk[]
  insertTrunk(trunk: Trunk): void
  removeTrunk(name: string): boolean
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
