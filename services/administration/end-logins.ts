import type { Login } from '../database/api.ts'
import type { LogoutReason } from '../extension-mobility/api.ts'
import type { ServiceContext } from '../service.ts'

/** CISCO-CCM-MIB, unregister reason emLoginLogout. */
const emLoginLogout = 19
const reason: LogoutReason = 'administrator'

/**
 * Inside the work that takes away what logins of one user stand on (the user, the phone): ends them in the same transaction.
 * Extension Mobility cannot be asked, it has a transaction of its own and may be deactivated while people are logged in.
 */
export function endLogins(context: ServiceContext, logins: readonly Login[]): void {
  const { endUsers, logins: tables } = context.use('database')
  const [first] = logins
  if (first === undefined) return
  for (const { deviceName } of logins) tables.close(deviceName)
  if (endUsers.find(first.userId)?.superuser) context.find('ils')?.locationChanged(first.userId, 'logout')
  for (const login of logins) context.use('database').afterCommit(() => announceLogout(context, login))
}

function announceLogout(context: ServiceContext, { deviceName, userId, deviceProfile }: Login): void {
  context.events.publish('logout', { deviceName, userId, deviceProfile, reason })
  // Unless it is the phone itself that went.
  const isThere = context.use('database').devices.find(deviceName) !== undefined
  if (isThere) context.find('callmanager')?.restartDevice(deviceName, emLoginLogout)
}
