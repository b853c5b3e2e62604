// Two hubs with two spokes each: what happens at one hub is known at the other, and what happens to one hub happens to its spokes alone.
import t from 'tap'
import type { ClusterClient } from '../../scripts/cluster-client.ts'
import { replicaOnDisk } from './fixtures/agreement.ts'
import { sees } from './fixtures/reading.ts'
import { bob, hasBob, loseDisk, slowly, startTwoHubs } from './fixtures/two-hubs.ts'
import { waitFor } from '../fixtures/wait-for.ts'

t.setTimeout(240_000)

t.test('two hubs, two spokes at each', async (t) => {
  const world = await startTwoHubs(t)
  const { lab, hub2, cluster1, cluster2, cluster3, cluster4, bobIsAt, bobIsGone, agreed } = world

  await t.test('bob’s login at cluster4 is seen at every cluster, across both hubs', async (t) => {
    await cluster4.login({ deviceName: 'SEP000000040001', ...bob })
    await bobIsAt('cluster4', cluster1, cluster2, cluster3, cluster4)
    await bobIsGone(cluster1)
    t.match(await cluster2.call('2000001', '1000-001'), {
      state: 'connected',
      to: { cluster: 'cluster4', deviceName: 'SEP000000040001', userId: 'bob' },
    })
    await agreed()
  })

  await t.test(
    'hub1 is killed: its spokes stand still, the other side goes on, and its return makes all equal',
    async (t) => {
      await lab.process('hub1').kill()
      await waitFor('cluster2 misses its hub', () => sees(cluster2, 'hub1', 'Unreachable'))
      await waitFor('hub2 misses hub1', () => sees(hub2, 'hub1', 'Unreachable'))
      await cluster4.logout('SEP000000040001')
      await cluster3.login({ deviceName: 'SEP000000030002', ...bob })
      await bobIsAt('cluster3', cluster3, cluster4)
      t.match(await cluster2.where('1000001'), { cluster: 'cluster4' }, 'cluster2 knows what it knew last')
      t.match(await cluster1.where('1000001'), { cluster: 'cluster4' }, 'and so does cluster1')
      const call = await cluster2.call('2000001', '3000-001')
      t.match(
        call,
        { state: 'connected', to: { cluster: 'cluster3', userId: 'kally' } },
        'what was learned stays in use',
      )
      await cluster2.hangUp(call.id)

      await lab.process('hub1').restart()
      await bobIsAt('cluster3', cluster1, cluster2)
      await agreed()
    },
  )

  await t.test('hub1 loses its disk while bob’s home is dead: hub2 and its spokes fill it again', async (t) => {
    await lab.process('cluster1').kill()
    await lab.process('hub1').kill()
    await cluster3.logout('SEP000000030002')
    await cluster2.login({ deviceName: 'SEP000000020002', ...bob })
    await loseDisk(lab, 'hub1')
    await lab.process('hub1').restart()
    await bobIsAt('cluster2', cluster2, cluster3, cluster4)
    await lab.process('cluster1').restart()
    await bobIsAt('cluster2', cluster1)
    await agreed()
    t.match(await cluster3.call('3000001', '1000001'), { state: 'connected', to: { cluster: 'cluster2' } })
    await cluster2.logout('SEP000000020002')
  })

  await t.test('bob’s home and its hub are killed at once, and he is found where he logs in', async (t) => {
    await cluster1.login({ deviceName: 'SEP000000010002', ...bob })
    await bobIsAt('cluster1', cluster3, cluster4)
    await Promise.all([lab.process('cluster1').kill(), lab.process('hub1').kill()])
    t.match(await cluster3.call('3000001', '1000001'), { state: 'failed', cause: 38 }, 'his home is unreachable')
    await cluster4.login({ deviceName: 'SEP000000040002', ...bob })
    await bobIsAt('cluster4', cluster3)
    const call = await cluster3.call('3000001', '1000-001')
    t.match(call, { state: 'connected', to: { cluster: 'cluster4', userId: 'bob' } })
    await cluster3.hangUp(call.id)

    await lab.process('cluster1').restart()
    t.ok(await hasBob(cluster1), 'home alone knows only what it knew')
    await lab.process('hub1').restart()
    await bobIsGone(cluster1)
    await bobIsAt('cluster4', cluster1, cluster2)
    await agreed()
  })

  await t.test('both hubs are killed, and come back in turn', async (t) => {
    await Promise.all([lab.process('hub1').kill(), lab.process('hub2').kill()])
    await cluster4.logout('SEP000000040002')
    await cluster3.login({ deviceName: 'SEP000000030002', ...bob })
    await cluster2.login({ deviceName: 'SEP000000020002', ...bob })
    await lab.process('hub2').restart()
    await bobIsAt('cluster3', cluster4)
    t.match(await cluster1.where('1000001'), { cluster: 'cluster4' }, 'beyond hub1 nothing is known yet')
    await lab.process('hub1').restart()
    await bobIsAt('cluster2', cluster1, cluster2, cluster3, cluster4)
    await bobIsGone(cluster3)
    await agreed()
  })

  await t.test('hub2 is down for days: what its spoke did meanwhile is caught up by pages', async (t) => {
    await lab.process('hub2').kill()
    await advertise(cluster4, 0, 600)
    await lab.process('cluster4').restart()
    await advertise(cluster4, 600, 1200)
    await cluster2.logout('SEP000000020002')
    await cluster4.login({ deviceName: 'SEP000000040001', ...bob })
    t.equal(await learnedOf(cluster1, 'cluster4'), 1, 'cluster1 knows the one pattern of before')

    await lab.process('hub2').restart()
    await bobIsAt('cluster4', cluster1, cluster2, cluster3)
    await waitFor('cluster1 has learned them all', async () => (await learnedOf(cluster1, 'cluster4')) === 1201, slowly)
    await agreed()
    const metrics = await (await fetch(`${hub2.http}/metrics`)).text()
    const pages = Number(/^ils_pages_sent_total\S* (\d+)/mu.exec(metrics)?.[1])
    t.ok(pages >= 3, `hub2 handed them on in pages (${pages})`)
  })

  await t.test('when all have ended, every disk holds the same', async (t) => {
    await lab.stop()
    const [first = [], ...others] = world.nodes.map(({ name }) => replicaOnDisk(lab, name))
    t.ok(first.length > 1200, `${first.length} records`)
    for (const [at, other] of others.entries())
      t.same(other, first, `${world.nodes[at + 1]?.name} as ${world.nodes[0]?.name}`)
  })
})

/** How many patterns of this origin the cluster has learned. */
async function learnedOf(cluster: ClusterClient, origin: string): Promise<number> {
  const path = `/api/v1/global-dial-plan/learned/patterns?cluster=${origin}`
  return (await cluster.get<{ readonly total: number }>(path)).total
}

/** Advertises the numbers of this range, each as a pattern of its own. */
async function advertise(cluster: ClusterClient, from: number, to: number): Promise<void> {
  const path = '/api/v1/global-dial-plan/advertised-patterns'
  const patterns = Array.from({ length: to - from }, (_, at) => `4${String(from + at).padStart(6, '0')}`)
  while (patterns.length > 0) {
    const some = patterns.splice(0, 100)
    await Promise.all(some.map((pattern) => cluster.post(path, { pattern, type: 'Enterprise Number Pattern' })))
  }
}
