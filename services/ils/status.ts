// What `GET /api/v1/ils` says, of a cluster as of a hub that is none.
import { asPeerInfo } from '../../ils-sync/core/locations.ts'
import type { PeerInfoValue } from '../../ils-sync/core/locations.ts'
import { RecordKind } from '../../ils-sync/core/record.ts'
import type { IlsRecord } from '../../ils-sync/core/record.ts'
import type { IlsNode, LinkStatus } from '../../ils-sync/node.ts'
import type { IlsPeer, IlsStatus } from './api.ts'

export interface StatusSource {
  readonly clusterId: string
  readonly role: IlsStatus['role']
  readonly hub?: string
  readonly node: Pick<IlsNode, 'records' | 'vector' | 'links'>
  /** Wall clock milliseconds of the last change that arrived, by origin. */
  readonly lastChange: ReadonlyMap<string, number>
}

export function describeStatus(source: StatusSource): IlsStatus {
  const { clusterId, role, hub, node } = source
  const foreign = [...node.records()].filter(({ origin, value }) => origin !== clusterId && value !== null)
  return {
    clusterId,
    role,
    ...(role === 'spoke' && hub !== undefined ? { hub } : {}),
    peers: describePeers(source, foreign),
    learned: {
      superusers: foreign.filter(({ kind }) => kind === RecordKind.superuser).length,
      locations: foreign.filter(({ kind, value }) => kind === RecordKind.location && isLoggedIn(value)).length,
      records: foreign.length,
    },
  }
}

function describePeers(source: StatusSource, foreign: readonly IlsRecord[]): readonly IlsPeer[] {
  const links = new Map(source.node.links().map((link) => [link.peer, link]))
  const vector = source.node.vector()
  const infos = new Map(
    foreign.filter(({ kind }) => kind === RecordKind.peerInfo).map(({ origin, value }) => [origin, asPeerInfo(value)]),
  )
  const ids = new Set([...links.keys(), ...vector.keys()])
  ids.delete(source.clusterId)
  return [...ids].sort().map((id) => {
    const usn = vector.get(id)?.usn ?? 0
    return describePeer(source, { id, usn, link: links.get(id), info: infos.get(id) })
  })
}

interface PeerFacts {
  readonly id: string
  readonly usn: number
  readonly link: LinkStatus | undefined
  readonly info: PeerInfoValue | undefined
}

function describePeer(source: StatusSource, { id, usn, link, info }: PeerFacts): IlsPeer {
  const contact = link?.lastContact ?? source.lastChange.get(id)
  return {
    clusterId: id,
    role: link?.role ?? (info?.role === 'hub' ? 'hub' : 'spoke'),
    status: link?.status ?? throughHub(source, info),
    ...(contact === undefined ? {} : { lastContact: new Date(contact).toISOString() }),
    usn,
    ...(info?.https ? { https: info.https } : {}),
    ...(info?.description ? { description: info.description } : {}),
  }
}

/** A cluster beyond the hub is as up to date as the link it is learned through: nobody asks it directly. */
function throughHub({ node, hub }: StatusSource, info: PeerInfoValue | undefined): string {
  const links = node.links()
  const via = hub ?? info?.hub
  return (links.find(({ peer }) => peer === via) ?? links[0])?.status ?? 'Never contacted'
}

function isLoggedIn(value: IlsRecord['value']): boolean {
  return typeof value === 'object' && value !== null && 'loggedIn' in value && value.loggedIn === true
}
