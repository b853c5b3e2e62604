// The call routing table of Extension Mobility Roaming Across Clusters, row by row, and what lies between the rows.
import t from 'tap'
import type { Call } from '../../../services/callmanager/api.ts'
import { waitFor } from '../../fixtures/wait-for.ts'
import { identityIn, phone, startClusters, trunkClient } from './fixtures/clusters.ts'
import type { TestCluster } from './fixtures/clusters.ts'
import { bobBorrowsAtHome, bobIsAway, bobRoams, bobsHome, kallysHome } from './fixtures/people.ts'

const learnedAt = (cluster: string, deviceName: string) =>
  ({ cluster, source: 'learned', deviceNames: [deviceName] }) as const
const atHome = { cluster: 'cluster1', source: 'home' } as const
const hops = (call: Call): readonly string[] => call.hops.map(({ cluster, action }) => `${cluster}: ${action}`)

async function freeAgain(...clusters: readonly TestCluster[]): Promise<void> {
  for (const cluster of clusters) {
    await waitFor(`${cluster.name} has no call`, async () => (await cluster.activeCalls()).length === 0)
  }
}

t.test('C call routing, Bob at C1 (home), home up: cluster1', async (t) => {
  const { cluster1, cluster3 } = await startClusters(t, { cluster1: bobBorrowsAtHome, cluster3: kallysHome })
  cluster1.ils.bobIs({ cluster: 'cluster1', source: 'local', deviceNames: ['SEP000000010002'] })
  cluster3.ils.bobIs(learnedAt('cluster1', 'SEP000000010002'))
  const call = await cluster3.dial('3000001', '1000-001')
  t.match(call, {
    state: 'connected',
    from: { cluster: 'cluster3', deviceName: 'SEP000000030001', userId: 'kally', dn: '3000001' },
    to: { cluster: 'cluster1', deviceName: 'SEP000000010002', userId: 'bob', dn: '1000001' },
  })
  t.strictSame(hops(call), [
    'cluster3: dialled 1000001',
    'cluster3: routed to cluster1 (ILS, learned)',
    'cluster1: received from cluster3',
    'cluster1: ringing SEP000000010002',
    'cluster1: connected to SEP000000010002',
  ])
  t.strictSame(await cluster1.call(call.id).then(hops), hops(call), 'the other cluster knows the same call')
  t.equal(await cluster3.release(call.id), 204)
  await freeAgain(cluster1, cluster3)
})

t.test('C call routing, Bob at C2, home down: cluster2', async (t) => {
  const { cluster1, cluster2, cluster3 } = await startClusters(t, {
    cluster1: bobsHome,
    cluster2: bobRoams,
    cluster3: kallysHome,
  })
  await cluster1.close()
  cluster2.ils.bobIs({ cluster: 'cluster2', source: 'local', deviceNames: ['SEP000000020003'] })
  cluster3.ils.bobIs(learnedAt('cluster2', 'SEP000000020003'))
  const call = await cluster3.dial('3000001', '1000-001')
  t.match(call, { state: 'connected', to: { cluster: 'cluster2', deviceName: 'SEP000000020003', userId: 'bob' } })
  await cluster3.release(call.id)
  await freeAgain(cluster2, cluster3)
  const back = await cluster2.dial('SEP000000020003', '3000001')
  t.match(back, { state: 'failed', cause: 1 }, 'cluster2 has no way to kally in this test')
  t.match(back.from, { userId: 'bob', dn: '1000001' }, 'Bob dials with his own number')
})

t.test('C call routing, Bob at C2, home came back: cluster2, once the earlier login at cluster1 is over', async (t) => {
  const { cluster1, cluster2 } = await startClusters(t, { cluster1: bobBorrowsAtHome, cluster2: bobRoams })
  const caughtUp = Promise.withResolvers<'caught-up'>()
  cluster1.ils.catchUp = caughtUp.promise
  cluster1.ils.bobIs({ cluster: 'cluster1', source: 'local', deviceNames: ['SEP000000010002'] })
  cluster2.ils.bobIs({ cluster: 'cluster2', source: 'local', deviceNames: ['SEP000000020003'] })
  await cluster1.database.write(() =>
    cluster1.database.devices.insert({ name: 'SEP000000010005', lines: [{ dn: '1000105' }] }),
  )
  cluster1.callManager.configurationChanged()
  const dialling = cluster1.dial('1000105', '1000001')
  await waitFor('the call is held', async () => (await cluster1.activeCalls()).length === 1)
  cluster1.ils.bobIs(learnedAt('cluster2', 'SEP000000020003'))
  caughtUp.resolve('caught-up')
  t.match(await dialling, { state: 'connected', to: { cluster: 'cluster2', deviceName: 'SEP000000020003' } })
})

t.test('C call routing, Bob at C2, then logs out: cluster1, on the phones that carry his number', async (t) => {
  const { cluster1, cluster2, cluster3 } = await startClusters(t, {
    cluster1: bobsHome,
    cluster2: bobIsAway,
    cluster3: kallysHome,
  })
  for (const { ils } of [cluster1, cluster2, cluster3]) ils.bobIs(atHome)
  const call = await cluster3.dial('3000001', '1000001')
  t.match(call, { state: 'connected', to: { cluster: 'cluster1', deviceName: 'SEP000000010001', userId: 'bob' } })
  t.match(hops(call)[1], 'routed to cluster1 (ILS, home)')
  await cluster3.release(call.id)
  await freeAgain(cluster1, cluster3)
  const fromRoamingCluster = await cluster2.dial('SEP000000020003', '1000001')
  t.match(fromRoamingCluster.to, { cluster: 'cluster1' }, 'the copied profile attracts no call')
})

t.test('C call routing, Bob at C2, hub of C3 down: cluster3 keeps the last location it learned', async (t) => {
  const { cluster2, cluster3 } = await startClusters(t, { cluster2: bobRoams, cluster3: kallysHome })
  cluster2.ils.bobIs({ cluster: 'cluster2', source: 'local', deviceNames: ['SEP000000020003'] })
  cluster3.ils.bobIs(learnedAt('cluster2', 'SEP000000020003'))
  cluster3.ils.catchUp = Promise.resolve('stale')
  const call = await cluster3.dial('3000001', '1000001')
  t.match(call, { state: 'connected', to: { cluster: 'cluster2' } })
  t.match(hops(call)[1], 'routed to cluster2 (ILS, learned, stale)')
})

t.test('a stale location costs one hand-on: all three clusters list the whole way', async (t) => {
  const { cluster1, cluster2, cluster3 } = await startClusters(t, {
    cluster1: bobsHome,
    cluster2: bobRoams,
    cluster3: kallysHome,
  })
  cluster3.ils.bobIs(atHome)
  cluster1.ils.bobIs(learnedAt('cluster2', 'SEP000000020003'))
  cluster2.ils.bobIs({ cluster: 'cluster2', source: 'local', deviceNames: ['SEP000000020003'] })
  const call = await cluster3.dial('3000001', '1000001')
  t.match(call, { state: 'connected', to: { cluster: 'cluster2', deviceName: 'SEP000000020003', userId: 'bob' } })
  t.strictSame(hops(call), [
    'cluster3: dialled 1000001',
    'cluster3: routed to cluster1 (ILS, home)',
    'cluster1: received from cluster3',
    'cluster1: routed to cluster2 (ILS, learned)',
    'cluster2: received from cluster1',
    'cluster2: ringing SEP000000020003',
    'cluster2: connected to SEP000000020003',
  ])
  for (const cluster of [cluster1, cluster2]) t.strictSame(hops(await cluster.call(call.id)), hops(call), cluster.name)
  await cluster2.release(call.id)
  await freeAgain(cluster1, cluster2, cluster3)
  for (const cluster of [cluster1, cluster3]) {
    const over = await cluster.call(call.id)
    t.match(over, { state: 'ended', cause: 16 }, cluster.name)
    t.match(hops(over).at(-1), 'cluster2: released (16)')
  }
})

t.test('two clusters that each believe the other has Bob do not hand the call on for ever (41)', async (t) => {
  const { cluster1, cluster2, cluster3 } = await startClusters(t, {
    cluster1: bobsHome,
    cluster2: bobRoams,
    cluster3: kallysHome,
  })
  cluster3.ils.bobIs(learnedAt('cluster2', 'SEP000000020003'))
  cluster2.ils.bobIs(learnedAt('cluster1', 'SEP000000010001'))
  cluster1.ils.bobIs(learnedAt('cluster2', 'SEP000000020003'))
  const round = await cluster3.dial('3000001', '1000001')
  t.match(round, { state: 'failed', cause: 41 })
  t.equal(hops(round).at(-1), 'cluster1: failed: loop: cluster2 has had this call (41)')
  cluster2.ils.bobIs(learnedAt('cluster3', 'SEP000000030001'))
  const back = await cluster3.dial('3000001', '1000001')
  t.match(back, { state: 'failed', cause: 41 })
  t.equal(hops(back).at(-1), 'cluster2: failed: loop: cluster3 has had this call (41)')
  await freeAgain(cluster1, cluster2, cluster3)
})

t.test('a call that has been handed on often enough stays where it is (41)', async (t) => {
  const { cluster1, cluster3, directory } = await startClusters(t, {
    cluster1: bobsHome,
    cluster2: bobRoams,
    cluster3: kallysHome,
  })
  cluster1.ils.bobIs(learnedAt('cluster2', 'SEP000000020003'))
  const speak = trunkClient(t, await identityIn(directory, 'cluster3'))
  const setup = {
    id: 'tired',
    sender: { cluster: 'cluster3', https: cluster3.https },
    from: { cluster: 'cluster3', dn: '3000001' },
    to: '1000001',
    hops: [{ cluster: 'cluster3', action: 'dialled 1000001', at: new Date().toISOString() }],
    handOnsLeft: 0,
  }
  const { status, body } = await speak(cluster1.https, 'calls', setup)
  t.equal(status, 200)
  t.match(body, { state: 'failed', cause: 41 })
  const rested = await speak(cluster1.https, 'calls', { ...setup, id: 'rested', handOnsLeft: 1 })
  t.match(rested.body, { state: 'connected' }, 'with one hand-on left it reaches Bob')
})

t.test('only the phones that Bob is logged in to ring, not his desk phone', async (t) => {
  const { cluster1 } = await startClusters(t, {
    cluster1: {
      ...bobBorrowsAtHome,
      phones: [...(bobBorrowsAtHome.phones ?? []), phone('SEP000000010003', '1000103')],
    },
  })
  cluster1.ils.bobIs({ cluster: 'cluster1', source: 'local', deviceNames: ['sep000000010002'] })
  const call = await cluster1.dial('1000103', '1000001')
  t.equal(call.to.deviceName, 'SEP000000010002')
  t.notOk(hops(call).some((hop) => hop.includes('SEP000000010001')))
})

t.test('a superuser’s number in a partition that the caller may not reach is unallocated (1)', async (t) => {
  const { cluster1 } = await startClusters(t, {
    cluster1: {
      partitions: ['Executives'],
      callingSearchSpaces: [{ name: 'Everything', partitions: ['Executives'] }],
      phones: [
        phone('SEP000000010001', '', { lines: [{ dn: '1000001', partition: 'Executives' }] }),
        phone('SEP000000010002', '1000102'),
        phone('SEP000000010003', '1000103', { callingSearchSpace: 'Everything' }),
        phone('SEP000000010004', '', { lines: [{ dn: '1000104', callingSearchSpace: 'Everything' }] }),
      ],
    },
  })
  cluster1.ils.bobIs(atHome)
  t.match(await cluster1.dial('1000102', '1000001'), { state: 'failed', cause: 1 })
  t.match(await cluster1.dial('1000103', '1000001'), { state: 'connected' }, 'by the device’s search space')
  t.match(await cluster1.dial('1000104', '1000001'), { state: 'connected' }, 'by the line’s')
})

t.test('a number that ILS alone knows is open to everybody, and needs no trunk of its own', async (t) => {
  const { cluster2, cluster3 } = await startClusters(t, { cluster2: bobRoams, cluster3: kallysHome })
  t.strictSame(cluster3.database.dialPlan.trunks(), [])
  for (const { ils } of [cluster2, cluster3]) ils.bobIs({ ...learnedAt('cluster2', 'SEP000000020003') })
  t.match(await cluster3.dial('3000001', '1000001'), { state: 'connected' })
})

t.test('a shared line rings all its phones and the first to answer has the call', async (t) => {
  const { cluster2 } = await startClusters(t, {
    cluster2: {
      phones: [
        phone('SEP000000020001', '2000001'),
        phone('SEP000000020002', '2000900', { answerMode: 'never' }),
        phone('SEP000000020003', '2000900'),
        phone('SEP000000020004', '', { lines: [{ dn: '2000900', busyTrigger: 1 }] }),
        phone('SEP000000020005', '2000005'),
      ],
    },
  })
  const first = await cluster2.dial('2000001', '2000900')
  t.equal(first.to.deviceName, 'SEP000000020003')
  t.equal(hops(first).filter((hop) => hop.includes('ringing')).length, 3)
  await cluster2.dial('SEP000000020004', '2000005')
  const second = await cluster2.dial('2000001', '2000900')
  t.notOk(
    hops(second).some((hop) => hop.includes('ringing SEP000000020004')),
    'a busy phone is left out',
  )
})

t.test('other numbers follow the route patterns to their trunk', async (t) => {
  const { cluster2, cluster3 } = await startClusters(t, {
    cluster2: bobRoams,
    cluster3: {
      ...kallysHome,
      trunks: [{ name: 'to-cluster2', remoteCluster: 'cluster2' }],
      routePatterns: [{ pattern: '2XXXXXX', trunk: 'to-cluster2' }],
    },
  })
  const call = await cluster3.dial('3000001', '2000-001')
  t.match(call, { state: 'connected', to: { cluster: 'cluster2', userId: 'alice' } })
  t.equal(hops(call)[1], 'cluster3: routed to cluster2 (route pattern 2XXXXXX, trunk to-cluster2)')
  await cluster2.release(call.id)
  await freeAgain(cluster2, cluster3)
  t.match(await cluster3.dial('3000001', '2999999'), { state: 'failed', cause: 1 }, 'unallocated over there')
})
