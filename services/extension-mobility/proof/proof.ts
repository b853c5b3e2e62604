// How a request proves who the user is.
import type { ClusterDatabase, EndUser } from '../../database/api.ts'
import { CredentialHasherBusy } from '../../database/credential-hasher.ts'
import { Verdict } from '../../identity-management/api.ts'
import type { Logger } from '../../service.ts'
import { RequestDoor } from '../api.ts'
import type { LoginRequest } from '../api.ts'
import type { Credentials, KnownVerdict } from './credentials.ts'
import { findUser } from '../rules/find-user.ts'
import { isBlank, isSameName } from '../names.ts'
import { EmRefusal } from '../../refusals.ts'
import { isDatabaseTrouble } from '../trouble.ts'
import type { Seams } from '../trouble.ts'

export interface ProofParts {
  readonly credentials: Credentials
  readonly seams: Seams
  readonly log: Logger
}

/** 202 for a blank user ID or PIN. */
export function requireCredentials({ userId, proof }: Pick<LoginRequest, 'userId' | 'proof'>): void {
  if (isBlank(userId) || (proof.kind === 'pin' && isBlank(proof.pin))) {
    throw new EmRefusal(202, 'login', 'The user ID or the PIN is blank.')
  }
}

/** Verifies a PIN that the cache does not know. 201 for a wrong one and a locked account, 41 where it must be changed, 204 or 9. */
export async function provePin(
  { credentials, seams, log }: ProofParts,
  user: EndUser | undefined,
  pin: string,
  door: RequestDoor,
): Promise<void> {
  const verdict = await askDirectory()
  if (verdict === Verdict.mustChange && user !== undefined) requireNoChange(verdict, user)
  if (verdict !== Verdict.right) throw wrongCredentials()

  /** Busy hashing and a broken database have codes of their own; anything else is the directory's trouble. */
  async function askDirectory(): Promise<Verdict> {
    try {
      seams.pass('directory')
      return await credentials.verify(user, pin)
    } catch (error) {
      if (error instanceof CredentialHasherBusy || isDatabaseTrouble(error)) throw error
      log.error({ err: error }, 'a PIN could not be verified')
      const code = door === RequestDoor.phone ? 204 : 9
      throw new EmRefusal(code, 'login', 'The directory could not say whether the PIN is right.', { cause: error })
    }
  }
}

/** 41 for a PIN that was right and must be changed first. */
export function requireNoChange(verdict: KnownVerdict, { userId }: Pick<EndUser, 'userId'>): void {
  if (verdict !== Verdict.mustChange) return
  throw new EmRefusal(41, 'login', 'The PIN is right and must be changed.', { userId })
}

/**
 * "Although you can add users to the Standard EM Authentication Proxy Rights user group, those users are not authorized to authenticate
 * by proxy": 10 for an end user who acts for somebody else.
 */
export function requireProxyRights(
  tables: Pick<ClusterDatabase, 'applicationUsers' | 'endUsers'>,
  proxy: string,
  request: LoginRequest,
): void {
  // The phone's pages vouch for a user whose PIN they have had verified.
  if (request.origin?.door === RequestDoor.phone) return
  if (tables.applicationUsers.find(proxy) !== undefined || tables.endUsers.find(proxy) === undefined) return
  if (isSameName(proxy, findUser(tables, request)?.userId ?? '')) return
  throw new EmRefusal(10, 'login', `${proxy} is an end user, who may log in nobody else.`)
}

/** 23: whoever proved to be an application may be told that there is no such user. */
export function unknownUser(userId: string): EmRefusal {
  return new EmRefusal(23, 'login', `There is no user ${userId} in this cluster.`)
}

/** One sentence for an unknown user, a wrong PIN and a locked account, so that user IDs cannot be guessed one by one. */
export function wrongCredentials(): EmRefusal {
  return new EmRefusal(201, 'login', 'The user ID or the PIN is wrong.')
}
