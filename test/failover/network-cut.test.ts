// The network between a living cluster and Redis is cut: nobody has died, and nobody is told.
import t from 'tap'
import type { Test } from 'tap'
import type { ClusterClient } from '../../scripts/cluster-client.ts'
import type { Lab } from '../../scripts/lab/lab.ts'
import { startLab } from '../fixtures/lab.ts'
import { realRedis } from '../fixtures/redis.ts'
import { tcpProxy } from '../fixtures/tcp-proxy.ts'
import type { Direction, TcpProxy } from '../fixtures/tcp-proxy.ts'
import { waitFor } from '../fixtures/wait-for.ts'
import { quickLab } from './fixtures/quick-lab.ts'
import { sees } from './fixtures/reading.ts'

t.setTimeout(240_000)

const slowly = { timeoutMs: 30_000 }

t.test('the wire between a cluster and Redis', async (t) => {
  const world = await start(t)
  if (world === undefined) return
  await t.test(
    'cluster2 is cut off from Redis, both ways: what happens meanwhile is learned on both sides afterwards',
    (t) => cutOff(t, world, 'both'),
  )
  await t.test('cluster2 hears and is not heard: the same', (t) => cutOff(t, world, 'out'))
  await t.test('cluster2 is heard and does not hear: the same', (t) => cutOff(t, world, 'in'))
  await t.test('connections to Redis that are reset again and again lose nothing', (t) => resetAgain(t, world))
})

async function resetAgain(t: Test, { wire, cluster1, cluster2, cluster3 }: World): Promise<void> {
  for (const phone of ['SEP000000020002', 'SEP000000020003', 'SEP000000020004']) {
    wire.cut()
    await cluster2.login({ deviceName: phone, userId: 'bob', pin: '12345' })
    wire.mend()
    await waitFor(
      `cluster3 learns of ${phone}`,
      async () => (await cluster3.where('1000001'))?.deviceNames.join() === phone,
      slowly,
    )
    await cluster2.logout(phone)
  }
  await waitFor('nobody is logged in at home', async () => (await cluster1.logins()).length === 0)
  t.match(await cluster3.call('3000001', '1000001'), { to: { cluster: 'cluster1' } }, 'and bob is reached at home')
}

async function cutOff(t: Test, world: World, direction: Direction): Promise<void> {
  const { wire, hub, cluster1, cluster2, cluster3 } = world
  wire.freeze(direction)
  await waitFor(
    'the hub or cluster2 notices',
    async () => (await sees(hub, 'cluster2', 'Unreachable')) || (await sees(cluster2, 'hub', 'Unreachable')),
    slowly,
  )
  await cluster2.login({ deviceName: 'SEP000000020003', userId: 'bob', pin: '12345' })
  await cluster3.login({ deviceName: 'SEP000000030003', userId: 'bob', pin: '12345' })
  // Nothing is pushed to a peer that is not heard, so a cluster that is not heard soon hears nothing either.
  t.match(await cluster2.where('1000001'), { cluster: 'cluster2', source: 'local' }, 'cluster2 knows only itself')
  await waitFor('cluster1 hears of cluster3', async () => (await cluster1.where('1000001'))?.cluster === 'cluster3')

  wire.thaw()
  await waitFor(
    'the newer login ends the one at cluster2',
    async () => {
      const logins = await cluster2.logins()
      return logins.every(({ userId }) => userId !== 'bob')
    },
    slowly,
  )
  for (const cluster of [cluster1, cluster2, cluster3]) {
    await waitFor(
      `${cluster.name} agrees`,
      async () => (await cluster.where('1000001'))?.cluster === 'cluster3',
      slowly,
    )
  }
  const call = await cluster2.call('2000001', '1000001')
  t.match(call, { state: 'connected', to: { cluster: 'cluster3', userId: 'bob' } })
  await waitFor('all are up to date', () => sees(hub, 'cluster2', 'Up to Date'), slowly)
  await waitFor('on both sides', () => sees(cluster2, 'hub', 'Up to Date'), slowly)

  // As it was at first, for the next one.
  await cluster2.hangUp(call.id)
  await cluster3.logout('SEP000000030003')
  await cluster1.login({ deviceName: 'SEP000000010001', userId: 'bob', pin: '12345' })
  for (const cluster of [cluster2, cluster3])
    await waitFor(`${cluster.name} knows bob at home`, () => isAtHome(cluster), slowly)
}

async function isAtHome(cluster: ClusterClient): Promise<boolean> {
  return (await cluster.where('1000001'))?.cluster === 'cluster1'
}

type World = NonNullable<Awaited<ReturnType<typeof start>>>

/** The default lab, with a wire of its own between cluster2 and Redis. Undefined where there is no Redis. */
async function start(t: Test) {
  const redis = await realRedis(t)
  if (redis === undefined) return undefined
  const { hostname, port } = new URL(redis.url)
  const wire: TcpProxy = await tcpProxy(t, { host: hostname, port: Number(port) })
  const lab = await startLab(t, { lab: withWire(wire), redis: redis.url })
  return {
    wire,
    hub: lab.hub('hub'),
    cluster1: lab.cluster('cluster1'),
    cluster2: lab.cluster('cluster2'),
    cluster3: lab.cluster('cluster3'),
  }
}

function withWire({ port }: TcpProxy): Lab {
  const lab = quickLab()
  const clusters = lab.clusters.map((cluster) =>
    cluster.name === 'cluster2'
      ? { ...cluster, services: { ils: { redisUrl: `redis://127.0.0.1:${port}` } } }
      : cluster,
  )
  return { ...lab, clusters }
}
