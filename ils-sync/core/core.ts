// The whole protocol as one function of state, event and time. No clock, no randomness, no I/O of its own: the same
// core runs on Redis and on the seeded network of the simulation.
import { answerAll } from './replication/answer.ts'
import { compactWhenQuiet } from './replication/compaction.ts'
import { admit, findMac } from './session/admission.ts'
import { MessageClass } from './wire/envelope.ts'
import { onHello, onRefused, onWelcome } from './session/handshake.ts'
import { observeHeads } from './replication/lag.ts'
import { forgetOthers, onLeaving } from './network/leaving.ts'
import { isHandshake, parseMessage } from './wire/message.ts'
import type { MessageType, SessionMessage } from './wire/message.ts'
import { changeMembership, finishMove } from './network/moving.ts'
import { limits } from './limits.ts'
import { flush, hasReceiver } from './replication/outbox.ts'
import { adoptEpoch, changeOwn, committed, mayLeave, raiseSendable } from './replication/own-changes.ts'
import { heard, onBeat, onTick, onUp } from './replication/pulse.ts'
import { Replica } from './data/replica.ts'
import type { StoredOrigin } from './data/record.ts'
import { onUnopened, refuse } from './session/refusal.ts'
import { createLink } from './session/session.ts'
import { createState, notify, resetOwn } from './state.ts'
import { observeStrays } from './network/stray.ts'
import type { CoreEvent, CoreOptions, CoreState, Effect, Link, Turn } from './state.ts'
import { onPage, onPull, onPush, pullFromAll } from './replication/synchronization.ts'
import { configuredPeers } from './network/topology.ts'

/** `stored` is what the store holds, the own origin included. */
export function createCore(options: CoreOptions, stored: readonly StoredOrigin[]): CoreState {
  const state = createState(options, stored)
  for (const peer of configuredPeers(state)) createLink(state, peer, 'hub')
  return state
}

/**
 * Handles one event and returns what is to be done, in order. Changes `state` in place; throws only on `change` with a value that
 * is too big, before anything has changed. `now` is monotonic milliseconds.
 */
export function handle(state: CoreState, event: CoreEvent, now: number): readonly Effect[] {
  const turn: Turn = { now, effects: [] }
  switch (event.type) {
    case 'message':
      onMessage(state, turn, event.bytes)
      break
    case 'change':
      changeOwn(state, turn, event)
      break
    case 'committed':
      committed(state, turn, event.token)
      finishMove(state, turn, event.token)
      break
    case 'flush':
      if (hasReceiver(state, turn) && !mayLeave(state, turn)) break
      answerAll(state, turn)
      flush(state, turn)
      break
    case 'tick':
      onTick(state, turn)
      compactWhenQuiet(state, turn)
      // What nobody looks at must not pile up either.
      state.replica.index(limits.indexedPerTick)
      break
    case 'up':
      onUp(state, turn)
      break
    case 'down':
      state.transportUp = false
      break
    case 'adoptEpoch':
      adoptEpoch(state, turn, event)
      break
    case 'raise':
      raiseSendable(state, turn)
      break
    case 'membership':
      changeMembership(state, turn, event)
      break
    case 'synchronize':
      if (!state.leaving) pullFromAll(state, turn)
      break
    case 'reload':
      reload(state, turn, event.stored)
  }
  return turn.effects
}

function onMessage(state: CoreState, turn: Turn, bytes: Uint8Array): void {
  const opened = state.codec.open(bytes, (from, session) => findMac(state, from, session))
  if (!opened.ok) return onUnopened(state, turn, opened)
  const { from, session } = opened
  const message = parseMessage(opened.body)
  if (message === undefined || !fits(opened.messageClass, message.type)) return refuse(turn, 'malformed', from)
  if (message.network !== state.options.network) return refuse(turn, 'network', from)
  if (message.to !== state.options.self) return refuse(turn, 'misaddressed', from)
  switch (message.type) {
    case 'hello':
      return onHello(state, turn, from, message.payload)
    case 'welcome':
      return onWelcome(state, turn, from, message.payload)
    case 'refused':
      return onRefused(state, turn, from, message.payload)
    default:
      return onSessionMessage(state, turn, { from, session: session as string }, message)
  }
}

function onSessionMessage(
  state: CoreState,
  turn: Turn,
  { from, session }: { readonly from: string; readonly session: string },
  message: SessionMessage,
): void {
  // There is one: it held the key that the message was opened with.
  const link = state.links.get(from) as Link
  const admitted = admit(state, link, { session, n: message.n })
  if (admitted !== 'accepted') return refuse(turn, admitted, from)
  if (state.leaving) return onLeaving(state, turn, link, message)
  heard(state, turn, link)
  carryOut(state, turn, link, message)
  observeHeads(state, turn, link, message)
  if (message.type === 'page') observeStrays(state, turn, link, message.payload)
}

function carryOut(state: CoreState, turn: Turn, link: Link, message: SessionMessage): void {
  switch (message.type) {
    case 'beat':
      return onBeat(state, turn, link, message.payload)
    case 'push':
      return onPush(state, turn, link, message.payload)
    case 'pull':
      return onPull(state, turn, link, message.payload)
    case 'page':
      return onPage(state, turn, link, message.payload)
  }
}

/** What opens a session is not said in one, and the other way round: each has its own key. */
function fits(messageClass: MessageClass, type: MessageType): boolean {
  if (messageClass === MessageClass.session) return !isHandshake(type)
  return isHandshake(type) && (messageClass === MessageClass.refusal) === (type === 'refused')
}

/** Memory was ahead of a disk that could not follow. What is missing now is pulled again. */
function reload(state: CoreState, turn: Turn, stored: readonly StoredOrigin[]): void {
  state.replica = new Replica(stored)
  for (const link of state.links.values()) link.outbox.clear()
  resetOwn(state)
  notify(turn, { type: 'reloaded' })
  // The disk may not have forgotten yet.
  if (state.membership.role === 'standalone') forgetOthers(state, turn)
  if (!state.leaving) pullFromAll(state, turn)
}
