import t from 'tap'
import { phone, startClusters } from '../fixtures/clusters.ts'
import { alices, desk, hotDesk, kallys } from './fixtures/hot-desk.ts'

t.test('A1.5 Call Display Restrictions: while logged in the profile decides, after logout the phone', async (t) => {
  const { configure, login, logout, shows, cluster } = await hotDesk(t)
  await configure(({ deviceProfiles }) => {
    deviceProfiles.update('bob-profile', { ignorePresentationIndicators: true })
  })
  const shownOf = async (dn: string) => {
    const { id, from } = await cluster.dial('1000-002', dn, { presentation: 'restricted' })
    const [call] = (await shows(desk)).calls
    await cluster.release(id)
    return [from.display, call?.display]
  }
  t.strictSame(await shownOf('1000-101'), ['Private', 'Private'], 'nobody is logged in, the phone obeys')
  await login(desk)
  t.strictSame(await shownOf('1000-001'), ['Alice (1000002)', 'Alice (1000002)'], 'Bob’s profile does not')
  t.equal((await shows(desk)).ignorePresentationIndicators, true)
  await logout(desk)
  await configure(({ devices }) => devices.update(desk, { ignorePresentationIndicators: true }))
  t.strictSame(await shownOf('1000-101'), ['Alice (1000002)', 'Alice (1000002)'], 'now neither does the phone')
  await configure(({ deviceProfiles }) => {
    deviceProfiles.update('bob-profile', { ignorePresentationIndicators: false })
  })
  await login(desk)
  t.strictSame(await shownOf('1000-001'), ['Private', 'Private'])
})

t.test('without a restriction each side shows the other: the name of the line, and the number', async (t) => {
  const { shows, cluster } = await hotDesk(t)
  const call = await cluster.dial('1000-002', '1000-003')
  t.match(call, {
    from: { name: 'Alice', display: 'Alice (1000002)' },
    to: { name: 'Kally', display: 'Kally (1000003)' },
  })
  t.notOk(call.presentation)
  t.match((await shows(alices)).calls, [{ dn: '1000002', state: 'connected', display: 'Kally (1000003)' }])
  t.match((await shows(kallys)).calls, [{ dn: '1000003', state: 'connected', display: 'Alice (1000002)' }])
  t.match((await cluster.dial('1000-101', '1000-102')).from, { display: '1000101' }, 'a line without a name')
})

t.test('the connected side can be restricted as well, and the caller’s phone decides', async (t) => {
  const { configure, shows, cluster } = await hotDesk(t)
  const dial = async () => {
    const { id, to } = await cluster.dial('1000-002', '1000-003', { connectedPresentation: 'restricted' })
    const [call] = (await shows(alices)).calls
    await cluster.release(id)
    return [to.display, call?.display]
  }
  t.strictSame(await dial(), ['Private', 'Private'])
  await configure(({ devices }) => devices.update(alices, { ignorePresentationIndicators: true }))
  t.strictSame(await dial(), ['Kally (1000003)', 'Kally (1000003)'])
})

t.test('between clusters a restriction holds, whatever the phone ignores', async (t) => {
  const { cluster1, cluster2 } = await startClusters(t, {
    cluster1: {
      phones: [phone(alices, '', { lines: [{ dn: '1000-002', display: 'Alice' }] })],
      trunks: [{ name: 'to-cluster2', remoteCluster: 'cluster2' }],
      routePatterns: [{ pattern: '2XXXXXX', trunk: 'to-cluster2' }],
    },
    cluster2: { phones: [phone('SEP000000020001', '', { lines: [{ dn: '2000-001', display: 'Chen' }] })] },
  })
  await cluster2.database.write(() => {
    cluster2.database.devices.update('SEP000000020001', { ignorePresentationIndicators: true })
  })
  const open = await cluster1.dial('1000-002', '2000-001')
  t.equal(open.to.display, 'Chen (2000001)')
  t.equal((await cluster2.call(open.id)).from.display, 'Alice (1000002)')
  const restricted = await cluster1.dial('1000-002', '2000-001', { presentation: 'restricted' })
  const there = await cluster2.call(restricted.id)
  t.match(there, { presentation: 'restricted', from: { display: 'Private' } })
})

t.test('a presentation that is none is refused', async (t) => {
  const { cluster } = await hotDesk(t)
  const call = { from: '1000-002', to: '1000-003', presentation: 'secret' }
  t.equal((await cluster.ask('POST', 'calls', call)).status, 400)
  t.strictSame(await cluster.activeCalls(), [])
})
