// Global Dial Plan Replication in call routing (System Configuration Guide): what was learned, and the names of numbers at home.
import t from 'tap'
import type { Test } from 'tap'
import { AdvertisedPatternType } from '../../../services/database/api.ts'
import { waitFor } from '../../fixtures/wait-for.ts'
import { phone, startClusters } from './fixtures/clusters.ts'
import {
  addSipRoutePattern,
  alicesHome,
  bobsHomeWithNames,
  bobsUri,
  e164Number,
  enterpriseNumber,
  hopsOf,
  learnBobsNumber,
  nameBobsNumber,
} from './fixtures/global-dial-plan.ts'
import { bobRoams, kallysHome } from './fixtures/people.ts'

/** Bob's home cluster1 and Alice's cluster2, which has learned his numbers and has a SIP route pattern for them. */
async function bobAndAlice(t: Test) {
  const { cluster1, cluster2 } = await startClusters(t, { cluster1: bobsHomeWithNames, cluster2: alicesHome })
  await nameBobsNumber(cluster1)
  learnBobsNumber(cluster2)
  await addSipRoutePattern(cluster2, 'cluster1.example', 'to-cluster1')
  return { cluster1, cluster2 }
}

const bob = { cluster: 'cluster1', deviceName: 'SEP000000010001', userId: 'bob', dn: '1000001' }

t.test('B3 Replicates: Alice dials Bob’s enterprise alternate number, his +E.164 number and his URI', async (t) => {
  const { cluster1, cluster2 } = await bobAndAlice(t)
  const call = await cluster2.dial('2000001', '8-1000-001')
  t.match(call, { state: 'connected', to: bob })
  t.strictSame(hopsOf(call), [
    'cluster2: dialled 81000001',
    'cluster2: routed to cluster1 (learned from cluster1, route string cluster1.example, SIP route pattern cluster1.example, trunk to-cluster1)',
    'cluster1: received from cluster2',
    'cluster1: 81000001 is an alternate number of 1000001',
    'cluster1: ringing SEP000000010001',
    'cluster1: connected to SEP000000010001',
  ])
  t.strictSame(hopsOf(await cluster1.call(call.id)), hopsOf(call), 'the other cluster knows the same call')
  await cluster1.release(call.id)
  await waitFor('it is over', async () => (await cluster2.activeCalls()).length === 0)
  for (const dialled of ['+1 408 1000-001', bobsUri, 'BOB@Cluster1.Example']) {
    const other = await cluster2.dial('2000001', dialled)
    t.match(other, { state: 'connected', to: bob }, dialled)
    await cluster2.release(other.id)
  }
  const { body } = await cluster2.ask<unknown[]>('GET', 'calls?all=true')
  t.match(body.at(-1), { hops: [{ action: `dialled ${bobsUri}` }] }, 'a URI is in lower case')
})

t.test(
  'learned partitions count as all others: without them in the search space a number is unallocated (1)',
  async (t) => {
    const { cluster2 } = await bobAndAlice(t)
    for (const dialled of [enterpriseNumber, e164Number]) {
      const call = await cluster2.dial('2000102', dialled)
      t.match(call, { state: 'failed', cause: 1 }, dialled)
      t.match(hopsOf(call).at(-1), /failed: learned from cluster1 in Global Learned .* Numbers, which is no partition/u)
    }
    t.match(await cluster2.dial('2000102', bobsUri), { state: 'connected' }, 'URIs are open to everybody')
  },
)

t.test('B3 Checked before routing: a blocked number is unallocated (1): ILS does not answer for it', async (t) => {
  const { cluster2 } = await bobAndAlice(t)
  cluster2.ils.learned.remove(enterpriseNumber)
  t.match(await cluster2.dial('2000001', enterpriseNumber), { state: 'failed', cause: 1 })
})

t.test(
  'B3 Advertised Patterns: a learned pattern leads to its cluster, which never uses what it advertises itself',
  async (t) => {
    const { cluster1, cluster2 } = await bobAndAlice(t)
    await cluster1.database.write(() =>
      cluster1.database.globalDialPlan.insertAdvertisedPattern({
        pattern: '81XXXXXX',
        description: '',
        type: AdvertisedPatternType.enterprise,
        failover: { use: "Don't Use PSTN Failover" },
      }),
    )
    cluster1.callManager.configurationChanged()
    cluster2.ils.learned.add('enterprise-pattern', '81XXXXXX', { cluster: 'cluster1' })
    const call = await cluster2.dial('2000001', '81000099')
    t.match(call, { state: 'failed', cause: 1 })
    t.equal(hopsOf(call).at(-1), 'cluster1: failed: no pattern matches 81000099 (1)')
    t.match(await cluster1.dial('1000102', '81000099'), { state: 'failed', cause: 1 })
  },
)

t.test('without a SIP route pattern a learned number goes to its cluster, whose address ILS knows', async (t) => {
  const { cluster1, cluster2 } = await startClusters(t, { cluster1: bobsHomeWithNames, cluster2: alicesHome })
  await nameBobsNumber(cluster1)
  learnBobsNumber(cluster2)
  const call = await cluster2.dial('2000001', enterpriseNumber)
  t.match(call, { state: 'connected', to: bob })
  t.equal(hopsOf(call)[1], 'cluster2: routed to cluster1 (learned from cluster1, route string cluster1.example)')
  cluster2.ils.addresses.delete('cluster1')
  t.match(await cluster2.dial('2000001', enterpriseNumber), { state: 'failed', cause: 38 }, 'nobody knows the way')
})

t.test('what a catalog names is not at the cluster that imported it: it takes a SIP route pattern', async (t) => {
  const { cluster2, cluster3 } = await startClusters(t, { cluster2: alicesHome, cluster3: kallysHome })
  const { learned } = cluster2.ils
  learned.add('directory-uri', 'carol@partner.example', {
    cluster: 'cluster1',
    catalog: 'Partner',
    routeString: 'partner.example',
  })
  const refused = await cluster2.dial('2000001', 'carol@partner.example')
  t.match(refused, { state: 'failed', cause: 38 })
  t.match(
    hopsOf(refused).at(-1),
    /no SIP route pattern \(learned from cluster1, catalog Partner, route string partner/u,
  )
  await cluster2.database.write(() =>
    cluster2.database.dialPlan.insertTrunk({ name: 'to-partner', remoteCluster: 'cluster3', url: cluster3.https }),
  )
  await addSipRoutePattern(cluster2, '*.example', 'to-partner')
  const call = await cluster2.dial('2000001', 'carol@partner.example')
  t.match(hopsOf(call), [
    /dialled/u,
    /SIP route pattern \*\.example, trunk to-partner\)$/u,
    'cluster3: received from cluster2',
  ])
  t.match(call, { cause: 1 }, 'where nobody has heard of Carol')
})

t.test('the host of a URI that nobody knows decides, by the SIP route patterns that the caller may use', async (t) => {
  const { cluster1, cluster2 } = await startClusters(t, { cluster1: bobsHomeWithNames, cluster2: alicesHome })
  await nameBobsNumber(cluster1)
  t.match(await cluster2.dial('2000102', bobsUri), { state: 'failed', cause: 1 })
  await addSipRoutePattern(cluster2, 'cluster1.example', 'to-cluster1', 'Global Learned Enterprise Numbers')
  const call = await cluster2.dial('2000001', bobsUri)
  t.match(call, { state: 'connected', to: bob })
  t.equal(hopsOf(call)[1], 'cluster2: routed to cluster1 (SIP route pattern cluster1.example, trunk to-cluster1)')
  const barred = await cluster2.dial('2000102', bobsUri)
  t.match(barred, { state: 'failed', cause: 1 })
  t.match(hopsOf(barred).at(-1), /in no partition of the caller/u)
  learnBobsNumber(cluster2)
  t.match(await cluster2.dial('2000102', bobsUri), { state: 'failed', cause: 1 }, 'nor is there another way around it')
})

t.test('at home an alternate number or URI is dialled in its local partition; from a trunk without one', async (t) => {
  const { cluster1, cluster2 } = await bobAndAlice(t)
  for (const dialled of [enterpriseNumber, e164Number]) {
    t.match(await cluster1.dial('1000103', dialled), { state: 'failed', cause: 1 }, 'added to no partition')
  }
  await nameBobsNumber(cluster1, 'Offices')
  for (const dialled of [enterpriseNumber, e164Number, bobsUri]) {
    const call = await cluster1.dial('1000103', dialled)
    t.match(call, { state: 'connected', to: bob }, dialled)
    await cluster1.release(call.id)
    t.match(await cluster1.dial('1000102', dialled), { state: 'failed', cause: 1 }, 'not in the search space')
  }
  t.match(await cluster2.dial('2000001', enterpriseNumber), { state: 'connected', to: bob }, 'from a trunk')
})

t.test(
  'a superuser’s alternate number goes where the superuser is, also back to where the call came from',
  async (t) => {
    const { cluster1, cluster2, cluster3 } = await startClusters(t, {
      cluster1: bobsHomeWithNames,
      cluster2: bobRoams,
      cluster3: kallysHome,
    })
    await nameBobsNumber(cluster1)
    const away = { cluster: 'cluster2', source: 'learned', deviceNames: ['SEP000000020003'] } as const
    cluster1.ils.bobIs(away)
    cluster2.ils.bobIs({ ...away, source: 'local' })
    cluster3.ils.learned.add('directory-uri', bobsUri, { cluster: 'cluster1' })
    cluster2.ils.learned.add('directory-uri', bobsUri, { cluster: 'cluster1' })
    const call = await cluster3.dial('3000001', bobsUri)
    t.match(call, { state: 'connected', to: { cluster: 'cluster2', deviceName: 'SEP000000020003', userId: 'bob' } })
    t.match(hopsOf(call)[4], 'cluster1: routed to cluster2 (ILS, learned)')
    await cluster3.release(call.id)
    await waitFor('Bob is free', async () => (await cluster2.activeCalls()).length === 0)
    const back = await cluster2.dial('2000001', bobsUri)
    t.match(back, { state: 'connected', to: { cluster: 'cluster2', deviceName: 'SEP000000020003', userId: 'bob' } })
    t.strictSame(hopsOf(back).slice(2, 6), [
      'cluster1: received from cluster2',
      `cluster1: ${bobsUri} is a directory URI of 1000001`,
      'cluster1: given back towards cluster2',
      'cluster2: ringing SEP000000020003',
    ])
  },
)

t.test(
  'two clusters that each believe the other has Bob do not give his alternate number back for ever (41)',
  async (t) => {
    const { cluster1, cluster2 } = await startClusters(t, { cluster1: bobsHomeWithNames, cluster2: bobRoams })
    await nameBobsNumber(cluster1)
    cluster1.ils.bobIs({ cluster: 'cluster2', source: 'learned', deviceNames: ['SEP000000020003'] })
    cluster2.ils.bobIs({ cluster: 'cluster1', source: 'learned', deviceNames: ['SEP000000010001'] })
    cluster2.ils.learned.add('directory-uri', bobsUri, { cluster: 'cluster1' })
    const call = await cluster2.dial('2000001', bobsUri)
    t.match(call, { state: 'failed', cause: 41 })
    t.equal(hopsOf(call).at(-1), 'cluster1: failed: loop, cluster1 has had this call (41)')
    t.strictSame(await cluster1.activeCalls(), [])
  },
)

t.test('two clusters that have learned the number from each other do not hand the call on for ever (41)', async (t) => {
  const { cluster1, cluster2 } = await startClusters(t, { cluster1: bobsHomeWithNames, cluster2: alicesHome })
  learnBobsNumber(cluster2)
  learnBobsNumber(cluster1, 'cluster2')
  for (const dialled of [enterpriseNumber, bobsUri]) {
    const call = await cluster2.dial('2000001', dialled)
    t.match(call, { state: 'failed', cause: 41 }, dialled)
    t.ok(hopsOf(call).includes('cluster1: failed: loop: cluster2 has had this call (41)'))
    t.match(await cluster1.call(call.id), { state: 'failed', cause: 41 })
  }
})

t.test('a number is forwarded to a learned number or URI', async (t) => {
  const { cluster2 } = await bobAndAlice(t)
  const forward = (destination: string) => cluster2.ask('PUT', 'phones/SEP000000020002/forward-all', { destination })
  t.match(await forward('BOB@cluster1.example'), { status: 200, body: { forwardAll: bobsUri } })
  const call = await cluster2.dial('2000001', '2000102')
  t.match(call, { state: 'connected', to: bob, divertedBy: ['2000102'] })
  t.equal((await forward('bob@')).status, 422)
})

t.test('where a number is: learned numbers and URIs are at the cluster that they were learned from', async (t) => {
  const { cluster1, cluster2 } = await bobAndAlice(t)
  const learned = await cluster2.ask('GET', `locations/${enterpriseNumber}`)
  t.match(learned.body, {
    dn: enterpriseNumber,
    cluster: 'cluster1',
    userId: '',
    deviceNames: [],
    source: 'learned',
    learned: {
      kind: 'enterprise-number',
      pattern: enterpriseNumber,
      partition: 'Global Learned Enterprise Numbers',
      cluster: 'cluster1',
      routeString: 'cluster1.example',
      pstnFailover: e164Number,
    },
  })
  const uri = await cluster2.ask('GET', `locations/${encodeURIComponent(bobsUri)}`)
  t.match(uri.body, { dn: bobsUri, cluster: 'cluster1', source: 'learned', learned: { kind: 'directory-uri' } })
  for (const dialled of [e164Number, bobsUri]) {
    const { body } = await cluster1.ask('GET', `locations/${encodeURIComponent(dialled)}`)
    t.match(body, { dn: '1000001', dialled, cluster: 'cluster1', deviceNames: [bob.deviceName], source: 'local' })
  }
  await addSipRoutePattern(cluster2, 'partner.example', 'to-cluster1')
  t.match((await cluster2.ask('GET', 'locations/carol%40partner.example')).body, {
    cluster: 'cluster1',
    source: 'home',
  })
  t.equal((await cluster2.ask('GET', 'locations/carol%40nowhere.example')).status, 404)
  t.equal((await cluster2.ask('GET', 'locations/carol%40')).status, 404)
  const longest = `${'carol'.repeat(9)}@${'lab.'.repeat(40)}partner.example`
  t.match((await cluster2.ask('GET', `locations/${encodeURIComponent(longest)}`)).status, 404)
  cluster2.ils.learned.add('directory-uri', longest, { cluster: 'cluster1' })
  t.match((await cluster2.ask('GET', `locations/${encodeURIComponent(longest)}`)).body, { dn: longest })
})

t.test('a URI that cannot be one is not dialled (422)', async (t) => {
  const { cluster3 } = await startClusters(t, { cluster3: { phones: [phone('SEP000000030001', '3000001')] } })
  for (const to of [
    '@',
    'bob@',
    '@host',
    'bob@@host',
    'bob smith@host',
    'bob@ho st',
    `${'b'.repeat(60)}@host`,
    'Kari@ſ.example',
    `bob@${'h.'.repeat(130)}h`,
  ]) {
    const { status, body } = await cluster3.ask('POST', 'calls', { from: '3000001', to })
    t.equal(status, 422, to)
    t.match(body.detail, 'or a directory URI (user@host)')
  }
})
