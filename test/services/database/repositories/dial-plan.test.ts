import t from 'tap'
import { defaultLearnedPartitions } from '../../../../services/database/api.ts'
import { openPeopledDatabase, openTestDatabase } from '../fixtures/test-database.ts'

const learned = Object.values(defaultLearnedPartitions).toSorted()

t.test('a calling search space keeps the order of its partitions', async (t) => {
  const { dialPlan, write } = openTestDatabase(t)
  await write(() => {
    for (const name of ['Alpha', 'Beta', 'Gamma']) dialPlan.insertPartition(name)
    dialPlan.insertCallingSearchSpace('Backwards', ['Gamma', 'Alpha'])
    dialPlan.insertCallingSearchSpace('Nothing', [])
  })
  t.strictSame(dialPlan.partitions(), ['Alpha', 'Beta', 'Gamma', ...learned])
  t.strictSame(
    [...dialPlan.callingSearchSpaces()],
    [
      ['Backwards', ['Gamma', 'Alpha']],
      ['Nothing', []],
    ],
  )
})

t.test('names that are taken, empty or unknown are refused', async (t) => {
  const { dialPlan, write } = openTestDatabase(t)
  await write(() => {
    dialPlan.insertPartition('Alpha')
    dialPlan.insertCallingSearchSpace('Some', ['Alpha'])
  })
  const refuses = (work: () => void, code: string) => t.rejects(write(work), { code })
  await refuses(() => dialPlan.insertPartition('Alpha'), 'DATABASE_DUPLICATE')
  await refuses(() => dialPlan.insertPartition(''), 'DATABASE_INVALID')
  await refuses(() => dialPlan.insertCallingSearchSpace('Some', []), 'DATABASE_DUPLICATE')
  await refuses(() => dialPlan.insertCallingSearchSpace('Twice', ['Alpha', 'Alpha']), 'DATABASE_DUPLICATE')
  await refuses(() => dialPlan.insertCallingSearchSpace('None', ['']), 'DATABASE_INVALID')
  await refuses(() => dialPlan.insertCallingSearchSpace('Other', ['Nowhere']), 'DATABASE_UNKNOWN_REFERENCE')
  t.strictSame([...dialPlan.callingSearchSpaces().keys()], ['Some'])
})

t.test('route patterns leave through a trunk', async (t) => {
  const { dialPlan, write, sql } = openTestDatabase(t)
  const trunk = { name: 'to-cluster2', remoteCluster: 'cluster2', url: 'https://127.0.0.12:8443' }
  const patterns = [
    { pattern: '2XXX', partition: '', trunk: 'to-cluster2' },
    { pattern: '2XXX', partition: 'Internal', trunk: 'to-cluster2' },
    { pattern: String.raw`\+1408.!`, partition: '', trunk: 'to-cluster2' },
  ]
  await write(() => {
    dialPlan.insertPartition('Internal')
    dialPlan.insertTrunk(trunk)
    for (const pattern of patterns) dialPlan.insertRoutePattern(pattern)
  })
  t.strictSame(dialPlan.trunks(), [trunk])
  t.strictSame(dialPlan.routePatterns(), patterns)
  t.equal(sql.prepare('SELECT count(*) AS n FROM numplan WHERE tkpatternusage = 5').get()?.['n'], 3)
})

t.test('a route pattern without its trunk, with an unknown partition or twice is refused', async (t) => {
  const { dialPlan, write } = await openPeopledDatabase(t)
  await write(() => {
    dialPlan.insertTrunk({ name: 'to-cluster2', remoteCluster: 'cluster2', url: '' })
    dialPlan.insertRoutePattern({ pattern: '2XXX', partition: '', trunk: 'to-cluster2' })
  })
  const route = { pattern: '3XXX', partition: '', trunk: 'to-cluster2' }
  const refuses = (wrong: Partial<typeof route>, code: string) =>
    t.rejects(
      write(() => dialPlan.insertRoutePattern({ ...route, ...wrong })),
      { code },
    )
  await refuses({ trunk: 'to-nowhere' }, 'DATABASE_UNKNOWN_REFERENCE')
  await refuses({ trunk: 'bob-profile' }, 'DATABASE_UNKNOWN_REFERENCE')
  await refuses({ partition: 'Nowhere' }, 'DATABASE_UNKNOWN_REFERENCE')
  await refuses({ pattern: '2XXX' }, 'DATABASE_DUPLICATE')
  await refuses({ pattern: '1000001' }, 'DATABASE_DUPLICATE')
  t.equal(dialPlan.routePatterns().length, 1)
})

t.test('what is there is taken away again, unless something names it', async (t) => {
  const { dialPlan, write } = openTestDatabase(t)
  const trunk = { name: 'to-cluster2', remoteCluster: 'cluster2', url: '' }
  const routes = ['2XXX', '3XXX', '4XXX'].map((pattern) => ({ pattern, partition: 'Alpha', trunk: trunk.name }))
  await write(() => {
    dialPlan.insertPartition('Alpha')
    dialPlan.insertCallingSearchSpace('Some', ['Alpha'])
    dialPlan.insertTrunk(trunk)
    for (const route of routes) dialPlan.insertRoutePattern(route)
  })
  const used = { code: 'DATABASE_REFERENCED' }
  await t.rejects(
    write(() => dialPlan.removeTrunk('TO-CLUSTER2')),
    { ...used, message: /2XXX names it/u },
  )
  await t.rejects(
    write(() => dialPlan.removePartition('Alpha')),
    used,
  )
  t.equal(await write(() => dialPlan.removeRoutePattern('2XXX', '')), false, 'in another partition')
  t.equal(await write(() => dialPlan.removeRoutePattern('2XXX', 'Alpha')), true)
  await write(() => dialPlan.insertRoutePattern({ pattern: '5XXX', partition: 'Alpha', trunk: trunk.name }))
  for (const pattern of ['3XXX', '4XXX', '5XXX']) await write(() => dialPlan.removeRoutePattern(pattern, 'Alpha'))
  t.equal(await write(() => dialPlan.removeTrunk('to-cluster2')), true)
  t.equal(await write(() => dialPlan.removeCallingSearchSpace('Some')), true)
  t.equal(await write(() => dialPlan.removePartition('Alpha')), true)
  t.equal(await write(() => dialPlan.removePartition('Alpha')), false)
  t.strictSame([dialPlan.trunks(), dialPlan.routePatterns(), dialPlan.partitions()], [[], [], learned])
})
