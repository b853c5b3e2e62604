import t from 'tap'
import { enforceMaximumLoginTime, maximumLoginTime } from '../../../../services/database/service-parameters.ts'
import { setServiceParameter } from '../../../../services/database/set-service-parameter.ts'
import { loneCluster } from '../../../fixtures/lone-cluster.ts'
import type { LoneCluster } from '../../../fixtures/lone-cluster.ts'
import { logIn, setParameter } from '../fixtures/requests.ts'

const enforce = (cluster: LoneCluster, value = 'True') => setParameter(cluster, enforceMaximumLoginTime.name, value)
const maximum = (cluster: LoneCluster, value: string) => setParameter(cluster, maximumLoginTime.name, value)

async function giveOwnMaximum(cluster: LoneCluster, own: string) {
  const { database } = cluster
  await database.write(() => {
    database.userProfiles.insert({ name: 'Staff', maySetMaximumLoginTime: true })
    database.endUsers.update('bob', { userProfile: 'Staff', maximumLoginTime: own })
  })
}

const durationOf = async (cluster: LoneCluster, exclusiveDuration?: number | 'indefinite') =>
  (await logIn(cluster, exclusiveDuration === undefined ? {} : { exclusiveDuration })).loginDuration

t.test('A1.4 Enforce Intra-cluster Maximum Login Time: while it is False a login has no end', async (t) => {
  const cluster = await loneCluster(t)
  await maximum(cluster, '2:00')
  t.equal(await durationOf(cluster), 0)
  await enforce(cluster)
  t.equal(await durationOf(cluster), 7200)
  t.match(cluster.told('login').at(-1), { loginDuration: 7200 })
  t.match(cluster.database.logins.on('SEP000000010001'), { loginDuration: 7200 })
  await enforce(cluster, 'False')
  t.equal(await durationOf(cluster), 0)
})

t.test('A1.4 Enforce Intra-cluster Maximum Login Time: turns True by itself when a maximum is set', async (t) => {
  const cluster = await loneCluster(t)
  const changes = await cluster.database.write(() => setServiceParameter(cluster.database, maximumLoginTime, ':30'))
  t.match(
    changes.map(({ parameter, value }) => [parameter.name, value]),
    [
      [maximumLoginTime.name, ':30'],
      [enforceMaximumLoginTime.name, 'True'],
    ],
  )
  t.equal(await durationOf(cluster), 1800)
})

t.test('A1.4 Intra-cluster Maximum Login Time: hours and minutes, the default, and 0:00 for none', async (t) => {
  const cluster = await loneCluster(t)
  await enforce(cluster)
  t.equal(await durationOf(cluster), 8 * 3600, 'the default')
  for (const [value, seconds] of [
    [':30', 1800],
    ['168:00', 604_800],
    ['0:00', 0],
  ] as const) {
    await maximum(cluster, value)
    t.equal(await durationOf(cluster), seconds, value)
  }
})

t.test(
  'A1.4 Intra-cluster Maximum Login Time: the user’s own overrides it, if the user profile allows one',
  async (t) => {
    const cluster = await loneCluster(t)
    await enforce(cluster)
    await maximum(cluster, '8:00')
    await giveOwnMaximum(cluster, '12:00')
    t.equal(await durationOf(cluster), 12 * 3600)
    await cluster.database.write(() => cluster.database.userProfiles.update('Staff', { maySetMaximumLoginTime: false }))
    t.equal(await durationOf(cluster), 8 * 3600)
  },
)

t.test('the user’s own maximum counts also while the cluster enforces none', async (t) => {
  const cluster = await loneCluster(t)
  await giveOwnMaximum(cluster, '0:10')
  t.equal(await durationOf(cluster), 600)
})

t.test('exclusiveDuration is held to the maximum; indefinite means as long as is allowed', async (t) => {
  const cluster = await loneCluster(t)
  t.equal(await durationOf(cluster, 60), 3600)
  t.equal(await durationOf(cluster, 'indefinite'), 0)
  await enforce(cluster)
  await maximum(cluster, '2:00')
  t.equal(await durationOf(cluster, 60), 3600)
  t.equal(await durationOf(cluster, 180), 7200)
  t.equal(await durationOf(cluster, 'indefinite'), 7200)
})

t.test('the JSON door takes minutes or indefinite, and nothing else', async (t) => {
  const cluster = await loneCluster(t)
  const ask = (exclusiveDuration: unknown) =>
    cluster.ask('POST /api/v1/logins', {
      deviceName: 'SEP000000010001',
      userId: 'bob',
      pin: '12345',
      exclusiveDuration,
    })
  t.match(await ask(5), { status: 201, body: { loginDuration: 300 } })
  t.match(await ask('indefinite'), { status: 201, body: { loginDuration: 0 } })
  for (const wrong of [0, -1, 1.5, 'forever', 525_601]) {
    t.match(await ask(wrong), { status: 400, body: { detail: /exclusiveDuration/u } }, String(wrong))
  }
})
