// What a called cluster makes of whoever comes through its trunk doors.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { Agent, request } from 'undici'
import { waitFor } from '../../../fixtures/wait-for.ts'
import { identityIn, phone, startClusters, trunkClient } from '../fixtures/clusters.ts'
import { scriptedCluster } from '../fixtures/scripted-cluster.ts'

const seed = {
  phones: [
    phone('SEP000000020001', '2000001', { owner: 'alice' }),
    phone('SEP000000020002', '2000002', { answerMode: 'never' }),
    phone('SEP000000020003', '2000003'),
  ],
  users: [{ userId: 'alice', pin: '23456' }],
}

/** Cluster2 and, at the other end of its trunk, a scripted cluster3 that has a certificate of the lab. */
async function cluster2AndCluster3(
  t: Test,
  timing = { noAnswerTimeoutMs: 150, supervisionIntervalMs: 50, trunkTimeoutMs: 1000 },
) {
  const { cluster2, directory } = await startClusters(t, { cluster2: seed }, timing)
  const identity = await identityIn(directory, 'cluster3')
  const cluster3 = await scriptedCluster(t, identity)
  const speak = trunkClient(t, identity)
  const setup = {
    id: 'call-1',
    sender: { cluster: 'cluster3', https: cluster3.url },
    from: { cluster: 'cluster3', deviceName: 'SEP000000030001', userId: 'kally', dn: '3000001' },
    to: '2000001',
    hops: [{ cluster: 'cluster3', action: 'dialled 2000001', at: '2026-11-21T07:00:00.000Z' }],
    handOnsLeft: 3,
  }
  const dial = (changes: object = {}) => speak(cluster2.https, 'calls', { ...setup, ...changes })
  return { cluster2, cluster3, directory, identity, speak, setup, dial }
}

t.test('a call is answered when its outcome is known, with the hops that were added', async (t) => {
  const { cluster2, dial, speak, cluster3 } = await cluster2AndCluster3(t)
  const { status, body } = await dial()
  t.equal(status, 200)
  t.match(body, {
    state: 'connected',
    to: { cluster: 'cluster2', deviceName: 'SEP000000020001', userId: 'alice', dn: '2000001' },
    hops: [
      { action: 'received from cluster3' },
      { action: 'ringing SEP000000020001' },
      { action: 'connected to SEP000000020001' },
    ],
  })
  t.match(await cluster2.call('call-1'), { state: 'connected', from: { cluster: 'cluster3', userId: 'kally' } })
  const released = await speak(cluster2.https, 'calls/call-1/release', { cause: 16 })
  t.equal(released.status, 204)
  t.match(await cluster2.call('call-1'), { state: 'ended', cause: 16 })
  t.equal((await speak(cluster2.https, 'calls/call-1/release', { cause: 16 })).status, 204, 'twice is fine')
  t.equal((await speak(cluster2.https, 'calls/forgotten/release', { cause: 16 })).status, 204, 'so is an unknown call')
  t.strictSame(cluster3.released, [], 'who released is not told back')
})

t.test('who hangs up here is told there', async (t) => {
  const { cluster2, cluster3, dial } = await cluster2AndCluster3(t)
  await dial()
  t.equal(await cluster2.release('call-1'), 204)
  await waitFor('the release arrives', () => cluster3.released.includes('call-1'))
})

t.test('nobody gets in without the certificate of a cluster', async (t) => {
  const { cluster2, setup, directory } = await cluster2AndCluster3(t)
  const stranger = trunkClient(t)
  t.equal((await stranger(cluster2.https, 'calls', setup)).status, 403)
  t.equal((await stranger(cluster2.https, 'supervision')).status, 403)
  t.equal((await stranger(cluster2.http, 'calls', setup)).status, 403, 'nor in clear')
  const elsewhere = join(directory, 'elsewhere')
  await mkdir(elsewhere)
  const foreign = await identityIn(elsewhere, 'cluster3')
  t.equal((await trunkClient(t, foreign)(cluster2.https, 'calls', setup)).status, 403, 'nor with that of another lab')
  t.strictSame(await cluster2.activeCalls(), [])
})

t.test('a certificate speaks for its own cluster only', async (t) => {
  const { cluster2, dial, directory, setup } = await cluster2AndCluster3(t)
  t.equal((await dial({ sender: { ...setup.sender, cluster: 'cluster1' } })).status, 403)
  t.equal((await dial({ from: { ...setup.from, cluster: 'cluster1' } })).status, 403)
  const [hop] = setup.hops
  t.equal((await dial({ hops: [hop, { ...hop, cluster: 'cluster1' }] })).status, 403)
  await dial()
  const other = trunkClient(t, await identityIn(directory, 'cluster1'))
  t.equal((await other(cluster2.https, 'calls/call-1/release', { cause: 16 })).status, 403)
  t.match(await cluster2.call('call-1'), { state: 'connected' })
})

t.test('messages that are none are refused and change nothing', async (t) => {
  const { cluster2, dial, setup, speak } = await cluster2AndCluster3(t)
  for (const changes of [
    { id: '../../etc' },
    { id: '' },
    { to: 'bob' },
    { to: '' },
    { to: '@' },
    { to: 'bob@' },
    { to: 'Bob@cluster2.example' },
    { to: 'bob@cluster2..example' },
    { to: `${'b'.repeat(48)}@cluster2.example` },
    { to: `bob@${'h'.repeat(60)}.${'h'.repeat(60)}.${'h'.repeat(60)}.${'h'.repeat(60)}.${'h'.repeat(60)}` },
    { hops: [] },
    { hops: Array.from({ length: 65 }, () => setup.hops[0]) },
    { handOnsLeft: -1 },
    { handOnsLeft: 1.5 },
    { sender: { cluster: 'cluster3', https: 'http://127.0.0.1' } },
    { from: null },
    { surprise: true },
  ]) {
    t.equal((await dial(changes)).status, 400, JSON.stringify(changes).slice(0, 60))
  }
  t.equal((await speak(cluster2.https, 'calls', 'text')).status, 400)
  t.equal((await dial({ padding: 'x'.repeat(300_000) })).status, 413)
  t.equal((await speak(cluster2.https, 'calls/call-1/release', { cause: 5 })).status, 400)
  t.equal((await speak(cluster2.https, 'supervision?intervalMs=1')).status, 400)
  t.equal((await speak(cluster2.https, 'supervision?intervalMs=-5')).status, 400)
  t.strictSame(await cluster2.ask('GET', 'calls?all=true').then(({ body }) => body), [])
})

t.test('a setup may name a directory URI', async (t) => {
  const { cluster2, dial } = await cluster2AndCluster3(t)
  t.match((await dial({ to: 'alice@cluster2.example' })).body, { state: 'failed', cause: 1 }, 'nobody’s yet')
  await cluster2.database.write(() =>
    cluster2.database.globalDialPlan.changeNumber('2000001', '', {
      directoryUris: [{ uri: 'alice@cluster2.example' }],
    }),
  )
  const { body } = await dial({ id: 'call-2', to: 'alice@cluster2.example' })
  t.match(body, { state: 'connected', to: { dn: '2000001', userId: 'alice' } })
})

t.test('a call that has been here already is a loop (41)', async (t) => {
  const { dial, setup } = await cluster2AndCluster3(t)
  const [hop] = setup.hops
  const looped = await dial({ hops: [hop, { ...hop, cluster: 'cluster2' }, hop] })
  t.match(looped, { status: 200, body: { state: 'failed', cause: 41 } })
  await dial()
  t.match(await dial(), { status: 200, body: { state: 'failed', cause: 41 } }, 'so is a second setup of one call')
})

t.test('a caller that no longer waits leaves nothing ringing', async (t) => {
  const { cluster2, identity, setup } = await cluster2AndCluster3(t, {
    noAnswerTimeoutMs: 30_000,
    supervisionIntervalMs: 50,
    trunkTimeoutMs: 1000,
  })
  const agent = new Agent({ connect: { cert: identity.certPem, key: identity.keyPem, rejectUnauthorized: false } })
  t.teardown(() => agent.destroy())
  const giveUp = new AbortController()
  const waiting = request(`${cluster2.https}/intercluster/v1/calls`, {
    dispatcher: agent,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...setup, to: '2000002' }),
    signal: giveUp.signal,
  })
  await waitFor('ringing', async () => (await cluster2.activeCalls()).length === 1)
  giveUp.abort()
  await t.rejects(waiting)
  await waitFor('nothing rings', async () => (await cluster2.activeCalls()).length === 0)
  t.match(await cluster2.call('call-1'), { state: 'failed', cause: 38 })
})

t.test('the caller’s cluster falls silent in a call: the call is over (38)', async (t) => {
  const { cluster2, cluster3, dial } = await cluster2AndCluster3(t)
  await dial()
  cluster3.beating = false
  await waitFor('over', async () => (await cluster2.call('call-1')).state === 'ended')
  t.match(await cluster2.call('call-1'), { cause: 38 })
  const again = await cluster2.dial('2000003', '2000001')
  t.match(again, { state: 'connected' }, 'Alice’s phone is free again')
})

t.test('the caller’s cluster falls silent while it rings: the phone stops ringing (38)', async (t) => {
  const { cluster2, cluster3, dial } = await cluster2AndCluster3(t, {
    noAnswerTimeoutMs: 30_000,
    supervisionIntervalMs: 50,
    trunkTimeoutMs: 1000,
  })
  const answer = dial({ to: '2000002' })
  await waitFor('ringing', async () => (await cluster2.activeCalls()).length === 1)
  cluster3.beating = false
  t.match(await answer, { status: 200, body: { state: 'failed', cause: 38 } })
})

t.test('a caller whose cluster cannot be watched reaches nobody (38)', async (t) => {
  const { cluster2, cluster3, dial } = await cluster2AndCluster3(t)
  const nowhere = await dial({ sender: { cluster: 'cluster3', https: 'https://127.0.0.1:1' } })
  t.match(nowhere.body, { state: 'failed', cause: 38 })
  const unknown = await dial({ id: 'call-2', sender: { cluster: 'cluster3' } })
  t.match(unknown.body, { state: 'failed', cause: 38 })
  cluster2.ils.addresses.set('cluster3', cluster3.url)
  const known = await dial({ id: 'call-3', sender: { cluster: 'cluster3' } })
  t.match(known.body, { state: 'connected' }, 'ILS may know the way back')
})

t.test('a deactivated CallManager releases its calls (41) and answers 503', async (t) => {
  const { cluster2, cluster3, dial } = await cluster2AndCluster3(t)
  await dial()
  await cluster2.setActive(false)
  t.strictSame(cluster3.released, ['call-1'])
  t.equal((await dial({ id: 'call-2' })).status, 503)
  t.match(
    cluster2.events.filter(({ type }) => type === 'callEnded'),
    [{ id: 'call-1', cause: 41 }],
  )
})

t.test('a neighbour has one supervision: a second one ends the first', async (t) => {
  const { cluster2, identity } = await cluster2AndCluster3(t)
  const agent = new Agent({ connect: { cert: identity.certPem, key: identity.keyPem, rejectUnauthorized: false } })
  t.teardown(() => agent.destroy())
  const watch = () => request(`${cluster2.https}/intercluster/v1/supervision?intervalMs=20`, { dispatcher: agent })
  const first = await watch()
  const second = await watch()
  let lines = ''
  for await (const line of first.body) lines += String(line)
  t.match(lines, '{"cluster":"cluster2"}\n')
  let beats = 0
  for await (const _line of second.body) if ((beats += 1) === 3) break
  t.equal(beats, 3)
})
