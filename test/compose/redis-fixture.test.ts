// The fixture itself: what other suites rely on when they kill Redis.
import t from 'tap'
import { Redis } from 'ioredis'
import { realRedis } from '../fixtures/redis.ts'

t.test('a Redis of the test is killed, comes back empty on the same port, and is emptied', async (t) => {
  const redis = await realRedis(t)
  if (redis === undefined) return
  const client = () => new Redis(redis.url, { lazyConnect: true, retryStrategy: null })
  const set = async () => {
    const connection = client()
    await connection.connect()
    await connection.set('bob', 'cluster2')
    return connection
  }
  const first = await set()
  const lost = new Promise((resolve) => first.once('close', resolve))
  await redis.kill()
  await lost
  const dead = client().on('error', () => {})
  await t.rejects(dead.connect(), 'nobody listens')
  await redis.restart()
  await redis.restart()
  const second = client()
  t.teardown(() => second.disconnect())
  t.equal(await second.get('bob'), null, 'nothing was kept')
  await second.set('bob', 'cluster2')
  await redis.flush()
  t.equal(await second.get('bob'), null)
})
