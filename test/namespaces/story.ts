// A network that misbehaves as networks do; run by test/namespaces/namespaces.test.ts in a network of its own.
import t from 'tap'
import type { ClusterClient } from '../../scripts/cluster-client.ts'
import { waitFor } from '../fixtures/wait-for.ts'
import { callState, ilsOf, sees } from '../failover/fixtures/reading.ts'
import { bob, hasBob } from '../failover/fixtures/two-hubs.ts'
import { startInNamespaces } from './lab.ts'

const slowly = { timeoutMs: 60_000 }

t.setTimeout(240_000)

t.test('a network that misbehaves', async (t) => {
  const lab = await startInNamespaces(t)
  const [cluster1, cluster2, cluster3] = [lab.cluster('cluster1'), lab.cluster('cluster2'), lab.cluster('cluster3')]
  const clusters = [cluster1, cluster2, cluster3]

  /** Everybody finds bob at this cluster, and he is logged in nowhere else. */
  const bobIsAt = async (where: ClusterClient) => {
    for (const cluster of clusters) {
      const finds = async () => (await cluster.where('1000001'))?.cluster === where.name
      await waitFor(`${cluster.name} finds bob at ${where.name}`, finds, slowly)
      const others = async () => cluster === where || !(await hasBob(cluster))
      await waitFor(`bob is logged in at ${where.name} alone, not at ${cluster.name}`, others, slowly)
    }
  }
  const reaches = async (from: ClusterClient, number: string, to: { readonly cluster: string }) => {
    const connected = async () => {
      const call = await from.call(from === cluster3 ? '3000001' : '2000001', number)
      if (call.state === 'connected') await from.hangUp(call.id)
      return call.state === 'connected' && call.to?.cluster === to.cluster
    }
    await waitFor(`a call from ${from.name} reaches ${to.cluster}`, connected, slowly)
  }
  await bobIsAt(cluster1)

  await t.test(
    'the cable of cluster2 is pulled: both sides go on, calls fail in time, the newer login wins',
    async (t) => {
      const call = await cluster3.call('3000001', '2000-001')
      t.match(call, { state: 'connected', to: { cluster: 'cluster2' } })
      await lab.network('cluster2').unplug()
      await cluster2.login({ deviceName: 'SEP000000020003', ...bob })
      await cluster3.login({ deviceName: 'SEP000000030003', ...bob })
      t.match(await cluster2.where('1000001'), { cluster: 'cluster2' })
      t.match(
        await cluster2.call('2000102', '3000-001'),
        { state: 'failed', cause: 38 },
        'a call to the other side fails',
      )
      t.match(await cluster1.call('1000102', '2000-001'), { state: 'failed', cause: 38 }, 'and so does one from there')
      await waitFor(
        'the call in progress is over',
        async () => (await callState(cluster3, call.id)) === 'ended',
        slowly,
      )

      await lab.network('cluster2').heal()
      await bobIsAt(cluster3)
      await reaches(cluster2, '1000-001', { cluster: 'cluster3' })
    },
  )

  await t.test('a third of the packets is lost everywhere: it takes longer, and that is all', async (t) => {
    for (const one of lab.networks) await one.lose('in', 0.3)
    await cluster2.login({ deviceName: 'SEP000000020003', ...bob })
    await bobIsAt(cluster2)
    await reaches(cluster3, '1000-001', { cluster: 'cluster2' })
    await cluster2.logout('SEP000000020003')
    await bobIsAt(cluster1)
    for (const one of lab.networks) await one.heal()
    await reaches(cluster3, '1000-001', { cluster: 'cluster1' })
    t.pass('found all the time')
  })

  await t.test('packets are late, and overtake one another', async (t) => {
    const netem = ['loss', '5%', 'delay', '80ms', '40ms', 'reorder', '25%']
    try {
      for (const one of lab.networks) await one.shape(...netem)
    } catch (error) {
      for (const one of lab.networks) await one.heal()
      const { stderr = '' } = error as { stderr?: string }
      return void t.pass('packets that are late', { skip: `tc netem: ${stderr.trim() || String(error)}` })
    }
    await cluster3.login({ deviceName: 'SEP000000030003', ...bob })
    await bobIsAt(cluster3)
    await reaches(cluster2, '1000-001', { cluster: 'cluster3' })
    await cluster3.logout('SEP000000030003')
    await bobIsAt(cluster1)
    for (const one of lab.networks) await one.heal()
    t.pass('found all the time')
  })

  for (const [way, story] of [
    ['in', 'hears nothing and can speak'],
    ['out', 'hears and cannot speak'],
  ] as const) {
    await t.test(`cluster2 ${story}: what happens on both sides is known on both afterwards`, async (t) => {
      await lab.network('cluster2').lose(way)
      await cluster3.login({ deviceName: 'SEP000000030003', ...bob })
      await cluster2.login({ deviceName: 'SEP000000020003', ...bob })
      t.match(await cluster2.call('2000102', '3000-001'), { state: 'failed', cause: 38 })
      t.match(await cluster3.call('3000001', '2000-001'), { state: 'failed', cause: 38 })
      await lab.network('cluster2').heal()
      await bobIsAt(cluster2)
      await reaches(cluster3, '1000-001', { cluster: 'cluster2' })
      await cluster2.logout('SEP000000020003')
      await bobIsAt(cluster1)
    })
  }

  await t.test(
    'the cable of Redis is pulled, and of the hub: everybody goes on alone, and agrees afterwards',
    async () => {
      await lab.network('redis').unplug()
      await waitFor('cluster2 says that it is cut off', () => isCutOff(cluster2), slowly)
      await cluster2.login({ deviceName: 'SEP000000020003', ...bob })
      await reaches(cluster3, '2000-001', { cluster: 'cluster2' })
      await lab.network('redis').heal()
      await bobIsAt(cluster2)
      await lab.network('hub').unplug()
      await waitFor('cluster3 misses its hub', () => sees(cluster3, 'hub', 'Unreachable'), slowly)
      await cluster3.login({ deviceName: 'SEP000000030003', ...bob })
      await lab.network('hub').heal()
      await bobIsAt(cluster3)
    },
  )
})

/** Whether the status page warns that Redis is out of reach. */
async function isCutOff(cluster: ClusterClient): Promise<boolean> {
  const { warnings = [] } = await ilsOf(cluster)
  return warnings.some((warning) => warning.startsWith('ILS is cut off'))
}
