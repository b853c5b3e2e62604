// Opening sessions, and what is said to those that cannot be understood.
import { hubOf } from './topology.ts'
import { heartbeatsPerPoll, limits } from './limits.ts'
import type { OpenFailure, MessageClass } from './envelope.ts'
import type { Payload } from './message.ts'
import { AlarmName, alarmTexts } from './notice.ts'
import type { RefusalReason } from './notice.ts'
import { addPending, createLink, createSession, goLive, sendHandshake, sessionId } from './session.ts'
import { notify } from './state.ts'
import type { CoreState, Link, Turn } from './state.ts'
import { askPull } from './synchronization.ts'
import { mayCall } from './topology.ts'

/** Calls the peer, at most twice per heartbeat. The nonce stays until it is answered, so that a slow answer still counts. */
export function sayHello(state: CoreState, turn: Turn, link: Link): void {
  if (!link.initiator || !state.transportUp || turn.now - link.lastHello < state.options.heartbeatMs / 2) return
  link.lastHello = turn.now
  link.nonce ??= state.options.random(18).toString('base64url')
  const payload = { nonce: link.nonce, role: state.options.role }
  sendHandshake(state, turn, link.peer, { type: 'hello', payload })
}

/** Answers a call. Nothing changes yet: a recorded hello could come from anybody, the first message in the session cannot. */
export function onHello(state: CoreState, turn: Turn, from: string, { nonce, role }: Payload<'hello'>): void {
  if (!mayCall(state.options, from, role)) return refuse(turn, 'stranger', from)
  const link = state.links.get(from) ?? createLink(state, from, role)
  let pending = link.pending.get(nonce)
  if (pending === undefined) {
    const answer = state.options.random(18).toString('base64url')
    const id = sessionId({ id: from, nonce }, { id: state.options.self, nonce: answer })
    pending = { session: createSession(id), answer }
    addPending(link, nonce, pending)
  }
  sendHandshake(state, turn, from, { type: 'welcome', payload: { nonce, answer: pending.answer } })
}

/** The answer to our own call; a copy of an older one finds no nonce that it fits. */
export function onWelcome(state: CoreState, turn: Turn, from: string, { nonce, answer }: Payload<'welcome'>): void {
  const link = state.links.get(from)
  if (link === undefined || link.nonce !== nonce) return refuse(turn, link ? 'replay' : 'stranger', from)
  goLive(link, createSession(sessionId({ id: state.options.self, nonce }, { id: from, nonce: answer })))
  link.lastHeard = turn.now
  askPull(state, turn, link)
}

/** The peer does not know our session any more, so it has restarted: call again, or wait for its call. */
export function onRefused(state: CoreState, turn: Turn, from: string, { reason, session }: Payload<'refused'>): void {
  const link = state.links.get(from)
  if (reason !== 'session' || !link?.live || link.live.id !== session) return
  if (link.initiator) sayHello(state, turn, link)
  else link.live = undefined
}

/** Tells a peer, at most twice per heartbeat, that its session is not known here. */
export function refuseSession(state: CoreState, turn: Turn, link: Link, session: string): void {
  refuse(turn, 'session', link.peer)
  if (turn.now - link.lastRefusal < state.options.heartbeatMs / 2) return
  link.lastRefusal = turn.now
  sendHandshake(state, turn, link.peer, { type: 'refused', payload: { reason: 'session', session } })
}

export function refuse(turn: Turn, reason: RefusalReason, claimed?: string): void {
  notify(turn, claimed === undefined ? { type: 'refused', reason } : { type: 'refused', reason, claimed })
}

/**
 * Bytes that could not be opened. A signature that does not fit raises the alarm of a wrong password, and is answered with our
 * own signature, which the sender cannot verify either: so both ends learn of it. Refusals are never answered.
 */
export function onUnopened(
  state: CoreState,
  turn: Turn,
  failure: { readonly reason: OpenFailure; readonly claimed?: string; readonly messageClass?: MessageClass },
): void {
  const { reason, claimed, messageClass } = failure
  refuse(turn, reason, claimed)
  if (reason !== 'authentication' || claimed === undefined || claimed === state.options.self) return
  if (!takeClaim(state, turn, claimed)) return
  const name = AlarmName.passwordAuthenticationFailed
  notify(turn, { type: 'alarm', alarm: { name, severity: 'Alert', text: alarmTexts[name], peer: claimed } })
  const neighbour = state.options.role === 'hub' || claimed === hubOf(state.options)
  if (messageClass !== 'M' || !neighbour) return
  sendHandshake(state, turn, claimed, { type: 'refused', payload: { reason: 'authentication' } })
}

/** At most one alarm per claimed sender per poll, and a bounded number of senders, since anybody can claim anything. */
function takeClaim(state: CoreState, turn: Turn, claimed: string): boolean {
  const pollMs = heartbeatsPerPoll * state.options.heartbeatMs
  for (const [sender, at] of state.claims) if (turn.now - at >= pollMs) state.claims.delete(sender)
  if (state.claims.has(claimed) || state.claims.size >= limits.claimedSendersPerPoll) return false
  state.claims.set(claimed, turn.now)
  return true
}
