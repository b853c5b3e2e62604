import type { Login } from '../database/api.ts'

/** How the caller proved who the user is. `proxy` is an application user with EM proxy rights (the EM API's appInfo). */
export type LoginProof =
  | { readonly kind: 'pin'; readonly pin: string }
  | { readonly kind: 'proxy'; readonly applicationUser: string }

/** `loginType` as in the phone service URL: UID user ID, SP self-service user ID, DN primary extension. Default UID. */
export const LoginType = { userId: 'UID', selfService: 'SP', primaryExtension: 'DN' } as const
export type LoginType = (typeof LoginType)[keyof typeof LoginType]

export interface LoginRequest {
  readonly deviceName: string
  /** User ID, self-service ID or primary extension, by `loginType`. */
  readonly userId: string
  readonly proof: LoginProof
  /** Absent: the user's default profile, or the only one. */
  readonly deviceProfile?: string
  readonly loginType?: string
}

export const LogoutReason = {
  manual: 'manual',
  /** Multiple Login Behavior is Auto Logout and the user logged in to another phone of this cluster. */
  autoLogout: 'autoLogout',
  /** A newer login of this superuser exists at another cluster (Extension Mobility Roaming Across Clusters). */
  roamedAway: 'roamedAway',
  administrator: 'administrator',
} as const
export type LogoutReason = (typeof LogoutReason)[keyof typeof LogoutReason]

/** The one rule engine; every door (JSON, phone pages, EM API) calls these and translates. Refusals are `EmRefusal`. */
export interface ExtensionMobility {
  /** Resolves when the login is on disk. Rejects with EmRefusal. */
  login(request: LoginRequest): Promise<Login>
  /** Resolves with the ended login when the logout is on disk. Rejects with EmRefusal (11, 19). */
  logout(deviceName: string, reason: LogoutReason): Promise<Login>
  logins(): readonly Login[]
}
