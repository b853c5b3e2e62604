import { CredentialKind } from '../database/api.ts'
import type { CredentialPolicy, EndUser, StoredCredential } from '../database/api.ts'
import { ChangeOutcome, Verdict } from './api.ts'
import type { ChangePinRequest } from './api.ts'
import { isLocked } from './credential-rules.ts'
import { brokenFormRule, brokenPinRule } from './new-pin-rules.ts'
import type { IdentityParts, Verify } from './verification.ts'

const { pin } = CredentialKind

/** Makes IdentityManagement's `changePin`. */
export function createPinChange(
  parts: IdentityParts,
  verify: Verify,
): (request: ChangePinRequest) => Promise<ChangeOutcome> {
  const { database, hasher } = parts
  const { credentials, credentialPolicies, endUsers } = database

  return async (request) => {
    const policy = credentialPolicies.current()
    const careless = brokenByItself(request, policy)
    if (careless) return careless
    const user = endUsers.find(request.userId)
    const old = user && credentials.find(user.userId, pin)
    const refused = refusal(user, await verify(user, pin, request.oldPin))
    if (refused) return refused
    if (!user || !old) return ChangeOutcome.userError
    if (!user.homeCluster) return ChangeOutcome.notAtHome
    if (credentials.state(user.userId, pin)?.cannotChange) return ChangeOutcome.cannotChange
    const broken = brokenPinRule(request.newPin, policy, user)
    if (broken) return broken
    if (await isInHistory(parts, user, request.newPin)) return ChangeOutcome.inHistory
    const hash = await hasher.hash(request.newPin)
    return database.write(() => replace(parts, { user, old, hash }))
  }
}

/** Mistakes that the request shows without a look at the user: they cost no hash and count as no attempt. */
function brokenByItself(
  { oldPin, newPin, confirmNewPin }: ChangePinRequest,
  policy: CredentialPolicy,
): ChangeOutcome | undefined {
  if (newPin !== confirmNewPin) return ChangeOutcome.mismatch
  if (newPin === oldPin) return ChangeOutcome.sameAsOld
  return brokenFormRule(newPin, policy)
}

function refusal(user: EndUser | undefined, verdict: Verdict): ChangeOutcome | undefined {
  if (!user) return ChangeOutcome.userError
  if (verdict === Verdict.locked) return ChangeOutcome.userLocked
  return verdict === Verdict.wrong ? ChangeOutcome.invalidCredential : undefined
}

/** One slow hash for each earlier PIN, one after the other, so that one user's history does not keep others waiting. */
async function isInHistory({ database, hasher }: IdentityParts, { userId }: EndUser, newPin: string): Promise<boolean> {
  const { storedHistory } = database.credentialPolicies.current()
  const earlier = database.credentials.state(userId, pin)?.history.slice(0, storedHistory) ?? []
  for (const hash of earlier) {
    if (await hasher.verify(newPin, { hash, changedAt: 0 })) return true
  }
  return false
}

interface Replacement {
  readonly user: EndUser
  /** The one that was verified. */
  readonly old: StoredCredential
  readonly hash: StoredCredential
}

/** Inside a write: hashing took time, in which somebody else may have changed the PIN, or locked or deleted the user. */
function replace(
  { database, clock, events }: IdentityParts,
  { user: { userId }, old, hash }: Replacement,
): ChangeOutcome {
  const { credentials } = database
  const state = credentials.state(userId, pin)
  if (!state || credentials.find(userId, pin)?.hash !== old.hash) return ChangeOutcome.invalidCredential
  if (isLocked(state, clock.now())) return ChangeOutcome.userLocked
  if (state.cannotChange) return ChangeOutcome.cannotChange
  credentials.set(userId, pin, hash)
  credentials.setState(userId, pin, { mustChange: false })
  database.afterCommit(() => events.publish('pinChanged', { userId }))
  return ChangeOutcome.changed
}
