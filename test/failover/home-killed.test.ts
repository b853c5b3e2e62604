// The reason Roamline exists: Bob's home cluster is killed, and calls find him where he logged in.
import t from 'tap'
import { startLab } from '../fixtures/lab.ts'
import { waitFor } from '../fixtures/wait-for.ts'

t.test('bob’s home', async (t) => {
  const lab = await startLab(t)
  const [cluster1, cluster2, cluster3] = [lab.cluster('cluster1'), lab.cluster('cluster2'), lab.cluster('cluster3')]

  await t.test(
    "A2.3 Before Roaming, After Roaming: bob's home cluster is killed, he logs in at cluster2, and kally's call finds him there",
    async (t) => {
      const before = await cluster3.call('3000001', '1000-001')
      t.match(
        before,
        { state: 'connected', to: { cluster: 'cluster1', userId: 'bob', dn: '1000001' } },
        'at home at first',
      )
      await cluster3.hangUp(before.id)

      await cluster1.kill()
      const dead = await cluster3.call('3000001', '1000001')
      t.match(dead, { state: 'failed', cause: 38 }, 'the dead home cluster is unreachable')

      await cluster2.login({ deviceName: 'SEP000000020003', userId: 'bob', pin: '12345' })
      await waitFor(
        'cluster3 learns where bob is',
        async () => (await cluster3.where('1000001'))?.cluster === 'cluster2',
      )
      const roaming = await cluster3.call('3000001', '1000-001')
      t.match(roaming, {
        state: 'connected',
        to: { cluster: 'cluster2', deviceName: 'SEP000000020003', userId: 'bob', dn: '1000001' },
      })
      t.same([...new Set(roaming.hops.map((hop) => hop.cluster))], ['cluster3', 'cluster2'], 'the call lists its hops')
      await cluster3.hangUp(roaming.id)
      const back = await cluster2.call('1000001', '3000-001')
      t.match(back, { state: 'connected', to: { cluster: 'cluster3', userId: 'kally' } })
      await cluster2.hangUp(back.id)

      await t.test(
        'C What waits: the login did not; the home cluster returns and logs the old session out by itself',
        async (t) => {
          await cluster1.restart()
          await waitFor('the old session is gone', async () => {
            const logins = await cluster1.logins()
            return logins.every((login) => login.userId !== 'bob')
          })
          const call = await cluster1.call('1000102', '1000001')
          t.match(call, { state: 'connected', to: { cluster: 'cluster2' } })
          await cluster1.hangUp(call.id)
          t.match(await cluster1.where('1000001'), { cluster: 'cluster2', source: 'learned', userId: 'bob' })
        },
      )

      await t.test('bob logs out at cluster2 and is reached at home again', async (t) => {
        await cluster2.logout('SEP000000020003')
        for (const cluster of [cluster1, cluster3]) {
          await waitFor('bob is at home again', async () => (await cluster.where('1000001'))?.cluster === 'cluster1')
        }
        const call = await cluster3.call('3000102', '1000001')
        t.match(call, {
          state: 'connected',
          to: { cluster: 'cluster1', deviceName: 'SEP000000010001', userId: 'bob' },
        })
        await cluster3.hangUp(call.id)
      })
    },
  )

  await t.test('a login at the returned home cluster ends the one at the roaming cluster', async (t) => {
    await cluster1.login({ deviceName: 'SEP000000010001', userId: 'bob', pin: '12345' })
    await cluster2.login({ deviceName: 'SEP000000020003', userId: 'bob', pin: '12345' })
    await waitFor('the home login ends', async () => (await cluster1.logins()).length === 0)
    await cluster1.login({ deviceName: 'SEP000000010002', userId: 'bob', pin: '12345' })
    await waitFor('the roaming login ends', async () => {
      const logins = await cluster2.logins()
      return logins.every((login) => login.userId !== 'bob')
    })
    const call = await cluster2.call('2000001', '1000001')
    t.match(call, { state: 'connected', to: { cluster: 'cluster1', deviceName: 'SEP000000010002' } })
    await cluster2.hangUp(call.id)
  })

  await t.test(
    'C Home cluster back up while the user is roaming: a cluster that returns holds a call to bob until it knows that he roamed away',
    async (t) => {
      await cluster1.kill()
      await cluster2.login({ deviceName: 'SEP000000020003', userId: 'bob', pin: '12345' })
      // The first request that the returned cluster can answer at all is this call.
      await cluster1.restart()
      t.match(await cluster1.call('1000103', '1000001'), {
        state: 'connected',
        to: { cluster: 'cluster2', deviceName: 'SEP000000020003' },
      })
    },
  )
})
