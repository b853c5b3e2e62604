// What a login and a logout do: rows inside the transaction; events, counters and phones after it is on disk.
import type { ClusterDatabase, Login } from '../database/api.ts'
import type { ServiceContext } from '../service.ts'
import { LogoutReason } from './api.ts'
import type { EmMetrics } from './metrics.ts'
import type { Permission } from './rules.ts'

/** CISCO-CCM-MIB, unregister reason emLoginLogout. */
const emLoginLogout = 19

/** Both only inside `database.write`. */
export interface Sessions {
  /** Ends the logins that this one ends, then opens it; a session of the same user on the same phone is replaced. */
  open(permission: Permission): Login
  /** Ends logins of one user and, for a superuser, tells the other clusters once. */
  end(userId: string, logins: readonly Login[], reason: LogoutReason): void
}

export interface SessionParts {
  readonly context: ServiceContext
  readonly database: ClusterDatabase
  readonly metrics: EmMetrics
}

/** Acts on the tables of `database`, and through the services that run at that moment. */
export function createSessions({ context, database, metrics }: SessionParts): Sessions {
  const restart = (deviceName: string) => context.find('callmanager')?.restartDevice(deviceName, emLoginLogout)

  function close(login: Login, reason: LogoutReason): void {
    database.logins.close(login.deviceName)
    database.afterCommit(() => {
      metrics.logoutsSuccessful.inc()
      const { deviceName, userId, deviceProfile } = login
      context.events.publish('logout', { deviceName, userId, deviceProfile, reason })
      restart(deviceName)
    })
  }

  return {
    open({ device, user, deviceProfile, ended }) {
      for (const other of ended) close(other, LogoutReason.autoLogout)
      // loginDuration 0: without Enforce Intra-cluster Maximum Login Time a login has no end (the default).
      const login: Login = {
        deviceName: device.name,
        userId: user.userId,
        deviceProfile,
        loginTime: context.clock.now(),
        loginDuration: 0,
      }
      database.logins.open(login)
      if (user.superuser) context.find('ils')?.locationChanged(user.userId, 'login')
      database.afterCommit(() => {
        metrics.loginsSuccessful.inc()
        context.events.publish('login', { ...login, loginTime: new Date(login.loginTime).toISOString() })
        restart(login.deviceName)
      })
      return login
    },
    end(userId, logins, reason) {
      if (logins.length === 0) return
      for (const login of logins) close(login, reason)
      if (database.endUsers.find(userId)?.superuser) context.find('ils')?.locationChanged(userId, 'logout')
    },
  }
}
