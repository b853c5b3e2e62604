import t from 'tap'
import { CatalogEntryType, defaultLearnedPartitions } from '../../../../services/database/api.ts'
import type { CatalogEntry } from '../../../../services/database/api.ts'
import { openPeopledDatabase, openTestDatabase } from '../fixtures/test-database.ts'

const none = { use: "Don't Use PSTN Failover" } as const

t.test('advertised patterns summarise a range, with one of three PSTN failover options', async (t) => {
  const { globalDialPlan, write } = openTestDatabase(t)
  const stored = await write(() => [
    globalDialPlan.insertAdvertisedPattern({
      pattern: '54x-xx',
      description: '',
      type: 'Enterprise Number Pattern',
      failover: none,
    }),
    globalDialPlan.insertAdvertisedPattern({
      pattern: '+1408[2-5]XXX',
      description: 'San Jose',
      type: 'E.164 Number Pattern',
      failover: { use: 'Use Pattern as PSTN Failover' },
    }),
  ])
  t.strictSame(
    stored.map(({ pattern }) => pattern),
    ['54XXX', '\\+1408[2-5]XXX'],
  )
  const failover = { use: 'Strip Digits and Prepend Digits', stripDigits: 1, prependDigits: '+1408' } as const
  await write(() => globalDialPlan.updateAdvertisedPattern('54XXX', { failover }))
  t.match(globalDialPlan.advertisedPatterns(), [{ pattern: '54XXX', failover }, { description: 'San Jose' }])
  t.match(globalDialPlan.advertisedPattern('54XXX'), { pattern: '54XXX', failover })
  t.equal(globalDialPlan.advertisedPattern('55XXX'), undefined)
  await write(() => t.equal(globalDialPlan.removeAdvertisedPattern('54XXX'), true))
  await write(() => t.equal(globalDialPlan.removeAdvertisedPattern('54XXX'), false))
  t.equal(globalDialPlan.advertisedPatterns().length, 1)
})

t.test('an advertised pattern of the other type, without meaning or there already is refused', async (t) => {
  const { globalDialPlan, write } = openTestDatabase(t)
  const add = (pattern: string, type: 'Enterprise Number Pattern' | 'E.164 Number Pattern', stripDigits = 0) => {
    const failover = { use: 'Strip Digits and Prepend Digits', stripDigits, prependDigits: '' } as const
    return write(() => globalDialPlan.insertAdvertisedPattern({ pattern, description: '', type, failover }))
  }
  await add('54XXX', 'Enterprise Number Pattern')
  const invalid = { code: 'DATABASE_INVALID' }
  await t.rejects(add('54.XXX', 'Enterprise Number Pattern'), { code: 'DATABASE_DUPLICATE' })
  await t.rejects(add('1408XXX', 'E.164 Number Pattern'), invalid)
  await t.rejects(add('\\+1408XXX', 'Enterprise Number Pattern'), invalid)
  await t.rejects(add('5[4XXX', 'Enterprise Number Pattern'), { ...invalid, message: /bracket is not closed/u })
  await t.rejects(add('5\\+X', 'Enterprise Number Pattern'), invalid)
  await t.rejects(add('55XXX', 'Enterprise Number Pattern', 65), { ...invalid, message: /0 to 64 digits/u })
  await t.rejects(
    write(() => globalDialPlan.updateAdvertisedPattern('54XXX', { type: 'E.164 Number Pattern' })),
    invalid,
  )
  await t.rejects(
    write(() => globalDialPlan.updateAdvertisedPattern('9', {})),
    { code: 'DATABASE_NOT_FOUND' },
  )
  t.match(globalDialPlan.advertisedPatterns(), { length: 1, 0: { type: 'Enterprise Number Pattern' } })
})

t.test('a catalog has a name, a description and a route string, and its import replaces what is in it', async (t) => {
  const { globalDialPlan, write } = openTestDatabase(t)
  const entries: readonly CatalogEntry[] = [
    { type: 'Directory URI', pattern: 'kally@partner.example', failover: '+14085550300' },
    { type: 'Enterprise Number', pattern: '85550301', failover: '' },
    { type: 'E.164 Number', pattern: '+14085550302', failover: '' },
    { type: 'Enterprise Pattern', pattern: '8666XXXX', failover: none },
    { type: 'E.164 Pattern', pattern: '\\+1408777XXXX', failover: { use: 'Use Pattern as PSTN Failover' } },
    {
      type: 'E.164 Pattern',
      pattern: '\\+1408778XXXX',
      failover: { use: 'Strip Digits and Prepend Digits', stripDigits: 0, prependDigits: '' },
    },
  ]
  await write(() => {
    globalDialPlan.insertCatalog({ name: 'partner', description: 'Theirs', routeString: 'Partner.Example' })
    globalDialPlan.importCatalog('Partner', entries)
  })
  t.strictSame(globalDialPlan.catalogs(), [
    { name: 'partner', description: 'Theirs', routeString: 'partner.example', entries: 6 },
  ])
  t.strictSame([...globalDialPlan.catalogEntries('partner')], entries)
  t.strictSame([...globalDialPlan.catalogEntries('nobody')], [])
  await write(() => globalDialPlan.importCatalog('partner', entries.slice(0, 1)))
  await write(() => globalDialPlan.updateCatalog('partner', { routeString: 'other.example' }))
  t.match(globalDialPlan.catalogs(), [{ entries: 1, routeString: 'other.example', description: 'Theirs' }])
  await write(() => t.equal(globalDialPlan.removeCatalog('partner'), true))
  t.strictSame([...globalDialPlan.catalogEntries('partner')], [])
  t.strictSame(globalDialPlan.catalogs(), [])
})

t.test('a catalog with one bad entry keeps what it had', async (t) => {
  const { globalDialPlan, write } = openTestDatabase(t)
  const right: CatalogEntry = { type: 'Directory URI', pattern: 'kally@partner.example', failover: '' }
  await write(() => {
    globalDialPlan.insertCatalog({ name: 'partner', description: '', routeString: 'partner.example' })
    globalDialPlan.importCatalog('partner', [right])
  })
  const refuses = async (entry: CatalogEntry, code: string) => {
    const more = { ...right, pattern: 'bob@partner.example' }
    await t.rejects(
      write(() => globalDialPlan.importCatalog('partner', [right, more, entry])),
      { code },
    )
  }
  await refuses({ ...right, pattern: 'KALLY@partner.example' }, 'DATABASE_DUPLICATE')
  await refuses({ ...right, pattern: 'kally' }, 'DATABASE_INVALID')
  await refuses({ ...right, failover: 'x' }, 'DATABASE_INVALID')
  await refuses({ ...right, failover: none }, 'DATABASE_INVALID')
  await refuses({ type: 'Enterprise Pattern', pattern: '8XXX', failover: '' }, 'DATABASE_INVALID')
  await refuses({ type: 'E.164 Number', pattern: '1408', failover: '' }, 'DATABASE_INVALID')
  await refuses({ type: 'Enterprise Number', pattern: '+1408', failover: '' }, 'DATABASE_INVALID')
  t.strictSame([...globalDialPlan.catalogEntries('partner')], [right])
  const insert = (name: string, routeString: string) =>
    write(() => globalDialPlan.insertCatalog({ name, description: '', routeString }))
  await t.rejects(insert('PARTNER', 'a.example'), { code: 'DATABASE_DUPLICATE' })
  await t.rejects(insert('other', ''), { code: 'DATABASE_INVALID' })
  await t.rejects(insert('', 'a.example'), { code: 'DATABASE_INVALID' })
  await t.rejects(
    write(() => globalDialPlan.importCatalog('other', [])),
    { code: 'DATABASE_NOT_FOUND' },
  )
})

t.test('100,000 entries are imported in one write and read one at a time', async (t) => {
  const { globalDialPlan, write } = openTestDatabase(t)
  function* many(): Generator<CatalogEntry> {
    for (let at = 0; at < 100_000; at++) {
      yield { type: CatalogEntryType.e164Number, pattern: `+1408${String(at).padStart(7, '0')}`, failover: '' }
    }
  }
  await write(() => globalDialPlan.insertCatalog({ name: 'large', description: '', routeString: 'large.example' }))
  const catalog = await write(() => globalDialPlan.importCatalog('large', many()))
  t.equal(catalog.entries, 100_000)
  let read = 0
  for (const { pattern } of globalDialPlan.catalogEntries('large')) if (pattern.startsWith('+1408')) read++
  t.equal(read, 100_000)
})

t.test('a blocking rule names a pattern, a prefix, a cluster, or several of them', async (t) => {
  const { globalDialPlan, write } = openTestDatabase(t)
  const rule = { description: '', pattern: '', prefix: '', clusterId: '', patternType: 'Any' } as const
  const added = await write(() => [
    globalDialPlan.insertBlockingRule({ ...rule, pattern: '+1408555xxxx', patternType: '+E.164 Pattern' }),
    globalDialPlan.insertBlockingRule({ ...rule, pattern: '+1 408 5550001' }),
    globalDialPlan.insertBlockingRule({ ...rule, prefix: '\\+1900', clusterId: 'cluster2' }),
  ])
  t.match(added, [
    { pattern: '\\+1408555XXXX' },
    { pattern: '+14085550001' },
    { prefix: '+1900', clusterId: 'cluster2' },
  ])
  t.equal(globalDialPlan.blockingRules().length, 3)
  const [first] = added
  const invalid = { code: 'DATABASE_INVALID' }
  const insert = (wrong: Partial<(typeof added)[0]>) =>
    write(() => globalDialPlan.insertBlockingRule({ ...rule, ...wrong }))
  await t.rejects(insert({}), invalid)
  await t.rejects(insert({ patternType: 'Enterprise Pattern' }), invalid)
  await t.rejects(insert({ pattern: 'bob' }), invalid)
  await t.rejects(insert({ prefix: 'X' }), invalid)
  await t.rejects(insert({ clusterId: 'a b' }), invalid)
  await t.rejects(insert({ pattern: '\\+1408555XXXX', patternType: '+E.164 Pattern' }), { code: 'DATABASE_DUPLICATE' })
  const update = (id: string, changes: object) => write(() => globalDialPlan.updateBlockingRule(id, changes))
  t.match(await update(first?.id ?? '', { description: 'Ours' }), { description: 'Ours', pattern: '\\+1408555XXXX' })
  await t.rejects(update(first?.id ?? '', { pattern: '' }), invalid)
  await t.rejects(update('unknown', {}), { code: 'DATABASE_NOT_FOUND' })
  await write(() => t.equal(globalDialPlan.removeBlockingRule(first?.id ?? ''), true))
  t.equal(globalDialPlan.blockingRules().length, 2)
})

t.test('a SIP route pattern leaves through a trunk, once per partition', async (t) => {
  const { globalDialPlan, dialPlan, write } = await openPeopledDatabase(t)
  const route = { pattern: 'Cluster2.Roamline.example', partition: '', trunk: 'to-cluster2' }
  await write(() => {
    dialPlan.insertPartition('Routes')
    dialPlan.insertTrunk({ name: 'to-cluster2', remoteCluster: 'cluster2', url: '' })
    globalDialPlan.insertSipRoutePattern(route)
    globalDialPlan.insertSipRoutePattern({ ...route, partition: 'Routes' })
  })
  const insert = (wrong: Partial<typeof route>) =>
    write(() => globalDialPlan.insertSipRoutePattern({ ...route, ...wrong }))
  await t.rejects(insert({ pattern: 'cluster2.roamline.EXAMPLE' }), { code: 'DATABASE_DUPLICATE' })
  await t.rejects(insert({ pattern: 'abc-123-def.xyz.com' }), { code: 'DATABASE_INVALID', message: /two dashes/u })
  await insert({ pattern: 'abc-1d-efg.xyz.com' })
  await t.rejects(insert({ pattern: 'a.b', trunk: 'bob-profile' }), { code: 'DATABASE_UNKNOWN_REFERENCE' })
  await t.rejects(insert({ pattern: 'a.b', partition: 'Nowhere' }), { code: 'DATABASE_UNKNOWN_REFERENCE' })
  t.strictSame(globalDialPlan.sipRoutePatterns(), [
    { pattern: 'abc-1d-efg.xyz.com', partition: '', trunk: 'to-cluster2' },
    { pattern: 'cluster2.roamline.example', partition: '', trunk: 'to-cluster2' },
    { pattern: 'cluster2.roamline.example', partition: 'Routes', trunk: 'to-cluster2' },
  ])
  await t.rejects(
    write(() => dialPlan.removeTrunk('to-cluster2')),
    { code: 'DATABASE_REFERENCED' },
  )
  await write(() => t.equal(globalDialPlan.removeSipRoutePattern('CLUSTER2.roamline.example', 'Routes'), true))
  t.equal(globalDialPlan.sipRoutePatterns().length, 2)
})

t.test(
  'B3 Partitions for Learned Numbers and Patterns: the four learned partitions are there from the start; others may be used, never <None>',
  async (t) => {
    const { globalDialPlan, dialPlan, write } = openTestDatabase(t)
    t.strictSame(globalDialPlan.learnedPartitions(), defaultLearnedPartitions)
    t.strictSame(dialPlan.partitions(), Object.values(defaultLearnedPartitions).toSorted())
    await write(() => {
      dialPlan.insertPartition('Learned')
      globalDialPlan.setLearnedPartitions({ e164Numbers: 'Learned', e164Patterns: 'Learned' })
    })
    const changed = { ...defaultLearnedPartitions, e164Numbers: 'Learned', e164Patterns: 'Learned' }
    t.strictSame(globalDialPlan.learnedPartitions(), changed)
    const set = (enterpriseNumbers: string) => write(() => globalDialPlan.setLearnedPartitions({ enterpriseNumbers }))
    await t.rejects(set(''), { code: 'DATABASE_INVALID', message: /cannot be <None>/u })
    await t.rejects(set('Nowhere'), { code: 'DATABASE_UNKNOWN_REFERENCE' })
    t.strictSame(globalDialPlan.learnedPartitions(), changed)
    await t.rejects(
      write(() => dialPlan.removePartition('Learned')),
      { code: 'DATABASE_REFERENCED' },
    )
    await write(() => t.equal(dialPlan.removePartition('Global Learned E.164 Numbers'), true, 'which nothing uses now'))
  },
)

t.test('a phone has an AAR calling search space', async (t) => {
  const { devices, dialPlan, write } = await openPeopledDatabase(t)
  t.equal(devices.find('SEP000000010001')?.aarCallingSearchSpace, '')
  await write(() => {
    dialPlan.insertCallingSearchSpace('PSTN', [])
    devices.update('SEP000000010001', { aarCallingSearchSpace: 'PSTN' })
  })
  t.match(devices.find('SEP000000010001'), { aarCallingSearchSpace: 'PSTN', callingSearchSpace: '' })
  await t.rejects(
    write(() => devices.update('SEP000000010001', { aarCallingSearchSpace: 'Nowhere' })),
    { code: 'DATABASE_UNKNOWN_REFERENCE' },
  )
  await t.rejects(
    write(() => dialPlan.removeCallingSearchSpace('PSTN')),
    { code: 'DATABASE_REFERENCED' },
  )
})
