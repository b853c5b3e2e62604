// Origins that a spoke knows and its hub does not. A spoke speaks for nobody but itself, so the hub will never learn of them here: they
// are of clusters that are in the network no more, or were with another hub. A spoke's view of the network is its hub's.
import { heartbeatsPerPoll } from '../limits.ts'
import type { Payload } from '../wire/message.ts'
import { notify } from '../state.ts'
import type { CoreState, Link, Turn } from '../state.ts'

/** A hub that has lost its disk learns everything again from its fellow hubs; until then stale data is better than none. */
const patiencePolls = 20

/** Of a page of the hub, which says everything that it holds. Beats that differ see to it that there is one at every heartbeat. */
export function observeStrays(state: CoreState, turn: Turn, link: Link, page: Payload<'page'>): void {
  const { strays, replica, options, membership } = state
  if (membership.role !== 'spoke' || link.role !== 'hub' || page.more) return
  for (const origin of strays.keys()) if (page.vector.has(origin)) strays.delete(origin)
  const patienceMs = patiencePolls * heartbeatsPerPoll * options.heartbeatMs
  const unknown = [...replica.origins()].filter((origin) => origin !== options.self && !page.vector.has(origin))
  for (const origin of unknown) {
    const since = strays.get(origin) ?? turn.now
    strays.set(origin, since)
    if (turn.now - since >= patienceMs) forget(state, turn, origin)
  }
}

/** As if it had never been heard of, here and on disk. */
export function forget(state: CoreState, turn: Turn, origin: string): void {
  const removed = state.replica.forget(origin)
  state.strays.delete(origin)
  state.heads.delete(origin)
  turn.effects.push({ type: 'store', change: { type: 'forget', origin, version: { epoch: 0, usn: 0 }, records: [] } })
  notify(turn, { type: 'applied', origin, records: [], removed })
}
