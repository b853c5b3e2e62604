import t from 'tap'
import { phone, startClusters } from '../fixtures/clusters.ts'
import { alices, desk, hotDesk, kallys } from './fixtures/hot-desk.ts'

/** The assistant's number 1000900 can be reached from the partition alone, which `inside` opens and `outside` does not. */
const partitioned = (database: Parameters<Parameters<Awaited<ReturnType<typeof hotDesk>>['configure']>[0]>[0]) => {
  database.dialPlan.insertPartition('management')
  database.dialPlan.insertPartition('lobby')
  database.dialPlan.insertCallingSearchSpace('inside', ['management'])
  database.dialPlan.insertCallingSearchSpace('outside', ['lobby'])
  database.devices.update(kallys, { lines: [{ dn: '1000900', partition: 'management', display: 'Kally' }] })
}
const policy = ['Cisco CallManager', 'CFA CSS Activation Policy'] as const

t.test(
  'A1.5 Call Forward All CSS: With Configured CSS the configured one counts, whoever pressed the button',
  async (t) => {
    const { configure, login, press, cluster } = await hotDesk(t)
    await configure((database) => {
      partitioned(database)
      database.devices.update(desk, { callingSearchSpace: 'inside' })
    })
    await login(desk)
    const pressed = await press('PUT', desk, 'forward-all', { destination: '1000-900' })
    t.match(pressed, { status: 200, body: { index: 1, dn: '1000001', forwardAll: '1000900' } })
    t.match(
      await cluster.dial('1000-002', '1000-001'),
      { state: 'failed', cause: 1, divertedBy: ['1000001'], to: { dn: '1000900' } },
      'the phone’s own calling search space, which would open the partition, does not count',
    )
    await configure(({ deviceProfiles }) => {
      const lines = [{ dn: '1000001', forwardAllCallingSearchSpace: 'inside' }]
      deviceProfiles.update('bob-profile', { lines })
    })
    const call = await cluster.dial('1000-002', '1000-001')
    t.match(call, { state: 'connected', divertedBy: ['1000001'], to: { dn: '1000900', deviceName: kallys } })
    t.ok(call.hops.some(({ action }) => action === 'forwarded to 1000900'))
  },
)

t.test(
  'A1.5 Call Forward All CSS: With Activating Device/Line CSS those of the phone and line count, after logout too',
  async (t) => {
    const { configure, login, logout, press, cluster } = await hotDesk(t)
    await configure((database) => {
      partitioned(database)
      database.serviceParameters.set(...policy, 'With Activating Device/Line CSS')
      database.devices.update(desk, { callingSearchSpace: 'inside' })
    })
    const dial = async () => {
      const call = await cluster.dial('1000-002', '1000-001')
      await cluster.release(call.id)
      return call
    }
    await login(desk)
    await press('PUT', desk, 'forward-all', { destination: '1000-900' })
    t.match(await dial(), { state: 'connected', to: { deviceName: kallys } })
    await logout(desk)
    await configure(({ devices }) => devices.update(desk, { callingSearchSpace: 'outside' }))
    t.match(await dial(), { state: 'connected' }, 'as it was when the button was pressed')
    await login('SEP000000010002')
    await press('PUT', 'SEP000000010002', 'forward-all', { destination: '1000-900' })
    t.match(await dial(), { state: 'failed', cause: 1 }, 'pressed where nothing is open')
    await configure(({ deviceProfiles }) => {
      deviceProfiles.update('bob-profile', { lines: [{ dn: '1000001', callingSearchSpace: 'inside' }] })
    })
    await press('PUT', 'SEP000000010002', 'forward-all', { destination: '1000-900' })
    t.match(await dial(), { state: 'connected' }, 'the line’s calls it too')
  },
)

t.test(
  'Call Forward All belongs to the number: it outlives the logout and is taken back at the next phone',
  async (t) => {
    const { login, logout, press, shows, cluster } = await hotDesk(t)
    await login(desk)
    await press('PUT', desk, 'forward-all', { lineIndex: 1, destination: '1000-002' })
    t.match((await shows(desk)).lines, [{ dn: '1000001', forwardAll: '1000002' }])
    t.match(await cluster.dial('1000-003', '1000-001'), { state: 'connected', to: { deviceName: alices } })
    await logout(desk)
    t.match((await shows(desk)).lines, [{ dn: '1000101', forwardAll: '' }], 'the phone’s own line is not forwarded')
    t.match(await cluster.dial('1000-003', '1000-001'), { state: 'connected' }, 'though no phone shows the number')
    await login('SEP000000010002')
    t.match((await shows('SEP000000010002')).lines, [{ forwardAll: '1000002' }])
    t.equal((await press('DELETE', 'SEP000000010002', 'forward-all')).status, 204)
    t.equal((await press('DELETE', 'SEP000000010002', 'forward-all?lineIndex=1')).status, 204, 'once more')
    t.match(await cluster.dial('1000-003', '1000-001'), { state: 'connected', to: { deviceName: 'SEP000000010002' } })
  },
)

t.test('what was activated is on disk: it counts after CallManager was stopped and started', async (t) => {
  const { configure, login, logout, press, cluster } = await hotDesk(t)
  await configure((database) => {
    partitioned(database)
    database.serviceParameters.set(...policy, 'With Activating Device/Line CSS')
    database.devices.update(desk, { callingSearchSpace: 'inside' })
  })
  await login(desk)
  await press('PUT', desk, 'forward-all', { destination: '1000-900' })
  await logout(desk)
  await cluster.setActive(false)
  t.equal((await press('PUT', desk, 'forward-all', { destination: '1' })).status, 503)
  await cluster.setActive(true)
  t.match(await cluster.dial('1000-002', '1000-001'), { state: 'connected', to: { deviceName: kallys } })
})

t.test(
  'an administrator’s destination counts with the configured calling search space, under either policy',
  async (t) => {
    const { configure, login, press, cluster } = await hotDesk(t)
    await configure((database) => {
      partitioned(database)
      database.serviceParameters.set(...policy, 'With Activating Device/Line CSS')
      database.devices.update(desk, { callingSearchSpace: 'inside' })
    })
    await login(desk)
    await press('PUT', desk, 'forward-all', { destination: '1000-002' })
    await configure(({ deviceProfiles }) => {
      deviceProfiles.update('bob-profile', { lines: [{ dn: '1000001', forwardAll: '1000900' }] })
    })
    t.match(await cluster.dial('1000-002', '1000-001'), { state: 'failed', cause: 1 })
  },
)

t.test('a superuser’s number is forwarded where he is logged in', async (t) => {
  const { login, press, cluster } = await hotDesk(t)
  await login(desk)
  cluster.ils.bobIs({ cluster: 'cluster1', source: 'local', deviceNames: [desk] })
  await press('PUT', desk, 'forward-all', { destination: '1000-003' })
  t.match(await cluster.dial('1000-002', '1000-001'), { state: 'connected', to: { deviceName: kallys } })
})

t.test('numbers that forward in a circle fail (41), a destination that is none is unallocated (1)', async (t) => {
  const { press, cluster } = await hotDesk(t)
  await press('PUT', alices, 'forward-all', { destination: '1000003' })
  await press('PUT', kallys, 'forward-all', { destination: '1000002' })
  const call = await cluster.dial('1000-101', '1000-002')
  t.match(call, { state: 'failed', cause: 41, divertedBy: ['1000002', '1000003'] })
  t.match(call.hops.at(-1)?.action, 'failed: 1000002 diverts in a circle (41)')
  await press('PUT', kallys, 'forward-all', { destination: '9999' })
  t.match(await cluster.dial('1000-101', '1000-002'), { state: 'failed', cause: 1, to: { dn: '9999' } })
})

t.test('what cannot be forwarded is refused and changes nothing', async (t) => {
  const { press, shows } = await hotDesk(t)
  const status = async (deviceName: string, body: object) =>
    (await press('PUT', deviceName, 'forward-all', body)).status
  t.equal(await status('SEP999999999999', { destination: '1000002' }), 404)
  t.equal(await status(desk, { destination: '1000002', lineIndex: 2 }), 404)
  t.equal(await status(desk, { destination: 'bob' }), 422)
  t.equal(await status(desk, { destination: '' }), 422)
  t.equal(await status(desk, { destination: '1000-101' }), 422, 'its own number')
  t.equal(await status(desk, { destination: '1', lineIndex: 0 }), 400)
  t.equal(await status(desk, {}), 400)
  t.equal((await press('DELETE', desk, 'forward-all?lineIndex=7')).status, 404)
  t.match((await shows(desk)).lines, [{ forwardAll: '' }])
})

t.test('a forwarded call comes back to the cluster it came from, if that is where the destination is', async (t) => {
  const trunk = (cluster: string, pattern: string) => ({
    trunks: [{ name: `to-${cluster}`, remoteCluster: cluster }],
    routePatterns: [{ pattern, trunk: `to-${cluster}` }],
  })
  const { cluster1, cluster2 } = await startClusters(t, {
    cluster1: { phones: [phone(alices, '1000-002'), phone(kallys, '1000-003')], ...trunk('cluster2', '2XXXXXX') },
    cluster2: {
      phones: [phone('SEP000000020001', '2000-001'), phone('SEP000000020002', '2000-002')],
      ...trunk('cluster1', '1XXXXXX'),
    },
  })
  const press = (deviceName: string, destination: string) =>
    cluster2.ask('PUT', `phones/${deviceName}/forward-all`, { destination })
  await press('SEP000000020001', '1000-003')
  const call = await cluster1.dial('1000-002', '2000-001')
  t.match(call, { state: 'connected', divertedBy: ['2000001'], to: { cluster: 'cluster1', deviceName: kallys } })
  t.strictSame(
    call.hops.map(({ cluster, action }) => `${cluster}: ${action}`),
    [
      'cluster1: dialled 2000001',
      'cluster1: routed to cluster2 (route pattern 2XXXXXX, trunk to-cluster2)',
      'cluster2: received from cluster1',
      'cluster2: forwarded to 1000003',
      'cluster2: given back towards cluster1',
      `cluster1: ringing ${kallys}`,
      `cluster1: connected to ${kallys}`,
    ],
  )
  t.match(await cluster2.call(call.id), { state: 'failed', cause: 16 }, 'cluster2 has no part in it any more')
  await cluster2.close()
  t.match(await cluster1.call(call.id), { state: 'connected' })
  t.equal(await cluster1.release(call.id), 204)
})

t.test('a call is forwarded inside the cluster behind the trunk, and says so to its caller', async (t) => {
  const { cluster1, cluster2 } = await startClusters(t, {
    cluster1: {
      phones: [phone(alices, '1000-002')],
      trunks: [{ name: 'to-cluster2', remoteCluster: 'cluster2' }],
      routePatterns: [{ pattern: '2XXXXXX', trunk: 'to-cluster2' }],
    },
    cluster2: { phones: [phone('SEP000000020001', '2000-001'), phone('SEP000000020002', '2000-002')] },
  })
  await cluster2.ask('PUT', 'phones/SEP000000020001/forward-all', { destination: '2000-002' })
  const call = await cluster1.dial('1000-002', '2000-001')
  t.match(call, { state: 'connected', to: { cluster: 'cluster2', deviceName: 'SEP000000020002', dn: '2000002' } })
  t.ok(call.hops.some(({ cluster, action }) => cluster === 'cluster2' && action === 'forwarded to 2000002'))
})
