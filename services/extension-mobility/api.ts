import type { Login } from '../database/api.ts'
import type { Faults } from './faults.ts'

/** How the caller proved who the user is. `proxy` is an application user with EM proxy rights (the EM API's appInfo). */
export type LoginProof =
  | { readonly kind: 'pin'; readonly pin: string }
  | { readonly kind: 'proxy'; readonly applicationUser: string }

/** `loginType` as in the phone service URL: UID user ID, SP self-service user ID, DN primary extension. Default UID. */
export const LoginType = { userId: 'UID', selfService: 'SP', primaryExtension: 'DN' } as const
export type LoginType = (typeof LoginType)[keyof typeof LoginType]

/** Which door a request came through: some codes depend on it (docs/fidelity.md, codes 5, 20 and 22). */
export const RequestDoor = { phone: 'phone', emApi: 'emApi', json: 'json' } as const
export type RequestDoor = (typeof RequestDoor)[keyof typeof RequestDoor]

/** Where a request came from, for Validate IP Address and Allow Proxy. Absent: from inside the cluster, never refused. */
export interface RequestOrigin {
  readonly door: RequestDoor
  /** The phone's address: of the connection, or `remoteIPAddr` of the EM API. Empty = not told. */
  readonly remoteAddress: string
  /** The request carried a Via header, or `isViaHeaderSet`. */
  readonly via: boolean
}

export interface LoginRequest {
  readonly deviceName: string
  /** User ID, self-service ID or primary extension, by `loginType`. */
  readonly userId: string
  readonly proof: LoginProof
  /** Absent: the user's default profile, or the only one. */
  readonly deviceProfile?: string
  readonly loginType?: string
  /** The EM API's exclusiveDuration: whole minutes or without end. Absent: by the service parameters and the user's own maximum. */
  readonly exclusiveDuration?: number | 'indefinite'
  readonly origin?: RequestOrigin
}

/** Whose PIN is to be looked at, and for which phone; the origin is validated before the PIN is. */
export type AuthenticationRequest = Pick<LoginRequest, 'userId' | 'proof' | 'loginType' | 'origin'> &
  Partial<Pick<LoginRequest, 'deviceName'>>

export const LogoutReason = {
  manual: 'manual',
  /** Multiple Login Behavior is Auto Logout and the user logged in to another phone of this cluster. */
  autoLogout: 'autoLogout',
  /** The maximum login time is over. */
  maximumLoginTime: 'maximumLoginTime',
  /** A newer login of this superuser exists at another cluster (Extension Mobility Roaming Across Clusters). */
  roamedAway: 'roamedAway',
  administrator: 'administrator',
  /** Login data was lost in a publisher's switch-version. */
  switchVersion: 'switchVersion',
} as const
export type LogoutReason = (typeof LogoutReason)[keyof typeof LogoutReason]

/** What deviceUserQuery tells of one phone. Names are as they were asked for. */
export interface DeviceUser {
  readonly deviceName: string
  readonly exists: boolean
  /** Undefined = nobody. */
  readonly userId?: string
  readonly lastUserId?: string
}

/** What userDevicesQuery tells of one user. */
export interface UserDevices {
  readonly userId: string
  readonly exists: boolean
  readonly deviceNames: readonly string[]
}

/** What deviceProfileQuery tells of one user. */
export interface UserDeviceProfiles {
  readonly userId: string
  readonly exists: boolean
  readonly deviceProfiles: readonly { readonly name: string; readonly isDefault: boolean }[]
}

/** A user whose PIN was right. */
export interface Authenticated {
  readonly userId: string
  readonly deviceProfiles: readonly { readonly name: string; readonly isDefault: boolean }[]
}

/**
 * The one rule engine; every door (JSON, phone pages, EM API) calls these and translates. Refusals are `EmRefusal`. Each call is one
 * request in the vendor's counters.
 */
export interface ExtensionMobility {
  /** Resolves when the login is on disk. Rejects with EmRefusal. */
  login(request: LoginRequest): Promise<Login>
  /**
   * Resolves with the ended login when the logout is on disk. `onlyUser`: refused with 10 if somebody else is logged in there by then.
   * Rejects with EmRefusal (10, 11, 19, 20, 26, 28, 30, 207 …).
   */
  logout(deviceName: string, reason: LogoutReason, origin?: RequestOrigin, onlyUser?: string): Promise<Login>
  /** Ends every login of the cluster; resolves with them. */
  logoutAll(reason: LogoutReason, origin?: RequestOrigin): Promise<readonly Login[]>
  /**
   * The phone's second step before a profile is chosen: who is this, and which profiles are theirs? 201, 202, 204, 215, 216, 41, and
   * 205 without a profile. Does not count as a request of its own, but takes one of the places of Maximum Concurrent Requests (26)
   * while it lasts: it is the hard part of a login.
   */
  authenticate(request: AuthenticationRequest): Promise<Authenticated>
  /** EM API queries; `origin` is validated as for a login. Reject with EmRefusal (4, 6, 9, 21, 28, 30 …). */
  deviceUsers(deviceNames: readonly string[], origin?: RequestOrigin): Promise<readonly DeviceUser[]>
  userDevices(userIds: readonly string[], origin?: RequestOrigin): Promise<readonly UserDevices[]>
  deviceProfiles(userIds: readonly string[], origin?: RequestOrigin): Promise<readonly UserDeviceProfiles[]>
  logins(): readonly Login[]
  /** Trouble on purpose, for those who test clients. */
  readonly faults: Faults
}
