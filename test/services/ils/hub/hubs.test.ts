// Several hubs, clusters among them: who finds whom, and what a hub process says of it.
import t from 'tap'
import type { IlsCluster, IlsStatus } from '../../../../services/ils/api.ts'
import { waitFor } from '../../../fixtures/wait-for.ts'
import { ilsLab } from '../ils-lab.ts'
import type { LabHub } from '../ils-lab.ts'

const status = (hub: LabHub) => hub.ask<IlsStatus>('/api/v1/ils')

async function upToDate(hub: LabHub, ...peers: readonly string[]) {
  await waitFor(`${hub.name} to be up to date with ${peers.join(', ')}`, async () => {
    const found = (await status(hub)).peers.filter((peer) => peer.direct && peer.status === 'Up to Date')
    return peers.every((name) => found.some(({ clusterId }) => clusterId === name))
  })
}

t.test('hubs that list one another mesh, and what a spoke says reaches the spokes of all', async (t) => {
  const lab = await ilsLab(t, { hubs: ['hub2', 'hub3'] })
  const second = await lab.addHub('hub2', { hubs: ['hub', 'hub3'] })
  const third = await lab.addHub('hub3', { hubs: ['hub', 'hub2'] })
  const one = await lab.cluster('cluster1')
  const two = await lab.cluster('cluster2', { hub: 'hub2' })
  const three = await lab.cluster('cluster3', { hub: 'hub3' })
  await one.addUser('bob')
  for (const { ils } of [two, three]) {
    await waitFor('bob to be known everywhere', () => ils.locate('1000001')?.cluster === 'cluster1')
  }
  await upToDate(lab.hub, 'hub2', 'hub3', 'cluster1')
  await upToDate(second, 'hub', 'hub3', 'cluster2')
  await upToDate(third, 'hub', 'hub2', 'cluster3')
})

t.test('B1 Automesh: a new hub that names one other finds the rest by itself', async (t) => {
  const lab = await ilsLab(t)
  const second = await lab.addHub('hub2', { registrationServer: 'hub' })
  const third = await lab.addHub('hub3', { registrationServer: 'hub2' })
  await upToDate(lab.hub, 'hub2', 'hub3')
  await upToDate(second, 'hub', 'hub3')
  await upToDate(third, 'hub', 'hub2')
})

t.test('a cluster that is a hub has spokes and fellow hubs like any other', async (t) => {
  const lab = await ilsLab(t)
  const one = await lab.cluster('cluster1', { role: 'hub', registrationServer: 'hub' })
  const two = await lab.cluster('cluster2', { hub: 'cluster1' })
  const three = await lab.cluster('cluster3')
  await two.addUser('bob')
  await waitFor('cluster3 to know bob', () => three.ils.locate('1000001')?.cluster === 'cluster2')
  await upToDate(lab.hub, 'cluster1', 'cluster3')
  t.match(one.ils.status(), { role: 'hub' })
  t.equal(await one.ils.caughtUp(), 'caught-up')
})

t.test('a hub that dies isolates its own spokes, and the others go on', async (t) => {
  const lab = await ilsLab(t)
  await lab.addHub('hub2', { registrationServer: 'hub' })
  const one = await lab.cluster('cluster1')
  const two = await lab.cluster('cluster2', { hub: 'hub2' })
  const three = await lab.cluster('cluster3', { hub: 'hub2' })
  await waitFor('everybody to know of everybody', () =>
    [one, two, three].every(({ ils }) => ils.clusters().filter(({ https }) => https).length === 3),
  )
  await lab.hub.stop()
  await two.addUser('bob')
  await waitFor('cluster3 to know of bob', () => three.ils.locate('1000001')?.cluster === 'cluster2')
  t.equal(one.ils.locate('1000001'), undefined, 'which cluster1 cannot')
  await waitFor('cluster1 to miss its hub', () => one.ils.status().peers.every((peer) => peer.status === 'Unreachable'))
  const asSeen = three.ils.status().peers.find(({ clusterId }) => clusterId === 'hub2')
  t.equal(asSeen?.status, 'Up to Date')
  await lab.hub.start()
  await waitFor('cluster1 to know of bob', () => one.ils.locate('1000001')?.cluster === 'cluster2')
})

t.test('a hub that restarts does not call Up to Date a dead spoke, nor one whose hub it does not know', async (t) => {
  const lab = await ilsLab(t)
  const one = await lab.cluster('cluster1')
  await lab.cluster('cluster2')
  const three = await lab.cluster('cluster3')
  await upToDate(lab.hub, 'cluster1', 'cluster2', 'cluster3')
  const seen = async (name: string) => (await status(lab.hub)).peers.find(({ clusterId }) => clusterId === name)?.status
  await three.ils.configure({ role: 'spoke', registrationServer: 'nobody' })
  await waitFor('the hub to know that cluster3 has moved', async () => (await seen('cluster3')) === 'Never contacted')
  await one.stop()
  await lab.hub.stop()
  await lab.hub.start()
  await upToDate(lab.hub, 'cluster2')
  t.equal(await seen('cluster1'), 'Never contacted')
  t.equal(await seen('cluster3'), 'Never contacted')
  await one.start()
  await upToDate(lab.hub, 'cluster1')
})

t.test(
  'a hub process answers what a cluster answers: status, Cluster View, configuration, synchronization',
  async (t) => {
    const lab = await ilsLab(t)
    await lab.addHub('hub2', { registrationServer: 'hub' })
    const one = await lab.cluster('cluster1')
    await one.addUser('bob')
    await one.login('bob')
    await upToDate(lab.hub, 'hub2', 'cluster1')
    const said = await waitFor('the hub to have heard of bob', async () => {
      const now = await status(lab.hub)
      return now.learned.locations === 1 ? now : undefined
    })
    t.match(said, {
      clusterId: 'hub',
      role: 'hub',
      peerId: String,
      authentication: 'password',
      learned: { superusers: 1, locations: 1 },
      warnings: [],
    })
    const view = await lab.hub.ask<IlsCluster[]>('/api/v1/ils/clusters')
    t.same(
      view.map(({ clusterId, role, self }) => [clusterId, role, self]),
      [
        ['cluster1', 'spoke', false],
        ['hub', 'hub', true],
        ['hub2', 'hub', false],
      ],
    )
    // A cluster describes itself in full once it listens, which is after it has joined.
    await waitFor('cluster1 to have described itself', async () => {
      const { hostNames } = await lab.hub.ask<IlsCluster>('/api/v1/ils/clusters/cluster1')
      return hostNames?.[0] === 'cluster1.lab'
    })
    t.match(await lab.hub.ask('/api/v1/ils/clusters/moon'), { status: 404, detail: /no cluster "moon"/u })
    t.match(await lab.hub.ask('/api/v1/ils/configuration'), { role: 'hub', registrationServer: '' })
    const asked = await fetch(`${lab.hub.hub.http}/api/v1/ils/synchronize`, {
      method: 'POST',
      // As of a client that names it with everything.
      headers: { 'content-type': 'application/json' },
    })
    t.equal(asked.status, 202)
    t.same(await asked.json(), { asked: ['cluster1', 'hub2'], unreachable: [] })
    const metrics = await (await fetch(`${lab.hub.hub.http}/metrics`)).text()
    t.match(metrics, /ils_peer_up_to_date\{peer="cluster1"\} 1/u)
  },
)
