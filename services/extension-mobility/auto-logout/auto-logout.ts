// Logs out whose maximum login time is over. One timer waits for the next login that is due; what is due is then looked up on disk, for
// the login may have ended otherwise.
import type { ClusterDatabase } from '../../database/api.ts'
import type { Clock, Logger } from '../../service.ts'
import { LogoutReason } from '../api.ts'
import { autoLogoutAt } from './auto-logout-list.ts'
import type { AutoLogoutList } from './auto-logout-list.ts'
import type { Sessions } from '../sessions.ts'
import { wakeAfter } from './timer.ts'

export interface AutoLogoutParts {
  readonly clock: Clock
  readonly log: Logger
  readonly database: ClusterDatabase
  readonly sessions: Pick<Sessions, 'end'>
  readonly list: AutoLogoutList
  /** When the service was stopped last; see `autoLogoutAt`. */
  readonly stoppedAt: number | undefined
}

/** Runs until stopped. */
export interface AutoLogout {
  /** The list has an earlier entry than before. */
  reconsider(): void
  /** Idempotent; resolves when no logout of it is under way. */
  stop(): Promise<void>
}

/** Logouts that become due within this time share one timer and one scan of the list. */
const coalesceMs = 1000
const retryMs = 60_000
/** Logouts in one transaction. */
const batch = 500

/** Starts with the logins that are on disk: they have outlived a restart. */
export function startAutoLogout(parts: AutoLogoutParts): AutoLogout {
  const { clock, database, list, log } = parts
  const running = new Set<Promise<void>>()
  let stopped = false
  let lastWake = -Infinity
  let callOff: (() => void) | undefined

  function arm(): void {
    callOff?.()
    callOff = undefined
    if (stopped || list.next === Infinity) return
    const at = Math.max(list.next, lastWake + coalesceMs)
    callOff = wakeAfter(clock, at - clock.now(), wake)
  }

  function wake(): void {
    callOff = undefined
    lastWake = clock.now()
    const names = list.take(lastWake)
    for (let start = 0; start < names.length; start += batch) endOverdue(names.slice(start, start + batch))
    arm()
  }

  function endOverdue(names: readonly string[]): void {
    const done: Promise<void> = database
      .write(() => endThose(parts, names))
      .catch((error: unknown) => {
        log.error({ err: error }, 'users whose maximum login time is over could not be logged out')
        for (const name of names) list.retry(name, clock.now() + retryMs)
      })
      .finally(() => running.delete(done))
    running.add(done)
  }

  for (const login of database.logins.list()) list.put(login)
  arm()

  return {
    reconsider: arm,
    async stop() {
      stopped = true
      callOff?.()
      callOff = undefined
      await Promise.all(running)
    },
  }
}

function endThose({ clock, database, sessions, stoppedAt }: AutoLogoutParts, names: readonly string[]): void {
  const now = clock.now()
  const overdue = names.map((name) => database.logins.on(name)).filter((login) => login !== undefined)
  sessions.end(
    overdue.filter((login) => autoLogoutAt(login, stoppedAt) <= now),
    LogoutReason.maximumLoginTime,
  )
}
