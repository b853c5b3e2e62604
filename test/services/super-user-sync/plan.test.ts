import t from 'tap'
import * as fc from 'fast-check'
import { planSync } from '../../../services/super-user-sync/plan.ts'
import type { ClusterExport, KnownHome } from '../../../services/super-user-sync/plan.ts'
import { superuser } from './fixtures/fake-cluster.ts'

const bob = superuser('bob')
const copy = superuser('bob', { homeCluster: false })
const away = (cluster: string): ClusterExport => ({ cluster })
const read = (cluster: string, ...superusers: (typeof bob)[]): ClusterExport => ({ cluster, superusers })
const home = (cluster: string): KnownHome => ({ userId: 'bob', cluster })

/** `cluster: action` of the only user of a plan. */
function steps(exports: ClusterExport[], known: KnownHome[] = []) {
  const { users } = planSync(exports, known)
  return users.flatMap((user) => user.steps.map((s) => `${s.cluster}: ${s.action === 'none' ? s.outcome : s.action}`))
}

t.test(
  'C Super User Synchronization Tool: a superuser goes from the home cluster to every other one, as a copy',
  async (t) => {
    const plan = planSync([read('cluster1', bob), read('cluster2'), read('cluster3')], [])
    t.match(plan.users, [
      {
        userId: 'bob',
        homeCluster: 'cluster1',
        steps: [
          { action: 'put', cluster: 'cluster2', record: { ...copy, pin: bob.pin } },
          { action: 'put', cluster: 'cluster3', record: { homeCluster: false } },
        ],
      },
    ])
    t.same(plan.homes, [home('cluster1')])
  },
)

t.test('a copy that is already right is not sent again, one that differs is', async (t) => {
  const stale = { ...copy, pin: { hash: 'older', changedAt: 0 } }
  t.same(steps([read('cluster1', bob), read('cluster2', copy), read('cluster3', stale)]), [
    'cluster2: unchanged',
    'cluster3: put',
  ])
})

t.test('two home clusters are a conflict everywhere, and nothing changes', async (t) => {
  t.same(steps([read('cluster1', bob), read('cluster2', bob), read('cluster3', copy)]), [
    'cluster1: conflicting',
    'cluster2: conflicting',
    'cluster3: conflicting',
  ])
})

t.test('a conflict does not resolve itself because one of the two home clusters is away', async (t) => {
  const exports = [away('cluster1'), read('cluster2', bob), read('cluster3', copy)]
  const known = [home('cluster1'), home('cluster2')]
  t.same(steps(exports, known), ['cluster1: skipped', 'cluster2: conflicting', 'cluster3: conflicting'])
  t.same(planSync(exports, known).homes, known, 'and is remembered as one')
})

t.test('a cluster that is away is skipped, the others get their copy', async (t) => {
  t.same(steps([read('cluster1', bob), away('cluster2'), read('cluster3')]), ['cluster2: skipped', 'cluster3: put'])
})

t.test('while the home cluster is away its copies stay as they are, and it stays the home cluster', async (t) => {
  const exports = [away('cluster1'), read('cluster2', copy), read('cluster3')]
  t.same(steps(exports, [home('cluster1')]), ['cluster1: skipped', 'cluster2: skipped', 'cluster3: skipped'])
  t.same(planSync(exports, [home('cluster1')]).homes, [home('cluster1')])
  t.equal(planSync(exports, [home('cluster1')]).users[0]?.homeCluster, 'cluster1')
})

t.test('a copy goes when its home cluster was read and has no such superuser any more', async (t) => {
  t.same(steps([read('cluster1'), read('cluster2', copy), read('cluster3')], [home('cluster1')]), ['cluster2: remove'])
})

t.test('a copy whose home cluster was never heard of stays', async (t) => {
  t.same(steps([read('cluster1'), read('cluster2', copy)]), ['cluster2: skipped'])
  t.same(steps([read('cluster2', copy)], [home('cluster1')]), ['cluster2: skipped'], 'also when it left the lab')
})

t.test('unchecking Home Cluster at home removes nobody', async (t) => {
  t.same(steps([read('cluster1', copy), read('cluster2', copy)], [home('cluster1')]), [
    'cluster1: skipped',
    'cluster2: skipped',
  ])
})

t.test('a home that moves takes its copies along', async (t) => {
  const plan = planSync([read('cluster1'), read('cluster2', bob), read('cluster3', copy)], [home('cluster1')])
  t.match(plan.users, [
    { homeCluster: 'cluster2', steps: [{ cluster: 'cluster1', action: 'put' }, { action: 'none' }] },
  ])
  t.same(plan.homes, [home('cluster2')])
})

t.test('a copy on a cluster that was away during the removal goes when that cluster is back', async (t) => {
  const first = planSync([read('cluster1'), read('cluster2', copy), away('cluster3')], [home('cluster1')])
  t.match(first.users, [
    {
      steps: [
        { cluster: 'cluster2', action: 'remove' },
        { cluster: 'cluster3', action: 'none' },
      ],
    },
  ])
  const second = [read('cluster1'), read('cluster2'), read('cluster3', copy)]
  t.same(steps(second, [...first.homes]), ['cluster3: remove'])
  const third = planSync([read('cluster1'), read('cluster2'), read('cluster3')], planSync(second, first.homes).homes)
  t.same(third, { users: [], homes: [] }, 'and then he is forgotten')
})

t.test('user IDs are the same in any case, and the home cluster spells them', async (t) => {
  const shouted = superuser('BOB', { homeCluster: false })
  const { users } = planSync([read('cluster2', shouted), read('cluster1', bob)], [])
  t.match(users, [{ userId: 'bob', homeCluster: 'cluster1', steps: [{ cluster: 'cluster2', action: 'put' }] }])
  t.equal(users.length, 1)
})

t.test(
  'whatever is up or down: no home is written, nothing is removed whose home was not read, and a second run is quiet',
  async () => {
    const names = ['cluster1', 'cluster2', 'cluster3']
    const world = fc.record({
      flags: fc.array(fc.constantFrom('home', 'copy', 'none', 'away'), { minLength: 3, maxLength: 3 }),
      known: fc.subarray(names),
    })
    fc.assert(
      fc.property(world, ({ flags, known }) => {
        const exports = names.map((cluster, index): ClusterExport => {
          const flag = flags[index]
          if (flag === 'away') return away(cluster)
          return flag === 'none' ? read(cluster) : read(cluster, flag === 'home' ? bob : copy)
        })
        const plan = planSync(
          exports,
          known.map((cluster) => home(cluster)),
        )
        const after = exports.map((one) => apply(one, plan))
        for (const step of plan.users.flatMap((user) => user.steps)) {
          const before = exports.find((one) => one.cluster === step.cluster)
          if (step.action === 'none') continue
          if (before?.superusers === undefined || before.superusers[0]?.homeCluster === true) return false
          if (step.action === 'remove' && !known.some((name) => isReadWithoutBob(exports, name))) return false
        }
        const again = planSync(after, plan.homes).users.flatMap((user) => user.steps)
        return again.every((step) => step.action === 'none')
      }),
      { numRuns: 2000 },
    )
  },
)

function isReadWithoutBob(exports: ClusterExport[], name: string): boolean {
  return exports.find((one) => one.cluster === name)?.superusers?.length === 0
}

function apply(one: ClusterExport, plan: ReturnType<typeof planSync>): ClusterExport {
  const step = plan.users.flatMap((user) => user.steps).find((s) => s.cluster === one.cluster)
  if (step === undefined || step.action === 'none') return one
  return read(one.cluster, ...(step.action === 'put' ? [step.record] : []))
}
