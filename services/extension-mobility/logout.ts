import type { ClusterDatabase, Login } from '../database/api.ts'
import type { LogoutReason, RequestOrigin } from './api.ts'
import { requireDeviceName, requireLogoutDevice } from './rules/device-rules.ts'
import { endInBatches } from './auto-logout/end-in-batches.ts'
import type { IpValidation } from './origin/ip-validation.ts'
import { isSameName } from './names.ts'
import { EmRefusal } from '../refusals.ts'
import type { Sessions } from './sessions.ts'
import type { Seams } from './trouble.ts'

export interface LogoutParts {
  readonly database: ClusterDatabase
  readonly sessions: Sessions
  readonly seams: Seams
  readonly ipValidation: IpValidation
}

/** Who is to be logged out, and why. */
export interface LogoutRequest {
  readonly deviceName: string
  readonly reason: LogoutReason
  readonly origin: RequestOrigin | undefined
  /** Whose login may be ended; undefined = anybody's. */
  readonly onlyUser: string | undefined
}

/**
 * Rejects with EmRefusal: 207 no name, 28 29 30, 11 no such phone, 20 Extension Mobility not enabled, 19 nobody logged in, 10 somebody
 * else than `onlyUser`, which is looked at inside the transaction: between a check and the logout the phone may change hands.
 */
export async function logout(parts: LogoutParts, request: LogoutRequest): Promise<Login> {
  const { deviceName, reason, origin, onlyUser } = request
  parts.seams.pass('unexpected')
  requireDeviceName(deviceName, 'logout')
  const checked = checkOrigin(parts, origin, deviceName)
  if (checked !== undefined) await checked
  return parts.database.write(() => {
    const current = currentLogin(parts, deviceName)
    if (onlyUser !== undefined && !isSameName(current.userId, onlyUser)) {
      throw new EmRefusal(10, 'logout', `${onlyUser} may log out nobody else.`)
    }
    endLogins(parts, [current], reason)
    return current
  })
}

/** Ends the logins that there are when it is called. Rejects with EmRefusal; what ended until then stays ended. */
export async function logoutAll(
  parts: LogoutParts,
  reason: LogoutReason,
  origin: RequestOrigin | undefined,
): Promise<readonly Login[]> {
  const { database, seams } = parts
  seams.pass('unexpected')
  const checked = checkOrigin(parts, origin)
  if (checked !== undefined) await checked
  return endInBatches(database, database.logins.list(), (some) => endLogins(parts, some, reason))
}

function endLogins({ seams, sessions }: LogoutParts, logins: readonly Login[], reason: LogoutReason): void {
  seams.pass('database')
  seams.require('autoLogout', 'logout')
  sessions.end(logins, reason)
}

function currentLogin({ database, seams }: LogoutParts, deviceName: string): Login {
  const device = requireLogoutDevice(database, deviceName)
  const current = seams.at('hotelingStatus', 'logout', () => database.logins.on(device.name))
  if (current === undefined) throw new EmRefusal(19, 'logout', `Nobody is logged in on ${device.name}.`)
  return current
}

function checkOrigin(
  { seams, ipValidation }: LogoutParts,
  origin: RequestOrigin | undefined,
  deviceName?: string,
): Promise<void> | undefined {
  return seams.at('policy', 'logout', () => origin && ipValidation.check(origin, 'logout', deviceName))
}
