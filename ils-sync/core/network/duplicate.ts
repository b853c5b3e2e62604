// Two clusters with one Cluster ID. Each store has a peer ID of its own; when a neighbour is still heard while another store answers to
// its ID, people must rename one of them. A store that was made anew looks the same at first, but then the old one stays silent.
import { heartbeatsPerPoll } from '../limits.ts'
import { AlarmName, PeerStatus, alarmTexts } from '../notice.ts'
import { sendRefused } from '../session/refusal.ts'
import { setStatus } from '../session/session.ts'
import { notify } from '../state.ts'
import type { CoreState, Link, Rival, Turn } from '../state.ts'

/** In a call or refusal: whoever lives on is heard in the next heartbeat. */
const ofCalls = { doubtHeartbeats: 1 }
/** In the peer's own description, which a store made anew replaces only when its host has started. */
export const ofRecords = { doubtHeartbeats: 2 * heartbeatsPerPoll }

/**
 * Whether a genuine call or answer comes from another store than the one that the link has been talking to within the last poll. That
 * one's session goes on; when it stays silent for a poll, the new one takes its place.
 */
export function isRival(
  state: CoreState,
  turn: Turn,
  link: Link,
  claim: {
    readonly type: 'hello' | 'welcome'
    readonly peerId: string
    readonly nonce: string
    readonly echo?: string | undefined
  },
): boolean {
  const { peerId, nonce } = claim
  const { live, lastHeard } = link
  if (live === undefined || live.peerId === peerId) return false
  if (lastHeard === undefined || turn.now - lastHeard >= pollMs(state)) return false
  // A welcome answers our own nonce, a call may be a recording: of the store that the neighbour had before.
  if (claim.type === 'welcome' || meetsChallenge(state, turn, link, claim)) {
    suspect(state, turn, link, { peerId, seenIn: ofCalls, nonce })
  }
  return true
}

/** Whether a call repeats what its sender was asked to repeat. Each answer counts once, and the next one is asked for at once. */
function meetsChallenge(
  state: CoreState,
  turn: Turn,
  { peer, standing }: Link,
  { nonce, echo }: { readonly nonce: string; readonly echo?: string | undefined },
): boolean {
  const met = standing.challenge !== undefined && echo === standing.challenge
  if (met || standing.challenge === undefined) standing.challenge = state.options.random(18).toString('base64url')
  sendRefused(state, turn, peer, { reason: 'challenge', nonce, session: standing.challenge })
  return met
}

/** Another store than the link's was seen under the neighbour's ID. */
export function suspect(
  state: CoreState,
  turn: Turn,
  link: Link,
  seen: { readonly peerId: string; readonly seenIn?: typeof ofCalls; readonly nonce?: string },
): void {
  const { standing } = link
  const { peerId, seenIn = ofCalls, nonce } = seen
  const doubtMs = seenIn.doubtHeartbeats * state.options.heartbeatMs
  if (standing.rival?.peerId !== peerId || isPast(state, turn, standing.rival)) {
    standing.rival = { peerId, firstSeen: turn.now, lastSeen: turn.now, nonce, doubtMs, lastAlarm: undefined }
    return
  }
  standing.rival.lastSeen = turn.now
  if (nonce !== undefined) standing.rival.nonce = nonce
}

/** The link's own store is heard: if the other one was there before, and not only for a moment, both exist. */
export function heardBesideRival(state: CoreState, turn: Turn, link: Link): void {
  const { standing } = link
  const { rival } = standing
  if (rival === undefined) return
  if (isPast(state, turn, rival)) {
    standing.rival = undefined
    if (rival.lastAlarm !== undefined) setStatus(turn, link, PeerStatus.synchronizing)
    return
  }
  if (turn.now - rival.firstSeen < rival.doubtMs) return
  if (rival.lastAlarm !== undefined && turn.now - rival.lastAlarm < pollMs(state)) return
  rival.lastAlarm = turn.now
  setStatus(turn, link, PeerStatus.duplicate)
  raiseDuplicate(turn, link.peer)
  // Both listen to the one inbox; each takes what refers to its own session or call.
  sendRefused(state, turn, link.peer, { reason: 'duplicate', session: link.live?.id ?? '' })
  if (rival.nonce !== undefined) sendRefused(state, turn, link.peer, { reason: 'duplicate', nonce: rival.nonce })
}

/** A neighbour says that our own ID is in use twice. */
export function toldDuplicate(state: CoreState, turn: Turn, link: Link): void {
  link.standing.toldDuplicate = turn.now
  if (link.live === undefined) setStatus(turn, link, PeerStatus.duplicate)
  raiseOwnDuplicate(state, turn)
}

/** Whether the neighbour has refused us for our ID lately. */
export function isToldDuplicate(state: CoreState, turn: Turn, { standing }: Link): boolean {
  return standing.toldDuplicate !== undefined && turn.now - standing.toldDuplicate < 2 * pollMs(state)
}

/** That another cluster uses this node's own ID; once per poll, however many neighbours say so. */
export function raiseOwnDuplicate(state: CoreState, turn: Turn): void {
  if (turn.now - state.own.lastDuplicateAlarm < pollMs(state)) return
  state.own.lastDuplicateAlarm = turn.now
  raiseDuplicate(turn, state.options.self)
}

function raiseDuplicate(turn: Turn, peer: string): void {
  const name = AlarmName.duplicateClusterId
  notify(turn, { type: 'alarm', alarm: { name, severity: 'Alert', text: alarmTexts[name], peer } })
}

/** Not seen any more for a poll: renamed, or shut down. */
function isPast(state: CoreState, turn: Turn, { lastSeen }: Rival): boolean {
  return turn.now - lastSeen >= pollMs(state)
}

function pollMs({ options }: CoreState): number {
  return heartbeatsPerPoll * options.heartbeatMs
}
