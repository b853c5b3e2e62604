import type { ClusterDatabase, Login } from '../database/api.ts'
import { Verdict } from '../identity-management/api.ts'
import { RequestDoor } from './api.ts'
import type { Authenticated, AuthenticationRequest, LoginRequest } from './api.ts'
import { requireDeviceName } from './rules/device-rules.ts'
import { findUser } from './rules/find-user.ts'
import type { IpValidation } from './origin/ip-validation.ts'
import {
  provePin,
  requireCredentials,
  requireNoChange,
  requireProxyRights,
  unknownUser,
  wrongCredentials,
} from './proof/proof.ts'
import type { ProofParts } from './proof/proof.ts'
import { profilesOf } from './queries.ts'
import { decideLogin, requireProfiles } from './rules/login-rules.ts'
import type { Permission, Proof, Unproven } from './rules/login-rules.ts'
import type { Sessions } from './sessions.ts'

export interface LoginParts extends ProofParts {
  readonly database: ClusterDatabase
  readonly sessions: Sessions
  readonly ipValidation: IpValidation
}

const proxyProof: Proof = () => Verdict.right

/**
 * Logs in by the rules. They are applied inside the transaction that opens the login, so two racing logins cannot both pass. A PIN
 * in the cache is checked there as well; any other is hashed between two applications of the rules, off the event loop and
 * outside every transaction. Rejects with EmRefusal.
 */
export async function login(parts: LoginParts, request: LoginRequest): Promise<Login> {
  parts.seams.pass('unexpected')
  requireCredentials(request)
  requireDeviceName(request.deviceName, 'login')
  const checked = parts.seams.at('policy', 'login', () => checkOrigin(parts, request))
  if (checked !== undefined) await checked
  const { proof, origin } = request
  if (proof.kind === 'proxy') return loginByProxy(parts, request, proof.applicationUser)
  const first = await attempt(parts, request, (user) => parts.credentials.known(user, proof.pin))
  if (!('unproven' in first)) return first
  const { user } = first
  await provePin(parts, user, proof.pin, origin?.door ?? RequestDoor.json)
  const second = await attempt(parts, request, (now) => (now.pkid === user?.pkid ? Verdict.right : undefined))
  // Still unproven: there is no such user, or no longer the one whose PIN was verified.
  if ('unproven' in second) throw wrongCredentials()
  return second
}

/** 202, 30, 28, 29, 215, 216, 201, 41, 204, 205: who is this, and which profiles are theirs? */
export async function authenticate(parts: LoginParts, request: AuthenticationRequest): Promise<Authenticated> {
  requireCredentials(request)
  const { database, credentials, seams } = parts
  // Before the PIN is looked at: from where nobody may log in, nobody may try out PINs either.
  await seams.at('policy', 'login', () => checkOrigin(parts, request))
  const { proof } = request
  const user = seams.at('userInfo', 'login', () => findUser(database, request))
  if (proof.kind === 'pin') {
    const known = user && credentials.known(user, proof.pin)
    if (user === undefined || known === undefined) await provePin(parts, user, proof.pin, RequestDoor.phone)
    else requireNoChange(known, user)
  }
  if (user === undefined) throw proof.kind === 'proxy' ? unknownUser(request.userId) : wrongCredentials()
  requireProfiles(user)
  return { userId: user.userId, deviceProfiles: profilesOf(user) }
}

function checkOrigin(
  { ipValidation }: LoginParts,
  { origin, deviceName }: AuthenticationRequest,
): Promise<void> | undefined {
  return origin && ipValidation.check(origin, 'login', deviceName)
}

async function loginByProxy(parts: LoginParts, request: LoginRequest, proxy: string): Promise<Login> {
  requireProxyRights(parts.database, proxy, request)
  const outcome = await attempt(parts, request, proxyProof)
  if ('unproven' in outcome) throw unknownUser(request.userId)
  return outcome
}

function attempt(parts: LoginParts, request: LoginRequest, proven: Proof): Promise<Login | Unproven> {
  return parts.database.write(() => {
    const decision = decideLogin(parts, request, proven)
    return 'unproven' in decision ? decision : open(parts, decision, request.origin !== undefined)
  })
}

function open({ seams, sessions }: LoginParts, permission: Permission, manual: boolean): Login {
  seams.pass('database')
  seams.require('autoLogout', 'login')
  return sessions.open(permission, manual)
}
