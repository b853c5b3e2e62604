// What `GET /api/v1/ils` says, of a cluster as of a hub that is none.
import { PeerStatus } from '../../ils-sync/core/notice.ts'
import type { IlsNode, LinkStatus, OriginLag } from '../../ils-sync/node.ts'
import type { IlsConfiguration, IlsPeer, IlsStatus, IlsSynchronization } from './api.ts'
import { peerInfoOf, shownOf } from './peer-info.ts'
import type { PeerInfo } from './peer-info.ts'
import type { SuperuserCounts } from './superuser-counts.ts'

export interface StatusSource {
  readonly clusterId: string
  readonly configuration: Pick<IlsConfiguration, 'role' | 'registrationServer'>
  readonly authentication: NonNullable<IlsStatus['authentication']>
  readonly peerId: string
  readonly node: Pick<IlsNode, 'count' | 'find' | 'vector' | 'links' | 'lag'>
  readonly superusers: Pick<SuperuserCounts, 'superusers' | 'locations'>
  /** Wall clock milliseconds of the last change that arrived, by origin. */
  readonly lastChange: ReadonlyMap<string, number>
  readonly warnings: readonly string[]
}

export function describeStatus(source: StatusSource): IlsStatus {
  const { clusterId, configuration, authentication, peerId, node, superusers, warnings } = source
  const { role, registrationServer: hub } = configuration
  const vector = node.vector()
  let records = 0
  for (const origin of vector.keys()) if (origin !== clusterId) records += visible(node.count(origin))
  return {
    clusterId,
    role,
    ...(role === 'spoke' ? { hub } : {}),
    peerId,
    authentication,
    peers: describePeers(source),
    ...progressOf(node.links()),
    learned: { superusers: superusers.superusers, locations: superusers.locations, records },
    warnings,
  }
}

function visible({ records, tombstones }: ReturnType<IlsNode['count']>): number {
  return records - tombstones
}

/** Of several the one that has most to come. */
function progressOf(links: readonly LinkStatus[]): Pick<IlsStatus, 'progress'> {
  const learning = links.flatMap(({ peer, progress }) => (progress === undefined ? [] : [{ peer, ...progress }]))
  const [progress] = learning.sort((a, b) => b.of - b.records - (a.of - a.records))
  return progress === undefined ? {} : { progress }
}

/** Neighbours, and whoever has written something that is held here; by cluster ID. */
export function describePeers(source: StatusSource): readonly IlsPeer[] {
  const { node, clusterId } = source
  const links = new Map(node.links().map((link) => [link.peer, link]))
  const lags = new Map(node.lag().map((lag) => [lag.origin, lag]))
  const vector = node.vector()
  const ids = new Set([...links.keys(), ...vector.keys(), ...lags.keys()])
  ids.delete(clusterId)
  return [...ids].sort().map((id) => {
    const usn = vector.get(id)?.usn ?? 0
    return describePeer(source, { id, usn, links, lag: lags.get(id), info: peerInfoOf(node, id) })
  })
}

interface PeerFacts {
  readonly id: string
  readonly usn: number
  /** Of all neighbours: the peer may be one of them. */
  readonly links: ReadonlyMap<string, LinkStatus>
  readonly lag: OriginLag | undefined
  readonly info: PeerInfo | undefined
}

function describePeer(source: StatusSource, { id, usn, links, lag, info }: PeerFacts): IlsPeer {
  const link = links.get(id)
  // What came by others, or was forgotten, is no word of a neighbour.
  const contact = link ? link.lastContact : source.lastChange.get(id)
  const { clockOffsetMs, peerId = info?.peerId } = link ?? {}
  return {
    clusterId: id,
    role: link?.role ?? (info?.role === 'hub' ? 'hub' : 'spoke'),
    status: link?.status ?? throughHub(source, { links, lag, info }),
    ...(contact === undefined ? {} : { lastContact: new Date(contact).toISOString() }),
    usn,
    lag: { usns: lag?.usns ?? 0, seconds: lag?.seconds ?? 0 },
    direct: link !== undefined,
    ...shownOf(info),
    ...(peerId === undefined ? {} : { peerId }),
    ...(clockOffsetMs === undefined ? {} : { clockOffsetSeconds: clockOffsetMs / 1000 }),
  }
}

/**
 * A cluster beyond the hub is as up to date as the link it is learned through: nobody asks it directly. Without that link, as of an own
 * spoke that has not called since this hub started, nothing is known of it.
 */
function throughHub({ configuration }: StatusSource, { links, lag, info }: Omit<PeerFacts, 'id' | 'usn'>): string {
  if (info?.role === 'standalone') return PeerStatus.left
  const via = configuration.role === 'spoke' ? configuration.registrationServer : info?.hub
  const status = links.get(via ?? '')?.status ?? PeerStatus.never
  return status === PeerStatus.upToDate && lag !== undefined ? PeerStatus.synchronizing : status
}

/** Of links that carry nothing now. */
const away: ReadonlySet<PeerStatus> = new Set([
  PeerStatus.never,
  PeerStatus.unreachable,
  PeerStatus.authenticationFailed,
  PeerStatus.duplicate,
  PeerStatus.left,
])

/** Pulls from every neighbour that can be asked. */
export function synchronizeNow(node: Pick<IlsNode, 'links' | 'synchronize'>): IlsSynchronization {
  const links = node.links()
  const names = (those: readonly LinkStatus[]) => those.map(({ peer }) => peer).sort()
  node.synchronize()
  return {
    asked: names(links.filter(({ status }) => !away.has(status))),
    unreachable: names(links.filter(({ status }) => away.has(status))),
  }
}
