// Sessions: both sides contribute a nonce, and every message afterwards carries the session and a rising counter, so that a
// recorded message is worth nothing later.
import { hash } from 'node:crypto'
import { MessageClass } from './envelope.ts'
import { limits } from './limits.ts'
import { serializeFrame } from './message.ts'
import type { HandshakeType, SessionMessage, SessionType } from './message.ts'
import { PeerStatus } from './notice.ts'
import { notify } from './state.ts'
import type { CoreState, Link, Session, Turn } from './state.ts'

const noTime = Number.NEGATIVE_INFINITY

export function createLink(state: CoreState, peer: string, role: 'hub' | 'spoke'): Link {
  const link: Link = {
    peer,
    role,
    initiator: state.options.role === 'spoke' || (role === 'hub' && state.options.self < peer),
    live: undefined,
    pending: new Map(),
    nonce: undefined,
    lastHello: noTime,
    lastRefusal: noTime,
    lastHeard: undefined,
    lastBeat: noTime,
    lastPush: noTime,
    lastAlarm: noTime,
    synced: false,
    mismatches: 0,
    pull: undefined,
    pulled: false,
    status: PeerStatus.never,
    outbox: new Map(),
  }
  state.links.set(peer, link)
  return link
}

/** The same on both sides; neither chooses it alone. */
export function sessionId(caller: { readonly id: string; readonly nonce: string }, answerer: typeof caller): string {
  return hash('sha256', [caller.id, caller.nonce, answerer.id, answerer.nonce].join('\n'), 'base64url').slice(0, 22)
}

export function createSession(id: string): Session {
  return { id, sent: 0, received: 0 }
}

/** From here on messages of the older session are refused: they belong to a process that is gone, or to the past. */
export function goLive(link: Link, session: Session): void {
  link.live = session
  link.pending.clear()
  link.nonce = undefined
  link.pull = undefined
  link.synced = false
  link.mismatches = 0
  link.outbox.clear()
}

/** Keeps a few answered calls: a replayed hello adds one, and neither drops the live session nor a genuine call. */
export function addPending(link: Link, nonce: string, pending: { session: Session; answer: string }): void {
  const oldest = link.pending.keys().next().value
  if (oldest !== undefined && link.pending.size >= limits.pendingSessions) link.pending.delete(oldest)
  link.pending.set(nonce, pending)
}

/** Accepts a message's session and counter, or says why not. The first message of a pending session makes it live. */
export function admit(link: Link, message: SessionMessage): 'accepted' | 'session' | 'replay' {
  if (link.live?.id !== message.session) {
    const pending = [...link.pending.values()].find(({ session }) => session.id === message.session)
    if (pending === undefined) return 'session'
    goLive(link, pending.session)
  }
  const session = link.live as Session
  if (message.n <= session.received) return 'replay'
  session.received = message.n
  return 'accepted'
}

/** `payload` is JSON. Without a live session nothing is sent: whatever it was, a pull follows the next handshake. */
export function sendInSession(
  state: CoreState,
  turn: Turn,
  link: Link,
  message: { readonly type: SessionType; readonly payload: string },
): void {
  const session = link.live
  if (session === undefined) return
  session.sent += 1
  const address = { network: state.options.network, to: link.peer, session: session.id, n: session.sent }
  const body = serializeFrame(address, message.type, message.payload)
  turn.effects.push({ type: 'send', to: link.peer, bytes: state.codec.seal(MessageClass.message, body) })
}

export function sendHandshake(
  state: CoreState,
  turn: Turn,
  to: string,
  message: { readonly type: HandshakeType; readonly payload: object },
): void {
  const body = serializeFrame({ network: state.options.network, to }, message.type, JSON.stringify(message.payload))
  const messageClass = message.type === 'refused' ? MessageClass.refusal : MessageClass.message
  turn.effects.push({ type: 'send', to, bytes: state.codec.seal(messageClass, body) })
}

export function setStatus(turn: Turn, link: Link, status: PeerStatus): void {
  if (link.status === status) return
  link.status = status
  notify(turn, { type: 'peer', peer: link.peer, role: link.role, status })
}
