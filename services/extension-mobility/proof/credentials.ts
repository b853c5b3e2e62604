import { CredentialKind } from '../../database/api.ts'
import type { ClusterDatabase, EndUser } from '../../database/api.ts'
import { isLocked, mustBeChanged } from '../../identity-management/credential-rules.ts'
import { Verdict } from '../../identity-management/api.ts'
import type { IdentityManagement } from '../../identity-management/api.ts'
import type { Clock } from '../../service.ts'
import type { CredentialCache } from './credential-cache.ts'

/** What a PIN that was right a short while ago is worth now. */
export type KnownVerdict = typeof Verdict.right | typeof Verdict.mustChange

/** Answers whether a PIN is a user's. */
export interface Credentials {
  /** From the cache and the tables alone: undefined says only that the PIN has to be verified. Synchronous and cheap. */
  known(user: EndUser, pin: string): KnownVerdict | undefined
  /** Hashes, off the event loop, and remembers a right PIN. It costs the same whatever the answer, also for no user at all. */
  verify(user: EndUser | undefined, pin: string): Promise<Verdict>
}

export interface CredentialSources {
  readonly identityManagement: Pick<IdentityManagement, 'verifyPin'>
  readonly database: Pick<ClusterDatabase, 'credentials' | 'credentialPolicies'>
  readonly cache: CredentialCache
  readonly clock: Clock
}

/** The documented 2-minute cache before identity management. */
export function createCredentials({ identityManagement, database, cache, clock }: CredentialSources): Credentials {
  const { credentials, credentialPolicies } = database

  return {
    known(user, pin) {
      if (!cache.knows(user.pkid, pin)) return undefined
      const state = credentials.state(user.userId, CredentialKind.pin)
      const stored = credentials.find(user.userId, CredentialKind.pin)
      const now = clock.now()
      // A locked account goes on to be verified, so that its refusal costs what every refusal costs.
      if (state === undefined || stored === undefined || isLocked(state, now)) return undefined
      return mustBeChanged(state, stored, credentialPolicies.current(), now) ? Verdict.mustChange : Verdict.right
    },
    async verify(user, pin) {
      const verdict = await identityManagement.verifyPin(user, pin)
      if (user !== undefined && verdict === Verdict.right) cache.add(user.pkid, pin)
      return verdict
    },
  }
}
