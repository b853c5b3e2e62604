import type { Login } from '../../database/api.ts'
import { foldName } from '../../database/row-memory.ts'

/** When logins end by themselves, as it stands on disk: one entry for each phone on which somebody is logged in for a limited time. */
export interface AutoLogoutList {
  /** The phone's login is this one now. */
  put(login: Login): void
  remove(deviceName: string): void
  /** Puts a phone back that could not be logged out, to be tried again at `at`. */
  retry(deviceName: string, at: number): void
  /** Names of the phones whose time is over; they are taken out. */
  take(now: number): readonly string[]
  /** The earliest time at which something may be due, milliseconds since the epoch; Infinity = never. */
  readonly next: number
}

const daysMs = 86_400_000

/**
 * When this login ends by itself, milliseconds since the epoch; Infinity = never. "If the Extension Mobility service is stopped or
 * restarted, the system does not auto-logout users who are already logged in after the logout interval expires. Those phones auto-logout
 * users only once in a day": then at the first of the daily moments, counted from the stop, at which the time is over.
 */
export function autoLogoutAt({ loginTime, loginDuration }: Login, stoppedAt: number | undefined): number {
  if (loginDuration === 0) return Infinity
  const due = loginTime + loginDuration * 1000
  if (stoppedAt === undefined || loginTime > stoppedAt) return due
  const days = Math.max(1, Math.ceil((due - stoppedAt) / daysMs))
  return stoppedAt + days * daysMs
}

/** `onEarlier` is called when `next` has become an earlier time. */
export function createAutoLogoutList(stoppedAt: number | undefined, onEarlier: () => void): AutoLogoutList {
  const dues = new Map<string, { readonly deviceName: string; readonly at: number }>()
  let next = Infinity

  function set(deviceName: string, at: number): void {
    dues.set(foldName(deviceName), { deviceName, at })
    if (at >= next) return
    next = at
    onEarlier()
  }

  return {
    put(login) {
      const at = autoLogoutAt(login, stoppedAt)
      if (at < Infinity) set(login.deviceName, at)
      else if (dues.size > 0) dues.delete(foldName(login.deviceName))
    },
    remove(deviceName) {
      if (dues.size > 0) dues.delete(foldName(deviceName))
    },
    retry: set,
    take(now) {
      const over: string[] = []
      next = Infinity
      for (const [key, { deviceName, at }] of dues) {
        if (at > now) {
          next = Math.min(next, at)
        } else {
          over.push(deviceName)
          dues.delete(key)
        }
      }
      return over
    },
    get next() {
      return next
    },
  }
}
