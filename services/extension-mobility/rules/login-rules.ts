// The rules of a login, in the documented order. They only read; login.ts calls them inside the transaction that acts on them.
import type { ClusterDatabase, Device, EndUser, Login } from '../../database/api.ts'
import { multipleLoginBehavior, serviceParameterValue } from '../../database/service-parameters.ts'
import type { LoginRequest } from '../api.ts'
import type { KnownVerdict } from '../proof/credentials.ts'
import { requireLoginDevice } from './device-rules.ts'
import { findUser } from './find-user.ts'
import { loginDuration } from './maximum-login-time.ts'
import { isBlank, isSameName } from '../names.ts'
import { requireNoChange } from '../proof/proof.ts'
import { EmRefusal } from '../../refusals.ts'
import type { RefusalCode } from '../../refusals.ts'
import type { Seams } from '../trouble.ts'

/** What the rules allow. */
export interface Permission {
  readonly device: Device
  readonly user: EndUser
  /** Name as stored. */
  readonly deviceProfile: string
  /** The user's logins on other phones that this one ends (Auto Logout). */
  readonly ended: readonly Login[]
  /** Seconds until automatic logout; 0 = none. */
  readonly loginDuration: number
}

/** The PIN has to be hashed before the rules can go on. `user` is undefined for an unknown one, who costs a hash too. */
export interface Unproven {
  readonly unproven: true
  readonly user: EndUser | undefined
}

/** Says whether the caller has proven to be this user; undefined = not yet. */
export type Proof = (user: EndUser) => KnownVerdict | undefined

export interface RuleParts {
  readonly database: ClusterDatabase
  readonly seams: Seams
}

/** Applies the rules to the tables as they are now. Throws EmRefusal; user ID, PIN and device name must not be blank. */
export function decideLogin(parts: RuleParts, request: LoginRequest, proven: Proof): Permission | Unproven {
  const { database, seams } = parts
  const device = requireLoginDevice(database, request)
  const user = seams.at('userInfo', 'login', () => findUser(database, request))
  const verdict = user && proven(user)
  if (user === undefined || verdict === undefined) return { unproven: true, user }
  requireNoChange(verdict, user)
  const deviceProfile = chooseProfile(user, request.deviceProfile)
  seams.at('hotelingStatus', 'login', () => requireFreePhone(database, device, user))
  return seams.at('policy', 'login', () => ({
    device,
    user,
    deviceProfile,
    ended: endedElsewhere(database, device, user),
    loginDuration: loginDuration(database, user, request.exclusiveDuration),
  }))
}

/** 205 when the user has no device profile. */
export function requireProfiles(user: EndUser): readonly [string, ...string[]] {
  const [first, ...others] = user.deviceProfiles
  if (first === undefined) throw refuseLogin(205, `No device profile is associated with ${user.userId}.`)
  return [first, ...others]
}

/** 205, and 12 for a named profile that is not the user's. */
function chooseProfile(user: EndUser, requested: string | undefined): string {
  const profiles = requireProfiles(user)
  if (requested === undefined || isBlank(requested)) {
    // Several, none of them the default, none named: the documents are silent, the first one is our choice.
    return profiles.find((name) => isSameName(name, user.defaultProfile)) ?? profiles[0]
  }
  const named = profiles.find((name) => isSameName(name, requested))
  if (named === undefined) throw refuseLogin(12, `No device profile ${requested} is associated with ${user.userId}.`)
  return named
}

/** 18 when somebody else is logged in. The same user again is not somebody else: the session is replaced (our choice). */
function requireFreePhone({ logins }: ClusterDatabase, device: Device, user: EndUser): void {
  const current = logins.on(device.name)
  if (current !== undefined && !isSameName(current.userId, user.userId)) {
    throw refuseLogin(18, `Another user is logged in on ${device.name}.`)
  }
}

/** Multiple Login Behavior: 25, or the logins that must end. It counts the phones of this cluster only. */
function endedElsewhere(database: ClusterDatabase, device: Device, user: EndUser): readonly Login[] {
  const others = database.logins.of(user.userId).filter((login) => !isSameName(login.deviceName, device.name))
  if (others.length === 0) return others
  switch (serviceParameterValue(database.serviceParameters, multipleLoginBehavior)) {
    case 'Multiple Logins Allowed':
      return []
    case 'Auto Logout':
      return others
    case 'Multiple Logins Not Allowed': {
      const phones = others.map((login) => login.deviceName).join(', ')
      throw refuseLogin(
        25,
        `${user.userId} is logged in on ${phones}; ${multipleLoginBehavior.name} does not allow a second login.`,
      )
    }
  }
}

function refuseLogin(code: RefusalCode, detail: string): EmRefusal {
  return new EmRefusal(code, 'login', detail)
}
