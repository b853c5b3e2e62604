// What the credential policy makes of one credential's state. Pure: state and time in, state out.
import type { CredentialPolicy, CredentialState, StoredCredential } from '../database/api.ts'

/** What counting changes. */
export type FailureState = Pick<CredentialState, 'failures' | 'lastFailureAt' | 'lockedUntil'>

/** As if nobody had ever entered a wrong one. */
export const noFailures: FailureState = { failures: 0, lastFailureAt: 0, lockedUntil: 0 }

const minuteMs = 60_000
const dayMs = 86_400_000

/** Whether the account is locked at `now`; below zero is until an administrator unlocks, as it is stored. */
export function isLocked({ lockedUntil }: FailureState, now: number): boolean {
  return lockedUntil < 0 || lockedUntil > now
}

/** Whether there is anything that a right credential makes forgotten. */
export function hasFailures({ failures, lockedUntil }: FailureState): boolean {
  return failures !== 0 || lockedUntil !== 0
}

/** The state after one more wrong attempt on an account that is not locked. */
export function countFailure(state: FailureState, policy: CredentialPolicy, now: number): FailureState {
  const failures = standingFailures(state, policy, now) + 1
  const { failedLogonAttempts: most, lockoutMinutes } = policy
  const locks = most > 0 && failures >= most
  const end = lockoutMinutes === 0 ? Infinity : now + lockoutMinutes * minuteMs
  return { failures, lastFailureAt: now, lockedUntil: locks ? end : 0 }
}

/** Earlier wrong attempts that still count: those before a lock that is over do not, nor do those of long ago. */
function standingFailures(state: FailureState, policy: CredentialPolicy, now: number): number {
  if (state.lockedUntil !== 0) return 0
  const keepMs = policy.resetFailedLogonAttemptsMinutes * minuteMs
  return now - state.lastFailureAt < keepMs ? state.failures : 0
}

/** User Must Change at Next Login, or older than the policy allows. */
export function mustBeChanged(
  state: CredentialState,
  { changedAt }: StoredCredential,
  { expiresAfterDays }: CredentialPolicy,
  now: number,
): boolean {
  if (state.mustChange) return true
  return expiresAfterDays > 0 && !state.doesNotExpire && now - changedAt >= expiresAfterDays * dayMs
}
