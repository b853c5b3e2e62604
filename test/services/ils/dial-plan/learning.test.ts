import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { waitFor } from '../../../fixtures/wait-for.ts'
import { oneCluster } from './one-cluster.ts'
import type { OneCluster } from './one-cluster.ts'

const uri = 'directory-uri'
const number = 'enterprise-number'

function routeOf({ dialPlan }: OneCluster, dialled: string): string | undefined {
  if (dialled.includes('@')) return dialPlan.learned.matchUri(dialled)?.cluster
  return dialPlan.learned.matchNumber(dialled)?.route.cluster
}

function told({ events }: OneCluster, type: string): readonly Readonly<Record<string, unknown>>[] {
  return events.filter((event) => event.type === type).map(({ at: _a, monotonicMs: _m, ...facts }) => facts)
}

t.test('B3 Learned data: what others advertise is learned, and what they take back is forgotten', async (t) => {
  const cluster = await oneCluster(t)
  cluster.hear('cluster2', [uri, 'bob@example.com', { f: '+14081000001' }], [number, '81000001'])
  t.same(cluster.dialPlan.learned.matchUri('Bob@Example.com'), {
    kind: uri,
    pattern: 'bob@example.com',
    partition: '',
    cluster: 'cluster2',
    routeString: 'cluster2',
    pstnFailover: '+14081000001',
  })
  t.equal(routeOf(cluster, '81000001'), 'cluster2')
  t.match(cluster.dialPlan.status(), { objects: 2, maximumObjects: 100_000, refusedObjects: 0, duplicates: 0 })
  cluster.hear('cluster2', [number, '81000001', null])
  t.equal(routeOf(cluster, '81000001'), undefined)
  t.equal(cluster.dialPlan.status().objects, 1)
  cluster.hearEpoch('cluster2')
  t.equal(cluster.dialPlan.status().objects, 0, 'what has gone with its epoch or its cluster')
})

t.test('what this cluster says itself is not learned', async (t) => {
  const cluster = await oneCluster(t)
  cluster.hear('cluster1', [number, '81000001'])
  t.equal(cluster.dialPlan.status().objects, 0)
})

t.test('B3 Route string: of the object’s catalog, else of the cluster, else the Cluster ID', async (t) => {
  const cluster = await oneCluster(t)
  const stringOf = (dialled: string) => cluster.dialPlan.learned.matchNumber(dialled)?.route.routeString
  cluster.hear('cluster2', [number, '81'], [number, '82', { c: ['other', 'pbx.example.com'] }])
  t.same([stringOf('81'), stringOf('82')], ['cluster2', 'pbx.example.com'])
  t.equal(cluster.dialPlan.learned.matchNumber('82')?.route.catalog, 'other')
  cluster.hear('cluster2', ['dial-plan', 'route-string', { routeString: 'two.example.com' }])
  t.same([stringOf('81'), stringOf('82')], ['two.example.com', 'pbx.example.com'])
  await cluster.restart()
  t.equal(stringOf('81'), 'two.example.com')
  cluster.hear('cluster2', ['dial-plan', 'route-string', null])
  t.equal(stringOf('81'), 'cluster2')
})

t.test(
  'B3 Duplicate learned URI: the one learned first is used, also after a restart, and a warning names both',
  async (t) => {
    const cluster = await oneCluster(t)
    cluster.hear('cluster3', [uri, 'kally@example.com'])
    cluster.hear('cluster2', [uri, 'kally@example.com'])
    t.equal(routeOf(cluster, 'kally@example.com'), 'cluster3')
    t.equal(cluster.dialPlan.status().duplicates, 1)
    const sentence =
      'The directory URI kally@example.com is advertised by cluster3, learned first and used, and by cluster2.'
    t.same(cluster.dialPlan.warnings(), [sentence])
    t.match(told(cluster, 'ilsDuplicate'), [
      { kind: uri, pattern: 'kally@example.com', used: 'cluster3', duplicate: 'cluster2' },
    ])
    cluster.hear('cluster3', [uri, 'kally@example.com', { f: '+49' }])
    t.equal(routeOf(cluster, 'kally@example.com'), 'cluster3', 'to say it again in other words is not to come later')
    await cluster.restart()
    t.equal(routeOf(cluster, 'kally@example.com'), 'cluster3')
    t.same(cluster.dialPlan.warnings(), [sentence])
  },
)

t.test('B3 Duplicate learned URI: when the first one takes it back, the next takes over', async (t) => {
  const cluster = await oneCluster(t)
  for (const origin of ['cluster4', 'cluster3', 'cluster2']) cluster.hear(origin, [uri, 'kally@example.com'])
  cluster.hear('cluster4', [uri, 'kally@example.com', null])
  t.equal(routeOf(cluster, 'kally@example.com'), 'cluster3')
  await cluster.restart()
  t.equal(routeOf(cluster, 'kally@example.com'), 'cluster3')
  cluster.hear('cluster4', [uri, 'kally@example.com'])
  t.equal(routeOf(cluster, 'kally@example.com'), 'cluster3', 'whoever comes back comes last')
  cluster.hearEpoch('cluster3')
  t.equal(routeOf(cluster, 'kally@example.com'), 'cluster2')
  cluster.hear('cluster4', [uri, 'kally@example.com', null])
  t.same(cluster.dialPlan.warnings(), [])
  await cluster.settled()
  const rows = cluster.database.sql.prepare('SELECT count(*) AS rows FROM ils_learned_duplicate').get()
  t.equal(rows?.['rows'], 0, 'where one is left, there is no order to keep')
})

t.test('what is not of our making is not learned, and counted', async (t) => {
  const cluster = await oneCluster(t)
  const bad = [
    [uri, 'kally'],
    [uri, 'Kally@Example.com'],
    [number, '12 34'],
    [number, ''],
    ['e164-number', '4930300'],
    [number, '+4930300'],
    ['enterprise-pattern', '\\+1900!'],
    ['e164-pattern', '4930!'],
    [uri, 'bo\u212A@example.com'],
    [uri, 'bob@\u017Fan-jose.example.com'],
    ['enterprise-pattern', '[12'],
    ['enterprise-pattern', '9.@'],
    [number, '81', 'text'],
    [number, '81', { f: 'nobody' }],
    [number, '81', { f: { s: 1, p: '' } }],
    ['e164-pattern', '\\+49!', { f: '+4930' }],
    ['e164-pattern', '\\+49!', { f: { s: -1, p: '' } }],
    ['e164-pattern', '\\+49!', { f: { s: 1, p: 'x' } }],
    [number, '81', { c: ['', 'pbx.example.com'] }],
    [number, '81', { c: ['other', 'no route string'] }],
    ['dial-plan', 'route-string', { routeString: '...' }],
  ] as const
  cluster.hear('cluster2', ...bad)
  t.equal(cluster.dialPlan.status().objects, 0)
  const metric = await cluster.metrics.getSingleMetric('ils_learned_objects_unusable_total')?.get()
  t.equal(metric?.values[0]?.value, bad.length)
  cluster.hear('cluster2', [number, '81'])
  cluster.hear('cluster2', [number, '81', { f: '\u0000' }])
  t.equal(cluster.dialPlan.status().objects, 0, 'also where it was right before')
  cluster.hear('cluster2', ['future-kind', '81', { whatever: true }])
  await cluster.restart()
  t.equal(cluster.dialPlan.status().objects, 0)
})

t.test(
  'B3 ILS Max Number of Learned Objects in Database: beyond it nothing is learned until there is room',
  async (t) => {
    const cluster = await oneCluster(t)
    await cluster.allow(2)
    cluster.hear('cluster2', [number, '81'], [number, '82'], [number, '83'], [number, '84'])
    cluster.hear('cluster3', [number, '91'])
    t.match(cluster.dialPlan.status(), { objects: 2, maximumObjects: 2, refusedObjects: 3 })
    t.equal(routeOf(cluster, '83'), undefined)
    t.same(cluster.dialPlan.warnings(), [
      'ILS Max Number of Learned Objects in Database (2) is reached; objects of other clusters that are not learned: 3.',
    ])
    t.same(
      told(cluster, 'ilsLearnedLimit').map(({ reached }) => reached),
      [true],
      'told once',
    )
    const refused = await cluster.metrics.getSingleMetric('ils_learned_objects_refused_total')?.get()
    t.equal(refused?.values[0]?.value, 3)
    cluster.hear('cluster2', [number, '82', { f: '+49' }])
    t.equal(cluster.dialPlan.learned.matchNumber('82')?.route.pstnFailover, '+49', 'what was learned may change')
    cluster.hear('cluster2', [number, '81', null])
    await waitFor('the next in order', () => routeOf(cluster, '83') === 'cluster2')
    t.match(cluster.dialPlan.status(), { objects: 2, refusedObjects: 2 })
    await cluster.allow(10)
    await waitFor('everything', () => cluster.dialPlan.status().objects === 4)
    t.same([routeOf(cluster, '84'), routeOf(cluster, '91')], ['cluster2', 'cluster3'])
    t.same(cluster.dialPlan.warnings(), [])
    t.same(
      told(cluster, 'ilsLearnedLimit').map(({ reached }) => reached),
      [true, false],
    )
  },
)

t.test(
  'B3 Lowering the limit below the count stops new writes; existing rows remain, also after a restart',
  async (t) => {
    const cluster = await oneCluster(t)
    cluster.hear('cluster2', [number, '81'], [number, '82'], [number, '83'])
    await cluster.allow(1)
    t.match(cluster.dialPlan.status(), { objects: 3, maximumObjects: 1, refusedObjects: 0 })
    cluster.hear('cluster2', [number, '84'])
    cluster.hear('cluster2', [number, '81', { f: '+49' }])
    cluster.hear('cluster2', [number, '85'])
    t.match(cluster.dialPlan.status(), { objects: 3, refusedObjects: 2 })
    await cluster.restart()
    t.match(cluster.dialPlan.status(), { objects: 3, refusedObjects: 2 })
    t.same(
      ['81', '82', '83', '84', '85'].map((one) => routeOf(cluster, one)),
      ['cluster2', 'cluster2', 'cluster2', undefined, undefined],
    )
    cluster.hear('cluster2', [number, '82', null], [number, '83', null])
    await cluster.allow(2)
    await waitFor('the next in order', () => routeOf(cluster, '84') === 'cluster2')
    t.equal(routeOf(cluster, '85'), undefined)
    await cluster.restart()
    t.same([routeOf(cluster, '84'), routeOf(cluster, '85')], ['cluster2', undefined])
    t.match(cluster.dialPlan.status(), { objects: 2, refusedObjects: 1 })
  },
)

t.test('an object that was refused may change, and may be taken back', async (t) => {
  const cluster = await oneCluster(t)
  await cluster.allow(1)
  cluster.hear('cluster2', [number, '81'], [number, '82'], [number, '83'])
  cluster.hear('cluster2', [number, '82', { f: '+49' }])
  t.equal(cluster.dialPlan.status().refusedObjects, 2)
  cluster.hear('cluster2', [number, '83', null])
  await cluster.restart()
  t.equal(cluster.dialPlan.status().refusedObjects, 1)
  cluster.hear('cluster2', [number, '82', null])
  t.match(cluster.dialPlan.status(), { objects: 1, refusedObjects: 0 })
  await cluster.settled()
  const rows = cluster.database.sql.prepare('SELECT count(*) AS rows FROM ils_refused_range').get()
  t.equal(rows?.['rows'], 0)
})

t.test(
  'that there is room again is told once, also where what waited is taken back before it could be learned',
  async (t) => {
    const cluster = await oneCluster(t)
    await cluster.allow(1)
    cluster.hear('cluster2', [number, '81'], [number, '82'])
    cluster.hear('cluster2', [number, '81', null])
    cluster.hear('cluster2', [number, '82', null])
    await setImmediate()
    await cluster.settled()
    t.match(cluster.dialPlan.status(), { objects: 0, refusedObjects: 0 })
    t.same(
      told(cluster, 'ilsLearnedLimit').map(({ reached }) => reached),
      [true, false],
    )
  },
)

t.test('a cluster that starts a new epoch keeps what was learned of it, and what was refused', async (t) => {
  const cluster = await oneCluster(t)
  await cluster.allow(2)
  cluster.hear('cluster2', [number, '81'], [number, '82'], [number, '83'])
  cluster.hearEpoch('cluster2', [number, '83'], [number, '82'], [number, '81'])
  const learned = () => ['81', '82', '83'].map((one) => routeOf(cluster, one) !== undefined)
  t.same(learned(), [true, true, false])
  await cluster.restart()
  t.same(learned(), [true, true, false])
})

t.test('what comes while others still wait for room waits behind them', async (t) => {
  const cluster = await oneCluster(t)
  await cluster.allow(1)
  cluster.hear('cluster2', [number, '81'], [number, '82'])
  cluster.hear('cluster2', [number, '81', null], [number, '83'])
  await waitFor('the next in order', () => routeOf(cluster, '82') === 'cluster2')
  t.equal(routeOf(cluster, '83'), undefined)
})

t.test('100,000 refused objects are one row, and are learned bit by bit', async (t) => {
  const cluster = await oneCluster(t)
  await cluster.allow(1)
  const said = Array.from({ length: 100_000 }, (_, n) => [number, String(8_000_000 + n)] as const)
  cluster.hear('cluster2', ...said)
  await cluster.settled()
  const rows = cluster.database.sql.prepare('SELECT first, last FROM ils_refused_range').all()
  t.same(
    rows.map((row) => ({ ...row })),
    [{ first: 2, last: 100_000 }],
  )
  await cluster.allow(60_000)
  await waitFor('60,000', () => cluster.dialPlan.status().objects === 60_000)
  await cluster.restart()
  t.match(cluster.dialPlan.status(), { objects: 60_000, refusedObjects: 40_000 })
  t.equal(routeOf(cluster, '8059999'), 'cluster2')
  t.equal(routeOf(cluster, '8060000'), undefined)
})

t.test('B2 Exchange Global Dial Plan Replication Data: switched off, nothing learned is used or shown', async (t) => {
  const cluster = await oneCluster(t)
  cluster.hear('cluster3', [uri, 'kally@example.com'])
  cluster.hear('cluster2', [uri, 'kally@example.com'], [number, '81'])
  await cluster.configure({ exchangeGlobalDialPlan: false })
  t.equal(routeOf(cluster, '81'), undefined)
  const page = cluster.dialPlan.list({ kinds: [uri, number], offset: 0, limit: 10 })
  t.same(page, { total: 0, objects: [] })
  t.match(cluster.dialPlan.status(), { objects: 0, duplicates: 0 })
  cluster.hear('cluster2', [number, '82'])
  await cluster.restart()
  t.equal(cluster.dialPlan.status().objects, 0)
  await cluster.allow(3)
  await cluster.configure({ exchangeGlobalDialPlan: true })
  t.match(cluster.dialPlan.status(), { objects: 3, refusedObjects: 1 }, 'learned anew, as far as there is room')
})

t.test('a replica that was read again from disk is learned again', async (t) => {
  const cluster = await oneCluster(t)
  cluster.hear('cluster3', [uri, 'kally@example.com'])
  cluster.hear('cluster2', [uri, 'kally@example.com'])
  await cluster.settled()
  cluster.dialPlan.reloaded()
  t.equal(routeOf(cluster, 'kally@example.com'), 'cluster3')
  t.match(cluster.dialPlan.status(), { objects: 2, duplicates: 1 })
})
