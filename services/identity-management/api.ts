import type { EndUser } from '../database/api.ts'

/** What came of checking a PIN or password. `expired` and `mustChange` only when it was right; `locked` whether right or wrong. */
export const Verdict = {
  right: 'right',
  wrong: 'wrong',
  locked: 'locked',
  /** Right, but User Must Change at Next Login, or it has expired. */
  mustChange: 'mustChange',
} as const
export type Verdict = (typeof Verdict)[keyof typeof Verdict]

/** The documented results of the Change Credential service, and ours for the rules of the credential policy. */
export const ChangeOutcome = {
  changed: 'changed',
  /** Unknown user, or anything that keeps the user's record from being read. */
  userError: 'DIRUSER_ERROR',
  invalidCredential: 'INVALID_CREDENTIAL',
  userLocked: 'USER_LOCKED',
  sameAsOld: 'NEW_PIN_SAME_AS_OLD_PIN',
  mismatch: 'NEW_PIN_MISMATCH',
  tooShort: 'tooShort',
  trivial: 'trivial',
  inHistory: 'inHistory',
  cannotChange: 'cannotChange',
  notNumeric: 'notNumeric',
  /** The user is at home in another cluster, whose PIN would come back at the next synchronization. */
  notAtHome: 'notAtHome',
} as const
export type ChangeOutcome = (typeof ChangeOutcome)[keyof typeof ChangeOutcome]

/** What a user enters on the Change Credential page. */
export interface ChangePinRequest {
  readonly userId: string
  readonly oldPin: string
  readonly newPin: string
  readonly confirmNewPin: string
}

/**
 * PINs and passwords of end users under the credential policy: verified, counted, locked, changed. The state is in the database, so
 * any number of instances agree. It holds no cache; Extension Mobility's documented 2-minute cache stands before it.
 */
export interface IdentityManagement {
  /**
   * Hashes off the event loop. For no user at all, and for one without a PIN, it costs the same and says `wrong`; so does a locked
   * account cost the same. A wrong PIN is counted on disk before this resolves. Rejects with CredentialHasherBusy.
   */
  verifyPin(user: EndUser | undefined, pin: string): Promise<Verdict>
  /** An end user's password, as the EM API's appInfo carries it. */
  verifyPassword(user: EndUser | undefined, password: string): Promise<Verdict>
  /** Resolves when the new PIN is on disk, or with why not; then nothing has changed but the count of failures. */
  changePin(request: ChangePinRequest): Promise<ChangeOutcome>
}
