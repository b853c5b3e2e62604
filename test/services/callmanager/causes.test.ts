// Each way in which a call does not come about, and its Q.850 cause.
import t from 'tap'
import { waitFor } from '../../fixtures/wait-for.ts'
import { phone, startClusters } from './fixtures/clusters.ts'

/** Busy with its first call. */
const oneCall = (name: string, dn: string) => phone(name, '', { lines: [{ dn, busyTrigger: 1 }] })
const kally = phone('SEP000000030001', '3000-001')

t.test('an idle phone answers: connected, no cause', async (t) => {
  const { cluster3 } = await startClusters(t, { cluster3: { phones: [kally, phone('SEP000000030002', '3000-002')] } })
  const call = await cluster3.dial('3000-001', '3000-002')
  t.match(call, { state: 'connected', from: { cluster: 'cluster3', deviceName: 'SEP000000030001', dn: '3000001' } })
  t.match(call.to, { cluster: 'cluster3', deviceName: 'SEP000000030002', dn: '3000002' })
  t.notOk(call.cause)
  t.strictSame(
    call.hops.map(({ cluster, action }) => `${cluster}: ${action}`),
    ['cluster3: dialled 3000002', 'cluster3: ringing SEP000000030002', 'cluster3: connected to SEP000000030002'],
  )
})

t.test('a number that no pattern matches is unallocated (1)', async (t) => {
  const { cluster3 } = await startClusters(t, { cluster3: { phones: [kally] } })
  t.match(await cluster3.dial('3000001', '9999'), { state: 'failed', cause: 1, causeText: 'unallocated number' })
})

t.test('a phone with as many calls as its busy trigger is busy (17)', async (t) => {
  const { cluster3 } = await startClusters(t, {
    cluster3: { phones: [kally, oneCall('SEP000000030002', '3000002'), oneCall('SEP000000030003', '3000003')] },
  })
  const first = await cluster3.dial('3000002', '3000003')
  t.match(await cluster3.dial('3000001', '3000003'), { state: 'failed', cause: 17 }, 'who is called is busy')
  t.match(await cluster3.dial('3000001', '3000002'), { state: 'failed', cause: 17 }, 'so is who calls')
  await cluster3.release(first.id)
  t.match(await cluster3.dial('3000001', '3000003'), { state: 'connected' }, 'free again')
})

t.test('a higher busy trigger takes more calls', async (t) => {
  const many = phone('SEP000000030003', '', { lines: [{ dn: '3000003', busyTrigger: 2, maxCalls: 4 }] })
  const { cluster3 } = await startClusters(t, {
    cluster3: { phones: [kally, phone('SEP000000030002', '3000002'), many, phone('SEP000000030004', '3000004')] },
  })
  t.match(await cluster3.dial('3000001', '3000003'), { state: 'connected' })
  t.match(await cluster3.dial('3000002', '3000003'), { state: 'connected' })
  t.match(await cluster3.dial('3000004', '3000003'), { state: 'failed', cause: 17 })
})

t.test('a phone that dials its own number is busy (17)', async (t) => {
  const own = phone('SEP000000030001', '', { lines: [{ dn: '3000001', busyTrigger: 5, maxCalls: 5 }] })
  const { cluster3 } = await startClusters(t, { cluster3: { phones: [own] } })
  t.match(await cluster3.dial('3000001', '3000001'), { state: 'failed', cause: 17 })
  t.strictSame(await cluster3.activeCalls(), [])
})

t.test('a phone that nobody answers rings out (19)', async (t) => {
  const silent = phone('SEP000000030002', '3000002', { answerMode: 'never' })
  const { cluster3 } = await startClusters(t, { cluster3: { phones: [kally, silent] } })
  t.match(await cluster3.dial('3000001', '3000002'), { state: 'failed', cause: 19, causeText: 'no answer' })
  t.equal((await cluster3.ask('POST', 'calls', { from: '3000001', to: '9' })).status, 201, 'the caller is free again')
})

t.test('a phone that rejects says so (21)', async (t) => {
  const rejecting = phone('SEP000000030002', '3000002', { answerMode: 'reject' })
  const { cluster3 } = await startClusters(t, { cluster3: { phones: [kally, rejecting] } })
  t.match(await cluster3.dial('3000001', '3000002'), { state: 'failed', cause: 21 })
})

t.test('a number whose phones are not registered has an absent subscriber (20)', async (t) => {
  const { cluster3 } = await startClusters(t, {
    cluster3: { phones: [kally], deviceProfiles: [{ name: 'alice-profile', lines: [{ dn: '2000001' }] }] },
  })
  t.match(await cluster3.dial('3000001', '2000001'), { state: 'failed', cause: 20 })
})

t.test('a phone that goes away while it rings is absent (20)', async (t) => {
  const silent = phone('SEP000000030002', '3000002', { answerMode: 'never' })
  const { cluster3 } = await startClusters(t, { cluster3: { phones: [kally, silent] } }, { noAnswerTimeoutMs: 20_000 })
  const dialling = cluster3.dial('3000001', '3000002')
  await waitFor('ringing', async () => (await cluster3.activeCalls())[0]?.hops.length === 2)
  t.match(await cluster3.activeCalls(), [{ state: 'ringing' }])
  cluster3.callManager.restartDevice('SEP000000030002', 17)
  t.match(await dialling, { state: 'failed', cause: 20 })
})

t.test('a cluster whose address nobody knows cannot be reached (38)', async (t) => {
  const { cluster3 } = await startClusters(t, {
    cluster3: {
      phones: [kally],
      trunks: [{ name: 'to-cluster2', remoteCluster: 'cluster2' }],
      routePatterns: [{ pattern: '2XXXXXX', trunk: 'to-cluster2' }],
    },
  })
  t.match(await cluster3.dial('3000001', '2000001'), { state: 'failed', cause: 38 })
})

t.test('a cluster that refuses the connection cannot be reached (38)', async (t) => {
  const { cluster3 } = await startClusters(t, {
    cluster3: {
      phones: [kally],
      trunks: [
        { name: 'dead', remoteCluster: 'cluster2', url: 'https://127.0.0.1:1' },
        { name: 'nonsense', remoteCluster: 'cluster4', url: 'not an address' },
        { name: 'in-clear', remoteCluster: 'cluster5', url: 'http://127.0.0.1:1' },
      ],
      routePatterns: [
        { pattern: '2XXXXXX', trunk: 'dead' },
        { pattern: '4XXXXXX', trunk: 'nonsense' },
        { pattern: '5XXXXXX', trunk: 'in-clear' },
      ],
    },
  })
  for (const number of ['2000001', '4000001', '5000001']) {
    const call = await cluster3.dial('3000001', number)
    t.match(call, { state: 'failed', cause: 38 }, number)
  }
})

t.test('a cluster whose CallManager is deactivated fails temporarily (41)', async (t) => {
  const { cluster3, cluster2 } = await startClusters(t, {
    cluster3: {
      phones: [kally],
      trunks: [{ name: 'to-cluster2', remoteCluster: 'cluster2' }],
      routePatterns: [{ pattern: '2XXXXXX', trunk: 'to-cluster2' }],
    },
    cluster2: { phones: [phone('SEP000000020001', '2000001')] },
  })
  await cluster2.setActive(false)
  t.match(await cluster3.dial('3000001', '2000001'), { state: 'failed', cause: 41 })
  await cluster2.setActive(true)
  t.match(await cluster3.dial('3000001', '2000001'), { state: 'connected' }, 'and works again afterwards')
})

t.test('a caller that nobody knows is 404, one without registration 409, undialable digits 422', async (t) => {
  const { cluster3 } = await startClusters(
    t,
    {
      cluster3: {
        phones: [kally, { name: 'SEP000000030009', lines: [] }],
        deviceProfiles: [{ name: 'alice-profile', lines: [{ dn: '2000001' }] }],
      },
    },
    { phoneRestartMs: 60_000 },
  )
  const dial = async (from: unknown, to: unknown) => (await cluster3.ask('POST', 'calls', { from, to })).status
  t.equal(await dial('7777777', '3000001'), 404)
  t.equal(await dial('SEP999999999999', '3000001'), 404)
  t.equal(await dial('2000001', '3000001'), 409, 'known from a profile, on no phone')
  t.equal(await dial('SEP000000030009', '3000001'), 409, 'a phone without a line')
  t.equal(await dial('3000001', ''), 422)
  t.equal(await dial('3000001', ' - '), 422)
  t.equal(await dial('3000001', 'bob'), 422)
  t.equal(await dial('3000001', '1'.repeat(65)), 422)
  t.equal(await dial('', '3000001'), 422)
  t.equal(await dial('3000001', '1'.repeat(400)), 400)
  t.equal(await dial(3_000_001, '1'), 400)
  t.equal((await cluster3.ask('POST', 'calls', { from: '3000001', to: '1', extra: true })).status, 400)
  cluster3.callManager.restartDevice('SEP000000030001', 19)
  t.equal(await dial('SEP000000030001', '1'), 409, 'while it restarts')
  t.strictSame(await cluster3.ask('GET', 'calls?all=true').then(({ body }) => body), [], 'no call came about')
})

t.test('a line with as many calls as it may have dials no further one', async (t) => {
  const { cluster3 } = await startClusters(t, {
    cluster3: {
      phones: [
        phone('SEP000000030001', '', { lines: [{ dn: '3000001', maxCalls: 1 }] }),
        phone('SEP000000030002', '3000002'),
        phone('SEP000000030003', '3000003'),
      ],
    },
  })
  t.match(await cluster3.dial('sep000000030001', '3000002'), { state: 'connected' })
  t.equal((await cluster3.ask('POST', 'calls', { from: '3000001', to: '3000003' })).status, 409)
})
