// Another place in the network, at run time: decided inside the host's write, taken once that is on disk.
import { isDeepStrictEqual } from 'node:util'
import { sayHello } from '../session/call.ts'
import { forgetOthers, leave } from './leaving.ts'
import { flush } from '../replication/outbox.ts'
import { changeOwn, mayLeave, replaceOwn, storeNothing } from '../replication/own-changes.ts'
import { asPeerInfo } from '../data/locations.ts'
import type { PeerInfoValue } from '../data/locations.ts'
import { RecordKind } from '../data/record.ts'
import type { Batch, IlsRecord, JsonValue } from '../data/record.ts'
import { createLink } from '../session/session.ts'
import { notify } from '../state.ts'
import type { CoreState, Membership, Turn } from '../state.ts'
import { configuredPeers, peerInfoRecord } from './topology.ts'

/** Inside the host's write. The own peer-info says the new place; when that is none, it is all that the network keeps of us. */
export function changeMembership(
  state: CoreState,
  turn: Turn,
  { membership, records }: { readonly membership: Membership; readonly records: readonly IlsRecord[] },
): void {
  const { self } = state.options
  const before = records.find(({ kind, key }) => kind === RecordKind.peerInfo && key === self)
  const info = describe(state, membership, before?.value ?? null)
  const farewell = leaves(state, membership, before) ? startAnew(state, turn, info, records) : undefined
  if (farewell === undefined) {
    if (isDeepStrictEqual(before?.value, info)) storeNothing(state, turn)
    else changeOwn(state, turn, { kind: RecordKind.peerInfo, key: self, value: info })
  }
  state.own.moves.set(state.own.lastToken, { membership, farewell })
}

/** Whether the network, or what is left of it here, is as this node's place says: then a start has nothing to write. */
export function isSettled(state: CoreState): boolean {
  const { replica, membership, options } = state
  const value = peerInfoRecord(state, options.self)?.value ?? null
  if (!isDeepStrictEqual(value, describe(state, membership, value))) return false
  return membership.role !== 'standalone' || [...replica.origins()].every((origin) => origin === options.self)
}

/** After the commit with this token: tells the old place, and goes to the new one. Moves of writes that failed are forgotten. */
export function finishMove(state: CoreState, turn: Turn, token: number): void {
  const { moves } = state.own
  const move = moves.get(token)
  for (const earlier of moves.keys()) if (earlier <= token) moves.delete(earlier)
  if (move === undefined) return
  const { membership, farewell } = move
  const stays = isSamePlace(state.membership, membership)
  if (!stays) {
    // The new epoch is not for the old place, nor what may not leave yet; but whatever else waits is: somebody may have it from us alone.
    const silent = farewell !== undefined || !mayLeave(state, turn)
    if (silent) for (const link of state.links.values()) link.outbox.delete(state.options.self)
    flush(state, turn)
  }
  state.membership = membership
  if (farewell !== undefined) return leave(state, turn, farewell)
  state.leaving = undefined
  if (membership.role === 'standalone') forgetOthers(state, turn)
  if (!stays) state.links.clear()
  state.strays.clear()
  for (const peer of configuredPeers(state)) {
    if (!state.links.has(peer)) sayHello(state, turn, createLink(state, peer, 'hub'))
  }
  notify(turn, { type: 'membership', membership, told: [], untold: [] })
}

/** What others have known of this node as a member of the network has to go. */
function leaves(state: CoreState, membership: Membership, before: IlsRecord | undefined): boolean {
  if (membership.role !== 'standalone') return false
  return (
    state.membership.role !== 'standalone' || (asPeerInfo(before?.value ?? null)?.role ?? 'standalone') !== 'standalone'
  )
}

/** A new epoch that starts with the peer-info, and has everything else after it: the network is told the start alone. */
function startAnew(state: CoreState, turn: Turn, value: JsonValue, records: readonly IlsRecord[]): Batch {
  const origin = state.options.self
  const own = { origin, epoch: 0, usn: 0, kind: RecordKind.peerInfo, key: origin, value }
  const others = records.filter(
    ({ kind, key, value: held }) => held !== null && !(kind === own.kind && key === own.key),
  )
  const [first] = replaceOwn(state, turn, [own, ...others])
  const { epoch } = state.own
  return { origin, epoch, from: 0, to: 1, head: 1, records: first === undefined ? [] : [first] }
}

/** The host says the rest of it when it knows. */
function describe(state: CoreState, membership: Membership, before: JsonValue): JsonValue & PeerInfoValue {
  const { hub: _, ...said } = asPeerInfo(before) ?? { description: '', version: '', https: '' }
  const hub = membership.role === 'spoke' ? { hub: membership.hub } : {}
  return { ...said, role: membership.role, ...hub, peerId: state.options.peerId }
}

function isSamePlace(a: Membership, b: Membership): boolean {
  if (a.role === 'spoke' && b.role === 'spoke') return a.hub === b.hub
  return a.role === b.role
}
