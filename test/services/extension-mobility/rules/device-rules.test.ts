import t from 'tap'
import { loneCluster } from '../../../fixtures/lone-cluster.ts'
import { byEmApi, logIn, logOut, phone, proxy } from '../fixtures/requests.ts'

t.test('a phone on which Extension Mobility is not enabled refuses by door: 5, 22, and 20 at logout', async (t) => {
  const cluster = await loneCluster(t)
  await cluster.database.write(() => cluster.database.devices.update(phone, { extensionMobility: false }))
  await t.rejects(logIn(cluster), { code: 5, facts: { phoneDisplay: 'Login is unavailable(5)' } })
  await t.rejects(logIn(cluster, { origin: byEmApi, proof: proxy }), { code: 22 })
  await t.rejects(logIn(cluster, { origin: { ...byEmApi, door: 'json' } }), { code: 22 })
  await t.rejects(logOut(cluster), { code: 20, facts: { phoneDisplay: 'Logout is unavailable(20)' } })
})

t.test('A1.6 IP Phones: a program is no physical phone, and nobody logs in there', async (t) => {
  const cluster = await loneCluster(t)
  await cluster.database.write(() => cluster.database.devices.update(phone, { model: 'Cisco IP Communicator' }))
  await t.rejects(logIn(cluster), { code: 22, message: /physical .*Cisco IP Communicator/u })
  await cluster.database.write(() => cluster.database.devices.update(phone, { model: 'Cisco 8845' }))
  t.match(await logIn(cluster), { userId: 'bob' })
})

t.test('A1.6 Secure Tone: Extension Mobility is disabled on protected devices', async (t) => {
  const cluster = await loneCluster(t)
  await cluster.database.write(() => cluster.database.devices.update(phone, { protectedDevice: true }))
  await t.rejects(logIn(cluster), { code: 22, message: /disabled on protected devices/u })
})

t.test('whoever was logged in when the phone became a protected one can log out', async (t) => {
  const cluster = await loneCluster(t)
  await logIn(cluster)
  await cluster.database.write(() => cluster.database.devices.update(phone, { protectedDevice: true }))
  t.match(await logOut(cluster), { userId: 'bob' })
})
