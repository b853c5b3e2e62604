// Sessions: both sides contribute a nonce, and every message afterwards carries the session and a rising counter, so that a
// recorded message is worth nothing later.
import { MessageClass } from '../wire/envelope.ts'
import type { SessionKey } from '../wire/envelope.ts'
import { limits } from '../limits.ts'
import { serializeFrame } from '../wire/message.ts'
import type { HandshakeType, SessionType } from '../wire/message.ts'
import { PeerStatus } from '../notice.ts'
import { createStanding, notify } from '../state.ts'
import type { CoreState, Link, Pending, Session, Turn } from '../state.ts'
import { initiates } from '../network/topology.ts'

const noTime = Number.NEGATIVE_INFINITY

export function createLink(state: CoreState, peer: string, role: 'hub' | 'spoke'): Link {
  const link: Link = {
    peer,
    role,
    initiator: initiates(state, peer, role),
    standing: createStanding(),
    live: undefined,
    pending: new Map(),
    call: undefined,
    lastHello: noTime,
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

/** `opened` is what the node at the other end said of itself. */
export function createSession({ id, mac }: SessionKey, opened: Pick<Session, 'peerId' | 'role'>): Session {
  return { id, mac, peerId: opened.peerId, role: opened.role, sent: 0, received: 0 }
}

/** From here on messages of the older session are refused: they belong to a process that is gone, or to the past. */
export function goLive(link: Link, session: Session): void {
  link.live = session
  link.pending.clear()
  link.call = undefined
  link.pull = undefined
  link.synced = false
  link.mismatches = 0
  link.outbox.clear()
}

/** Keeps a few answered calls: a replayed hello adds one, and neither drops the live session nor a genuine call. */
export function addPending(link: Link, nonce: string, pending: Pending): void {
  const oldest = link.pending.keys().next().value
  if (oldest !== undefined && link.pending.size >= limits.pendingSessions) link.pending.delete(oldest)
  link.pending.set(nonce, pending)
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
  const address = { network: state.options.network, to: link.peer, n: session.sent }
  const body = serializeFrame(address, message.type, message.payload)
  turn.effects.push({ type: 'send', to: link.peer, bytes: state.codec.seal(session, body) })
}

export function sendHandshake(
  state: CoreState,
  turn: Turn,
  to: string,
  message: { readonly type: HandshakeType; readonly payload: object },
): void {
  const body = serializeFrame({ network: state.options.network, to }, message.type, JSON.stringify(message.payload))
  const messageClass = message.type === 'refused' ? MessageClass.refusal : MessageClass.handshake
  turn.effects.push({ type: 'send', to, bytes: state.codec.seal(messageClass, body) })
}

/** While two clusters answer to the peer's ID, that is what people must see. */
export function setStatus(turn: Turn, link: Link, wanted: PeerStatus): void {
  const status = link.standing.rival?.lastAlarm === undefined ? wanted : PeerStatus.duplicate
  if (link.status === status) return
  link.status = status
  notify(turn, { type: 'peer', peer: link.peer, role: link.role, status })
}
