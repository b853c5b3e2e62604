// Leaving the network. Within its epoch's first number a node that leaves says nothing but that it is standalone, and that first number
// is all that others are told: so they forget everything else. What the node says later, to itself, are numbers that follow.
import { serializeBatch, serializeVector } from '../wire/batch-codec.ts'
import { heartbeatsPerPoll } from '../limits.ts'
import type { SessionMessage } from '../wire/message.ts'
import type { Batch } from '../data/record.ts'
import { sendInSession } from '../session/session.ts'
import { notify } from '../state.ts'
import type { CoreState, Leaving, Link, Turn } from '../state.ts'
import { forget } from './stray.ts'

/** After the commit: tells all neighbours with a session, forgets what others said, and waits a poll at most for confirmation. */
export function leave(state: CoreState, turn: Turn, farewell: Batch): void {
  const vector = new Map(state.replica.vector())
  vector.set(state.options.self, { epoch: farewell.epoch, usn: farewell.to })
  state.own.exposed = Math.max(state.own.exposed, farewell.to)
  forgetOthers(state, turn)
  const leaving: Leaving = { farewell, vector, since: turn.now, told: [], untold: [] }
  state.leaving = leaving
  for (const link of state.links.values()) {
    if (link.live === undefined || !state.transportUp) drop(state, leaving, link)
    else {
      // Nothing is pushed any more, nor handed over to who has asked before.
      link.synced = false
      link.asked = undefined
      sayFarewell(state, turn, leaving, link)
    }
  }
  finishIfDone(state, turn, leaving)
}

/** What others said is theirs: calls of a standalone cluster must not follow what nobody keeps up to date any more. */
export function forgetOthers(state: CoreState, turn: Turn): void {
  const { replica, options } = state
  for (const origin of [...replica.origins()].filter((one) => one !== options.self)) forget(state, turn, origin)
  state.heads.clear()
}

/** Only whether the peer has heard is of interest now. */
export function onLeaving(state: CoreState, turn: Turn, link: Link, message: SessionMessage): void {
  const { leaving } = state
  if (leaving === undefined || message.type !== 'page') return
  const held = message.payload.vector.get(state.options.self)
  const { epoch, to: usn } = leaving.farewell
  // A higher epoch is no answer either: the peer keeps what a disk before ours has said.
  if (held?.epoch !== epoch || held.usn < usn) return
  leaving.told.push(link.peer)
  state.links.delete(link.peer)
  finishIfDone(state, turn, leaving)
}

/** Says it again, since the wire may lose anything, and gives up after a poll. */
export function tickLeaving(state: CoreState, turn: Turn, leaving: Leaving): void {
  const over = turn.now - leaving.since >= heartbeatsPerPoll * state.options.heartbeatMs
  for (const link of state.links.values()) {
    if (over) drop(state, leaving, link)
    else sayFarewell(state, turn, leaving, link)
  }
  finishIfDone(state, turn, leaving)
}

/** The pull is there for its page, whose vector shows that the push has come. */
function sayFarewell(state: CoreState, turn: Turn, { farewell, vector }: Leaving, link: Link): void {
  const id = ++state.lastPullId
  sendInSession(state, turn, link, { type: 'push', payload: `{"batches":[${serializeBatch(farewell)}]}` })
  sendInSession(state, turn, link, { type: 'pull', payload: `{"id":${id},"vector":${serializeVector(vector)}}` })
}

function drop(state: CoreState, leaving: Leaving, link: Link): void {
  leaving.untold.push(link.peer)
  state.links.delete(link.peer)
}

function finishIfDone(state: CoreState, turn: Turn, { told, untold }: Leaving): void {
  if (state.links.size > 0) return
  state.leaving = undefined
  notify(turn, { type: 'membership', membership: state.membership, told, untold })
}
