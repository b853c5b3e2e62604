// What a caller's cluster makes of whatever the other end of a trunk does.
import t from 'tap'
import type { Test } from 'tap'
import { waitFor } from '../../../fixtures/wait-for.ts'
import { briskly, identityIn, startClusters } from '../fixtures/clusters.ts'
import type { Timing } from '../fixtures/clusters.ts'
import { kallysHome } from '../fixtures/people.ts'
import { scriptedCluster } from '../fixtures/scripted-cluster.ts'

const routed = {
  ...kallysHome,
  trunks: [{ name: 'to-cluster2', remoteCluster: 'cluster2' }],
  routePatterns: [{ pattern: '2XXXXXX', trunk: 'to-cluster2' }],
}

/** Kally's cluster and a scripted cluster2, whose certificate names `certified`. */
async function kallyAndCluster2(t: Test, certified = 'cluster2', timing: Timing = briskly) {
  const { cluster3, directory } = await startClusters(t, { cluster3: routed }, timing)
  const cluster2 = await scriptedCluster(t, await identityIn(directory, certified))
  cluster3.ils.addresses.set('cluster2', cluster2.url)
  return { cluster2, cluster3 }
}

t.test('the setup names the caller, the way and the sender', async (t) => {
  const { cluster2, cluster3 } = await kallyAndCluster2(t)
  const call = await cluster3.dial('3000001', '2000-001')
  t.match(cluster2.setups, [
    {
      id: call.id,
      sender: { cluster: 'cluster3', https: cluster3.https },
      from: { cluster: 'cluster3', deviceName: 'SEP000000030001', userId: 'kally', dn: '3000001' },
      to: '2000001',
      handOnsLeft: 3,
    },
  ])
  await cluster3.release(call.id)
  await waitFor('the release arrives', () => cluster2.released.includes(call.id))
})

t.test('a certificate that names another cluster is not cluster2 (38)', async (t) => {
  const { cluster2, cluster3 } = await kallyAndCluster2(t, 'hub')
  t.match(await cluster3.dial('3000001', '2000001'), { state: 'failed', cause: 38 })
  t.strictSame(cluster2.setups, [], 'nothing was said to it')
})

t.test('an answer that is none fails temporarily (41), and the other end is told', async (t) => {
  const { cluster2, cluster3 } = await kallyAndCluster2(t)
  for (const body of ['{', '[]', '{"state":"connected","hops":[]}', `{"state":"failed","cause":999,"hops":[]}`]) {
    cluster2.answer = () => ({ body })
    const call = await cluster3.dial('3000001', '2000001')
    t.match(call, { state: 'failed', cause: 41 }, body)
    await waitFor('told', () => cluster2.released.includes(call.id))
  }
  cluster2.answer = () => ({ status: 500, body: 'broken' })
  t.match(await cluster3.dial('3000001', '2000001'), { state: 'failed', cause: 41 })
})

t.test('an answer without end is cut off', async (t) => {
  const { cluster2, cluster3 } = await kallyAndCluster2(t)
  cluster2.answer = () => ({ body: { state: 'connected', padding: 'x'.repeat(200_000) } })
  t.match(await cluster3.dial('3000001', '2000001'), { state: 'failed' })
})

t.test('a cluster that never answers is given up (102) and told, so that nothing rings on', async (t) => {
  const timing = { ...briskly, noAnswerTimeoutMs: 50, trunkTimeoutMs: 50 }
  const { cluster2, cluster3 } = await kallyAndCluster2(t, 'cluster2', timing)
  cluster2.answer = () => undefined
  const call = await cluster3.dial('3000001', '2000001')
  t.match(call, { state: 'failed', cause: 102 })
  await waitFor('told', () => cluster2.released.includes(call.id))
})

t.test('releasing a call that still rings elsewhere ends it there too', async (t) => {
  const { cluster2, cluster3 } = await kallyAndCluster2(t, 'cluster2', { ...briskly, noAnswerTimeoutMs: 30_000 })
  cluster2.answer = () => undefined
  const dialling = cluster3.dial('3000001', '2000001')
  await waitFor('the setup arrives', () => cluster2.setups.length === 1)
  const [ringing] = await cluster3.activeCalls()
  t.match(ringing, { state: 'ringing' })
  t.equal(await cluster3.release(ringing?.id ?? ''), 204)
  t.match(await dialling, { state: 'failed', cause: 16 })
  await waitFor('told', () => cluster2.released.includes(ringing?.id ?? ''))
})

t.test('the other end falls silent in a call: after three missed lines the call is over (38)', async (t) => {
  const { cluster2, cluster3 } = await kallyAndCluster2(t)
  const call = await cluster3.dial('3000001', '2000001')
  cluster2.beating = false
  await waitFor('the call is over', async () => (await cluster3.call(call.id)).state === 'ended')
  t.match(await cluster3.call(call.id), { state: 'ended', cause: 38, causeText: 'network out of order' })
  t.match(
    cluster3.events.filter(({ type }) => type === 'callEnded'),
    [{ id: call.id, cause: 38 }],
  )
})

t.test(
  'the other end resets the connection in a call: the call is over (38), and so are all others with it',
  async (t) => {
    const { cluster2, cluster3 } = await kallyAndCluster2(t)
    const calls = [await cluster3.dial('3000001', '2000001'), await cluster3.dial('3000102', '2000002')]
    t.equal(cluster2.supervisions.size, 1, 'one stream serves all calls')
    for (const stream of cluster2.supervisions) stream.socket?.destroy()
    for (const { id } of calls) {
      await waitFor('over', async () => (await cluster3.call(id)).state === 'ended')
      t.match(await cluster3.call(id), { cause: 38 })
    }
    t.match(await cluster3.dial('3000001', '2000001'), { state: 'connected' }, 'the next call is watched anew')
  },
)

t.test('the other end falls silent while it rings: the setup ends (38)', async (t) => {
  const { cluster2, cluster3 } = await kallyAndCluster2(t, 'cluster2', { ...briskly, noAnswerTimeoutMs: 30_000 })
  cluster2.answer = () => undefined
  const dialling = cluster3.dial('3000001', '2000001')
  await waitFor('the setup arrives', () => cluster2.setups.length === 1)
  cluster2.beating = false
  t.match(await dialling, { state: 'failed', cause: 38 })
})

t.test('a call that nobody can watch is not connected', async (t) => {
  const { cluster2, cluster3 } = await kallyAndCluster2(t, 'cluster2', { ...briskly, trunkTimeoutMs: 200 })
  cluster2.supervisionStatus = 404
  t.match(await cluster3.dial('3000001', '2000001'), { state: 'failed', cause: 41 })
  cluster2.supervisionStatus = undefined
  const call = await cluster3.dial('3000001', '2000001')
  t.match(call, { state: 'failed', cause: 38 }, 'although the other end has answered')
  await waitFor('told', () => cluster2.released.includes(call.id))
})

t.test('a wrong trunk address costs its own call, not the others with that cluster', async (t) => {
  const { cluster2, cluster3 } = await kallyAndCluster2(t)
  await cluster3.database.write(() => {
    const { dialPlan } = cluster3.database
    dialPlan.insertTrunk({ name: 'wrong', remoteCluster: 'cluster2', url: 'https://127.0.0.1:1' })
    dialPlan.insertRoutePattern({ pattern: '4XXXXXX', partition: '', trunk: 'wrong' })
  })
  cluster3.callManager.configurationChanged()
  const good = await cluster3.dial('3000001', '2000001')
  t.match(await cluster3.dial('3000102', '4000001'), { state: 'failed', cause: 38 })
  t.match(await cluster3.call(good.id), { state: 'connected' })
  t.equal(cluster2.supervisions.size, 1)
})

t.test('a cluster that gives every call back is asked again so often at most (41)', async (t) => {
  const { cluster2, cluster3 } = await kallyAndCluster2(t)
  cluster2.answer = ({ to }) => ({ body: { state: 'returned', to, divertedBy: [to], hops: [] } })
  const call = await cluster3.dial('3000001', '2000001')
  t.match(call, { state: 'failed', cause: 41 })
  t.equal(cluster2.setups.length, 4)
  t.strictSame(cluster2.released, [], 'it holds nothing that could be released')
})

t.test('a call that was given back is routed here, to any partition', async (t) => {
  const { cluster2, cluster3 } = await kallyAndCluster2(t)
  cluster2.answer = () => ({ body: { state: 'returned', to: '3000102', divertedBy: ['2000001'], hops: [] } })
  t.match(await cluster3.dial('3000001', '2000001'), {
    state: 'connected',
    divertedBy: ['2000001'],
    to: { cluster: 'cluster3', deviceName: 'SEP000000030002', dn: '3000102' },
  })
  cluster2.answer = () => ({ body: { state: 'returned', to: 'not a number', divertedBy: [], hops: [] } })
  t.match(await cluster3.dial('3000001', '2000001'), { state: 'failed', cause: 41 })
})

t.test('a cluster of release 0.2 refuses a directory URI: the call fails (41)', async (t) => {
  const { cluster2, cluster3 } = await kallyAndCluster2(t)
  cluster3.ils.learned.add('directory-uri', 'alice@cluster2.example', { cluster: 'cluster2' })
  cluster2.answer = () => ({ status: 400, body: { title: 'Bad Request' } })
  t.match(await cluster3.dial('3000001', 'alice@cluster2.example'), { state: 'failed', cause: 41 })
  t.match(cluster2.setups, [{ to: 'alice@cluster2.example' }])
})

t.test('the longest names that can be learned make no hop that another cluster would refuse', async (t) => {
  const { cluster2, cluster3 } = await kallyAndCluster2(t)
  const routeString = Array.from({ length: 4 }, () => 'r'.repeat(62)).join('.')
  cluster3.ils.learned.add('directory-uri', 'alice@cluster2.example', { cluster: 'cluster2', routeString })
  await cluster3.database.write(() =>
    cluster3.database.globalDialPlan.insertSipRoutePattern({
      pattern: routeString,
      partition: '',
      trunk: 'to-cluster2',
    }),
  )
  cluster3.callManager.configurationChanged()
  cluster2.answer = () => ({ body: { state: 'connected', to: { cluster: 'cluster2', dn: '2000001' }, hops: [] } })
  t.match(await cluster3.dial('3000001', 'alice@cluster2.example'), { state: 'connected' })
  const [setup] = cluster2.setups
  t.equal(setup?.hops.at(-1)?.action.length, 300)
})
