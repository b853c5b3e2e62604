// Between a right PIN and the choice of a device profile the phone comes back with a ticket, so that no page and no address carries
// the PIN. How the vendor does it is not published.
import { randomBytes } from 'node:crypto'
import { foldName } from '../database/row-memory.ts'
import type { Clock } from '../service.ts'

/** Who may come back, and where. */
export interface Bearer {
  readonly deviceName: string
  readonly userId: string
}

/** Tickets in memory: a restart forgets them, and the user enters the PIN again. */
export interface Tickets {
  /** 128 random bits. */
  issue(bearer: Bearer): string
  /** Whether the ticket was issued to this user on this phone, lately, and for the first time. It is spent in any case. */
  redeem(ticket: string, bearer: Bearer): boolean
}

/** Bounds of the tickets. */
export interface TicketOptions {
  readonly clock: Clock
  readonly keepMs: number
  /** The oldest is forgotten for one more. */
  readonly maxCount: number
}

/** No tickets yet. */
export function createTickets({ clock, keepMs, maxCount }: TicketOptions): Tickets {
  // In order of issue, which is the order in which they expire.
  const issued = new Map<string, Bearer & { readonly expiresAt: number }>()

  function forgetOldest(): void {
    for (const [ticket, { expiresAt }] of issued) {
      if (issued.size < maxCount && expiresAt > clock.now()) return
      issued.delete(ticket)
    }
  }

  return {
    issue(bearer) {
      forgetOldest()
      const ticket = randomBytes(16).toString('base64url')
      issued.set(ticket, { ...bearer, expiresAt: clock.now() + keepMs })
      return ticket
    },
    redeem(ticket, bearer) {
      const known = issued.get(ticket)
      issued.delete(ticket)
      return known !== undefined && known.expiresAt > clock.now() && isSame(known, bearer)
    },
  }
}

/** Names of phones and users compare without regard to case. */
function isSame(one: Bearer, other: Bearer): boolean {
  return foldName(one.deviceName) === foldName(other.deviceName) && foldName(one.userId) === foldName(other.userId)
}
