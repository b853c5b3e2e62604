// What a login and a logout do: rows inside the transaction; events, counters and phones after it is on disk.
import type { ClusterDatabase, Login } from '../database/api.ts'
import { clearCallLogs, isOn } from '../database/service-parameters.ts'
import type { ServiceContext } from '../service.ts'
import { LogoutReason } from './api.ts'
import type { AutoLogoutList } from './auto-logout/auto-logout-list.ts'
import type { EmMetrics } from './metrics.ts'
import { isSameName } from './names.ts'
import type { Permission } from './rules/login-rules.ts'

/** CISCO-CCM-MIB, unregister reason emLoginLogout. */
const emLoginLogout = 19

/** Both only inside `database.write`. */
export interface Sessions {
  /**
   * Ends the logins that this one ends, then opens it; a session of the same user on the same phone is replaced. `manual`: a person or
   * an application asked for it, nothing in the cluster did.
   */
  open(permission: Permission, manual: boolean): Login
  /** Ends logins and tells the other clusters once for each superuser. */
  end(logins: readonly Login[], reason: LogoutReason): void
}

export interface SessionParts {
  readonly context: ServiceContext
  readonly database: ClusterDatabase
  readonly metrics: EmMetrics
  readonly autoLogouts: AutoLogoutList
}

/** Acts on the tables of `database`, and through the services that run at that moment. */
export function createSessions({ context, database, metrics, autoLogouts }: SessionParts): Sessions {
  const { logins: tables, serviceParameters } = database
  const restart = (deviceName: string) => context.find('callmanager')?.restartDevice(deviceName, emLoginLogout)

  function close(login: Login, reason: LogoutReason): void {
    tables.close(login.deviceName)
    const clears = reason === LogoutReason.manual && isOn(serviceParameters, clearCallLogs)
    database.afterCommit(() => {
      metrics.logoutsSuccessful.inc()
      const { deviceName, userId, deviceProfile } = login
      autoLogouts.remove(deviceName)
      context.events.publish('logout', { deviceName, userId, deviceProfile, reason })
      if (clears) context.events.publish('callLogsCleared', { deviceName })
      restart(deviceName)
    })
  }

  return {
    open({ device, user, deviceProfile, ended, loginDuration }, manual) {
      for (const other of ended) close(other, LogoutReason.autoLogout)
      const login: Login = {
        deviceName: device.name,
        userId: user.userId,
        deviceProfile,
        loginTime: context.clock.now(),
        loginDuration,
      }
      tables.open(login)
      if (user.superuser) context.find('ils')?.locationChanged(user.userId, 'login')
      const clears = manual && isOn(serviceParameters, clearCallLogs)
      database.afterCommit(() => {
        metrics.loginsSuccessful.inc()
        autoLogouts.put(login)
        context.events.publish('login', { ...login, loginTime: new Date(login.loginTime).toISOString() })
        if (clears) context.events.publish('callLogsCleared', { deviceName: login.deviceName })
        restart(login.deviceName)
      })
      return login
    },
    end(logins, reason) {
      for (const login of logins) close(login, reason)
      for (const userId of usersOf(logins)) {
        if (database.endUsers.find(userId)?.superuser) context.find('ils')?.locationChanged(userId, 'logout')
      }
    },
  }
}

function usersOf(logins: readonly Login[]): readonly string[] {
  const [first] = logins
  if (first === undefined) return []
  if (logins.every(({ userId }) => isSameName(userId, first.userId))) return [first.userId]
  return [...new Set(logins.map(({ userId }) => userId))]
}
