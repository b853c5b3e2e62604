// Who belongs to the network, and where: which calls a node accepts, which hubs it meshes with, and which links are over.
import { isRival, ofRecords, suspect } from './duplicate.ts'
import { heartbeatsPerPoll, limits } from '../limits.ts'
import { PeerStatus } from '../notice.ts'
import { compareVersions } from '../data/record.ts'
import type { Version } from '../data/record.ts'
import { refuse } from '../session/refusal.ts'
import { createLink, setStatus } from '../session/session.ts'
import type { CoreState, Link, Turn } from '../state.ts'
import { configuredPeers, hubOf, initiates, meshedHubs, peerInfoOf, peerInfoRecord } from './topology.ts'

/** What a genuine `hello` or `welcome` says about its sender. */
export interface PeerClaim {
  readonly type: 'hello' | 'welcome'
  /** Of the call: the caller made it. */
  readonly nonce: string
  /** What a call repeats of our challenge. */
  readonly echo?: string | undefined
  readonly peer: string
  readonly role: 'hub' | 'spoke'
  readonly peerId: string
}

/** The link to use for a genuine `hello` or `welcome`; undefined when topology or a duplicate Cluster ID refuses it, and has told why by then. */
export function acceptPeer(state: CoreState, turn: Turn, claim: PeerClaim): Link | undefined {
  const { type, peer, role } = claim
  const link = state.links.get(peer)
  if (!mayMeet(state, claim) || (link === undefined && !hasRoom(state))) {
    refuse(turn, 'stranger', peer)
    return undefined
  }
  if (link !== undefined && isRival(state, turn, link, claim)) {
    refuse(turn, 'duplicate', peer)
    return undefined
  }
  if (type === 'welcome') return link
  if (role === 'hub' && initiates(state, peer, role)) {
    callBack(state, turn, link ?? createLink(state, peer, role))
    return undefined
  }
  return link ?? createLink(state, peer, role)
}

/** The first valid message has made a session of `link` live: from here on the peer is what it said it is. */
export function sessionOpened(state: CoreState, link: Link): void {
  const { live, standing, peer } = link
  if (live === undefined) return
  link.role = live.role
  link.initiator = initiates(state, peer, live.role)
  standing.described = peerInfoRecord(state, peer)
  standing.rival = undefined
  standing.toldDuplicate = undefined
}

/** Makes the links what they should be by what is known now: of configuration, calls, and everybody's peer-info. */
export function reviewPeers(state: CoreState, turn: Turn): void {
  const hubs = state.membership.role === 'hub' ? meshedHubs(state) : new Set(configuredPeers(state))
  for (const link of state.links.values()) {
    if (isOver(state, turn, link, hubs.has(link.peer))) drop(state, turn, link)
    else if (link.live !== undefined) lookForNamesake(state, turn, link)
  }
  for (const hub of hubs) if (!state.links.has(hub)) createLink(state, hub, 'hub')
}

/** Whether the peer was heard within the last poll. */
export function isHeard(state: CoreState, turn: Turn, link: Link): boolean {
  return link.lastHeard !== undefined && turn.now - link.lastHeard < heartbeatsPerPoll * state.options.heartbeatMs
}

/** A spoke is answered by its hub and called by nobody; a hub is called by whoever has proved that it is of the network. */
function mayMeet({ membership, options }: CoreState, { type, peer, role }: PeerClaim): boolean {
  if (peer === options.self || membership.role === 'standalone') return false
  if (membership.role === 'spoke') return type === 'welcome' && role === 'hub' && peer === hubOf(membership)
  return type === 'hello' || role === 'hub'
}

/** Recorded calls of nodes that are gone make links as well, until the poll is over. */
function hasRoom({ links }: CoreState): boolean {
  if (links.size >= limits.links) return false
  let unproven = 0
  for (const { live, lastHeard } of links.values()) if (live === undefined && lastHeard === undefined) unproven += 1
  return unproven < limits.unprovenLinks
}

/**
 * A hub with a larger ID makes itself known, and it is for us to call. A link that is alive needs no call; if the peer has restarted, it
 * says so when it hears us. The next tick calls.
 */
function callBack(state: CoreState, turn: Turn, link: Link): void {
  if (link.live !== undefined && isHeard(state, turn, link)) return
  link.initiator = true
}

/**
 * Whether a link has nothing to do here any more. The peer's own word counts, its peer-info, if it is newer than the session: what it
 * said when it opened that is fresher than an older record. A link that never had a session is given up after a poll, unless it is to a
 * hub that should be there.
 */
function isOver(state: CoreState, turn: Turn, link: Link, wanted: boolean): boolean {
  const { standing } = link
  if (standing.knownSince === undefined) {
    standing.knownSince = turn.now
    standing.described ??= peerInfoRecord(state, link.peer)
  }
  if (state.membership.role !== 'hub') return !wanted
  const unproven = link.live === undefined && link.lastHeard === undefined
  if (!unproven && contradicts(state, link)) {
    const isNews = isNewer(peerInfoRecord(state, link.peer), standing.described)
    // Not while it talks: one that leaves waits for the answer to its last words.
    if (isNews && turn.now - (link.lastHeard ?? Number.NEGATIVE_INFINITY) >= state.options.heartbeatMs) return true
    if (!wanted && !isHeard(state, turn, link)) return true
  }
  // By a recorded call of what is a hub now: as long as the link takes it for a spoke nobody calls.
  if (unproven && wanted && link.role === 'spoke') return true
  return unproven && !wanted && turn.now - standing.knownSince >= heartbeatsPerPoll * state.options.heartbeatMs
}

/** Whether the peer says of itself that it is not what this link takes it for. */
function contradicts(state: CoreState, { peer, role }: Link): boolean {
  const info = peerInfoOf(state, peer)
  if (info === undefined) return false
  return info.role !== role || (info.role === 'spoke' && info.hub !== undefined && info.hub !== state.options.self)
}

function isNewer(record: Version | undefined, than: Version | undefined): boolean {
  return compareVersions(record, than) > 0
}

function drop(state: CoreState, turn: Turn, link: Link): void {
  state.links.delete(link.peer)
  if (peerInfoOf(state, link.peer)?.role === 'standalone') setStatus(turn, link, PeerStatus.left)
}

/** The peer's own description names another store than the one we talk to: somebody else writes under its Cluster ID. */
function lookForNamesake(state: CoreState, turn: Turn, link: Link): void {
  const peerId = peerInfoOf(state, link.peer)?.peerId
  if (peerId === undefined || peerId === link.live?.peerId || !isHeard(state, turn, link)) return
  suspect(state, turn, link, { peerId, seenIn: ofRecords })
}
