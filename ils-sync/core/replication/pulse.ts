// What time alone brings about: heartbeats, calls, repeated pulls, alarms about silence.
import { heartbeatsPerPoll } from '../limits.ts'
import type { Payload } from '../wire/message.ts'
import { AlarmName, PeerStatus, alarmTexts } from '../notice.ts'
import { sayHello } from '../session/call.ts'
import { heardBesideRival, isToldDuplicate } from '../network/duplicate.ts'
import { tickLeaving } from '../network/leaving.ts'
import { reviewPeers } from '../network/membership.ts'
import { observeClock } from '../network/peer-clock.ts'
import { sendInSession, setStatus } from '../session/session.ts'
import { goOnAlone } from './exposure.ts'
import { meetWhenProven, takeHigherEpoch } from './own-changes.ts'
import { notify } from '../state.ts'
import type { CoreState, Link, Turn } from '../state.ts'
import { askPull, pullFromAll, retryPull } from './synchronization.ts'
import { peerInfoOf } from '../network/topology.ts'

const toleratedMismatches = 3

export function onTick(state: CoreState, turn: Turn): void {
  const { now } = turn
  const { heartbeatMs, synchronizeEveryMs } = state.options
  state.startedAt ??= now
  state.lastSynchronize ??= now
  const slept = now - (state.lastTick ?? now) > heartbeatsPerPoll * heartbeatMs
  state.lastTick = now
  // A process that was paused was deaf, its peers were not silent; what it missed it pulls.
  if (slept) wake(state, turn)
  if (state.leaving) return tickLeaving(state, turn, state.leaving)
  reviewPeers(state, turn)
  for (const link of state.links.values()) tickLink(state, turn, link)
  takeHigherEpoch(state, turn)
  meetWhenProven(state, turn)
  goOnAlone(state, turn)
  if (synchronizeEveryMs > 0 && now - state.lastSynchronize >= synchronizeEveryMs) {
    state.lastSynchronize = now
    pullFromAll(state, turn)
  }
}

/** The transport carries again: others may have sent meanwhile, so pull; links without a session are called. */
export function onUp(state: CoreState, turn: Turn): void {
  state.transportUp = true
  if (state.leaving) return
  for (const link of state.links.values()) {
    link.lastHello = Number.NEGATIVE_INFINITY
    if (link.live) retryPull(state, turn, link)
    else sayHello(state, turn, link)
  }
}

/**
 * Compares digests. Right after a push they may differ without harm, so a difference counts once the link is quiet; on a link
 * that never is, a few beats in a row count as well.
 */
export function onBeat(state: CoreState, turn: Turn, link: Link, { digest, at }: Payload<'beat'>): void {
  observeClock(state, turn, link, at)
  if (digest === state.replica.digest()) {
    state.strays.clear()
    link.mismatches = 0
    if (link.pull) return
    // A first pull that went with its session, unanswered, is asked for by nothing else.
    if (link.pulled) setStatus(turn, link, PeerStatus.upToDate)
    else askPull(state, turn, link)
    return
  }
  link.mismatches += 1
  const quiet = turn.now - link.lastPush >= state.options.heartbeatMs / 2
  if (quiet || link.mismatches >= toleratedMismatches) askPull(state, turn, link)
}

/** Any message that was accepted proves that the peer is there. */
export function heard(state: CoreState, turn: Turn, link: Link): void {
  link.lastHeard = turn.now
  heardBesideRival(state, turn, link)
  if (link.status === PeerStatus.upToDate || link.status === PeerStatus.synchronizing) return
  if (link.status === PeerStatus.duplicate && link.standing.rival !== undefined) return
  setStatus(turn, link, PeerStatus.synchronizing)
  if (!link.pull) askPull(state, turn, link)
}

function wake(state: CoreState, turn: Turn): void {
  for (const link of state.links.values()) {
    if (link.lastHeard !== undefined) link.lastHeard = turn.now
    link.lastAlarm = turn.now
    if (link.live) retryPull(state, turn, link)
  }
}

function tickLink(state: CoreState, turn: Turn, link: Link): void {
  const { now } = turn
  const { heartbeatMs } = state.options
  const silentMs = now - (link.lastHeard ?? link.standing.knownSince ?? now)
  const silent = silentMs >= heartbeatsPerPoll * heartbeatMs
  if (silent) onSilence(state, turn, link)
  if ((!link.live || silent) && now - link.lastHello >= heartbeatMs) sayHello(state, turn, link)
  if (link.live && state.transportUp && now - link.lastBeat >= heartbeatMs) sendBeat(state, turn, link)
  // After the beat: on a wire that reorders, what is sent close behind could overtake the pull, which would then be refused.
  if (link.pull && now - link.pull.at >= 2 * heartbeatMs) retryPull(state, turn, link)
}

function sendBeat(state: CoreState, turn: Turn, link: Link): void {
  link.lastBeat = turn.now
  const payload = JSON.stringify({ digest: state.replica.digest(), at: Math.max(0, Math.floor(state.options.wall())) })
  sendInSession(state, turn, link, { type: 'beat', payload })
}

/**
 * "Severity Alert, immediate, every poll" (RTMT): at once, and again while it lasts. Only hubs are worth an alarm, and of a hub's fellow
 * hubs those that have not left; a spoke whose hub has left is cut off all the same.
 */
function onSilence(state: CoreState, turn: Turn, link: Link): void {
  const status = silentStatus(state, turn, link)
  setStatus(turn, link, status)
  link.mismatches = 0
  if (status === PeerStatus.left && state.membership.role === 'hub') return
  if (link.role !== 'hub' || turn.now - link.lastAlarm < heartbeatsPerPoll * state.options.heartbeatMs) return
  link.lastAlarm = turn.now
  const name = AlarmName.hubUnreachable
  notify(turn, { type: 'alarm', alarm: { name, severity: 'Alert', text: alarmTexts[name], peer: link.peer } })
}

/** Why a peer is not heard, as far as anything says so. */
function silentStatus(state: CoreState, turn: Turn, link: Link): PeerStatus {
  const { claims, options } = state
  if (isToldDuplicate(state, turn, link)) return PeerStatus.duplicate
  const failed = claims.get(link.peer)
  if (failed !== undefined && turn.now - failed < 2 * heartbeatsPerPoll * options.heartbeatMs)
    return PeerStatus.authenticationFailed
  if (peerInfoOf(state, link.peer)?.role === 'standalone') return PeerStatus.left
  return link.lastHeard === undefined ? PeerStatus.never : PeerStatus.unreachable
}
