// ILS Configuration at run time: joining, moving and leaving, and what cannot be.
import t from 'tap'
import type { IlsConfiguration } from '../../../services/ils/api.ts'
import type { Problem } from '../../../services/problem.ts'
import { waitFor } from '../../fixtures/wait-for.ts'
import { ilsLab } from './ils-lab.ts'
import type { LabCluster } from './ils-lab.ts'

const standalone = { role: 'standalone' } as const

function statusOf({ ils }: LabCluster, peer: string): string | undefined {
  return ils.status().peers.find(({ clusterId }) => clusterId === peer)?.status
}

function bobAt({ ils }: LabCluster): string | undefined {
  return ils.locate('1000001')?.cluster
}

t.test(
  'B2 Advertised Route String: until it is changed the configuration file rules; the Cluster ID is the route string unless it says one',
  async (t) => {
    const lab = await ilsLab(t)
    const one = await lab.cluster('Cluster1')
    t.same(one.ils.configuration(), {
      role: 'spoke',
      registrationServer: 'hub',
      exchangeGlobalDialPlan: true,
      advertisedRouteString: 'cluster1',
      synchronizeClustersEveryMinutes: 10,
    } satisfies IlsConfiguration)
    await one.stop()
    await one.start({ advertisedRouteString: 'East.Lab', synchronizeClustersEveryMinutes: 3 })
    t.match(one.ils.configuration(), { advertisedRouteString: 'east.lab', synchronizeClustersEveryMinutes: 3 })
  },
)

t.test('B2 Role: a standalone cluster joins at run time, hears of everybody and is heard of', async (t) => {
  const lab = await ilsLab(t)
  const one = await lab.cluster('cluster1')
  const two = await lab.cluster('cluster2', standalone)
  await one.addUser('bob')
  await two.addUser('bob', { home: false })
  t.equal(two.connections, 0, 'no transport, and so no Redis client')
  t.match(two.ils.status(), { role: 'standalone', peers: [] })
  await two.ils.configure({ role: 'spoke', registrationServer: 'hub' })
  t.equal(two.connections, 1)
  await waitFor('cluster2 to learn of bob', () => bobAt(two) === 'cluster1')
  await two.login('bob')
  await waitFor('cluster1 to know where bob is', () => bobAt(one) === 'cluster2')
  t.match(two.ils.status(), { role: 'spoke', hub: 'hub' })
  t.equal(statusOf(one, 'cluster2'), 'Up to Date')
})

t.test(
  'B1 Standalone Cluster: a cluster that leaves is forgotten by the others, and keeps nothing of them; it stays away over a restart',
  async (t) => {
    const lab = await ilsLab(t)
    const one = await lab.cluster('cluster1')
    const two = await lab.cluster('cluster2')
    await one.addUser('bob')
    await two.addUser('bob', { home: false })
    await two.login('bob')
    await waitFor('cluster1 to know', () => bobAt(one) === 'cluster2')
    const left = await two.ils.configure(standalone)
    t.equal(left.untold, undefined, 'its hub has heard')
    await waitFor('cluster1 to forget the login', () => bobAt(one) === 'cluster1')
    await waitFor('cluster1 to see that it left', () => statusOf(one, 'cluster2') === 'Left')
    t.same(two.ils.status().peers, [])
    t.same(two.ils.status().warnings, [], 'nobody is cut off who wants to be')
    await two.stop()
    await two.start()
    t.equal(two.ils.configuration().role, 'standalone', 'what was changed outlives a restart; the file says spoke')
    await two.ils.configure({ role: 'spoke' })
    t.equal(two.ils.configuration().registrationServer, 'hub', 'the way back is remembered')
    await waitFor('cluster1 to know again', () => bobAt(one) === 'cluster2')
  },
)

t.test('one that leaves while its hub is down says whom it could not tell', async (t) => {
  const lab = await ilsLab(t)
  const one = await lab.cluster('cluster1')
  await waitFor('the hub', () => statusOf(one, 'hub') === 'Up to Date')
  await lab.hub.stop()
  t.same((await one.ils.configure(standalone)).untold, ['hub'])
})

t.test('B1 Spoke Cluster: a spoke moves to another hub, and has exactly that one', async (t) => {
  const lab = await ilsLab(t)
  const west = await lab.addHub('hub2', { registrationServer: 'hub' })
  const one = await lab.cluster('cluster1')
  const two = await lab.cluster('cluster2')
  await two.ils.configure({ registrationServer: 'hub2' })
  await waitFor('the new hub', () => statusOf(two, 'hub2') === 'Up to Date')
  const direct = two.ils.status().peers.filter((peer) => peer.direct)
  t.same(
    direct.map(({ clusterId }) => clusterId),
    ['hub2'],
  )
  await one.addUser('bob')
  await waitFor('bob to be known through both hubs', () => bobAt(two) === 'cluster1')
  await waitFor('cluster1 to see where it is now', () =>
    one.ils.status().peers.some(({ clusterId, hub }) => clusterId === 'cluster2' && hub === 'hub2'),
  )
  await waitFor('the old hub to let go', () => lab.hub.hub.node.links().every(({ peer }) => peer !== 'cluster2'))
  t.ok(west.hub.node.links().some(({ peer }) => peer === 'cluster2'))
})

t.test('B2 Registration Server: a spoke becomes a hub: it names one other and has spokes of its own', async (t) => {
  const lab = await ilsLab(t)
  const one = await lab.cluster('cluster1')
  await one.ils.configure({ role: 'hub' })
  t.equal(one.ils.configuration().registrationServer, 'hub', 'through the hub that it had')
  const two = await lab.cluster('cluster2', { hub: 'cluster1' })
  const three = await lab.cluster('cluster3')
  await two.addUser('bob')
  await waitFor('bob to be known two hubs away', () => bobAt(three) === 'cluster2')
  await waitFor('cluster3 to see the hub', () =>
    three.ils.status().peers.some(({ clusterId, role }) => clusterId === 'cluster1' && role === 'hub'),
  )
})

t.test('what cannot be is refused in a sentence, and changes nothing', async (t) => {
  const lab = await ilsLab(t)
  const one = await lab.cluster('cluster1')
  const loner = await lab.cluster('cluster2', { ...standalone, password: '' })
  const before = one.ils.configuration()
  const wrong: readonly (readonly [Partial<IlsConfiguration>, RegExp])[] = [
    [{ registrationServer: '' }, /A spoke needs the name of its hub/u],
    [{ registrationServer: '  ' }, /A spoke needs the name of its hub/u],
    [{ registrationServer: 'cluster1' }, /A spoke cannot be its own hub/u],
    [{ role: 'hub', registrationServer: 'cluster1' }, /A hub cannot register with itself/u],
    [{ role: 'standalone', registrationServer: 'cluster1' }, /A cluster cannot register with itself/u],
    [{ registrationServer: 'not a name' }, /"not a name" cannot be a Cluster ID: up to 50/u],
    [{ registrationServer: 'x'.repeat(51) }, /cannot be a Cluster ID/u],
    [{ registrationServer: 'StandAloneCluster' }, /No hub is called StandAloneCluster/u],
    [{ advertisedRouteString: 'a b' }, /no Advertised Route String/u],
    [{ advertisedRouteString: 'abc-123-def.xyz.com' }, /nothing but digits/u],
  ]
  for (const [changes, message] of wrong) {
    const { facts } = await rejection(one.ils.configure(changes))
    t.match(facts, { status: 422, detail: message }, JSON.stringify(changes))
  }
  t.same(one.ils.configuration(), before)
  const { facts } = await rejection(loner.ils.configure({ role: 'spoke', registrationServer: 'hub' }))
  t.match(facts, { status: 409, detail: /ILS needs a password/u })
  t.equal(loner.connections, 0)
  t.equal(loner.ils.configuration().role, 'standalone')
})

t.test('B1 StandAloneCluster: StandAloneCluster joins nothing', async (t) => {
  const lab = await ilsLab(t)
  await t.rejects(lab.cluster('StandAloneCluster'), { code: 'ILS_CONFIG', message: /still StandAloneCluster/u })
})

async function rejection(promise: Promise<unknown>): Promise<Problem> {
  return promise.then(
    () => Promise.reject(new Error('was not refused')),
    (error: unknown) => error as Problem,
  )
}

t.test('a change that cannot be written is undone, also in the network', async (t) => {
  const lab = await ilsLab(t)
  const one = await lab.cluster('cluster1')
  const two = await lab.cluster('cluster2')
  await waitFor('the hub', () => statusOf(one, 'hub') === 'Up to Date')
  one.database.sql.exec(`CREATE TRIGGER full BEFORE INSERT ON ils_configuration BEGIN SELECT RAISE(ABORT, 'full'); END`)
  await t.rejects(one.ils.configure(standalone), /full/u)
  t.equal(one.ils.configuration().role, 'spoke')
  await two.addUser('bob')
  await waitFor('cluster1 to hear as before', () => bobAt(one) === 'cluster2')
  one.database.sql.exec('DROP TRIGGER full')
  await one.ils.configure(standalone)
  t.equal(one.ils.status().role, 'standalone')
})

t.test('one whose move cannot be written leaves nothing behind: the configuration file still rules', async (t) => {
  const lab = await ilsLab(t)
  const one = await lab.cluster('cluster1')
  await waitFor('the hub', () => statusOf(one, 'hub') === 'Up to Date')
  const { sql } = one.database
  // Only one that leaves takes a new epoch.
  sql.exec(`CREATE TRIGGER full BEFORE INSERT ON ils_node
    WHEN EXISTS (SELECT 1 FROM ils_node WHERE origin = NEW.origin AND epoch < NEW.epoch)
    BEGIN SELECT RAISE(ABORT, 'full'); END`)
  await t.rejects(one.ils.configure(standalone), /full/u)
  t.equal(one.ils.configuration().role, 'spoke')
  t.same(sql.prepare('SELECT * FROM ils_configuration').all(), [])
  await one.stop()
  await one.start({ synchronizeClustersEveryMinutes: 3 })
  t.match(one.ils.configuration(), { role: 'spoke', synchronizeClustersEveryMinutes: 3 })
})

t.test('who changes something is told of; who changes nothing is not', async (t) => {
  const lab = await ilsLab(t)
  const one = await lab.cluster('cluster1')
  const two = await lab.cluster('cluster2')
  const told = () =>
    one.events.filter(({ type }) => type === 'parameterChanged').map(({ name, value }) => [name, value])
  await one.ils.configure({ advertisedRouteString: 'East.lab', synchronizeClustersEveryMinutes: 1 })
  await one.ils.configure({ advertisedRouteString: 'east.lab' })
  t.same(told(), [
    ['Advertised Route String', 'east.lab'],
    ['Synchronize Clusters Every', '1'],
  ])
  await waitFor('cluster2 to know the route string', () =>
    two.ils.clusters().some(({ advertisedRouteString }) => advertisedRouteString === 'east.lab'),
  )
  await one.ils.configure({ advertisedRouteString: ' ' })
  t.equal(one.ils.configuration().advertisedRouteString, 'cluster1', 'blank is the Cluster ID')
})

t.test('changes made at once are carried out one after the other', async (t) => {
  const lab = await ilsLab(t)
  const one = await lab.cluster('cluster1')
  const changes = [standalone, { role: 'spoke' }, standalone, { role: 'hub', registrationServer: '' }] as const
  const answers = await Promise.all(changes.map((change) => one.ils.configure(change)))
  t.same(
    answers.map(({ role }) => role),
    ['standalone', 'spoke', 'standalone', 'hub'],
  )
  t.equal(one.ils.status().role, 'hub')
})

t.test('Synchronize Clusters Now asks every neighbour that can be reached', async (t) => {
  const lab = await ilsLab(t)
  const one = await lab.cluster('cluster1')
  await waitFor('the hub', () => statusOf(one, 'hub') === 'Up to Date')
  const pulls = () => one.metrics.getSingleMetricAsString('ils_pulls_sent_total')
  const before = await pulls()
  t.same(one.ils.synchronize(), { asked: ['hub'], unreachable: [] })
  await waitFor('the pull', async () => (await pulls()) !== before)
  await lab.hub.stop()
  await waitFor('the hub to be missed', () => statusOf(one, 'hub') === 'Unreachable')
  t.same(one.ils.synchronize(), { asked: [], unreachable: ['hub'] })
  await one.ils.configure(standalone)
  t.throws(() => one.ils.synchronize(), /standalone: there is nobody to synchronize with/u)
})

t.test(
  'B2 Synchronize Clusters Every: Synchronize Clusters Every is in force at once, and only while there is a network',
  async (t) => {
    const lab = await ilsLab(t)
    const one = await lab.cluster('cluster1')
    t.same(
      one.alarms.map(({ ms }) => ms),
      [600_000],
      'the default is ten minutes',
    )
    await one.ils.configure({ synchronizeClustersEveryMinutes: 2 })
    t.same(
      one.alarms.map(({ ms }) => ms),
      [120_000],
    )
    await waitFor('the hub', () => statusOf(one, 'hub') === 'Up to Date')
    const pulls = () => one.metrics.getSingleMetricAsString('ils_pulls_sent_total')
    const before = await pulls()
    one.alarms[0]?.wake()
    await waitFor('the pull', async () => (await pulls()) !== before)
    t.same(
      one.alarms.map(({ ms }) => ms),
      [120_000],
      'and again',
    )
    await one.ils.configure(standalone)
    t.same(one.alarms, [])
  },
)
