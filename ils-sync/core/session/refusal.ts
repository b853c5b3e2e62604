// What is turned away: told to the host, to the sender where that helps it, and as one of the vendor's alarms where people should act.
// All of it is bounded, since anybody can send anything under any name.
import { MessageClass } from '../wire/envelope.ts'
import type { OpenFailure } from '../wire/envelope.ts'
import { heartbeatsPerPoll, limits } from '../limits.ts'
import { AlarmName, alarmTexts } from '../notice.ts'
import type { RefusalReason } from '../notice.ts'
import { prove, refusedText } from './proof.ts'
import { sendHandshake } from './session.ts'
import { notify } from '../state.ts'
import type { CoreState, Turn } from '../state.ts'
import { hubOf } from '../network/topology.ts'

export function refuse(turn: Turn, reason: RefusalReason, claimed?: string, detail?: string): void {
  notify(turn, {
    type: 'refused',
    reason,
    ...(claimed === undefined ? {} : { claimed }),
    ...(detail === undefined ? {} : { detail }),
  })
}

/** Bytes that could not be opened. */
export function onUnopened(
  state: CoreState,
  turn: Turn,
  failure: {
    readonly reason: OpenFailure
    readonly claimed?: string
    readonly messageClass?: MessageClass
    readonly session?: string
  },
): void {
  const { reason, claimed, messageClass, session } = failure
  refuse(turn, reason, claimed)
  if (claimed === undefined || claimed === state.options.self) return
  if (reason === 'session' && session !== undefined) return refuseSession(state, turn, claimed, session)
  // A session's key is nobody's password: what does not fit it is forged or garbled, and no news for people.
  if (messageClass === MessageClass.session || (reason !== 'authentication' && reason !== 'mode')) return
  const certificates = reason === 'mode' || state.options.authentication.mode === 'certificates'
  const name = certificates ? AlarmName.tlsAuthenticationFailed : AlarmName.passwordAuthenticationFailed
  raise(state, turn, name, claimed)
  if (messageClass !== MessageClass.handshake || !mayAnswer(state, turn, claimed)) return
  // Signed by us, which the sender cannot verify either: so both ends learn of it. Refusals are never answered.
  sendRefused(state, turn, claimed, { reason: 'authentication' })
}

/** A handshake whose sender does not prove who it is, or does so in another way than this network's: nothing weaker will do. */
export function refuseIdentity(
  state: CoreState,
  turn: Turn,
  { from, nonce, detail }: { readonly from: string; readonly nonce: string; readonly detail: string },
): void {
  refuse(turn, 'certificate', from, detail)
  raise(state, turn, AlarmName.tlsAuthenticationFailed, from)
  if (!mayAnswer(state, turn, from)) return
  sendRefused(state, turn, from, { reason: 'certificate', nonce })
}

/** At most one alarm per claimed sender per poll, and a bounded number of senders; invented names keep no neighbour's from being told. */
export function raise(state: CoreState, turn: Turn, name: AlarmName, peer: string): void {
  if (!takeTurn(state.claims, peer, oncePerPoll(state, turn, peer))) return
  notify(turn, { type: 'alarm', alarm: { name, severity: 'Alert', text: alarmTexts[name], peer } })
}

/**
 * As seldom as alarms, and counted for itself: what else the sender says in the same poll, such as refusals of messages of a session that
 * it lost, raises the alarm here and must not keep the sender from learning why its calls come to nothing.
 */
function mayAnswer(state: CoreState, turn: Turn, peer: string): boolean {
  return isNeighbour(state, peer) && takeTurn(state.answers, peer, oncePerPoll(state, turn, peer))
}

function oncePerPoll({ options, links }: CoreState, { now }: Turn, peer: string) {
  const most = links.has(peer) ? Number.POSITIVE_INFINITY : limits.claimedSendersPerPoll
  return { now, everyMs: heartbeatsPerPoll * options.heartbeatMs, most }
}

/** Tells a peer, at most twice per heartbeat, that its session is not known here. Whoever it is: it gets no link by that. */
function refuseSession(state: CoreState, turn: Turn, claimed: string, session: string): void {
  if (!isNeighbour(state, claimed)) return
  const everyMs = state.options.heartbeatMs / 2
  if (!takeTurn(state.refusals, claimed, { now: turn.now, everyMs, most: limits.refusedSessions })) return
  sendRefused(state, turn, claimed, { reason: 'session', session })
}

export function sendRefused(
  state: CoreState,
  turn: Turn,
  to: string,
  facts: { readonly reason: string; readonly session?: string; readonly nonce?: string },
): void {
  const { self, peerId } = state.options
  const said = { ...facts, peerId }
  // Only such a refusal ends anything, or says something that the receiver could not have found out.
  const proof =
    facts.reason !== 'session' && facts.reason !== 'duplicate'
      ? {}
      : prove(state, refusedText(state, { from: self, to }, said))
  sendHandshake(state, turn, to, { type: 'refused', payload: { ...said, ...proof } })
}

/** Others are none of a spoke's business, and would only be told where it is. */
function isNeighbour({ membership }: CoreState, claimed: string): boolean {
  return membership.role === 'hub' || claimed === hubOf(membership)
}

/** Once per name and period, and for a bounded number of names. */
function takeTurn(
  taken: Map<string, number>,
  name: string,
  { now, everyMs, most }: { readonly now: number; readonly everyMs: number; readonly most: number },
): boolean {
  // In the order in which they were taken: the first that is not over ends the search.
  for (const [one, at] of taken) {
    if (now - at < everyMs) break
    taken.delete(one)
  }
  if (taken.has(name) || taken.size >= most) return false
  taken.set(name, now)
  return true
}
