// Who talks to whom: a spoke to its one hub and nobody else, hubs to all other hubs and to their spokes.
import { asPeerInfo } from '../data/locations.ts'
import type { PeerInfoValue } from '../data/locations.ts'
import { RecordKind } from '../data/record.ts'
import type { IlsRecord } from '../data/record.ts'
import type { CoreState, Membership } from '../state.ts'

type Place = Pick<CoreState, 'options' | 'membership'>

/** The only hub of a spoke; undefined for other roles. */
export function hubOf(membership: Membership): string | undefined {
  return membership.role === 'spoke' ? membership.hub : undefined
}

/** All nodes that a membership names. */
export function namedBy(membership: Membership): readonly string[] {
  if (membership.role === 'spoke') return [membership.hub]
  if (membership.role === 'standalone') return []
  const { registrationServer, hubs = [] } = membership
  return registrationServer === undefined ? hubs : [registrationServer, ...hubs]
}

/** Neighbours that are known from configuration. */
export function configuredPeers({ options, membership }: Place): readonly string[] {
  return [...new Set(namedBy(membership))].filter((id) => id !== options.self)
}

/** All other hubs that a hub should have a link to: those named beforehand, and those that have said so of themselves. */
export function meshedHubs(state: CoreState): ReadonlySet<string> {
  const hubs = new Set(configuredPeers(state))
  for (const origin of state.replica.origins()) {
    if (origin !== state.options.self && peerInfoOf(state, origin)?.role === 'hub') hubs.add(origin)
  }
  return hubs
}

/** Whom what this node says of itself reaches directly, as far as they are known: of a spoke its hub, of a hub the other hubs and its spokes. */
export function neighboursOf(state: CoreState): ReadonlySet<string> {
  if (state.membership.role !== 'hub') return new Set(configuredPeers(state))
  const neighbours = new Set(meshedHubs(state))
  for (const origin of state.replica.origins()) {
    const info = peerInfoOf(state, origin)
    if (info?.role === 'spoke' && info.hub === state.options.self) neighbours.add(origin)
  }
  return neighbours
}

/** Spokes call their hub; of two hubs the one with the smaller ID calls. */
export function initiates({ options, membership }: Place, peer: string, role: 'hub' | 'spoke'): boolean {
  return membership.role === 'spoke' || (membership.role === 'hub' && role === 'hub' && options.self < peer)
}

/** The record in which a node describes itself. */
export function peerInfoRecord({ replica }: Pick<CoreState, 'replica'>, id: string): IlsRecord | undefined {
  return replica.find(id, RecordKind.peerInfo, id)
}

/** What a node last said of itself, as far as it is known here. */
export function peerInfoOf(state: Pick<CoreState, 'replica'>, id: string): PeerInfoValue | undefined {
  return asPeerInfo(peerInfoRecord(state, id)?.value ?? null)
}
