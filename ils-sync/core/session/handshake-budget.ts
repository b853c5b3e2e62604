// How many handshakes are looked at: each may cost a signature to verify and one to make, and whoever reaches the wire can send them.
import { heartbeatsPerPoll, limits } from '../limits.ts'
import type { CoreState } from '../state.ts'

/** Of one poll, which is three heartbeats. */
export interface HandshakeBudget {
  since: number
  /** Of senders without a link. */
  strangers: number
  readonly bySender: Map<string, number>
}

export function createHandshakeBudget(): HandshakeBudget {
  return { since: Number.NEGATIVE_INFINITY, strangers: 0, bySender: new Map() }
}

/**
 * False when this claimed sender has had its share of the poll. Strangers share one more bound, which also bounds the memory of it; it
 * does not touch neighbours, so that a flood of invented names keeps nobody out who is in.
 */
export function takeHandshake({ handshakes, links, options }: CoreState, now: number, sender: string): boolean {
  if (now - handshakes.since >= heartbeatsPerPoll * options.heartbeatMs) {
    handshakes.since = now
    handshakes.strangers = 0
    handshakes.bySender.clear()
  }
  const count = handshakes.bySender.get(sender) ?? 0
  if (count >= limits.handshakesPerPoll) return false
  if (!links.has(sender)) {
    if (handshakes.strangers >= limits.strangersPerPoll) return false
    handshakes.strangers += 1
  }
  handshakes.bySender.set(sender, count + 1)
  return true
}
