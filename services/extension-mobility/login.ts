import type { ClusterDatabase, Login } from '../database/api.ts'
import type { LoginRequest } from './api.ts'
import type { Credentials } from './credentials.ts'
import { EmRefusal } from './refusals.ts'
import { decideLogin, requireFields } from './rules.ts'
import type { Proof, Unproven } from './rules.ts'
import type { Sessions } from './sessions.ts'

export interface LoginParts {
  readonly database: ClusterDatabase
  readonly credentials: Credentials
  readonly sessions: Sessions
}

/**
 * Logs in by the rules. They are applied inside the transaction that opens the login, so two racing logins cannot both pass. A PIN
 * in the cache is checked there as well; any other is hashed between two applications of the rules, off the event loop and
 * outside every transaction. Rejects with EmRefusal.
 */
export async function login(parts: LoginParts, request: LoginRequest): Promise<Login> {
  requireFields(request)
  const { proof } = request
  if (proof.kind === 'proxy') return granted(await attempt(parts, request, () => true))
  const first = await attempt(parts, request, (user) => parts.credentials.known(user, proof.pin))
  if (!('unproven' in first)) return first
  const { user } = first
  if (!(await parts.credentials.verify(user, proof.pin))) throw wrongCredentials()
  return granted(await attempt(parts, request, (now) => now.pkid === user?.pkid))
}

function attempt({ database, sessions }: LoginParts, request: LoginRequest, proven: Proof): Promise<Login | Unproven> {
  return database.write(() => {
    const decision = decideLogin(database, request, proven)
    return 'unproven' in decision ? decision : sessions.open(decision)
  })
}

/** Still unproven: there is no such user, or no longer the one whose PIN was verified. */
function granted(outcome: Login | Unproven): Login {
  if ('unproven' in outcome) throw wrongCredentials()
  return outcome
}

/** One sentence for an unknown user and a wrong PIN, so that user IDs cannot be guessed one by one. */
function wrongCredentials(): EmRefusal {
  return new EmRefusal(201, 'login', 'The user ID or the PIN is wrong.')
}
