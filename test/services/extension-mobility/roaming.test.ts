import t from 'tap'
import { loneCluster } from '../../fixtures/lone-cluster.ts'
import type { LoneCluster } from '../../fixtures/lone-cluster.ts'
import { waitFor } from '../../fixtures/wait-for.ts'

const phone = 'SEP000000010001'
const other = 'SEP000000010002'
const proof = { kind: 'pin', pin: '12345' } as const

async function logInTwice(cluster: LoneCluster): Promise<void> {
  await cluster.database.write(() =>
    cluster.database.serviceParameters.set(
      'Cisco Extension Mobility',
      'Multiple Login Behavior',
      'Multiple Logins Allowed',
    ),
  )
  for (const deviceName of [phone, other]) await cluster.mobility.login({ deviceName, userId: 'bob', proof })
  cluster.ils.told.length = 0
}

const loggedOut = (cluster: LoneCluster) => () => cluster.told('logout').length === 2

t.test(
  'A2.3 Automatically logged out from the home cluster: a superuser who logged in elsewhere is logged out of every phone here',
  async (t) => {
    const cluster = await loneCluster(t)
    await logInTwice(cluster)
    cluster.ils.supersede('bob', 'cluster2')
    await waitFor('both phones are logged out', loggedOut(cluster))
    t.match(cluster.told('logout'), [
      { deviceName: phone, userId: 'bob', reason: 'roamedAway' },
      { deviceName: other, userId: 'bob', reason: 'roamedAway' },
    ])
    t.same(cluster.database.logins.list(), [])
    t.same(cluster.ils.told, ['logout bob'], 'the other clusters hear it once')
    t.same(cluster.callmanager.restarts.slice(2), [`${phone} 19`, `${other} 19`])
  },
)

t.test(
  'A2.3 Multi-login: the parameter counts inside one cluster, and across clusters the older login ends',
  async (t) => {
    const cluster = await loneCluster(t)
    await cluster.mobility.login({ deviceName: phone, userId: 'bob', proof })
    await t.rejects(cluster.mobility.login({ deviceName: other, userId: 'bob', proof }), { code: 25 })
    await cluster.mobility.logout(phone, 'manual')
    await logInTwice(cluster)
    t.equal(cluster.database.logins.of('bob').length, 2)
    cluster.ils.supersede('bob', 'cluster2')
    await waitFor('both phones are logged out', () => cluster.database.logins.of('bob').length === 0)
  },
)

t.test('a notice that comes twice logs out once', async (t) => {
  const cluster = await loneCluster(t)
  await logInTwice(cluster)
  cluster.ils.supersede('bob', 'cluster2', 2)
  await waitFor('both phones are logged out', loggedOut(cluster))
  await cluster.stopMobility()
  t.equal(cluster.told('logout').length, 2)
})

t.test('a notice that is out of date logs nobody out', async (t) => {
  const cluster = await loneCluster(t)
  await logInTwice(cluster)
  cluster.ils.supersede('bob', 'cluster2')
  // Before the notice is acted on, bob is back and his login here is the newest.
  cluster.ils.superseded = () => []
  await cluster.stopMobility()
  t.same(cluster.told('logout'), [])
  t.equal(cluster.database.logins.list().length, 2)
})

t.test('logins that were superseded while ILS was not running end when it is activated', async (t) => {
  const cluster = await loneCluster(t, { ils: false })
  await logInTwice(cluster)
  cluster.ils.supersede('bob', 'cluster3')
  t.equal(cluster.ils.listeners, 0)
  cluster.runIls(true)
  await waitFor('both phones are logged out', loggedOut(cluster))
})

t.test('ILS that stops and runs again is listened to once', async (t) => {
  const cluster = await loneCluster(t)
  t.equal(cluster.ils.listeners, 1)
  cluster.runIls(false)
  t.equal(cluster.ils.listeners, 0)
  cluster.runIls(true)
  cluster.runIls(true)
  t.equal(cluster.ils.listeners, 1)
  await cluster.stopMobility()
  t.equal(cluster.ils.listeners, 0, 'and not at all once Extension Mobility is stopped')
})

t.test('without ILS a superuser logs in and out all the same', async (t) => {
  const cluster = await loneCluster(t, { ils: false })
  await cluster.mobility.login({ deviceName: phone, userId: 'bob', proof })
  await cluster.mobility.logout(phone, 'manual')
  t.match(cluster.told('logout'), [{ reason: 'manual' }])
})

t.test('a new login is not refused because of a superseded one, and is not ended by it', async (t) => {
  const cluster = await loneCluster(t)
  await cluster.mobility.login({ deviceName: phone, userId: 'bob', proof })
  cluster.ils.supersede('bob', 'cluster2')
  await cluster.mobility.login({ deviceName: phone, userId: 'bob', proof })
  await cluster.stopMobility()
  t.match(cluster.database.logins.on(phone), { userId: 'bob' })
})

t.test('stop waits for the logouts under way', async (t) => {
  const cluster = await loneCluster(t)
  await logInTwice(cluster)
  cluster.ils.supersede('bob', 'cluster2')
  await cluster.stopMobility()
  t.same(cluster.database.logins.list(), [])
})
