// What the EM API's documents say, as values: `request` and `query` with their appInfo, and the results of the queries.

/** `exclusiveDuration`: whole minutes from 1, or without end. */
export type DurationOf = number | 'indefinite'

/** Who is to be logged in where. `deviceProfile` absent: the default one. */
export interface EmApiLogin {
  readonly deviceName: string
  readonly userId: string
  readonly deviceProfile?: string
  readonly exclusiveDuration?: DurationOf
}

/** What is asked for. */
export type EmApiAction =
  | { readonly kind: 'login'; readonly login: EmApiLogin }
  | { readonly kind: 'logout'; readonly deviceName: string }
  | { readonly kind: 'logoutAll' }
  | { readonly kind: 'deviceUserQuery'; readonly deviceNames: readonly string[] }
  | {
      readonly kind: 'userDevicesQuery' | 'deviceProfileQuery' | 'checkUser'
      readonly userIds: readonly string[]
    }

/** A whole document. Values are trimmed, within `emApiLimits` and without control characters; they may be blank where said so. */
export interface EmApiRequest {
  /** `appID`; may be blank. */
  readonly appId: string
  /** `appCertificate`, the password in clear, as it was sent; undefined where `appEncryptedCertificate` came instead. */
  readonly appCertificate: string | undefined
  /** `remoteIPAddr`; undefined where absent or blank. */
  readonly remoteAddress: string | undefined
  /** `isViaHeaderSet`; undefined where absent or blank. */
  readonly via: boolean | undefined
  readonly action: EmApiAction
}

/** A document that cannot be used: 1 cannot be parsed, 8 query type undetermined. */
export interface EmApiProblem {
  readonly code: 1 | 8
  /** One sentence for people; nothing of the document is repeated in it. */
  readonly problem: string
}

/** Whether the document could not be used. */
export function isEmApiProblem(parsed: EmApiRequest | EmApiProblem): parsed is EmApiProblem {
  return 'problem' in parsed
}

/** One row of deviceUserResults. User IDs are given as they are and encoded by the serialiser. */
export interface DeviceUserResult {
  readonly deviceName: string
  readonly exists: boolean
  /** Undefined = nobody. */
  readonly userId?: string | undefined
  readonly lastUserId?: string | undefined
  /** A phone on which somebody of another cluster is logged in. */
  readonly emccDevice?: boolean
}

/** One row of userDevicesResults. */
export interface UserDevicesResult {
  readonly userId: string
  readonly exists: boolean
  readonly deviceNames: readonly string[]
}

/** One row of deviceProfileResults. */
export interface UserProfilesResult {
  readonly userId: string
  readonly exists: boolean
  readonly deviceProfiles: readonly { readonly name: string; readonly isDefault: boolean }[]
}

/** One row of checkUserResults. */
export interface CheckedUser {
  readonly userId: string
  readonly exists: boolean
}
