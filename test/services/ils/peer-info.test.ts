// What clusters and hubs tell of themselves, and how it follows what becomes of them.
import t from 'tap'
import { readPeerInfo } from '../../../services/ils/peer-info.ts'
import { softwareVersion } from '../../../services/ils/software-version.ts'
import { waitFor } from '../../fixtures/wait-for.ts'
import { ilsLab } from './ils-lab.ts'
import type { LabCluster } from './ils-lab.ts'

const seenBy = ({ ils }: LabCluster, id: string) => ils.clusters().find(({ clusterId }) => clusterId === id)

t.test('B1 Peer info vectors: every cluster knows of every other who it is, where, and what runs there', async (t) => {
  const lab = await ilsLab(t)
  const one = await lab.cluster('cluster1', { description: "Bob's home", advertisedRouteString: 'cluster1.lab' })
  const two = await lab.cluster('cluster2')
  await waitFor('cluster2 to know', () => seenBy(two, 'cluster1')?.services)
  t.match(seenBy(two, 'cluster1'), {
    self: false,
    role: 'spoke',
    hub: 'hub',
    status: 'Up to Date',
    description: "Bob's home",
    version: softwareVersion,
    peerId: one.ils.status().peerId,
    hostNames: ['cluster1.lab'],
    https: 'https://cluster1.lab',
    advertisedRouteString: 'cluster1.lab',
    services: { 'Cisco Extension Mobility': true, 'Cisco Tftp': true },
    lastContact: String,
  })
  t.not(one.ils.status().peerId, two.ils.status().peerId)
  const asHub = await lab.hub.ask<readonly { clusterId: string; self: boolean }[]>('/api/v1/ils/clusters')
  t.match(asHub, [{ clusterId: 'cluster1' }, { clusterId: 'cluster2' }, { clusterId: 'hub', self: true }])
})

t.test(
  'B1 Cluster View: a service that is activated or deactivated shows in everybody’s Cluster View, and a restart changes nothing',
  async (t) => {
    const lab = await ilsLab(t)
    const one = await lab.cluster('cluster1')
    const two = await lab.cluster('cluster2')
    const tftp = () => seenBy(two, 'cluster1')?.services?.['Cisco Tftp']
    await waitFor('cluster2 to know', () => tftp() === true)
    await one.activate('Cisco Tftp', false)
    await waitFor('cluster2 to see it deactivated', () => tftp() === false)
    const usn = () => two.ils.status().peers.find(({ clusterId }) => clusterId === 'cluster1')?.usn
    const before = usn()
    await one.stop()
    await one.start()
    await one.addUser('bob')
    await waitFor('cluster2 to hear of bob', () => two.ils.locate('1000001'))
    t.equal(usn(), (before ?? 0) + 1, 'bob alone is news')
    await one.activate('Cisco Tftp', true)
    await waitFor('cluster2 to see it activated', () => tftp() === true)
  },
)

t.test('B1 Peer ID: a store that was made anew has another peer ID', async (t) => {
  const lab = await ilsLab(t)
  const one = await lab.cluster('cluster1')
  const peerId = () => one.ils.status().peerId
  const before = peerId()
  await one.stop()
  await one.start()
  t.equal(peerId(), before)
  await one.stop()
  one.database.sql.exec('DELETE FROM ils_identity')
  await one.start()
  t.not(peerId(), before)
})

t.test('a clock that is hours off is told of, in the status, as an alarm and a warning', async (t) => {
  const lab = await ilsLab(t)
  const one = await lab.cluster('cluster1')
  await waitFor('the hub', () => seenBy(one, 'hub')?.status === 'Up to Date')
  one.clockOffsetMs = 7_200_000
  const alarm = await waitFor('the alarm', () =>
    one.events.find(({ type, name }) => type === 'alarm' && name === 'ILSPeerClockOffset'),
  )
  t.match(alarm, { severity: 'Warning', peer: 'hub', text: /clock of hub is 7\d{3} seconds behind/u })
  t.match(one.ils.status().warnings, [/clock of hub is 7\d{3} seconds behind/u])
  const offset = one.ils.status().peers[0]?.clockOffsetSeconds ?? 0
  t.ok(Math.abs(offset + 7200) < 60, `${offset} seconds`)
  t.match(await one.metrics.metrics(), /ils_alarms_total\{name="ILSPeerClockOffset"\} 1/u)
  one.clockOffsetMs = 0
  await waitFor('the warning to go', () => one.ils.status().warnings?.length === 0)
})

t.test('lag is told in numbers and seconds, per peer, and ends', async (t) => {
  const lab = await ilsLab(t)
  const one = await lab.cluster('cluster1')
  const two = await lab.cluster('cluster2')
  await waitFor('cluster2 to know cluster1', () => seenBy(two, 'cluster1')?.services)
  const lag = () => two.ils.status().peers.find(({ clusterId }) => clusterId === 'cluster1')?.lag
  t.same(lag(), { usns: 0, seconds: 0 })
  // The first push is lost, so that the second one tells of a gap; what would fill it is lost too.
  const { tap } = lab.network
  let pushes = 0
  lab.network.tap = (_from, to, bytes) => {
    const type = /"type":"(push|page)"/u.exec(Buffer.from(bytes).toString('latin1'))?.[1]
    if (to !== 'cluster2' || type === undefined) return true
    return type === 'push' && ++pushes > 1
  }
  await one.addUser('bob')
  await waitFor('the loss', () => pushes === 1)
  await one.addUser('alice')
  const seen = await waitFor('cluster2 to know what it lacks', () => {
    const now = lag()
    return now && now.usns > 0 ? now : undefined
  }).finally(() => (lab.network.tap = tap))
  t.ok(seen.usns >= 1 && seen.seconds >= 0, JSON.stringify(seen))
  await waitFor('the lag to end', () => lag()?.usns === 0)
  t.match(await two.metrics.metrics(), /ils_peer_lag_usns\{peer="cluster1"\} 0/u)
})

t.test('peer info of an older release says less, and one that makes no sense says nothing', async (t) => {
  const old = { description: 'old', version: '0.2.0', role: 'spoke', hub: 'hub', https: 'https://old' }
  t.same(readPeerInfo(old), old)
  const long = { ...old, hostNames: ['x'.repeat(254)], advertisedRouteString: 'a' }
  t.same(readPeerInfo(long), { ...old, advertisedRouteString: 'a' }, 'what cannot be shown is left out')
  const huge = readPeerInfo({
    ...old,
    description: 'd'.repeat(60_000),
    version: 'v'.repeat(999),
    https: `https://${'h'.repeat(9999)}`,
  })
  t.same([huge?.description.length, huge?.version.length, huge?.https], [256, 256, ''], 'nor does it fill a status')
  for (const value of [null, 1, {}, { ...old, role: 'king' }, { ...old, description: 1 }]) {
    t.equal(readPeerInfo(value), undefined, JSON.stringify(value))
  }
})
