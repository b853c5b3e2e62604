// Peer info as services write and read it: what the core knows of it, and what only people look at.
import { Type } from 'typebox'
import type { Static, TSchema } from 'typebox'
import { createCheck } from '../../ils-sync/core/wire/check.ts'
import { asPeerInfo } from '../../ils-sync/core/data/locations.ts'
import type { PeerInfoValue } from '../../ils-sync/core/data/locations.ts'
import { RecordKind } from '../../ils-sync/core/data/record.ts'
import type { JsonValue } from '../../ils-sync/core/data/record.ts'
import type { IlsNode } from '../../ils-sync/node.ts'
import type { IlsPeer } from './api.ts'

const shown = {
  /** Made with the cluster's store: tells a recreated cluster from the one before it. */
  peerId: Type.String({ minLength: 1, maxLength: 64 }),
  /** Of its ILS-activated nodes, the publisher first. */
  hostNames: Type.Array(Type.String({ maxLength: 253 }), { maxItems: 32 }),
  /** Title → whether it is activated. */
  services: Type.Record(Type.String(), Type.Boolean(), { maxProperties: 64 }),
  advertisedRouteString: Type.String({ maxLength: 253 }),
}
type Shown = { readonly [Name in keyof typeof shown]?: Static<(typeof shown)[Name]> }

/** Ours say less than half of it. A status of ten thousand clusters must not become a gigabyte. */
const longestText = 256
const longestAddress = 2048

/** The peer info vector of one cluster or hub. Clusters of earlier releases say less. */
export type PeerInfo = PeerInfoValue & Shown

const checks = Object.entries(shown).map(([name, schema]) => [name, createCheck(schema as TSchema)] as const)

/** Undefined for what is no peer info. Of the members that only people look at, those that are not as they should be are left out. */
export function readPeerInfo(value: JsonValue): PeerInfo | undefined {
  const info = asPeerInfo(value)
  if (info === undefined) return undefined
  const { description, version, role, hub, https } = info
  const all = info as Readonly<Record<string, unknown>>
  const good = checks.filter(([name, check]) => check(all[name])).map(([name]) => [name, all[name]])
  const texts = {
    description: description.slice(0, longestText),
    version: version.slice(0, longestText),
    https: https.length > longestAddress ? '' : https,
  }
  return { ...texts, role, ...(hub === undefined ? {} : { hub }), ...Object.fromEntries(good) }
}

/** What a cluster or hub has told of itself; undefined if nothing has come of it. */
export function peerInfoOf(node: Pick<IlsNode, 'find'>, origin: string): PeerInfo | undefined {
  return readPeerInfo(node.find(origin, RecordKind.peerInfo, origin)?.value ?? null)
}

/** What status and Cluster View show of it. Empty texts are left out. */
export function shownOf(info: PeerInfo | undefined): Partial<IlsPeer> {
  const { hub, https, description, peerId, version, hostNames, services, advertisedRouteString } = info ?? {}
  return {
    ...(https ? { https } : {}),
    ...(description ? { description } : {}),
    ...(peerId ? { peerId } : {}),
    ...(version ? { version } : {}),
    ...(hub ? { hub } : {}),
    ...(hostNames ? { hostNames } : {}),
    ...(services ? { services } : {}),
    ...(advertisedRouteString ? { advertisedRouteString } : {}),
  }
}
