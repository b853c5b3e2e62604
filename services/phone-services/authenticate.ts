// A phone that is pushed a page asks here whether it may show it.
import type { ClusterDatabase } from '../database/api.ts'
import { CredentialHasherBusy } from '../database/credential-hasher.ts'
import { foldName } from '../database/row-memory.ts'
import type { IdentityManagement } from '../identity-management/api.ts'
import type { Logger } from '../service.ts'
import type { PhoneServicesApi } from './api.ts'

/** What the answer is found with. */
export interface AuthenticatorParts {
  readonly database: Pick<ClusterDatabase, 'devices' | 'endUsers' | 'logins'>
  readonly identityManagement: Pick<IdentityManagement, 'verifyPin'>
  readonly log: Logger
}

/** The phone belongs to its owner and to whoever is logged in; these may, with their PIN, and a wrong one is counted. */
export function createAuthenticator({
  database,
  identityManagement,
  log,
}: AuthenticatorParts): PhoneServicesApi['authenticate'] {
  const { devices, endUsers, logins } = database

  function mayPush(userId: string, deviceName: string): boolean {
    const users = [devices.find(deviceName)?.owner, logins.on(deviceName)?.userId]
    return users.some((user) => user !== undefined && user !== '' && foldName(user) === foldName(userId))
  }

  return async (fields) => {
    const [userId = '', pin = '', deviceName = ''] = ['UserID', 'Password', 'devicename'].map((name) =>
      fields.get(name),
    )
    try {
      // Of somebody else the PIN is not looked at, and the answer takes as long as for a wrong one.
      const user = mayPush(userId, deviceName) ? endUsers.find(userId) : undefined
      return (await identityManagement.verifyPin(user, pin)) === 'right' ? 'AUTHORIZED' : 'UN-AUTHORIZED'
    } catch (error) {
      // Whoever floods this door must not fill the log as well.
      if (!(error instanceof CredentialHasherBusy))
        log.error({ err: error }, 'a phone could not be told who pushes to it')
      return 'ERROR'
    }
  }
}
