import t from 'tap'
import { loneCluster } from '../../fixtures/lone-cluster.ts'
import { addPerson, atPhone, byEmApi, counter, logIn, logOut, other, phone, setParameter } from './fixtures/requests.ts'

t.test('deviceUsers tells who is on each phone and who was, in the order and the spelling asked for', async (t) => {
  const cluster = await loneCluster(t)
  await addPerson(cluster, 'alice')
  await logIn(cluster)
  await logIn(cluster, { userId: 'alice', deviceName: other })
  await logOut(cluster, other)
  const [unknown, busy, idle, never] = await cluster.mobility.deviceUsers([
    'SEP0',
    phone.toLowerCase(),
    other,
    'SEP000000010003',
  ])
  t.same(unknown, { deviceName: 'SEP0', exists: false })
  t.match(busy, { deviceName: phone.toLowerCase(), exists: true, userId: 'bob' })
  t.same(idle, { deviceName: other, exists: true, lastUserId: 'alice' })
  t.same(never, { deviceName: 'SEP000000010003', exists: true })
})

t.test('userDevices tells the phones of each user', async (t) => {
  const cluster = await loneCluster(t)
  await addPerson(cluster, 'alice')
  await cluster.addUser({ userId: 'visitor', homeCluster: false })
  await setParameter(cluster, 'Multiple Login Behavior', 'Multiple Logins Allowed')
  await logIn(cluster)
  await logIn(cluster, { deviceName: other })
  t.same(await cluster.mobility.userDevices(['BOB', 'alice', 'nobody', 'visitor']), [
    { userId: 'BOB', exists: true, deviceNames: [phone, other] },
    { userId: 'alice', exists: true, deviceNames: [] },
    { userId: 'nobody', exists: false, deviceNames: [] },
    { userId: 'visitor', exists: false, deviceNames: [] },
  ])
})

t.test('deviceProfiles tells the profiles of each user and which is the default', async (t) => {
  const cluster = await loneCluster(t)
  await cluster.ask('POST /api/v1/device-profiles', { name: 'bob-travels' })
  await cluster.ask('PATCH /api/v1/users/bob', {
    deviceProfiles: ['bob-profile', 'bob-travels'],
    defaultProfile: 'bob-travels',
  })
  t.same(await cluster.mobility.deviceProfiles(['bob', 'nobody']), [
    {
      userId: 'bob',
      exists: true,
      deviceProfiles: [
        { name: 'bob-profile', isDefault: false },
        { name: 'bob-travels', isDefault: true },
      ],
    },
    { userId: 'nobody', exists: false, deviceProfiles: [] },
  ])
})

t.test('authenticate tells a user with the right PIN which profiles are theirs', async (t) => {
  const cluster = await loneCluster(t)
  await cluster.addUser({ userId: 'alice', primaryExtension: '2000001', pin: '12345' })
  await cluster.addUser({ userId: 'kally', primaryExtension: '2000001' })
  const ask = (userId: string, pin: string, loginType?: string) =>
    cluster.mobility.authenticate({ userId, proof: { kind: 'pin', pin }, ...(loginType && { loginType }) })
  const bob = { userId: 'bob', deviceProfiles: [{ name: 'bob-profile', isDefault: false }] }
  t.same(await ask('BOB', '12345'), bob)
  t.same(await ask('4711', '12345', 'SP'), bob)
  t.same(await ask('1000-001', '12345', 'DN'), bob)
  await t.rejects(ask('bob', '54321'), { code: 201 })
  await t.rejects(ask('nobody', '12345'), { code: 201 })
  await t.rejects(ask('bob', ' '), { code: 202 })
  await t.rejects(ask('alice', '12345'), { code: 205 })
  await t.rejects(ask('bob', '12345', 'XX'), { code: 215 })
  await t.rejects(ask('2000001', '12345', 'DN'), { code: 216 })
  t.same(cluster.database.logins.list(), [])
  t.match(cluster.told('loginRefused')[0], { userId: 'bob', code: 201 })
})

t.test(
  'logoutAll ends every login, tells the other clusters once for each superuser, and answers who it was',
  async (t) => {
    const cluster = await loneCluster(t)
    await addPerson(cluster, 'alice')
    await setParameter(cluster, 'Multiple Login Behavior', 'Multiple Logins Allowed')
    await logIn(cluster)
    await logIn(cluster, { deviceName: other })
    await logIn(cluster, { userId: 'alice', deviceName: 'SEP000000010003' })
    cluster.ils.told.length = 0
    const ended = await cluster.mobility.logoutAll('manual', byEmApi)
    t.same(
      ended.map(({ userId, deviceName }) => `${userId} ${deviceName}`),
      [`bob ${phone}`, `bob ${other}`, 'alice SEP000000010003'],
    )
    t.same(cluster.database.logins.list(), [])
    t.same(cluster.ils.told, ['logout bob'])
    t.same(await cluster.mobility.logoutAll('manual', byEmApi), [])
    t.equal(await counter(cluster, 'RequestsHandled'), 5)
  },
)

t.test('thousands are logged out in several transactions', async (t) => {
  const cluster = await loneCluster(t)
  const { database } = cluster
  await setParameter(cluster, 'Multiple Login Behavior', 'Multiple Logins Allowed')
  const names = Array.from({ length: 1200 }, (_, number) => `SEP0000000B${String(number).padStart(4, '0')}`)
  await database.write(() => {
    for (const name of names) {
      database.devices.insert({ name, extensionMobility: true })
      const login = { userId: 'bob', deviceProfile: 'bob-profile', loginTime: 1, loginDuration: 0 }
      database.logins.open({ ...login, deviceName: name })
    }
  })
  t.equal((await cluster.mobility.logoutAll('manual')).length, 1200)
  t.same(database.logins.list(), [])
})

t.test('A1.4 Remember the Last User Logged In: a phone’s page is told nobody while it is False', async (t) => {
  const cluster = await loneCluster(t)
  await logIn(cluster)
  await logOut(cluster)
  t.notOk('lastUserId' in (await cluster.mobility.deviceUsers([phone], atPhone))[0]!)
  t.match(await cluster.mobility.deviceUsers([phone], byEmApi), [{ lastUserId: 'bob' }], 'the EM API is told always')
  await setParameter(cluster, 'Remember the Last User Logged In', 'True')
  t.match(await cluster.mobility.deviceUsers([phone], atPhone), [{ lastUserId: 'bob' }])
})

t.test('DELETE /api/v1/logins ends all of them, for those who may log in and out', async (t) => {
  const cluster = await loneCluster(t)
  await logIn(cluster)
  t.equal((await cluster.ask('DELETE /api/v1/logins', undefined, 'reader')).status, 403)
  const answer = await cluster.ask('DELETE /api/v1/logins', undefined, 'emproxy')
  t.match(answer, { status: 200, body: [{ deviceName: phone, userId: 'bob', deviceProfile: 'bob-profile' }] })
  t.same(cluster.database.logins.list(), [])
})
