import { randomUUID } from 'node:crypto'
import { CredentialKind } from '../database/api.ts'
import type { ClusterDatabase, CredentialHasher, CredentialState, EndUser, StoredCredential } from '../database/api.ts'
import { CredentialHasherBusy } from '../database/credential-hasher.ts'
import type { Clock } from '../service.ts'
import type { EventBus } from '../serviceability/api.ts'
import { Verdict } from './api.ts'
import type { FailureState } from './credential-rules.ts'
import { countFailure, hasFailures, isLocked, mustBeChanged, noFailures } from './credential-rules.ts'

/** What identity management stands on. */
export interface IdentityParts {
  readonly database: ClusterDatabase
  readonly hasher: CredentialHasher
  readonly clock: Clock
  readonly events: EventBus
  /** Secrets that are checked at once at most; one more is refused with CredentialHasherBusy. Absent: as many as the hasher takes. */
  readonly atOnce?: number
}

/**
 * `atOnce` for a door where anybody may knock and nothing else bounds him: whoever floods one must not fill the hasher's queue, behind
 * which every login waits (our choice).
 */
export const atOnceOfOpenDoor = 32

/** An end user's credential that is checked. */
export type EndUserCredential = typeof CredentialKind.pin | typeof CredentialKind.userPassword

/** See IdentityManagement. */
export type Verify = (user: EndUser | undefined, kind: EndUserCredential, secret: string) => Promise<Verdict>

/** Checks secrets and keeps the count of the wrong ones. */
export function createVerification(parts: IdentityParts): Verify {
  const { database, hasher, atOnce = Infinity } = parts
  const verifyForNobody = createDecoy(hasher)
  let underWay = 0

  const check: Verify = async (user, kind, secret) => {
    const stored = user && database.credentials.find(user.userId, kind)
    if (!user || !stored) {
      // The same hash and the same commit as for anybody: the clock must not tell which user IDs exist or have a PIN.
      await verifyForNobody(secret)
      return refuseNobody(database)
    }
    const right = await hasher.verify(secret, stored)
    const account = createAccount(parts, user.userId, kind)
    return right ? account.admit(stored) : database.write(account.refuse)
  }

  return async (user, kind, secret) => {
    if (underWay >= atOnce) throw new CredentialHasherBusy(underWay)
    underWay++
    try {
      return await check(user, kind, secret)
    } finally {
      underWay--
    }
  }
}

/** The commit that a refusal costs, where there is nobody whose attempt could be counted. */
export function refuseNobody(database: ClusterDatabase): Promise<Verdict> {
  return database.write(() => rewriteAnything(database))
}

/** A hash that is nobody's, made when first needed; a busy hasher may fail to make it and is asked again. */
function createDecoy(hasher: CredentialHasher): (secret: string) => Promise<void> {
  let decoy: StoredCredential | undefined
  return async (secret) => {
    decoy ??= await hasher.hash(randomUUID())
    await hasher.verify(secret, decoy)
  }
}

/** Writes a row that is there in any cluster as it is: counting an attempt costs a commit, and one for nobody costs it too. */
function rewriteAnything({ applicationUsers, credentials }: ClusterDatabase): Verdict {
  const [anybody] = applicationUsers.list()
  const state = anybody && credentials.state(anybody.userId, CredentialKind.password)
  if (state) credentials.setState(anybody.userId, CredentialKind.password, { failures: state.failures })
  return Verdict.wrong
}

/** The count of one user's credential. What decides is read inside the write, so that each of racing attempts counts. */
function createAccount({ database, clock, events }: IdentityParts, userId: string, kind: EndUserCredential) {
  const { credentials, credentialPolicies } = database
  const read = (): CredentialState | undefined => credentials.state(userId, kind)
  const set = (changes: Partial<FailureState>): void => credentials.setState(userId, kind, changes)

  const verdictOf = (state: CredentialState, stored: StoredCredential): Verdict =>
    mustBeChanged(state, stored, credentialPolicies.current(), clock.now()) ? Verdict.mustChange : Verdict.right

  /** Attempts on a locked account are not counted; the row is written as it is, so that right and wrong ones take as long. */
  const keepLocked = ({ failures }: CredentialState): Verdict => {
    set({ failures })
    return Verdict.locked
  }

  const forget = (stored: StoredCredential): Verdict => {
    const state = read()
    if (!state) return Verdict.wrong
    if (isLocked(state, clock.now())) return keepLocked(state)
    set(noFailures)
    return verdictOf(state, stored)
  }

  return {
    /** Counts a wrong attempt, inside a write. */
    refuse(): Verdict {
      const [state, now] = [read(), clock.now()]
      if (!state) return Verdict.wrong
      if (isLocked(state, now)) return keepLocked(state)
      const counted = countFailure(state, credentialPolicies.current(), now)
      set(counted)
      if (!isLocked(counted, now)) return Verdict.wrong
      database.afterCommit(() => events.publish('credentialLocked', { userId, credential: kind }))
      return Verdict.locked
    },
    /** A right one, in the path of every login: it writes only when there are failures to be forgotten. */
    async admit(stored: StoredCredential): Promise<Verdict> {
      const state = read()
      if (state && !hasFailures(state)) return verdictOf(state, stored)
      return database.write(() => forget(stored))
    },
  }
}
