// The documented restriction: while a hub is down its spokes do not synchronise; when it is back, nothing is lost.
import t from 'tap'
import { startLab } from '../fixtures/lab.ts'
import { waitFor } from '../fixtures/wait-for.ts'
import { quickLab } from './fixtures/quick-lab.ts'
import { sees } from './fixtures/reading.ts'
import { loseDisk } from './fixtures/two-hubs.ts'

t.test('a hub is killed', async (t) => {
  const lab = await startLab(t, { lab: quickLab() })
  const [cluster1, cluster2, cluster3] = [lab.cluster('cluster1'), lab.cluster('cluster2'), lab.cluster('cluster3')]
  const hub = lab.process('hub')

  await t.test(
    'A2.3 Hub ILS down: while the hub is down its spokes keep what they knew, and catch up when it is back',
    async (t) => {
      await hub.kill()
      await waitFor('cluster3 says that its hub is unreachable', () => sees(cluster3, 'hub', 'Unreachable'))
      await cluster2.login({ deviceName: 'SEP000000020003', userId: 'bob', pin: '12345' })
      t.match(await cluster3.where('1000001'), { cluster: 'cluster1' }, 'cluster3 keeps its last learned location')
      t.ok(
        (await cluster1.logins()).some((login) => login.userId === 'bob'),
        'cluster1 has not heard of it either',
      )

      await hub.restart()
      await waitFor(
        'cluster3 learns the login made while the hub was down',
        async () => (await cluster3.where('1000001'))?.cluster === 'cluster2',
      )
      await waitFor('cluster1 logs the older session out', async () => (await cluster1.logins()).length === 0)
      const call = await cluster3.call('3000001', '1000001')
      t.match(call, { state: 'connected', to: { cluster: 'cluster2', userId: 'bob' } })
      await cluster3.hangUp(call.id)
    },
  )

  await t.test('a hub that lost its disk is filled again by its spokes', async (t) => {
    await cluster2.logout('SEP000000020003')
    await cluster1.login({ deviceName: 'SEP000000010001', userId: 'bob', pin: '12345' })
    await waitFor('cluster3 knows bob at home', async () => (await cluster3.where('1000001'))?.cluster === 'cluster1')

    await cluster1.kill()
    await cluster2.login({ deviceName: 'SEP000000020003', userId: 'bob', pin: '12345' })
    await waitFor('cluster3 knows', async () => (await cluster3.where('1000001'))?.cluster === 'cluster2')
    await hub.kill()
    await loseDisk(lab, 'hub')
    await hub.restart()
    await cluster1.restart()
    await waitFor(
      'cluster1 learns through the new hub',
      async () => (await cluster1.where('1000001'))?.cluster === 'cluster2',
    )
    await waitFor('and logs the old session out', async () => (await cluster1.logins()).length === 0)
    t.pass('learned again')
  })
})
