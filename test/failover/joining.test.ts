// Places in the network, taken and given up by running processes: a hub that names one hub, moves at run time, leaving, and an ID that is taken.
import t from 'tap'
import type { ClusterClient } from '../../scripts/cluster-client.ts'
import { startLab } from '../fixtures/lab.ts'
import { waitFor } from '../fixtures/wait-for.ts'
import { alarmsOf, warnsOf } from './fixtures/alarms.ts'
import { startCopy, startNamesake } from './fixtures/copy-of-cluster.ts'
import { ilsOf, sees } from './fixtures/reading.ts'
import { bob, hubsOf, slowly, twoHubsLab } from './fixtures/two-hubs.ts'

t.setTimeout(240_000)

t.test('places in the network', async (t) => {
  const lab = await startLab(t, { lab: withThirdHub() })
  const { bobIsAt, bobIsGone, agreed, nodes } = hubsOf(lab)
  const [hub1, hub2, hub3] = [lab.hub('hub1'), lab.hub('hub2'), lab.hub('hub3')]
  const [cluster1, cluster2] = [lab.cluster('cluster1'), lab.cluster('cluster2')]
  const [cluster3, cluster4] = [lab.cluster('cluster3'), lab.cluster('cluster4')]

  await t.test('hub3 joins by naming hub2 alone, and meshes with hub1', async (t) => {
    await waitFor('hub1 and hub3 have met', async () => (await neighbours(hub3)).includes('hub1'), slowly)
    await agreed()
    await lab.process('hub2').kill()
    await cluster4.login({ deviceName: 'SEP000000040001', ...bob })
    await bobIsAt('cluster4', cluster1, cluster2)
    t.match(
      await cluster3.where('1000001'),
      { cluster: 'cluster1' },
      'but the spoke of the hub between them stands still',
    )
    await lab.process('hub2').restart()
    await bobIsAt('cluster4', cluster3)
    await agreed()
  })

  await t.test('cluster3 moves to another hub at run time, and is still there after a restart', async (t) => {
    await cluster3.patch('/api/v1/ils/configuration', { registrationServer: 'hub1' })
    await waitFor('hub1 has cluster3', () => sees(hub1, 'cluster3', 'Up to Date'), slowly)
    await waitFor('hub2 has not', async () => !(await neighbours(hub2)).includes('cluster3'), slowly)
    await lab.process('hub2').kill()
    await lab.process('cluster3').kill()
    await lab.process('cluster3').restart()
    t.match(await ilsOf(cluster3), { role: 'spoke', hub: 'hub1' })
    await cluster3.login({ deviceName: 'SEP000000030002', ...bob })
    await bobIsAt('cluster3', cluster1, cluster2, cluster4)
    await bobIsGone(cluster4)
    await lab.process('hub2').restart()
    await agreed()
  })

  await t.test('cluster2 becomes a hub that names hub3, meshes with all, and has a spoke of its own', async (t) => {
    await cluster2.patch('/api/v1/ils/configuration', { role: 'hub', registrationServer: 'hub3' })
    for (const hub of ['hub1', 'hub2', 'hub3'])
      await waitFor(`cluster2 and ${hub} have met`, () => sees(cluster2, hub, 'Up to Date'), slowly)
    await cluster4.patch('/api/v1/ils/configuration', { registrationServer: 'cluster2' })
    await waitFor('cluster2 has cluster4', () => sees(cluster2, 'cluster4', 'Up to Date'), slowly)
    await lab.process('hub3').kill()
    await cluster3.logout('SEP000000030002')
    await cluster4.login({ deviceName: 'SEP000000040001', ...bob })
    await bobIsAt('cluster4', cluster1, cluster2, cluster3)
    await lab.process('hub3').restart()
    await agreed()
    const call = await cluster2.call('2000001', '1000-001')
    t.match(call, { state: 'connected', to: { cluster: 'cluster4', userId: 'bob' } })
    await cluster2.hangUp(call.id)
  })

  await t.test(
    'cluster4 leaves with bob logged in there: the others forget it, and know it again when it is back',
    async (t) => {
      const left = await cluster4.patch('/api/v1/ils/configuration', { role: 'standalone' })
      t.notOk((left as { untold?: unknown }).untold, 'its hub heard it')
      await bobIsAt('cluster1', cluster1, cluster2, cluster3)
      await waitFor('cluster1 shows that it left', () => sees(cluster1, 'cluster4', 'Left'), slowly)
      t.match(await ilsOf(cluster4), { role: 'standalone', peers: [] })
      t.match(await cluster4.call('4000102', '3000-001'), { state: 'failed' }, 'what it had learned is forgotten')
      t.match(await cluster4.logins(), [{ userId: 'bob' }], 'and bob stays where he is')

      await cluster4.patch('/api/v1/ils/configuration', { role: 'spoke', registrationServer: 'hub3' })
      await bobIsAt('cluster4', cluster1, cluster2, cluster3)
      await agreed()
    },
  )

  await t.test('cluster2 becomes a spoke again', async (t) => {
    await cluster2.patch('/api/v1/ils/configuration', { role: 'spoke', registrationServer: 'hub1' })
    await waitFor('it has one neighbour', async () => (await neighbours(cluster2)).join() === 'hub1', slowly)
    await agreed()
    t.same((await neighbours(hub1)).toSorted(), ['cluster1', 'cluster2', 'cluster3', 'hub2', 'hub3'])
  })

  await t.test('a second process with the Cluster ID of cluster2 gets alarms, and the first one goes on', async (t) => {
    const told = alarmsOf(t, cluster2)
    const beside = await startNamesake(t, lab, 'cluster2')
    const impostor = beside.cluster('cluster2')
    const toldToIt = alarmsOf(t, impostor)
    const alarm = 'ILSDuplicateClusterId'
    await waitFor('the hub is alarmed', () => warnsOf(hub1, alarm, 'cluster2'), slowly)
    await waitFor('so is the first one', () => [...told].some((one) => one.startsWith(alarm)), slowly)
    await waitFor('and the second', () => [...toldToIt].some((one) => one.startsWith(alarm)), slowly)

    await cluster2.login({ deviceName: 'SEP000000020002', ...bob })
    await bobIsAt('cluster2', cluster1, cluster3, cluster4)
    await bobIsGone(cluster4)
    t.match((await ilsOf(impostor)).learned, { records: 0 }, 'the second one is told nothing')

    await beside.process('cluster2').kill()
    await waitFor('the first one is in service', () => sees(hub1, 'cluster2', 'Up to Date'), slowly)
    await cluster2.logout('SEP000000020002')
    await bobIsAt('cluster1', ...nodes.filter(({ name }) => name.startsWith('cluster')))
    await agreed()
  })

  await t.test('so does a copy of its whole folder, once one of the two has something to say', async (t) => {
    const copy = await startCopy(t, lab, 'cluster2')
    const twins = [cluster2, copy.cluster('cluster2')]
    const told = twins.map((twin) => alarmsOf(t, twin))
    await copy.cluster('cluster2').login({ deviceName: 'SEP000000020002', ...bob })
    const both = () => told.every((alarms) => [...alarms].some((one) => one.startsWith('ILSDuplicateClusterId')))
    // Two who are not told apart at once find one another's epochs, and wait longer each time before they answer with a higher one.
    await waitFor('both are alarmed', both, { timeoutMs: 90_000 })
    await copy.process('cluster2').kill()
    await cluster3.login({ deviceName: 'SEP000000030002', ...bob })
    await bobIsAt('cluster3', cluster1, cluster2, cluster4)
    await bobIsGone(cluster2)
    await agreed()
  })
})

/** Who the node talks to itself. */
async function neighbours(node: ClusterClient): Promise<readonly string[]> {
  const { peers } = await ilsOf(node)
  return peers.filter(({ direct }) => direct).map(({ clusterId }) => clusterId)
}

/** hub3 names hub2, and has cluster4 as its spoke. */
function withThirdHub() {
  const lab = twoHubsLab()
  const clusters = lab.clusters.map((one) => (one.name === 'cluster4' ? { ...one, hub: 'hub3' } : one))
  return { ...lab, hubs: [...(lab.hubs ?? []), { name: 'hub3', registrationServer: 'hub2' }], clusters }
}
