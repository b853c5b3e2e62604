// Redis is the wire of ILS and nothing more: killed, emptied and restarted, it takes nothing with it.
import t from 'tap'
import { startLab } from '../fixtures/lab.ts'
import { realRedis } from '../fixtures/redis.ts'
import { waitFor } from '../fixtures/wait-for.ts'

t.test('redis is killed, bob logs in, redis comes back empty, and everybody learns it', async (t) => {
  const redis = await realRedis(t)
  if (redis === undefined) return
  const lab = await startLab(t, { redis: redis.url })
  const [cluster1, cluster2, cluster3] = [lab.cluster('cluster1'), lab.cluster('cluster2'), lab.cluster('cluster3')]
  await redis.kill()
  await cluster2.login({ deviceName: 'SEP000000020003', userId: 'bob', pin: '12345' })
  t.match(
    await cluster2.call('2000001', '1000001'),
    { state: 'connected', to: { cluster: 'cluster2' } },
    'the cluster itself goes on',
  )
  await redis.restart()
  await redis.flush()
  await waitFor('cluster3 learns it', async () => (await cluster3.where('1000001'))?.cluster === 'cluster2', {
    timeoutMs: 20_000,
  })
  await waitFor('cluster1 logs the older session out', async () => (await cluster1.logins()).length === 0)
  t.match(await cluster3.call('3000001', '1000001'), { state: 'connected', to: { cluster: 'cluster2', userId: 'bob' } })

  await redis.flush()
  await cluster2.logout('SEP000000020003')
  await waitFor(
    'and the logout too, after a flush',
    async () => (await cluster3.where('1000001'))?.cluster === 'cluster1',
  )
})
