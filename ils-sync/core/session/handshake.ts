// Opening sessions. Nothing weaker than what this node is configured for is ever accepted, whatever a message says.
import { introduce, openCall, sayHello } from './call.ts'
import { suspect, toldDuplicate } from '../network/duplicate.ts'
import { takeHandshake } from './handshake-budget.ts'
import { acceptPeer, sessionOpened } from '../network/membership.ts'
import { isNonce } from '../wire/message.ts'
import type { Payload } from '../wire/message.ts'
import { AlarmName } from '../notice.ts'
import { helloText, prove, refuseProof, refusedText, welcomeText } from './proof.ts'
import { raise, refuse, refuseIdentity } from './refusal.ts'
import { agree, deriveSessionKey } from './session-key.ts'
import type { Exchange, Party } from './session-key.ts'
import { addPending, createSession, goLive, sendHandshake } from './session.ts'
import type { CoreState, Link, Pending, Session, Turn } from '../state.ts'
import { askPull } from '../replication/synchronization.ts'

/** Answers a call. Nothing changes yet: a recorded hello could come from anybody, the first message in the session cannot. */
export function onHello(state: CoreState, turn: Turn, from: string, hello: Payload<'hello'>): void {
  const { nonce, echo, role, peerId, key } = hello
  if (!takeHandshake(state, turn.now, from)) return refuse(turn, 'flood', from)
  const detail =
    refuseMode(state, hello) ??
    refuseProof(state, from, helloText(state, { from, to: state.options.self }, hello), hello)
  if (detail !== undefined) return refuseIdentity(state, turn, { from, nonce, detail })
  const link = acceptPeer(state, turn, { type: 'hello', nonce, echo, peer: from, role, peerId })
  if (link === undefined) return
  const pending = answer(state, link, { id: from, nonce, peerId, key, role })
  if (pending === undefined) return refuse(turn, 'replay', from)
  const { nonce: answering, ...own } = introduce(state, pending.answer)
  const said = { nonce, answer: answering, ...own }
  const text = welcomeText(state, { from: state.options.self, to: from }, { ...said, callerKey: key })
  sendHandshake(state, turn, from, { type: 'welcome', payload: { ...said, ...prove(state, text) } })
}

/** The answer to our own call; a copy of an older one finds no nonce that it fits. */
export function onWelcome(state: CoreState, turn: Turn, from: string, welcome: Payload<'welcome'>): void {
  const { nonce, answer: answering, role, peerId, key } = welcome
  const call = state.links.get(from)?.call
  if (call?.nonce !== nonce) return refuse(turn, state.links.has(from) ? 'replay' : 'stranger', from)
  if (!takeHandshake(state, turn.now, from)) return refuse(turn, 'flood', from)
  const text = welcomeText(state, { from, to: state.options.self }, { ...welcome, callerKey: call.exchange?.key })
  const detail = refuseMode(state, welcome) ?? refuseProof(state, from, text, welcome)
  if (detail !== undefined) return refuseIdentity(state, turn, { from, nonce, detail })
  const link = acceptPeer(state, turn, { type: 'welcome', nonce, peer: from, role, peerId })
  if (link?.call !== call) return
  const session = createSessionOf(state, {
    caller: { id: state.options.self, nonce, peerId: state.options.peerId, key: call.exchange?.key },
    answerer: { id: from, nonce: answering, peerId, key },
    exchange: call.exchange,
    role,
  })
  if (session === undefined) return refuseIdentity(state, turn, { from, nonce, detail: notAKey })
  goLive(link, session)
  sessionOpened(state, link)
  link.lastHeard = turn.now
  askPull(state, turn, link)
}

/**
 * The peer does not know our session any more, so it has restarted: call again, or wait for its call. Or it does not accept who we say
 * we are: that is for people.
 */
export function onRefused(state: CoreState, turn: Turn, from: string, refused: Payload<'refused'>): void {
  const { reason, session, nonce, peerId } = refused
  const link = state.links.get(from)
  if (link === undefined) return refuse(turn, 'stranger', from)
  if (reason === 'certificate') {
    // An answer to something that we said just now, and no copy of an older one.
    const ours = nonce !== undefined && (link.call?.nonce === nonce || link.pending.has(nonce))
    if (!ours) return refuse(turn, 'replay', from)
    raise(state, turn, AlarmName.tlsAuthenticationFailed, from)
    return
  }
  if (reason === 'challenge') {
    // Whoever hears the wire can say this where certificates vouch: what no hello could carry would end all our calls.
    if (link.call === undefined || link.call.nonce !== nonce || !isNonce(session)) return refuse(turn, 'replay', from)
    link.call = { ...link.call, echo: session }
    return
  }
  if (reason !== 'duplicate' && (reason !== 'session' || link.live === undefined)) return
  // Two clusters that answer to our own ID both hear of it: one by the session it has, the other one by the call it made.
  const ofSession = session !== undefined && link.live?.id === session
  const ours = nonce === undefined ? ofSession : reason === 'duplicate' && link.call?.nonce === nonce
  if (!ours) return refuse(turn, 'replay', from)
  if (!takeHandshake(state, turn.now, from)) return refuse(turn, 'flood', from)
  const detail = refuseProof(state, from, refusedText(state, { from, to: state.options.self }, refused), refused)
  if (detail !== undefined) return refuse(turn, 'certificate', from, detail)
  if (reason === 'duplicate') return toldDuplicate(state, turn, link)
  // Somebody else answers to the peer's ID, and does not know what we agreed upon with the peer.
  if (link.live?.peerId !== peerId) return suspect(state, turn, link, { peerId })
  if (link.initiator) sayHello(state, turn, link)
  else link.live = undefined
}

const notAKey = 'its key is none of X25519'

/** Both ends do it in the same way, or not at all. */
function refuseMode({ options }: CoreState, { mode, key }: Pick<Payload<'hello'>, 'mode' | 'key'>): string | undefined {
  const own = options.authentication.mode
  if (mode !== own) return `it authenticates by ${mode}, and this node by ${own}`
  return (key === undefined) === (own === 'password') ? undefined : notAKey
}

/** The same call gets the same answer. Undefined when it only looks like the same call, or its key is none. */
function answer(state: CoreState, link: Link, caller: Party & Pick<Session, 'role'>): Pending | undefined {
  const known = link.pending.get(caller.nonce)
  if (known !== undefined) {
    const { peerId, role } = known.session
    return known.callerKey === caller.key && peerId === caller.peerId && role === caller.role ? known : undefined
  }
  const own = openCall(state)
  const session = createSessionOf(state, {
    caller,
    answerer: { id: state.options.self, nonce: own.nonce, peerId: state.options.peerId, key: own.exchange?.key },
    exchange: own.exchange,
    role: caller.role,
  })
  if (session === undefined) return undefined
  const pending = { session, answer: own, callerKey: caller.key }
  addPending(link, caller.nonce, pending)
  return pending
}

function createSessionOf(
  { options }: CoreState,
  {
    caller,
    answerer,
    exchange,
    role,
  }: { readonly caller: Party; readonly answerer: Party; readonly exchange: Exchange | undefined } & Pick<
    Session,
    'role'
  >,
): Session | undefined {
  const other = caller.id === options.self ? answerer : caller
  const shared = exchange && agree(exchange, other.key ?? '')
  if (exchange !== undefined && shared === undefined) return undefined
  const key = deriveSessionKey(options.authentication, options.network, { caller, answerer, shared })
  return createSession(key, { peerId: other.peerId, role })
}
