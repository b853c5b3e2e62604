// The live path: what changed in a turn leaves as one message per link. Changes of other origins are relayed at once
// (cut-through), before they are on this node's disk: if it crashes first, it only pulls them again. Own changes come here after
// their commit and not before, since a number that peers have seen must never be given out twice.
import { serializeBatch } from '../wire/batch-codec.ts'
import { limits } from '../limits.ts'
import { isHeard } from '../network/membership.ts'
import { fullPage } from '../data/replica.ts'
import { expose, mayBeHeard, visible } from './exposure.ts'
import { sendInSession } from '../session/session.ts'
import type { CoreState, Link, Turn } from '../state.ts'

/** Notes that `link` was not told what `origin` wrote after `from`. */
export function enqueue(link: Link, origin: string, from: number): void {
  if (origin === link.peer) return
  const queued = link.outbox.get(origin)
  link.outbox.set(origin, queued === undefined ? from : Math.min(queued, from))
}

/** Relays to whom the topology says: from a spoke to all others, from a hub to spokes only. So no loop, and three hops at most. */
export function relay(
  state: CoreState,
  source: Link,
  changed: { readonly origin: string; readonly from: number },
): void {
  for (const link of state.links.values()) {
    if (link === source || (source.role === 'hub' && link.role === 'hub')) continue
    enqueue(link, changed.origin, changed.from)
  }
}

/** True when a flush would send something, and need not wait for a write. */
export function hasOutgoing(state: CoreState): boolean {
  const { own } = state
  if (own.raising && visible(state) > own.sendable) return false
  for (const { outbox, asked } of state.links.values()) if (outbox.size > 0 || asked !== undefined) return true
  return false
}

/** Whether a flush does more than to forget what cannot be sent. */
export function hasReceiver(state: CoreState, turn: Turn): boolean {
  for (const link of state.links.values())
    if (link.asked !== undefined || (link.outbox.size > 0 && takesPushes(state, turn, link))) return true
  return false
}

export function flush(state: CoreState, turn: Turn): void {
  const written = new Map<string, string>()
  for (const link of state.links.values()) {
    if (link.outbox.size === 0) continue
    if (takesPushes(state, turn, link)) push(state, turn, { link, written })
    link.outbox.clear()
  }
}

/**
 * A link that has not shown its vector yet, or that nobody listens at, is behind anyway, and will pull: what is sent to a paused process
 * waits in buffers on the way.
 */
function takesPushes(state: CoreState, turn: Turn, link: Link): boolean {
  return link.live !== undefined && link.synced && state.transportUp && isHeard(state, turn, link)
}

function push(state: CoreState, turn: Turn, { link, written }: { link: Link; written: Map<string, string> }): void {
  const batches: string[] = []
  let size = 0
  for (const [origin, from] of link.outbox) {
    if (origin === state.options.self && !mayBeHeard(state)) continue
    const key = `${origin} ${from}`
    let batch = written.get(key)
    if (batch === undefined) {
      batch = writeBatch(state, origin, from)
      written.set(key, batch)
    }
    // The rest of a huge turn is found by the digest of the next heartbeat.
    if (size + batch.length > limits.pushCharacters) break
    size += batch.length
    batches.push(batch)
    if (origin === state.options.self) expose(state)
  }
  if (batches.length === 0) return
  link.lastPush = turn.now
  state.counters.pushesSent += 1
  sendInSession(state, turn, link, { type: 'push', payload: `{"batches":[${batches.join(',')}]}` })
}

/** More than a page is not pushed: an empty batch tells the peer how far we are, and it pulls at its own pace. */
function writeBatch(state: CoreState, origin: string, from: number): string {
  const batch = state.replica.batch(origin, from, fullPage())
  if (batch === undefined) throw new Error(`nothing is held of ${origin}`)
  if (batch.to === batch.head) return serializeBatch(batch)
  return serializeBatch({ ...batch, from: batch.head, to: batch.head, records: [] })
}
