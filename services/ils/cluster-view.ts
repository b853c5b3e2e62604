// Advanced Features > Cluster View, and the peer info vectors of the vendor's `utils ils showpeerinfo`.
import type { IlsCluster, IlsPeer } from './api.ts'
import { shownOf } from './peer-info.ts'
import type { PeerInfo } from './peer-info.ts'
import { describePeers } from './status.ts'
import type { StatusSource } from './status.ts'

/** All that are known, by cluster ID; `own` is undefined before this cluster listens. */
export function describeClusters(source: StatusSource, own: PeerInfo | undefined): readonly IlsCluster[] {
  const { clusterId, configuration, peerId } = source
  const { role } = configuration
  const local: IlsCluster = { ...shownOf(own), clusterId, self: true, role, status: 'Local', peerId }
  const others = describePeers(source).map((peer) => toCluster(peer))
  return [local, ...others].sort((a, b) => (a.clusterId < b.clusterId ? -1 : 1))
}

function toCluster({ usn: _usn, lag: _lag, direct: _direct, ...peer }: IlsPeer): IlsCluster {
  return { ...peer, self: false }
}
