import t from 'tap'
import { loneCluster, quickHasher } from '../../fixtures/lone-cluster.ts'
import type { Answer, LoneCluster } from '../../fixtures/lone-cluster.ts'

const phone = 'SEP000000010001'
const other = 'SEP000000010002'
const third = 'SEP000000010003'

function logIn(cluster: LoneCluster, members: Record<string, unknown> = {}): Promise<Answer> {
  return cluster.ask('POST /api/v1/logins', { deviceName: phone, userId: 'bob', pin: '12345', ...members }, 'emproxy')
}

/** All that is answered, but when. */
async function refusedLogIn(cluster: LoneCluster, members: Record<string, unknown>) {
  const { headers, ...answer } = await logIn(cluster, members)
  const { date: _, ...others } = headers
  return { ...answer, headers: others }
}

async function setMultipleLogin(cluster: LoneCluster, value: string): Promise<void> {
  const path = '/api/v1/service-parameters/Cisco%20Extension%20Mobility/Multiple%20Login%20Behavior'
  const { status } = await cluster.ask(`PUT ${path}`, { value })
  if (status !== 200) throw new Error(`PUT of ${value} answered ${status}`)
}

t.test('bob logs in: the login is answered, on disk, published, told to ILS, and the phone restarts', async (t) => {
  const cluster = await loneCluster(t)
  const answer = await logIn(cluster)
  const expected = {
    deviceName: phone,
    userId: 'bob',
    deviceProfile: 'bob-profile',
    loginTime: '2026-11-21T08:00:00.000Z',
    loginDuration: 0,
  }
  t.equal(answer.status, 201)
  t.same(answer.body, expected)
  t.match(cluster.database.logins.on(phone), { userId: 'bob', deviceProfile: 'bob-profile' })
  t.match(cluster.told('login'), [expected])
  t.same(cluster.ils.told, ['login bob'])
  t.same(cluster.callmanager.restarts, [`${phone} 19`])
  t.match((await cluster.ask('GET /api/v1/logins', undefined, 'reader')).body, [expected])
  t.match(await cluster.context.metrics.metrics(), /roamline_em_logins_successful_total 1/u)
})

t.test('names are found without regard to case and answered as they are stored', async (t) => {
  const cluster = await loneCluster(t)
  const { body } = await logIn(cluster, {
    deviceName: phone.toLowerCase(),
    userId: 'BOB',
    deviceProfile: 'Bob-Profile',
  })
  t.match(body, { deviceName: phone, userId: 'bob', deviceProfile: 'bob-profile' })
})

t.test('every refusal carries its row of the tables, changes nothing and is published', async (t) => {
  const cluster = await loneCluster(t)
  await cluster.addUser({ userId: 'alice', primaryExtension: '2000001' })
  await cluster.addUser({ userId: 'kally', primaryExtension: '2000001', deviceProfiles: ['bob-profile'] })
  await cluster.addUser({ userId: 'visitor', homeCluster: false, deviceProfiles: ['bob-profile'] })
  await cluster.ask('POST /api/v1/devices', { name: 'SEP00000001000F', extensionMobility: false })
  await logIn(cluster, { userId: 'kally', deviceName: third })
  cluster.heard.length = 0
  cluster.callmanager.restarts.length = 0

  const rows: [string, Record<string, unknown>, Record<string, unknown>][] = [
    ['202 blank user ID', { userId: ' ' }, { status: 422, code: 202, phoneDisplay: 'Please try to login again (202)' }],
    ['202 blank PIN', { pin: '' }, { status: 422, code: 202, title: 'Blank userid or pin' }],
    ['202 comes before 207', { pin: '', deviceName: '' }, { code: 202 }],
    [
      '207 device name empty',
      { deviceName: '' },
      { status: 422, code: 207, phoneDisplay: 'Login is unavailable(207)' },
    ],
    [
      '11 device does not exist',
      { deviceName: 'SEP0' },
      { status: 404, code: 11, phoneDisplay: 'Login is unavailable(11)' },
    ],
    ['11 comes before 201', { deviceName: 'SEP0', pin: '0' }, { code: 11 }],
    [
      '22 logon disabled',
      { deviceName: 'SEP00000001000F' },
      { status: 403, code: 22, phoneDisplay: 'Login is unavailable(22)' },
    ],
    ['215 login type', { loginType: 'uid' }, { status: 422, code: 215, phoneDisplay: 'LoginType invalid(215)' }],
    [
      '216 several users',
      { loginType: 'DN', userId: '2000-001' },
      { status: 409, code: 216, phoneDisplay: 'DN has multiple users(216)' },
    ],
    ['201 wrong PIN', { pin: '54321' }, { status: 403, code: 201, phoneDisplay: 'Please try to login again (201)' }],
    ['201 comes before 205', { userId: 'alice', pin: '0' }, { code: 201 }],
    ['201 not a user of this cluster', { userId: 'visitor' }, { status: 403, code: 201 }],
    [
      '205 no device profile',
      { userId: 'alice' },
      { status: 409, code: 205, phoneDisplay: 'Login is unavailable (205)' },
    ],
    [
      '12 no such profile',
      { deviceProfile: 'alice-profile' },
      { status: 409, code: 12, phoneDisplay: 'Login is unavailable(12)' },
    ],
    ['18 another user', { deviceName: third }, { status: 409, code: 18, phoneDisplay: 'Login is unavailable(18)' }],
    ['18 comes before 25', { deviceName: third, userId: 'bob' }, { code: 18 }],
    ['25 elsewhere', { userId: 'kally' }, { status: 409, code: 25, phoneDisplay: 'Multi-Login Not Allowed (25)' }],
  ]
  for (const [name, members, expected] of rows) {
    const { status, body } = await logIn(cluster, members)
    t.match(body, expected, name)
    t.equal((body as { status: number }).status, status, `${name}: the status is the problem's`)
  }
  t.match(
    cluster.told('loginRefused'),
    rows.map(([, , { code }]) => ({ code })),
  )
  t.match(cluster.told('loginRefused')[3], { deviceName: '', userId: 'bob' })
  t.same(
    cluster.database.logins.list().map((login) => login.deviceName),
    [third],
  )
  t.same(cluster.callmanager.restarts, [])
})

t.test('an unknown user and a wrong PIN cannot be told apart, not even by the hashes they cost', async (t) => {
  const verified: string[] = []
  const cluster = await loneCluster(t, { hasher: countingHasher(verified) })
  const wrong = await refusedLogIn(cluster, { pin: '99999' })
  const unknown = await refusedLogIn(cluster, { userId: 'nobody', pin: '99999' })
  t.same(unknown, wrong)
  t.same(verified, ['99999', '99999'])
  await cluster.ask('POST /api/v1/users', { userId: 'pinless', lastName: 'Pinless' })
  t.same(await refusedLogIn(cluster, { userId: 'pinless', pin: '99999' }), wrong, 'nor a user without a PIN')
  t.equal(verified.length, 3)
})

t.test('the PIN is in no log line, no event and no answer', async (t) => {
  const cluster = await loneCluster(t)
  await logIn(cluster, { pin: '86420975' })
  await logIn(cluster, { deviceName: 'SEP0', pin: '86420975' })
  const refused = await logIn(cluster, { deviceName: 'SEP0', pin: '86420975', userId: 1 })
  const everything = JSON.stringify([cluster.logged, cluster.heard, refused])
  t.equal(refused.status, 400)
  t.notMatch(everything, /86420975/u)
})

t.test('a request that is not one is answered 400 by the name of its member, or 401', async (t) => {
  const cluster = await loneCluster(t)
  const complete = { deviceName: phone, userId: 'bob', pin: '12345' }
  for (const member of ['deviceName', 'userId', 'pin'] as const) {
    const answer = await cluster.ask('POST /api/v1/logins', { ...complete, [member]: undefined }, 'emproxy')
    t.match(answer, { status: 400, body: { detail: new RegExp(member, 'u') } })
  }
  t.match(await logIn(cluster, { pin: 12_345 }), { status: 400, body: { detail: /pin/u } })
  t.match(await logIn(cluster, { userId: 'b'.repeat(129) }), { status: 400, body: { detail: /userId/u } })
  t.match(await logIn(cluster, { colour: 'red' }), { status: 400, body: { detail: /colour/u } })
  t.match(await cluster.ask('POST /api/v1/logins', complete, 'reader'), { status: 403 })
  t.match(await cluster.ask('POST /api/v1/logins', complete, 'stranger'), { status: 401 })
  t.match(await cluster.ask('GET /api/v1/logins', undefined, 'emproxy'), { status: 403 })
  t.same(cluster.database.logins.list(), [])
})

t.test('users are found by self-service user ID and by primary extension, with and without separators', async (t) => {
  const cluster = await loneCluster(t)
  t.match(await logIn(cluster, { loginType: 'SP', userId: '4711' }), { status: 201, body: { userId: 'bob' } })
  t.match(await logIn(cluster, { loginType: 'DN', userId: '1000-001' }), { status: 201, body: { userId: 'bob' } })
  t.match(await logIn(cluster, { loginType: 'UID' }), { status: 201 })
  t.match(await logIn(cluster, { loginType: 'DN', userId: 'bob' }), { body: { code: 201 } })
  t.match(await logIn(cluster, { loginType: 'SP', userId: 'bob' }), { body: { code: 201 } })
})

t.test('of several profiles the named one counts, then the default, then the first', async (t) => {
  const cluster = await loneCluster(t)
  await cluster.ask('POST /api/v1/device-profiles', { name: 'bob-travels' })
  await cluster.ask('PATCH /api/v1/users/bob', { deviceProfiles: ['bob-profile', 'bob-travels'] })
  t.match(await logIn(cluster), { body: { deviceProfile: 'bob-profile' } })
  t.match(await logIn(cluster, { deviceProfile: 'bob-travels' }), { body: { deviceProfile: 'bob-travels' } })
  await cluster.ask('PATCH /api/v1/users/bob', { defaultProfile: 'bob-travels' })
  t.match(await logIn(cluster, { deviceProfile: ' ' }), { body: { deviceProfile: 'bob-travels' } })
})

t.test('the same user again on the same phone gets a fresh session', async (t) => {
  const cluster = await loneCluster(t)
  await logIn(cluster)
  cluster.clock.advance(60_000)
  t.match(await logIn(cluster), { status: 201, body: { loginTime: '2026-11-21T08:01:00.000Z' } })
  t.equal(cluster.database.logins.list().length, 1)
})

t.test('A1.4 Multiple Login Behavior: with Multiple Logins Allowed the second phone is one more', async (t) => {
  const cluster = await loneCluster(t)
  await setMultipleLogin(cluster, 'Multiple Logins Allowed')
  await logIn(cluster)
  t.equal((await logIn(cluster, { deviceName: other })).status, 201)
  t.same(
    cluster.database.logins.of('bob').map((login) => login.deviceName),
    [phone, other],
  )
  t.same(cluster.told('logout'), [])
})

t.test(
  'A1.4 Multiple Login Behavior: with Auto Logout the first phone is logged out in the same transaction',
  async (t) => {
    const cluster = await loneCluster(t)
    await setMultipleLogin(cluster, 'Auto Logout')
    await logIn(cluster)
    t.equal((await logIn(cluster, { deviceName: other })).status, 201)
    t.same(
      cluster.database.logins.list().map((login) => login.deviceName),
      [other],
    )
    t.match(cluster.told('logout'), [{ deviceName: phone, userId: 'bob', reason: 'autoLogout' }])
    t.same(cluster.callmanager.restarts, [`${phone} 19`, `${phone} 19`, `${other} 19`])
    t.same(cluster.ils.told, ['login bob', 'login bob'], 'the other clusters see one move')
  },
)

t.test('of two users who race for a phone one gets it and the other 18', async (t) => {
  const cluster = await loneCluster(t)
  await cluster.addUser({ userId: 'kally', deviceProfiles: ['bob-profile'] })
  const answers = await Promise.all([logIn(cluster), logIn(cluster, { userId: 'kally' })])
  t.same(answers.map(({ status }) => status).toSorted(), [201, 409])
  t.match(answers.find(({ status }) => status === 409)?.body, { code: 18 })
})

t.test('A1.4 Multiple Login Behavior: with Multiple Logins Not Allowed one of two racing logins gets 25', async (t) => {
  const cluster = await loneCluster(t)
  await logIn(cluster)
  await cluster.mobility.logout(phone, 'manual')
  const answers = await Promise.all([logIn(cluster), logIn(cluster, { deviceName: other })])
  t.same(answers.map(({ status }) => status).toSorted(), [201, 409])
  t.match(answers.find(({ status }) => status === 409)?.body, { code: 25 })
  t.equal(cluster.database.logins.of('bob').length, 1)
})

t.test(
  'A2.3 EM login of a superuser: a superuser’s copy logs in away from home, and is told to ILS; others are not',
  async (t) => {
    const cluster = await loneCluster(t)
    await cluster.ask('PATCH /api/v1/users/bob', { homeCluster: false })
    cluster.ils.told.length = 0
    t.equal((await logIn(cluster)).status, 201)
    await cluster.addUser({ userId: 'alice', deviceProfiles: ['bob-profile'] })
    t.equal((await logIn(cluster, { userId: 'alice', deviceName: other })).status, 201)
    t.same(cluster.ils.told, ['login bob'])
  },
)

t.test('a user who is replaced while the PIN is being verified is refused like one who never was', async (t) => {
  const cluster = await loneCluster(t, { hasher: hasherThat(replaceBob) })
  async function replaceBob(): Promise<void> {
    await cluster.ask('DELETE /api/v1/users/bob')
    await cluster.addUser({ userId: 'bob', pin: '54321', deviceProfiles: ['bob-profile'] })
  }
  t.match(await logIn(cluster), { body: { code: 201 } })
  t.same(cluster.database.logins.list(), [])
})

t.test('an application that proved itself needs no PIN, and is told when there is no such user', async (t) => {
  const cluster = await loneCluster(t)
  const proof = { kind: 'proxy', applicationUser: 'emproxy' } as const
  t.match(await cluster.mobility.login({ deviceName: phone, userId: 'bob', proof }), { userId: 'bob' })
  await t.rejects(cluster.mobility.login({ deviceName: phone, userId: 'nobody', proof }), { code: 23 })
})

t.test('A1.7 Error 6 Database Error: a database that cannot write, without a word about the inside', async (t) => {
  const cluster = await loneCluster(t)
  await logIn(cluster)
  cluster.database.sql.exec('DROP TABLE extensionmobilitydynamic')
  const answer = await logIn(cluster)
  t.match(answer, { status: 500, body: { code: 6, phoneDisplay: 'Login is unavailable(6)' } })
  t.notMatch(JSON.stringify(answer), /extensionmobilitydynamic/iu)
  t.match(cluster.logged.join(), /extensionmobilitydynamic/iu)
})

t.test('A1.6 User Group: an end user in the proxy group logs in nobody else', async (t) => {
  const cluster = await loneCluster(t)
  await cluster.addUser({
    userId: 'kally',
    deviceProfiles: ['bob-profile'],
    groups: ['Standard EM Authentication Proxy Rights'],
  })
  const proof = { kind: 'proxy', applicationUser: 'kally' } as const
  await t.rejects(cluster.mobility.login({ deviceName: phone, userId: 'bob', proof }), { code: 10 })
  t.match(await cluster.mobility.login({ deviceName: phone, userId: 'KALLY', proof }), { userId: 'kally' })
})

t.test('A1.7 Error 25 User Logged in Elsewhere: Multiple Logins Allowed is the remedy', async (t) => {
  const cluster = await loneCluster(t)
  await logIn(cluster)
  t.match(await logIn(cluster, { deviceName: other }), { body: { code: 25, detail: /logged in on SEP000000010001/u } })
  await setMultipleLogin(cluster, 'Multiple Logins Allowed')
  t.equal((await logIn(cluster, { deviceName: other })).status, 201)
})

t.test('A1.7 Error 205 User Profile Absent: a device profile is the remedy', async (t) => {
  const cluster = await loneCluster(t)
  await cluster.addUser({ userId: 'alice' })
  t.match(await logIn(cluster, { userId: 'alice' }), { body: { code: 205 } })
  await cluster.ask('PATCH /api/v1/users/alice', { deviceProfiles: ['bob-profile'] })
  t.equal((await logIn(cluster, { userId: 'alice' })).status, 201)
})

t.test('A1.7 Error 202 Blank User ID or PIN: a valid user ID and PIN is the remedy', async (t) => {
  const cluster = await loneCluster(t)
  t.match(await logIn(cluster, { pin: ' ' }), { body: { code: 202, phoneDisplay: 'Please try to login again (202)' } })
  t.match(await logIn(cluster, { userId: '' }), { body: { code: 202 } })
  t.equal((await logIn(cluster)).status, 201)
})

t.test('A1.7 Error 22 Dev Logon Disabled: Enable Extension Mobility is the remedy', async (t) => {
  const cluster = await loneCluster(t)
  await cluster.ask(`PATCH /api/v1/devices/${phone}`, { extensionMobility: false })
  t.match(await logIn(cluster), { body: { code: 22, phoneDisplay: 'Login is unavailable(22)' } })
  await cluster.ask(`PATCH /api/v1/devices/${phone}`, { extensionMobility: true })
  t.equal((await logIn(cluster)).status, 201)
})

function countingHasher(verified: string[]) {
  return hasherThat(async (secret) => void verified.push(secret))
}

function hasherThat(before: (secret: string) => Promise<void>) {
  const quick = quickHasher()
  return {
    hash: quick.hash,
    async verify(secret: string, stored: Parameters<typeof quick.verify>[1]) {
      await before(secret)
      return quick.verify(secret, stored)
    },
  }
}
