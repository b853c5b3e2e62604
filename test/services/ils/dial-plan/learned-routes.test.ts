import t from 'tap'
import type { BlockingRule } from '../../../../services/database/api.ts'
import { oneCluster } from './one-cluster.ts'
import type { OneCluster } from './one-cluster.ts'

const number = 'enterprise-number'
const e164 = 'e164-number'
const pattern = 'enterprise-pattern'
const e164Pattern = 'e164-pattern'

function patternOf({ dialPlan }: OneCluster, digits: string, ranks?: ReadonlyMap<string, number>): string | undefined {
  return dialPlan.learned.matchNumber(digits, ranks)?.route.pattern
}

function block(cluster: OneCluster, rule: Partial<Omit<BlockingRule, 'id'>>): Promise<void> {
  const empty = { description: '', pattern: '', prefix: '', clusterId: '', patternType: 'Any' } as const
  return cluster.change({ part: 'use' }, () => {
    cluster.database.globalDialPlan.insertBlockingRule({ ...empty, ...rule })
  })
}

t.test(
  'B3 Learned patterns: a number goes before patterns, and of patterns the one that matches the fewest',
  async (t) => {
    const cluster = await oneCluster(t)
    cluster.hear('cluster2', [pattern, '8[12]XX'], [pattern, '8!'], [pattern, '81XX'], [number, '8111'])
    t.equal(patternOf(cluster, '8111'), '8111')
    t.equal(patternOf(cluster, '8112'), '81XX')
    t.equal(patternOf(cluster, '8211'), '8[12]XX')
    t.equal(patternOf(cluster, '8311'), '8!')
    t.equal(patternOf(cluster, '82111'), '8!')
    t.equal(patternOf(cluster, '7'), undefined)
    t.equal(cluster.dialPlan.learned.matchNumber('8112')?.numbers, 100n)
    t.equal(cluster.dialPlan.learned.matchNumber('8111')?.numbers, 1n)
    t.equal(cluster.dialPlan.learned.matchNumber('82111')?.numbers, 10_000n)
  },
)

t.test('of equally close ones the first of the alphabet counts, whatever was learned first', async (t) => {
  const cluster = await oneCluster(t)
  cluster.hear('cluster2', [pattern, '8[13]1'], [pattern, '8[12]1'], [pattern, '9XX'], [pattern, '9!'])
  t.equal(patternOf(cluster, '811'), '8[12]1')
  t.equal(patternOf(cluster, '911'), '9!', 'which for this length matches as many')
  await cluster.restart()
  t.equal(patternOf(cluster, '811'), '8[12]1')
})

t.test('B3 Learned partitions: each kind is reached in its own, and only by who may search it', async (t) => {
  const cluster = await oneCluster(t)
  cluster.hear('cluster2', [number, '81'], [e164, '+49'], [pattern, '82'], [e164Pattern, '\\+50'])
  const found = (digits: string) => cluster.dialPlan.learned.matchNumber(digits)?.route.partition
  t.same(['81', '+49', '82', '+50'].map(found), [
    'Global Learned Enterprise Numbers',
    'Global Learned E.164 Numbers',
    'Global Learned Enterprise Patterns',
    'Global Learned E.164 Patterns',
  ])
  const ranks = new Map([['Global Learned E.164 Numbers', 0]])
  t.same(
    ['81', '+49', '82', '+50'].map((digits) => patternOf(cluster, digits, ranks)),
    [undefined, '+49', undefined, undefined],
  )
  t.equal(patternOf(cluster, '81', new Map([['', 0]])), undefined, 'learned partitions are never <None>')
  await cluster.change({ part: 'use' }, () => {
    cluster.database.dialPlan.insertPartition('far')
    cluster.database.globalDialPlan.setLearnedPartitions({ enterpriseNumbers: 'far' })
  })
  t.equal(found('81'), 'far')
})

t.test('a partition that is closed lets the next closest be heard', async (t) => {
  const cluster = await oneCluster(t)
  cluster.hear('cluster2', [number, '8111'], [pattern, '81XX'])
  t.equal(patternOf(cluster, '8111', new Map([['Global Learned Enterprise Patterns', 0]])), '81XX')
})

t.test('B3 PSTN failover: a number’s own, and of a pattern what its rule makes of what was dialled', async (t) => {
  const cluster = await oneCluster(t)
  cluster.hear(
    'cluster2',
    [number, '81', { f: '+4981' }],
    [pattern, '54XXX'],
    [pattern, '55XXX', { f: { s: 2, p: '+4980' } }],
    [e164Pattern, '\\+1408XXX', { f: { s: 0, p: '' } }],
    [pattern, '5', { f: { s: 9, p: '' } }],
  )
  const failover = (digits: string) => cluster.dialPlan.learned.matchNumber(digits)?.route.pstnFailover
  t.equal(failover('81'), '+4981')
  t.equal(failover('54321'), undefined, "Don't Use PSTN Failover")
  t.equal(failover('55321'), '+4980321', 'Strip Digits and Prepend Digits')
  t.equal(failover('+1408123'), '+1408123', 'Use Pattern as PSTN Failover')
  t.equal(failover('5'), undefined, 'nothing is left to dial')
})

t.test('B3 Block Learned Numbers and Patterns: pattern, prefix, Cluster ID and pattern type', async (t) => {
  const said = [
    [number, '8111'],
    [pattern, '82XX'],
    [e164, '+498111'],
    [e164Pattern, '\\+4982XX'],
  ] as const
  const dialled = ['8111', '8211', '+498111', '+498211']
  const cases: readonly (readonly [string, Partial<BlockingRule>, readonly boolean[]])[] = [
    ['a pattern as it is spelled', { pattern: '82XX' }, [true, false, true, true]],
    ['with separators', { pattern: '82-XX' }, [true, false, true, true]],
    ['a number', { pattern: '8111' }, [false, true, true, true]],
    ['a prefix', { prefix: '+49' }, [true, true, false, false]],
    ['of enterprise patterns', { prefix: '8', patternType: 'Enterprise Pattern' }, [false, false, true, true]],
    ['of +E.164 patterns', { prefix: '8', patternType: '+E.164 Pattern' }, [true, true, true, true]],
    ['all of a cluster', { clusterId: 'cluster2' }, [false, false, false, false]],
    ['all of another', { clusterId: 'cluster3' }, [true, true, true, true]],
    ['all members at once', { prefix: '8', clusterId: 'cluster2', pattern: '8111' }, [false, true, true, true]],
  ]
  for (const [title, rule, expected] of cases) {
    await t.test(title, async (t) => {
      const cluster = await oneCluster(t)
      cluster.hear('cluster2', ...said, ['directory-uri', 'bob@example.com'])
      t.same(dialled.filter((digits) => patternOf(cluster, digits) === undefined).length, 0, 'before')
      await block(cluster, rule)
      t.same(
        dialled.map((digits) => patternOf(cluster, digits) !== undefined),
        expected,
      )
      t.ok(cluster.dialPlan.learned.matchUri('bob@example.com'), 'URIs are neither numbers nor patterns')
    })
  }
})

t.test('behind what is blocked the next closest is heard, and the next cluster', async (t) => {
  const cluster = await oneCluster(t)
  cluster.hear('cluster2', [number, '8111'], [pattern, '81XX'])
  cluster.hear('cluster3', [number, '8111'])
  await block(cluster, { clusterId: 'cluster2', prefix: '8111' })
  t.equal(cluster.dialPlan.learned.matchNumber('8111')?.route.cluster, 'cluster3')
  await block(cluster, { clusterId: 'cluster3' })
  t.equal(patternOf(cluster, '8111'), '81XX')
  const [first] = cluster.database.globalDialPlan.blockingRules()
  await cluster.change({ part: 'use' }, () => {
    for (const { id } of cluster.database.globalDialPlan.blockingRules()) {
      cluster.database.globalDialPlan.removeBlockingRule(id)
    }
  })
  t.ok(first)
  t.equal(cluster.dialPlan.learned.matchNumber('8111')?.route.cluster, 'cluster2')
})

t.test('a blocking rule that was not kept blocks nothing', async (t) => {
  const cluster = await oneCluster(t)
  cluster.hear('cluster2', [number, '8111'])
  const failing = cluster.change({ part: 'use' }, () => {
    const rule = { description: '', pattern: '', prefix: '8', clusterId: '', patternType: 'Any' } as const
    cluster.database.globalDialPlan.insertBlockingRule(rule)
    throw new Error('refused after all')
  })
  await t.rejects(failing, /refused/u)
  t.equal(patternOf(cluster, '8111'), '8111')
})

t.test('patterns come and go, a thousand times, and only those that are there match', async (t) => {
  const cluster = await oneCluster(t)
  cluster.hear('cluster2', [pattern, '8XXX'])
  for (let n = 0; n < 1000; n += 1) {
    cluster.hear('cluster2', [pattern, `9${n}X`], [pattern, '81XX'])
    t.equal(patternOf(cluster, '8111'), '81XX')
    t.equal(patternOf(cluster, `9${n}1`), `9${n}X`)
    cluster.hear('cluster2', [pattern, `9${n}X`, null], [pattern, '81XX', null])
    t.equal(patternOf(cluster, '8111'), '8XXX')
    t.equal(patternOf(cluster, `9${n}1`), undefined)
  }
})

t.test('digits that nobody can dial match nothing', async (t) => {
  const cluster = await oneCluster(t)
  cluster.hear('cluster2', [pattern, '!'])
  for (const digits of ['', 'bob', '12 34', '\u0000', '1'.repeat(10_000)]) {
    t.doesNotThrow(() => cluster.dialPlan.learned.matchNumber(digits))
  }
  t.equal(patternOf(cluster, 'bob'), undefined)
  t.equal(cluster.dialPlan.learned.matchUri('@'), undefined)
})

t.test('patterns that others built to keep this cluster busy do not', async (t) => {
  const cluster = await oneCluster(t)
  // Each takes an exact count a fifth of a second: together they would stop all calls for minutes.
  const parts = ['[13457*#]+', '[1679#]', 'X[12468*#]', '[0136]?[127*]?', '[13467#]+', '[12468]?']
  const hostile = parts.flatMap((a) => parts.flatMap((b) => parts.map((c) => `[1357*#]+[16#]${a}${b}${c}`)))
  cluster.hear('cluster2', ...hostile.map((one) => [pattern, one] as const))
  cluster.hear('cluster3', [pattern, '111111111111111111111111111111X'])
  t.equal(cluster.dialPlan.status().objects, parts.length ** 3 + 1)
  t.equal(cluster.dialPlan.learned.matchNumber('1'.repeat(31))?.route.cluster, 'cluster3')
})

t.test('behind patterns that may not be used the others are heard, however many those are', async (t) => {
  const cluster = await oneCluster(t)
  const spellings = Array.from(
    { length: 1000 },
    (_, n) => `!${n.toString(4).replaceAll(/[0-3]/gu, (at) => '.-()'[Number(at)] ?? '')}`,
  )
  cluster.hear('cluster2', ...spellings.map((one) => [pattern, one] as const))
  cluster.hear('cluster3', [pattern, 'X![#*]?'])
  await block(cluster, { clusterId: 'cluster2' })
  t.equal(cluster.dialPlan.learned.matchNumber('8111')?.route.cluster, 'cluster3')
  t.equal(patternOf(cluster, '8111', new Map([['', 0]])), undefined)
})

t.test('a rule holds for every spelling of what it names', async (t) => {
  const cluster = await oneCluster(t)
  cluster.hear(
    'cluster2',
    [e164Pattern, '\\+1[9]00XXXXXXX'],
    [e164Pattern, '\\+1[99]0[00]-XXX-XXXX'],
    [pattern, '8[1-3]X'],
    [pattern, '8[13]XX'],
    [pattern, '7[0-9]X'],
  )
  t.equal(patternOf(cluster, '+19005550001'), '\\+1[99]0[00]-XXX-XXXX')
  await block(cluster, { prefix: '+1900' })
  t.equal(patternOf(cluster, '+19005550001'), undefined)
  await block(cluster, { pattern: '8[321]X' })
  t.equal(patternOf(cluster, '811'), undefined)
  t.equal(patternOf(cluster, '8111'), '8[13]XX', 'a hyphen within brackets is no separator')
  await block(cluster, { pattern: '7XX' })
  t.equal(patternOf(cluster, '711'), undefined)
})
