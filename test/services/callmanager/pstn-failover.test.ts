// PSTN failover (System Configuration Guide, Global Dial Plan Replication): for learned destinations alone, when the way fails, through
// the calling party's AAR calling search space.
import t from 'tap'
import type { Test } from 'tap'
import type { Call } from '../../../services/callmanager/api.ts'
import { waitFor } from '../../fixtures/wait-for.ts'
import { briskly, identityIn, startClusters, trunkClient } from './fixtures/clusters.ts'
import type { TestCluster, Timing } from './fixtures/clusters.ts'
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
import { scriptedCluster } from './fixtures/scripted-cluster.ts'

const nowhere = 'https://127.0.0.1:1'
const bob = { cluster: 'cluster1', deviceName: 'SEP000000010001', userId: 'bob', dn: '1000001' }

/** In a laboratory the PSTN is a trunk to whichever cluster owns the number; only the AAR calling search space leads to it. */
async function addPstn(cluster: TestCluster, remoteCluster: string, url = ''): Promise<void> {
  await cluster.database.write(() => {
    cluster.database.dialPlan.insertTrunk({ name: 'PSTN', remoteCluster, url })
    cluster.database.dialPlan.insertRoutePattern({ pattern: '\\+!', partition: 'PSTN', trunk: 'PSTN' })
  })
  cluster.callManager.configurationChanged()
}

async function routeOver(cluster: TestCluster, remoteCluster: string, url: string): Promise<void> {
  await cluster.database.write(() => cluster.database.dialPlan.insertTrunk({ name: 'SIP trunk', remoteCluster, url }))
  await addSipRoutePattern(cluster, 'cluster1.example', 'SIP trunk')
}

/** The SIP trunk from Alice's cluster2 to Bob's cluster1 is dead; the PSTN reaches him. */
async function deadTrunk(t: Test) {
  const { cluster1, cluster2 } = await startClusters(t, { cluster1: bobsHomeWithNames, cluster2: alicesHome })
  await nameBobsNumber(cluster1)
  learnBobsNumber(cluster2)
  await routeOver(cluster2, 'cluster1', nowhere)
  await addPstn(cluster2, 'cluster1')
  return { cluster1, cluster2 }
}

/** The SIP trunk leads to a scripted cluster1, the PSTN to a scripted cluster4. */
async function scriptedWays(t: Test, timing: Timing = briskly) {
  const { cluster2, directory } = await startClusters(t, { cluster2: alicesHome }, timing)
  const cluster1 = await scriptedCluster(t, await identityIn(directory, 'cluster1'))
  const cluster4 = await scriptedCluster(t, await identityIn(directory, 'cluster4'))
  cluster4.answer = ({ to }) => ({ body: { state: 'connected', to: { cluster: 'cluster4', dn: to }, hops: [] } })
  learnBobsNumber(cluster2)
  await routeOver(cluster2, 'cluster1', cluster1.url)
  await addPstn(cluster2, 'cluster4', cluster4.url)
  return { cluster1, cluster2, cluster4, directory }
}

const overPstn = (call: Call): boolean => hopsOf(call).some((hop) => hop.includes('PSTN failover to'))

t.test(
  'B3 PSTN failover: the trunk to Bob’s cluster is dead: Alice’s call takes the PSTN, to his +E.164 number',
  async (t) => {
    const { cluster1, cluster2 } = await deadTrunk(t)
    for (const dialled of [enterpriseNumber, e164Number, bobsUri]) {
      const call = await cluster2.dial('2000001', dialled)
      t.match(call, { state: 'connected', to: bob }, dialled)
      t.strictSame(
        hopsOf(call).slice(2),
        [
          'cluster2: failed: cluster1, network out of order (38)',
          'cluster2: PSTN failover to +14081000001, AAR calling search space',
          'cluster2: routed to cluster1 (route pattern \\+!, trunk PSTN)',
          'cluster1: received from cluster2',
          'cluster1: +14081000001 is an alternate number of 1000001',
          'cluster1: ringing SEP000000010001',
          'cluster1: connected to SEP000000010001',
        ],
        dialled,
      )
      await cluster2.release(call.id)
      await waitFor('Bob is free', async () => (await cluster1.activeCalls()).length === 0)
    }
  },
)

t.test('over the PSTN a call is a new one at the other end, and ends on both sides whoever releases it', async (t) => {
  const { cluster1, cluster2 } = await deadTrunk(t)
  const call = await cluster2.dial('2000001', enterpriseNumber)
  const [there] = await cluster1.activeCalls()
  t.match(there, { state: 'connected', from: { userId: 'alice', dn: '2000001' } })
  t.not(there?.id, call.id)
  await cluster1.release(there?.id ?? '')
  await waitFor('over', async () => (await cluster2.call(call.id)).state === 'ended')
  t.match(await cluster2.call(call.id), { cause: 16 })
  t.match(hopsOf(await cluster2.call(call.id)).at(-1), 'cluster1: released (16)')
  const second = await cluster2.dial('2000001', enterpriseNumber)
  await cluster2.release(second.id)
  await waitFor('over there', async () => (await cluster1.activeCalls()).length === 0)
})

t.test('B3 AAR calling search space: without an AAR calling search space the failure stays (38)', async (t) => {
  const { cluster2 } = await deadTrunk(t)
  const call = await cluster2.dial('2000103', enterpriseNumber)
  t.match(call, { state: 'failed', cause: 38 })
  t.strictSame(hopsOf(call).slice(2), [
    'cluster2: no PSTN failover to +14081000001: the AAR calling search space does not lead there',
    'cluster2: failed: cluster1, network out of order (38)',
  ])
  await cluster2.database.write(() =>
    cluster2.database.dialPlan.insertRoutePattern({ pattern: '\\+1408XXXXXXX', partition: '', trunk: 'PSTN' }),
  )
  cluster2.callManager.configurationChanged()
  t.match(await cluster2.dial('2000103', enterpriseNumber), { state: 'connected', to: bob }, 'but <None> is open to it')
})

t.test('a destination that was learned without a number for the PSTN has no other way (38)', async (t) => {
  const { cluster2 } = await deadTrunk(t)
  cluster2.ils.learned.add('enterprise-number', '81000002', { cluster: 'cluster1' })
  const call = await cluster2.dial('2000001', '81000002')
  t.match(call, { state: 'failed', cause: 38 })
  t.notOk(overPstn(call))
})

t.test(
  'B3 PSTN failover of learned destinations alone: what was not learned has no other way either: a route pattern over the same dead trunk (38)',
  async (t) => {
    const { cluster2 } = await deadTrunk(t)
    await cluster2.database.write(() =>
      cluster2.database.dialPlan.insertRoutePattern({ pattern: '9XXX', partition: '', trunk: 'SIP trunk' }),
    )
    cluster2.callManager.configurationChanged()
    t.match(await cluster2.dial('2000001', '9000'), { state: 'failed', cause: 38 })
  },
)

t.test('nobody knows an address, or there is no SIP route pattern for a catalog: over the PSTN', async (t) => {
  const { cluster1, cluster2 } = await startClusters(t, { cluster1: bobsHomeWithNames, cluster2: alicesHome })
  await nameBobsNumber(cluster1)
  await addPstn(cluster2, 'cluster1', cluster1.https)
  const { learned } = cluster2.ils
  learned.add('enterprise-number', '80000001', { cluster: 'cluster9', pstnFailover: e164Number })
  const lost = await cluster2.dial('2000001', '80000001')
  t.match(lost, { state: 'connected', to: bob })
  t.equal(hopsOf(lost)[1], 'cluster2: failed: no address of cluster9 is known (38)')
  await cluster2.release(lost.id)
  await waitFor('Bob is free', async () => (await cluster1.activeCalls()).length === 0)
  learned.add('enterprise-number', '80000002', { cluster: 'cluster1', catalog: 'Partner', pstnFailover: e164Number })
  t.match(await cluster2.dial('2000001', '80000002'), { state: 'connected', to: bob })
})

t.test(
  'the other end answers, and not about the call: it is deactivated (41), or nothing that could be understood',
  async (t) => {
    const { cluster1, cluster2, cluster4 } = await scriptedWays(t)
    for (const answer of [
      { status: 503, body: {} },
      { body: 'what?' },
      { body: { state: 'failed', cause: 38, hops: [] } },
    ]) {
      cluster1.answer = () => answer
      const call = await cluster2.dial('2000001', enterpriseNumber)
      t.match(call, { state: 'connected', to: { cluster: 'cluster4', dn: e164Number } })
      await cluster2.release(call.id)
    }
    t.equal(cluster4.setups.length, 3)
  },
)

t.test('the other end never answers (102): it is told that the call goes on without it', async (t) => {
  const timing = { ...briskly, noAnswerTimeoutMs: 50, trunkTimeoutMs: 50 }
  const { cluster1, cluster2, cluster4 } = await scriptedWays(t, timing)
  cluster1.answer = () => undefined
  const call = await cluster2.dial('2000001', enterpriseNumber)
  t.match(call, { state: 'connected', to: { cluster: 'cluster4' } })
  await waitFor('told', () => cluster1.released.includes(call.id))
  t.match(await cluster2.call(call.id), { state: 'connected' })
  const [setup] = cluster4.setups
  t.strictSame(new Set(setup?.hops.map(({ cluster }) => cluster)), new Set(['cluster2']))
  t.strictSame(cluster4.released, [])
  await cluster2.release(call.id)
  await waitFor('told too', () => cluster4.released.includes(setup?.id ?? ''))
  // A release that is not confirmed in time is repeated.
  t.strictSame(new Set(cluster1.released), new Set([call.id]), 'of this call only')
})

t.test('the other end falls silent while it rings: over the PSTN', async (t) => {
  const { cluster1, cluster2 } = await scriptedWays(t, { ...briskly, noAnswerTimeoutMs: 30_000 })
  cluster1.answer = () => undefined
  const dialling = cluster2.dial('2000001', enterpriseNumber)
  await waitFor('the setup arrives', () => cluster1.setups.length === 1)
  cluster1.beating = false
  const call = await dialling
  t.match(call, { state: 'connected', to: { cluster: 'cluster4' } })
  t.ok(hopsOf(call).includes('cluster2: failed: cluster1, network out of order (38)'))
})

t.test('a cluster that was given up has no say in the call any more', async (t) => {
  const { cluster1, cluster2, directory } = await scriptedWays(t)
  cluster1.answer = () => ({ body: 'what?' })
  const call = await cluster2.dial('2000001', enterpriseNumber)
  const speak = trunkClient(t, await identityIn(directory, 'cluster1'))
  t.equal((await speak(cluster2.https, `calls/${call.id}/release`, { cause: 16 })).status, 403)
  t.equal(
    (await speak(cluster2.https, `calls/${call.id}-pstn/release`, { cause: 16 })).status,
    403,
    'nor by its other id',
  )
  t.match(await cluster2.call(call.id), { state: 'connected' })
})

t.test('busy, no answer, rejected, absent or unallocated is an answer: it stands', async (t) => {
  const { cluster1, cluster2, cluster4 } = await scriptedWays(t)
  for (const cause of [17, 19, 21, 20, 1]) {
    cluster1.answer = () => ({ body: { state: 'failed', cause, hops: [] } })
    t.match(await cluster2.dial('2000001', enterpriseNumber), { state: 'failed', cause })
  }
  t.strictSame(cluster4.setups, [])
})

t.test('a call takes the PSTN once: that it fails there is the end of it', async (t) => {
  const { cluster1, cluster2, cluster4 } = await scriptedWays(t)
  for (const [status, cause] of [
    [200, 17],
    [503, 41],
  ] as const) {
    cluster1.answer = () => ({ status: 503, body: {} })
    cluster4.answer = () => ({ status, body: { state: 'failed', cause, hops: [] } })
    const call = await cluster2.dial('2000001', e164Number)
    t.match(call, { state: 'failed', cause })
    t.equal(hopsOf(call).filter((hop) => hop.includes('PSTN failover')).length, 1)
  }
  t.equal(cluster4.setups.length, 2)
})

t.test('who hangs up meanwhile does not call over the PSTN', async (t) => {
  const { cluster1, cluster2, cluster4 } = await scriptedWays(t, { ...briskly, noAnswerTimeoutMs: 30_000 })
  cluster1.answer = () => undefined
  const dialling = cluster2.dial('2000001', enterpriseNumber)
  await waitFor('the setup arrives', () => cluster1.setups.length === 1)
  const [ringing] = await cluster2.activeCalls()
  await cluster2.release(ringing?.id ?? '')
  t.match(await dialling, { state: 'failed', cause: 16 })
  t.strictSame(cluster4.setups, [])
})

t.test('a call from a trunk has no AAR calling search space: failover is for the cluster where it began', async (t) => {
  const { cluster2, cluster4, directory } = await scriptedWays(t)
  const identity = await identityIn(directory, 'cluster3')
  const cluster3 = await scriptedCluster(t, identity)
  await cluster2.database.write(() =>
    cluster2.database.dialPlan.insertTrunk({ name: 'dead', remoteCluster: 'cluster5', url: nowhere }),
  )
  await addSipRoutePattern(cluster2, 'cluster5.example', 'dead')
  cluster2.ils.learned.add('enterprise-number', '85000001', { cluster: 'cluster5', pstnFailover: e164Number })
  const { body } = await trunkClient(t, identity)(cluster2.https, 'calls', {
    id: 'call-1',
    sender: { cluster: 'cluster3', https: cluster3.url },
    from: { cluster: 'cluster3', dn: '3000001' },
    to: '85000001',
    hops: [{ cluster: 'cluster3', action: 'dialled 85000001', at: new Date().toISOString() }],
    handOnsLeft: 3,
  })
  t.match(body, { state: 'failed', cause: 38 })
  t.strictSame(cluster4.setups, [])
})
