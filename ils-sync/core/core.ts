// The whole protocol as one function of state, event and time. No clock, no randomness, no I/O of its own: the same
// core runs on Redis and on the seeded network of the simulation.
import { onHello, onRefused, onUnopened, onWelcome, refuse, refuseSession } from './handshake.ts'
import { parseMessage } from './message.ts'
import type { SessionMessage } from './message.ts'
import { flush } from './outbox.ts'
import { adoptEpoch, changeOwn, committed } from './own-changes.ts'
import { heard, onBeat, onTick, onUp } from './pulse.ts'
import { Replica } from './replica.ts'
import type { StoredOrigin } from './record.ts'
import { admit, createLink } from './session.ts'
import { createState, notify, resetOwn } from './state.ts'
import type { CoreEvent, CoreOptions, CoreState, Effect, Turn } from './state.ts'
import { onPage, onPull, onPush, pullFromAll } from './synchronization.ts'
import { configuredPeers, mayCall } from './topology.ts'

/** `stored` is what the store holds, the own origin included. */
export function createCore(options: CoreOptions, stored: readonly StoredOrigin[]): CoreState {
  const state = createState(options, stored)
  for (const peer of configuredPeers(options)) createLink(state, peer, 'hub')
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
      break
    case 'flush':
      flush(state, turn)
      break
    case 'tick':
      onTick(state, turn)
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
    case 'synchronize':
      pullFromAll(state, turn)
      break
    case 'reload':
      reload(state, turn, event.stored)
  }
  return turn.effects
}

function onMessage(state: CoreState, turn: Turn, bytes: Uint8Array): void {
  const opened = state.codec.open(bytes)
  if (!opened.ok) return onUnopened(state, turn, opened)
  const { from } = opened
  const message = parseMessage(opened.body)
  if (message === undefined) return refuse(turn, 'malformed', from)
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
      return onSessionMessage(state, turn, from, message)
  }
}

function onSessionMessage(state: CoreState, turn: Turn, from: string, message: SessionMessage): void {
  const link = state.links.get(from) ?? returning(state, from)
  if (link === undefined) return refuse(turn, 'stranger', from)
  const admitted = admit(link, message)
  if (admitted === 'session') return refuseSession(state, turn, link, message.session)
  if (admitted === 'replay') return refuse(turn, 'replay', from)
  heard(state, turn, link)
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

/** A spoke that talks in a session of our earlier life: it needs a link to be told so. */
function returning(state: CoreState, from: string) {
  return mayCall(state.options, from, 'spoke') ? createLink(state, from, 'spoke') : undefined
}

/** Memory was ahead of a disk that could not follow. What is missing now is pulled again. */
function reload(state: CoreState, turn: Turn, stored: readonly StoredOrigin[]): void {
  state.replica = new Replica(stored)
  for (const link of state.links.values()) link.outbox.clear()
  resetOwn(state)
  notify(turn, { type: 'reloaded' })
  pullFromAll(state, turn)
}
