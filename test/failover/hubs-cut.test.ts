// Nobody has died, but two hubs cannot hear each other: Redis refuses what one says to the other, or a hub's own wire is cut.
import { Redis } from 'ioredis'
import t from 'tap'
import { realRedis } from '../fixtures/redis.ts'
import { tcpProxy } from '../fixtures/tcp-proxy.ts'
import { waitFor } from '../fixtures/wait-for.ts'
import { sees } from './fixtures/reading.ts'
import { bob, slowly, startTwoHubs, twoHubsLab } from './fixtures/two-hubs.ts'

t.setTimeout(240_000)

t.test('two hubs that cannot hear each other', async (t) => {
  const redis = await realRedis(t)
  if (redis === undefined) return
  const { hostname, port } = new URL(redis.url)
  const wire = await tcpProxy(t, { host: hostname, port: Number(port) })
  const acl = new Redis(redis.url)
  t.teardown(() => acl.disconnect())

  /** What these users may say: everything, but nothing to the nodes that are named. */
  const mute = async (user: string, ...to: readonly string[]) => {
    const nodes = ['hub1', 'hub2', 'cluster1', 'cluster2', 'cluster3', 'cluster4'].filter((node) => !to.includes(node))
    const channels = nodes.map((node) => `&*:${node}`)
    await acl.call('ACL', 'SETUSER', user, 'on', `>${user}`, 'allcommands', 'allkeys', 'resetchannels', ...channels)
  }
  await mute('hub1')
  await mute('hub2')
  const lab = twoHubsLab()
  const at = (hub: string, where: string) => ({ ils: { redisUrl: `redis://${hub}:${hub}@${where}` } })
  const [hub1, hub2] = lab.hubs ?? []
  if (!hub1 || !hub2) throw new Error('the lab has two hubs')
  const hubs = [
    { ...hub1, ...at('hub1', `${hostname}:${port}`) },
    { ...hub2, ...at('hub2', `127.0.0.1:${wire.port}`) },
  ]
  const world = await startTwoHubs(t, { ...lab, hubs }, redis.url)
  const { cluster1, cluster2, cluster3, cluster4, bobIsAt, bobIsGone, agreed } = world

  await t.test('the link between the hubs is cut: each goes on with its own spokes', async (t) => {
    await mute('hub1', 'hub2')
    await mute('hub2', 'hub1')
    await waitFor('hub1 misses hub2', () => sees(world.hub1, 'hub2', 'Unreachable'), slowly)
    await waitFor('hub2 misses hub1', () => sees(world.hub2, 'hub1', 'Unreachable'), slowly)
    await cluster4.login({ deviceName: 'SEP000000040001', ...bob })
    await bobIsAt('cluster4', cluster3)
    await cluster2.login({ deviceName: 'SEP000000020002', ...bob })
    await bobIsAt('cluster2', cluster1)
    await bobIsGone(cluster1)
    t.match(await cluster3.where('1000001'), { cluster: 'cluster4' }, 'beyond hub2 the later login is not known')
    t.ok(await sees(cluster3, 'hub2', 'Up to Date'), 'and nobody there misses anything')

    await mute('hub1')
    await mute('hub2')
    await bobIsAt('cluster2', cluster3, cluster4)
    await bobIsGone(cluster4)
    await agreed()
  })

  await t.test('hub2 does not hear hub1, which hears it: what it missed it learns when it can', async (t) => {
    await mute('hub1', 'hub2')
    await waitFor('hub2 misses hub1', () => sees(world.hub2, 'hub1', 'Unreachable'), slowly)
    await cluster2.logout('SEP000000020002')
    await cluster1.login({ deviceName: 'SEP000000010002', ...bob })
    await bobIsAt('cluster1', cluster2)
    t.match(await cluster4.where('1000001'), { cluster: 'cluster2' })
    await mute('hub1')
    await bobIsAt('cluster1', cluster3, cluster4)
    await agreed()
  })

  await t.test('the wire of hub2 is cut: its spokes stand still until it is mended', async (t) => {
    wire.freeze()
    await waitFor('cluster4 misses its hub', () => sees(cluster4, 'hub2', 'Unreachable'), slowly)
    await cluster3.login({ deviceName: 'SEP000000030002', ...bob })
    t.match(await cluster4.where('1000001'), { cluster: 'cluster1' })
    t.match(await cluster2.where('1000001'), { cluster: 'cluster1' })
    wire.cut()
    wire.thaw()
    wire.mend()
    await bobIsAt('cluster3', cluster1, cluster2, cluster4)
    await bobIsGone(cluster1)
    await agreed()
    t.match(await cluster2.call('2000001', '1000001'), { state: 'connected', to: { cluster: 'cluster3' } })
  })
})
