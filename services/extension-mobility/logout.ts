import type { ClusterDatabase, Login } from '../database/api.ts'
import type { LogoutReason } from './api.ts'
import { EmRefusal } from './refusals.ts'
import { findDevice, requireDeviceName } from './rules.ts'
import type { Sessions } from './sessions.ts'

export interface LogoutParts {
  readonly database: ClusterDatabase
  readonly sessions: Sessions
}

/**
 * Logs out whoever is logged in on the phone, also when Extension Mobility has been disabled on it since. Rejects with EmRefusal:
 * 207 no name, 11 no such phone, 19 nobody logged in.
 */
export async function logout(
  { database, sessions }: LogoutParts,
  deviceName: string,
  reason: LogoutReason,
): Promise<Login> {
  requireDeviceName(deviceName, 'logout')
  return database.write(() => {
    const device = findDevice(database, deviceName, 'logout')
    const current = database.logins.on(device.name)
    if (current === undefined) throw new EmRefusal(19, 'logout', `Nobody is logged in on ${device.name}.`)
    sessions.end(current.userId, [current], reason)
    return current
  })
}
