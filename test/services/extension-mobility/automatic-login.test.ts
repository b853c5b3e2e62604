import t from 'tap'
import type { Test } from 'tap'
import { loneCluster } from '../../fixtures/lone-cluster.ts'
import type { LoneCluster } from '../../fixtures/lone-cluster.ts'
import { waitFor } from '../../fixtures/wait-for.ts'
import { addPerson, logIn, logOut, other, phone, setParameter } from './fixtures/requests.ts'

/** `kally` is logged in by the phones' log out profile. */
async function clusterWithLoginUser(t: Test, phones: readonly string[] = [phone]): Promise<LoneCluster> {
  const cluster = await loneCluster(t)
  const { database } = cluster
  for (const user of ['alice', 'kally']) await addPerson(cluster, user)
  await database.write(() => {
    database.deviceProfiles.insert({ name: 'reception', loginUserId: 'kally' })
    for (const name of phones) database.devices.update(name, { logoutProfile: 'reception' })
  })
  return cluster
}

const isOn = (cluster: LoneCluster, deviceName: string, userId: string) =>
  waitFor(`${userId} is logged in on ${deviceName}`, () => cluster.database.logins.on(deviceName)?.userId === userId)

t.test('after a logout the phone logs in the user of its log out profile', async (t) => {
  const cluster = await clusterWithLoginUser(t)
  await setParameter(cluster, 'Clear Call Logs on Intra-Cluster EM', 'True')
  await logIn(cluster)
  await logOut(cluster)
  await isOn(cluster, phone, 'kally')
  t.match(cluster.told('login').at(-1), { deviceName: phone, userId: 'kally', deviceProfile: 'kally-profile' })
  t.equal(cluster.told('callLogsCleared').length, 2, 'this login was not a manual one')
})

t.test('also when the logout was automatic, or an administrator’s', async (t) => {
  const cluster = await clusterWithLoginUser(t)
  await logIn(cluster, { exclusiveDuration: 1 })
  cluster.clock.advance(60_000)
  await isOn(cluster, phone, 'kally')
  await cluster.mobility.logout(phone, 'manual')
  await logIn(cluster)
  await cluster.ask('DELETE /api/v1/users/bob')
  await isOn(cluster, phone, 'kally')
})

t.test('who logs that user out gets the phone free', async (t) => {
  const cluster = await clusterWithLoginUser(t)
  await logIn(cluster)
  await logOut(cluster)
  await isOn(cluster, phone, 'kally')
  await logOut(cluster)
  await cluster.stopMobility()
  t.equal(cluster.database.logins.on(phone), undefined)
  t.equal(cluster.told('login').length, 2)
})

t.test('two phones with the same log out profile do not take the user from each other without end', async (t) => {
  const cluster = await clusterWithLoginUser(t, [phone, other])
  await setParameter(cluster, 'Multiple Login Behavior', 'Auto Logout')
  await logIn(cluster)
  await logIn(cluster, { userId: 'alice', deviceName: other })
  await logOut(cluster)
  await isOn(cluster, phone, 'kally')
  await logOut(cluster, other)
  await isOn(cluster, other, 'kally')
  await cluster.stopMobility()
  t.equal(cluster.database.logins.on(phone), undefined, 'she moved to the phone that came free last')
  t.equal(cluster.told('login').length, 4)
})

t.test('a login that the rules refuse is left, and the log says why', async (t) => {
  const cluster = await clusterWithLoginUser(t)
  await logIn(cluster, { userId: 'kally', deviceName: other })
  await logIn(cluster)
  await logOut(cluster)
  await cluster.stopMobility()
  t.equal(cluster.database.logins.on(phone), undefined)
  t.match(cluster.logged.join(), /log out profile’s user was not logged in/u)
  t.same(cluster.told('loginRefused'), [], 'nobody asked, so nobody is refused')
})

t.test('whoever logs in at once is not pushed off', async (t) => {
  const cluster = await clusterWithLoginUser(t)
  await logIn(cluster, { userId: 'alice' })
  await logOut(cluster)
  await isOn(cluster, phone, 'kally')
  await logOut(cluster)
  await logIn(cluster)
  const [, login] = await Promise.all([logOut(cluster), logIn(cluster, { userId: 'alice' })])
  t.match(login, { userId: 'alice' })
  await cluster.stopMobility()
  t.match(cluster.database.logins.on(phone), { userId: 'alice' })
})

t.test('it is no request, and trouble on purpose does not hit it', async (t) => {
  const cluster = await clusterWithLoginUser(t)
  await setParameter(cluster, 'Maximum Concurrent Requests', '1')
  await logIn(cluster)
  const leaving = logOut(cluster)
  cluster.mobility.faults.arm({ point: 'hotelingStatus', times: 2 })
  await t.rejects(leaving, { code: 21 })
  await t.rejects(logOut(cluster), { code: 21 })
  cluster.mobility.faults.arm({ point: 'policy', times: 0 })
  await logOut(cluster)
  cluster.mobility.faults.arm({ point: 'policy', times: 1 })
  await isOn(cluster, phone, 'kally')
  t.same(cluster.mobility.faults.list(), [{ point: 'policy', times: 1 }])
})
