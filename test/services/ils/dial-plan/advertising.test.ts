import t from 'tap'
import type { Test } from 'tap'
import type { AdvertisedNumberChanges, CatalogEntry } from '../../../../services/database/api.ts'
import { waitFor } from '../../../fixtures/wait-for.ts'
import { oneCluster } from './one-cluster.ts'
import type { OneCluster } from './one-cluster.ts'

/** bob's number 1000001 and alice's 1000002, as Administration changes them. */
async function withNumbers({ database }: OneCluster): Promise<void> {
  await database.write(() => {
    database.devices.insert({ name: 'SEP1', lines: [{ dn: '1000001' }, { dn: '1000002' }] })
  })
}

function changeNumber(cluster: OneCluster, dn: string, changes: AdvertisedNumberChanges): Promise<void> {
  const { globalDialPlan } = cluster.database
  return cluster.change({ part: 'number', dn, partition: '' }, () => void globalDialPlan.changeNumber(dn, '', changes))
}

const bobs: AdvertisedNumberChanges = {
  enterpriseAlternateNumber: { mask: '8XXXXXXX', advertise: true },
  e164AlternateNumber: { mask: '+1408XXXXXXX', advertise: true },
  advertisedFailover: '+E.164 Alternate Number',
  directoryUris: [{ uri: 'bob@example.com', advertise: true }, { uri: 'robert@example.com' }],
}

t.test(
  'B3 Advertise Globally via ILS: what is checked is advertised, with its PSTN failover, and nothing else',
  async (t) => {
    const cluster = await oneCluster(t)
    await withNumbers(cluster)
    await changeNumber(cluster, '1000001', bobs)
    t.same(cluster.advertised(), {
      'enterprise-number 81000001': { f: '+14081000001' },
      'e164-number +14081000001': { f: '+14081000001' },
      'directory-uri bob@example.com': { f: '+14081000001' },
    })
    await changeNumber(cluster, '1000001', { advertisedFailover: 'Enterprise Alternate Number' })
    t.same(cluster.advertised()['directory-uri bob@example.com'], { f: '81000001' })
    await changeNumber(cluster, '1000001', { advertisedFailover: 'None' })
    t.same(cluster.advertised()['directory-uri bob@example.com'], {})
  },
)

t.test('one change writes only what it changed', async (t) => {
  const cluster = await oneCluster(t)
  await withNumbers(cluster)
  await changeNumber(cluster, '1000001', bobs)
  await changeNumber(cluster, '1000002', { enterpriseAlternateNumber: { mask: '8XXXXXXX', advertise: true } })
  cluster.written()
  await changeNumber(cluster, '1000001', { directoryUris: [{ uri: 'bobby@example.com', advertise: true }] })
  t.same([...cluster.written()].sort(), ['directory-uri bob@example.com', 'directory-uri bobby@example.com'])
  await changeNumber(cluster, '1000001', { enterpriseAlternateNumber: null })
  t.same(cluster.written(), ['enterprise-number 81000001'])
  await cluster.change({ part: 'number', dn: '1000001', partition: '' })
  await cluster.change({ part: 'all' })
  await cluster.change({ part: 'use' })
  t.same(cluster.written(), [], 'nothing is news')
})

t.test('a number that goes takes what it advertised with it', async (t) => {
  const cluster = await oneCluster(t)
  await withNumbers(cluster)
  await changeNumber(cluster, '1000001', bobs)
  await cluster.change({ part: 'number', dn: '1000001', partition: '' }, () => cluster.database.devices.remove('SEP1'))
  t.same(cluster.advertised(), {})
})

t.test('a write that fails advertises nothing', async (t) => {
  const cluster = await oneCluster(t)
  await withNumbers(cluster)
  const failing = cluster.database.write(() => {
    cluster.database.globalDialPlan.changeNumber('1000001', '', bobs)
    cluster.dialPlan.dialPlanChanged({ part: 'number', dn: '1000001', partition: '' })
    throw new Error('refused after all')
  })
  await t.rejects(failing, /refused/u)
  t.equal(cluster.database.sql.prepare('SELECT count(*) AS rows FROM ils_advertised').get()?.['rows'], 0)
})

t.test('B3 Advertised patterns: both types, and the three kinds of PSTN failover', async (t) => {
  const cluster = await oneCluster(t)
  const { globalDialPlan } = cluster.database
  const patterns = [
    { pattern: '54XXX', type: 'Enterprise Number Pattern', failover: { use: "Don't Use PSTN Failover" } },
    { pattern: '\\+1408XXXXXXX', type: 'E.164 Number Pattern', failover: { use: 'Use Pattern as PSTN Failover' } },
    {
      pattern: '55XXX',
      type: 'Enterprise Number Pattern',
      failover: { use: 'Strip Digits and Prepend Digits', stripDigits: 2, prependDigits: '+4980' },
    },
  ] as const
  for (const one of patterns) {
    await cluster.change({ part: 'pattern', pattern: one.pattern }, () => {
      globalDialPlan.insertAdvertisedPattern({ description: '', ...one })
    })
  }
  t.same(cluster.advertised(), {
    'enterprise-pattern 54XXX': {},
    'e164-pattern \\+1408XXXXXXX': { f: { s: 0, p: '' } },
    'enterprise-pattern 55XXX': { f: { s: 2, p: '+4980' } },
  })
  await cluster.change({ part: 'pattern', pattern: '54XXX' }, () => globalDialPlan.removeAdvertisedPattern('54XXX'))
  t.notOk('enterprise-pattern 54XXX' in cluster.advertised())
})

const entries: readonly CatalogEntry[] = [
  { type: 'Directory URI', pattern: 'kally@other.example.com', failover: '+4930300' },
  { type: 'Enterprise Number', pattern: '81000001', failover: '' },
  { type: 'E.164 Pattern', pattern: '\\+4930XXX', failover: { use: 'Use Pattern as PSTN Failover' } },
]

function importCatalog(cluster: OneCluster, name = 'other', routeString = 'pbx.example.com'): Promise<void> {
  return cluster.change({ part: 'catalog', name }, () => {
    cluster.database.globalDialPlan.insertCatalog({ name, description: '', routeString })
    cluster.database.globalDialPlan.importCatalog(name, entries)
  })
}

t.test('B3 Imported catalogs: a hub advertises them under their own route string, a spoke does not', async (t) => {
  const cluster = await oneCluster(t)
  await importCatalog(cluster)
  const c = ['other', 'pbx.example.com']
  t.same(cluster.advertised(), {
    'directory-uri kally@other.example.com': { f: '+4930300', c },
    'enterprise-number 81000001': { c },
    'e164-pattern \\+4930XXX': { f: { s: 0, p: '' }, c },
  })
  await cluster.configure({ role: 'spoke', registrationServer: 'hub' })
  t.same(cluster.advertised(), {})
  await cluster.configure({ role: 'hub', registrationServer: '' })
  t.equal(Object.keys(cluster.advertised()).length, 3)
  await cluster.change({ part: 'catalog', name: 'OTHER' }, () => cluster.database.globalDialPlan.removeCatalog('other'))
  t.same(cluster.advertised(), {})
})

t.test('catalogs whose names the tables tell apart are both advertised', async (t) => {
  const cluster = await oneCluster(t)
  const { globalDialPlan } = cluster.database
  for (const [name, pattern] of [
    ['Ärzte', '81'],
    ['ärzte', '82'],
  ] as const) {
    await cluster.change({ part: 'catalog', name }, () => {
      globalDialPlan.insertCatalog({ name, description: '', routeString: 'pbx.example.com' })
      globalDialPlan.importCatalog(name, [{ type: 'Enterprise Number', pattern, failover: '' }])
    })
  }
  t.match(cluster.advertised(), {
    'enterprise-number 81': { c: ['Ärzte', 'pbx.example.com'] },
    'enterprise-number 82': { c: ['ärzte', 'pbx.example.com'] },
  })
})

t.test(
  "the same from two sources: the cluster's own number, then a catalog, then the next catalog by name",
  async (t) => {
    const cluster = await oneCluster(t)
    await withNumbers(cluster)
    await importCatalog(cluster, 'other')
    await importCatalog(cluster, 'another', 'another.example.com')
    const said = () => cluster.advertised()['enterprise-number 81000001']
    t.same(said(), { c: ['another', 'another.example.com'] })
    await changeNumber(cluster, '1000001', { enterpriseAlternateNumber: { mask: '8XXXXXXX', advertise: true } })
    t.same(said(), {})
    await changeNumber(cluster, '1000001', { enterpriseAlternateNumber: null })
    t.same(said(), { c: ['another', 'another.example.com'] }, 'the catalogs have not been forgotten')
    await cluster.change({ part: 'catalog', name: 'another' }, () => {
      cluster.database.globalDialPlan.removeCatalog('another')
    })
    t.same(said(), { c: ['other', 'pbx.example.com'] })
  },
)

t.test('B3 Route string: advertised once for all, and changed at run time', async (t) => {
  const cluster = await oneCluster(t, { advertisedRouteString: 'one.example.com' })
  t.same(cluster.advertised(), { 'dial-plan route-string': { routeString: 'one.example.com' } })
  await cluster.configure({ advertisedRouteString: 'uno.example.com' })
  t.same(cluster.advertised(), { 'dial-plan route-string': { routeString: 'uno.example.com' } })
  await cluster.configure({ advertisedRouteString: '' })
  t.same(cluster.advertised(), {})
})

t.test(
  'B2 Exchange Global Dial Plan Replication Data: switched off it withdraws everything, switched on it is back',
  async (t) => {
    const cluster = await oneCluster(t, { exchangeGlobalDialPlan: false, advertisedRouteString: 'one.example.com' })
    await withNumbers(cluster)
    await changeNumber(cluster, '1000001', bobs)
    t.same(cluster.written(), [])
    await cluster.configure({ exchangeGlobalDialPlan: true })
    t.equal(Object.keys(cluster.advertised()).length, 4)
    await cluster.configure({ exchangeGlobalDialPlan: false })
    t.same(cluster.advertised(), {})
    await cluster.configure({ exchangeGlobalDialPlan: true })
    t.equal(Object.keys(cluster.advertised()).length, 4)
    await cluster.configure({ role: 'standalone' })
    t.same(cluster.advertised(), {}, 'nobody is there to exchange anything with')
  },
)

t.test('what changed while ILS was not running is made up for at the start, and nothing else is written', async (t) => {
  const cluster = await oneCluster(t)
  await withNumbers(cluster)
  await changeNumber(cluster, '1000001', bobs)
  await cluster.database.write(() => {
    cluster.database.globalDialPlan.changeNumber('1000001', '', { enterpriseAlternateNumber: null })
    cluster.database.globalDialPlan.changeNumber('1000002', '', {
      directoryUris: [{ uri: 'alice@example.com', advertise: true }],
    })
  })
  cluster.written()
  await cluster.restart()
  t.same([...cluster.written()].sort(), ['directory-uri alice@example.com', 'enterprise-number 81000001'])
  t.notOk('enterprise-number 81000001' in cluster.advertised())
  await cluster.restart()
  t.same(cluster.written(), [])
})

/** More than one write takes. */
const largeCatalog = Array.from({ length: 5000 }, (_, at): CatalogEntry => {
  return { type: 'E.164 Number', pattern: `+1408${String(at).padStart(7, '0')}`, failover: '' }
})

async function withLargeCatalog(t: Test) {
  const cluster = await oneCluster(t)
  const { globalDialPlan } = cluster.database
  await withNumbers(cluster)
  const countOf = (prefix: string) => Object.keys(cluster.advertised()).filter((name) => name.startsWith(prefix)).length
  const settles = (numbers: number) =>
    waitFor(`${numbers} to be advertised`, () => countOf('e164-number') === numbers && cluster.written().length === 0)
  await cluster.change({ part: 'catalog', name: 'large' }, () => {
    globalDialPlan.insertCatalog({ name: 'large', description: '', routeString: 'large.example' })
    globalDialPlan.importCatalog('large', largeCatalog)
  })
  return { cluster, countOf, settles }
}

t.test('a large catalog is advertised in pieces, changed in pieces and withdrawn in pieces', async (t) => {
  const { cluster, countOf, settles } = await withLargeCatalog(t)
  const { globalDialPlan } = cluster.database
  t.ok(countOf('e164-number') < largeCatalog.length, 'the first piece')
  await settles(5000)
  await cluster.change({ part: 'catalog', name: 'large' }, () => {
    globalDialPlan.importCatalog('large', [...largeCatalog.slice(100, 300), ...largeCatalog.slice(2000)])
  })
  await settles(3200)
  t.notOk('e164-number +14080000099' in cluster.advertised())
  t.ok('e164-number +14080000100' in cluster.advertised())
  await cluster.change({ part: 'catalog', name: 'large' }, () => globalDialPlan.removeCatalog('large'))
  await settles(0)
})

t.test('what changes between the pieces is as it was changed, whatever is under way', async (t) => {
  const { cluster, countOf, settles } = await withLargeCatalog(t)
  await cluster.configure({ exchangeGlobalDialPlan: false })
  await cluster.configure({ exchangeGlobalDialPlan: true })
  await changeNumber(cluster, '1000001', bobs)
  await cluster.configure({ advertisedRouteString: 'uno.example.com' })
  await changeNumber(cluster, '1000001', { directoryUris: [] })
  await settles(5001)
  t.equal(countOf('directory-uri'), 0)
  t.equal(countOf('enterprise-number'), 1)
  await cluster.configure({ exchangeGlobalDialPlan: false })
  await changeNumber(cluster, '1000002', { directoryUris: [{ uri: 'alice@example.com', advertise: true }] })
  await settles(0)
  t.same(cluster.advertised(), {})
})

t.test('a start in the middle of the pieces, and a write that fails, are made up for', async (t) => {
  const { cluster, countOf, settles } = await withLargeCatalog(t)
  await cluster.restart()
  t.equal(countOf('e164-number'), 5000, 'the start does the rest')
  await settles(5000)
  const { sql, globalDialPlan } = cluster.database
  await cluster.change({ part: 'catalog', name: 'large' }, () => {
    globalDialPlan.updateCatalog('large', { routeString: 'other.example' })
    // The next piece finds this table full, once.
    sql.exec(`CREATE TEMP TABLE broken (x); CREATE TEMP TRIGGER fails BEFORE UPDATE ON ils_advertised
      WHEN NEW.key = '+14080003000' AND EXISTS (SELECT 1 FROM broken) BEGIN SELECT RAISE(ABORT, 'no room'); END;
      INSERT INTO broken VALUES (1)`)
  })
  const last = () => cluster.advertised()['e164-number +14080004999']
  await cluster.database.write(() => {})
  t.match(last(), { c: ['large', 'large.example'] })
  await cluster.database.write(() => sql.exec('DELETE FROM broken'))
  await waitFor('the pieces to be written after all', () => JSON.stringify(last()).includes('other.example'))
  const kinds = new Set(Object.values(cluster.advertised()).map((value) => JSON.stringify(value)))
  t.same([...kinds], ['{"c":["large","other.example"]}'])
})

t.test('a dial plan that is too large leaves room for people, and is not advertised in whole', async (t) => {
  const cluster = await oneCluster(t, {}, { mostRecords: 3 })
  await withNumbers(cluster)
  await changeNumber(cluster, '1000001', bobs)
  await changeNumber(cluster, '1000002', { directoryUris: [{ uri: 'alice@example.com', advertise: true }] })
  t.notOk('directory-uri alice@example.com' in cluster.advertised())
  t.match(cluster.dialPlan.warnings(), [/^Not all of the dial plan is advertised: ILS has 3 records of this cluster/u])
  await changeNumber(cluster, '1000001', { ...bobs, advertisedFailover: 'None' })
  t.same(cluster.advertised()['directory-uri bob@example.com'], {}, 'what is advertised can be changed')
  await changeNumber(cluster, '1000001', { directoryUris: [] })
  t.notOk('directory-uri bob@example.com' in cluster.advertised(), 'and withdrawn')
  t.notOk('directory-uri alice@example.com' in cluster.advertised(), 'a tombstone takes as much room')
  cluster.compact()
  await waitFor('alice to be advertised', () => 'directory-uri alice@example.com' in cluster.advertised())
  t.same(cluster.dialPlan.warnings(), [])
  await changeNumber(cluster, '1000001', bobs)
  t.match(cluster.dialPlan.warnings(), [/^Not all of the dial plan is advertised/u])
  await cluster.configure({ exchangeGlobalDialPlan: false })
  cluster.compact()
  await waitFor('the warning to end', () => cluster.dialPlan.warnings().length === 0)
})
