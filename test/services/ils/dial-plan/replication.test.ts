// Clusters that tell one another their dial plans, over a real hub and on real databases.
import t from 'tap'
import type { AdvertisedNumberChanges } from '../../../../services/database/api.ts'
import { maximumLearnedObjects } from '../../../../services/database/service-parameters.ts'
import { waitFor } from '../../../fixtures/wait-for.ts'
import { ilsLab } from '../ils-lab.ts'
import type { LabCluster } from '../ils-lab.ts'

/** Changes bob's number 1000001, as Administration does. */
function advertise({ database, ils }: LabCluster, changes: AdvertisedNumberChanges): Promise<void> {
  return database.write(() => {
    database.globalDialPlan.changeNumber('1000001', '', changes)
    ils.dialPlanChanged({ part: 'number', dn: '1000001', partition: '' })
  })
}

function allow({ database }: LabCluster, objects: number): Promise<void> {
  const { service, name } = maximumLearnedObjects
  return database.write(() => database.serviceParameters.set(service, name, String(objects)))
}

const bobs: AdvertisedNumberChanges = {
  enterpriseAlternateNumber: { mask: '8XXXXXXX', advertise: true },
  e164AlternateNumber: { mask: '+1408XXXXXXX', advertise: true },
  advertisedFailover: '+E.164 Alternate Number',
  directoryUris: [{ uri: 'bob@example.com', advertise: true }],
}

async function three(t: Parameters<typeof ilsLab>[0]) {
  const lab = await ilsLab(t)
  const [one, two, kallys] = [
    await lab.cluster('cluster1'),
    await lab.cluster('cluster2'),
    await lab.cluster('cluster3'),
  ]
  return { lab, one, two, kallys }
}

/** Bob's number and alice's URI are known to all. */
async function threeWhoHaveTold(t: Parameters<typeof ilsLab>[0]) {
  const clusters = await three(t)
  const { one, two, kallys } = clusters
  await advertise(one, bobs)
  await advertise(two, { directoryUris: [{ uri: 'alice@example.com', advertise: true }] })
  await waitFor('all to be learned', () => kallys.ils.status().learned.objects === 4)
  await waitFor('alice', () => one.ils.learned.matchUri('alice@example.com') !== undefined)
  return clusters
}

t.test(
  'B3 Learned data: what a spoke advertises is learned by every cluster, with PSTN failover and route string',
  async (t) => {
    const { one, two, kallys } = await three(t)
    await advertise(one, bobs)
    for (const cluster of [two, kallys]) {
      await waitFor('bob to be learned', () => cluster.ils.status().learned.objects === 3)
      t.match(cluster.ils.learned.matchNumber('81000001'), {
        route: {
          kind: 'enterprise-number',
          cluster: 'cluster1',
          partition: 'Global Learned Enterprise Numbers',
          routeString: 'cluster1',
          pstnFailover: '+14081000001',
        },
        numbers: 1n,
      })
      t.match(cluster.ils.learned.matchNumber('+14081000001'), { route: { kind: 'e164-number' } })
      t.match(cluster.ils.learned.matchUri('bob@example.com'), { cluster: 'cluster1', pstnFailover: '+14081000001' })
    }
    t.equal(one.ils.learned.matchUri('bob@example.com'), undefined, 'its own is not learned')
    await one.ils.configure({ advertisedRouteString: 'one.example.com' })
    const routeString = () => kallys.ils.learned.matchUri('bob@example.com')?.routeString
    await waitFor('the new route string', () => routeString() === 'one.example.com')
    await advertise(one, { directoryUris: [] })
    await waitFor('the URI to be forgotten', () => kallys.ils.learned.matchUri('bob@example.com') === undefined)
  },
)

t.test('B3 EMRAC superusers: their numbers travel whatever Advertise Globally via ILS says', async (t) => {
  // Feature Configuration Guide, EM Roaming: "Configuring a user as superuser automatically initiates ILS sync irrespective of the
  // Directory Number's ILS configuration".
  const { one, kallys } = await three(t)
  await advertise(one, { enterpriseAlternateNumber: { mask: '8XXXXXXX', advertise: false } })
  await one.addUser('bob')
  await waitFor('bob to be known', () => kallys.ils.locate('1000001')?.cluster === 'cluster1')
  t.equal(kallys.ils.status().learned.objects, 0)
  t.equal(kallys.ils.learned.matchNumber('81000001'), undefined)
  await one.ils.configure({ exchangeGlobalDialPlan: false })
  await one.login('bob')
  await waitFor('the login to be known', () => kallys.ils.locate('1000001')?.source === 'learned')
})

t.test(
  'B3 Duplicate learned URI: routed to the cluster learned first, at each cluster by its own order, over restarts',
  async (t) => {
    const { one, two, kallys } = await three(t)
    const used = () => kallys.ils.learned.matchUri('bob@example.com')?.cluster
    await advertise(two, { directoryUris: bobs.directoryUris ?? [] })
    await waitFor('the first', () => used() === 'cluster2')
    await advertise(one, { directoryUris: bobs.directoryUris ?? [] })
    await waitFor('the second', () => kallys.ils.status().learned.duplicates === 1)
    t.equal(used(), 'cluster2')
    const sentence =
      'The directory URI bob@example.com is advertised by cluster2, learned first and used, and by cluster1.'
    t.ok(kallys.ils.status().warnings?.includes(sentence))
    await kallys.database.write(() => {})
    await kallys.stop()
    await kallys.start()
    await waitFor('both again', () => kallys.ils.status().learned.duplicates === 1)
    t.equal(used(), 'cluster2')
    await advertise(two, { directoryUris: [] })
    await waitFor('the next to take over', () => used() === 'cluster1')
    t.notOk(kallys.ils.status().warnings?.some((warning) => warning.includes('bob@example.com')))
  },
)

t.test(
  'B3 ILS Max Number of Learned Objects in Database: refused here, relayed to others, learned when there is room',
  async (t) => {
    const { one, two, kallys } = await three(t)
    await allow(kallys, 1)
    await advertise(one, bobs)
    await waitFor('cluster2 to learn all', () => two.ils.status().learned.objects === 3)
    await waitFor('cluster3 to refuse the rest', () => kallys.ils.status().learned.refusedObjects === 2)
    t.match(kallys.ils.status().learned, { objects: 1, maximumObjects: 1 })
    await kallys.stop()
    await kallys.start()
    t.match(kallys.ils.status().learned, { objects: 1, refusedObjects: 2 })
    await allow(kallys, 1000)
    await advertise(two, { directoryUris: [{ uri: 'alice@example.com', advertise: true }] })
    await waitFor('everything', () => kallys.ils.status().learned.objects === 4)
    t.equal(kallys.ils.status().learned.refusedObjects, 0)
  },
)

t.test('what was refused in a write that failed by itself is on disk all the same in the end', async (t) => {
  const { one, two, kallys } = await three(t)
  const { sql } = kallys.database
  await allow(kallys, 1)
  await advertise(two, { directoryUris: [{ uri: 'alice@example.com', advertise: true }] })
  const alice = sql.prepare(`SELECT 1 FROM ils_record WHERE key = 'alice@example.com'`)
  await waitFor('alice on disk, so that nothing else is to be written', () => alice.get() !== undefined)
  // Records reach the disk later, in a write of their own, which does not fail: the node never hears of this one.
  sql.exec(`CREATE TRIGGER full BEFORE INSERT ON ils_refused_range BEGIN SELECT RAISE(ROLLBACK, 'full'); END`)
  const forget = kallys.database.onRollback(() => sql.exec('DROP TRIGGER IF EXISTS full'))
  t.teardown(forget)
  await advertise(one, bobs)
  await waitFor('the rows', () => sql.prepare('SELECT first FROM ils_refused_range').all().length > 0)
  await kallys.stop()
  await kallys.start()
  t.match(kallys.ils.status().learned, { objects: 1, refusedObjects: 3 })
})

t.test(
  'B2 Exchange Global Dial Plan Replication Data: switched off at one cluster, it neither tells nor uses anything',
  async (t) => {
    const { one, kallys } = await threeWhoHaveTold(t)
    await one.ils.configure({ exchangeGlobalDialPlan: false })
    t.equal(one.ils.learned.matchUri('alice@example.com'), undefined)
    await waitFor('bob to be withdrawn', () => kallys.ils.status().learned.objects === 1)
    await one.ils.configure({ exchangeGlobalDialPlan: true })
    t.match(one.ils.learned.matchUri('alice@example.com'), { cluster: 'cluster2' })
    await waitFor('bob to be back', () => kallys.ils.status().learned.objects === 4)
  },
)

t.test(
  'B1 Standalone Cluster: what a cluster advertised goes with it, and it uses nothing of others any more',
  async (t) => {
    const { one, kallys } = await threeWhoHaveTold(t)
    await one.ils.configure({ role: 'standalone', registrationServer: '' })
    t.equal(one.ils.learned.matchUri('alice@example.com'), undefined)
    await waitFor('bob to be forgotten', () => kallys.ils.status().learned.objects === 1)
    await one.ils.configure({ role: 'spoke', registrationServer: 'hub' })
    await waitFor('bob to be back', () => kallys.ils.status().learned.objects === 4)
    await waitFor('alice again', () => one.ils.learned.matchUri('alice@example.com') !== undefined)
  },
)

t.test(
  'B4 Learned data while disconnected: it stays and is used, over a restart too, for ten days as for a minute',
  async (t) => {
    const { lab, one, kallys } = await three(t)
    await advertise(one, bobs)
    await waitFor('bob to be learned', () => kallys.ils.status().learned.objects === 3)
    await lab.hub.stop()
    const hub = () => kallys.ils.status().peers.find(({ clusterId }) => clusterId === 'hub')
    await waitFor('the hub to be missed', () => hub()?.status === 'Unreachable')
    t.match(kallys.ils.learned.matchNumber('81000001')?.route, { cluster: 'cluster1', pstnFailover: '+14081000001' })
    await kallys.stop()
    kallys.clockOffsetMs = 10 * 24 * 3_600_000
    await kallys.start({ catchUpGraceMs: 100 })
    t.equal(await kallys.ils.caughtUp(), 'stale')
    t.match(kallys.ils.learned.matchNumber('81000001')?.route, { cluster: 'cluster1', pstnFailover: '+14081000001' })
    t.equal(kallys.ils.learned.matchUri('bob@example.com')?.cluster, 'cluster1')
  },
)

t.test('a write that fails advertises nothing, and the next one does', async (t) => {
  const { one, kallys } = await three(t)
  const failing = one.database.write(() => {
    one.database.globalDialPlan.changeNumber('1000001', '', bobs)
    one.ils.dialPlanChanged({ part: 'number', dn: '1000001', partition: '' })
    throw new Error('refused after all')
  })
  await t.rejects(failing, /refused/u)
  await advertise(one, { directoryUris: [{ uri: 'robert@example.com', advertise: true }] })
  await waitFor('robert', () => kallys.ils.learned.matchUri('robert@example.com') !== undefined)
  t.equal(kallys.ils.status().learned.objects, 1)
})
