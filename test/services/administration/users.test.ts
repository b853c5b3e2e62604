import t from 'tap'
import { CredentialHasherBusy } from '../../../services/database/index.ts'
import { loneCluster, quickHasher } from '../../fixtures/lone-cluster.ts'

const phone = 'SEP000000010001'
const superusers = 'Standard EM Roaming Across Clusters Super Users'

t.test('a user is added, read, changed and deleted', async (t) => {
  const cluster = await loneCluster(t)
  const alice = { userId: 'alice', lastName: 'Liddell', primaryExtension: '2000-001', deviceProfiles: ['bob-profile'] }
  const added = await cluster.ask('POST /api/v1/users', { ...alice, pin: '23456' })
  t.match(added, {
    status: 201,
    headers: { location: '/api/v1/users/alice' },
    body: { ...alice, primaryExtension: '2000001', homeCluster: true, superuser: false, groups: [] },
  })
  t.match((await cluster.ask('GET /api/v1/users/ALICE', undefined, 'reader')).body, { userId: 'alice' })
  t.match((await cluster.ask('GET /api/v1/users')).body, [{ userId: 'alice' }, { userId: 'bob' }])
  const changed = await cluster.ask('PATCH /api/v1/users/alice', { displayName: 'Alice', primaryExtension: '' })
  t.match(changed, { status: 200, body: { displayName: 'Alice', lastName: 'Liddell', primaryExtension: '' } })
  t.equal((await cluster.ask('DELETE /api/v1/users/alice')).status, 204)
  t.equal((await cluster.ask('GET /api/v1/users/alice')).status, 404)
  t.equal(cluster.callmanager.configurationChanges, 3)
})

t.test('a PIN is stored as its slow hash and never told', async (t) => {
  const cluster = await loneCluster(t)
  const added = await cluster.ask('POST /api/v1/users', { userId: 'alice', lastName: 'Liddell', pin: '86420975' })
  await cluster.ask('PATCH /api/v1/users/alice', { pin: '97531864' })
  const stored = cluster.database.credentials.find('alice', 'PIN')
  t.match(stored?.hash, /^\$argon2id\$/u)
  t.ok(stored && (await cluster.hasher.verify('97531864', stored)))
  const read = await cluster.ask('GET /api/v1/users/alice')
  t.notMatch(JSON.stringify([added, read, cluster.logged, cluster.heard]), /86420975|97531864|argon2|"pin"/u)
})

t.test('whoever is, becomes or ceases to be a superuser is told to ILS, others are not', async (t) => {
  const cluster = await loneCluster(t)
  await cluster.ask('POST /api/v1/users', { userId: 'alice', lastName: 'Liddell' })
  await cluster.ask('PATCH /api/v1/users/alice', { displayName: 'Alice' })
  t.same(cluster.ils.told, [])
  await cluster.ask('PATCH /api/v1/users/alice', { groups: [superusers] })
  await cluster.ask('PATCH /api/v1/users/alice', { displayName: 'Alice L' })
  await cluster.ask('PATCH /api/v1/users/alice', { groups: [] })
  await cluster.ask('DELETE /api/v1/users/bob')
  t.same(cluster.ils.told, ['superuser alice', 'superuser alice', 'superuser alice', 'superuser bob'])
})

t.test('a user who is deleted is logged out first', async (t) => {
  const cluster = await loneCluster(t)
  await cluster.mobility.login({ deviceName: phone, userId: 'bob', proof: { kind: 'pin', pin: '12345' } })
  t.equal((await cluster.ask('DELETE /api/v1/users/bob')).status, 204)
  t.same(cluster.database.logins.list(), [])
  t.match(cluster.told('logout'), [{ deviceName: phone, userId: 'bob', reason: 'administrator' }])
  t.same(cluster.ils.told, ['login bob', 'logout bob', 'superuser bob'])
  t.same(cluster.callmanager.restarts, [`${phone} 19`, `${phone} 19`])
})

t.test('what cannot be is refused and changes nothing', async (t) => {
  const cluster = await loneCluster(t)
  const alice = { userId: 'alice', lastName: 'Liddell' }
  const refused: [string, object | undefined, object][] = [
    ['POST /api/v1/users', { ...alice, userId: 'BOB' }, { status: 409, body: { title: 'Already exists' } }],
    ['POST /api/v1/users', { userId: 'alice' }, { status: 400, body: { detail: /lastName/u } }],
    ['POST /api/v1/users', { ...alice, userId: 'al ice' }, { status: 400, body: { detail: /userId/u } }],
    ['POST /api/v1/users', { ...alice, userId: 'ali\u0001ce' }, { status: 400, body: { detail: /userId/u } }],
    ['POST /api/v1/users', { ...alice, lastName: 'Lid\u007Fdell' }, { status: 400, body: { detail: /lastName/u } }],
    ['POST /api/v1/users', { ...alice, pin: ' ' }, { status: 400, body: { detail: /pin/u } }],
    ['POST /api/v1/users', { ...alice, pin: '12a45' }, { status: 400, body: { detail: /PIN, digits only/u } }],
    ['POST /api/v1/users', { ...alice, superuser: true }, { status: 400, body: { detail: /superuser/u } }],
    ['POST /api/v1/users', { ...alice, deviceProfiles: ['no-such'] }, { status: 422, body: { detail: /no-such/u } }],
    ['POST /api/v1/users', { ...alice, groups: ['no-such'] }, { status: 422, body: { detail: /no-such/u } }],
    [
      'POST /api/v1/users',
      { ...alice, primaryExtension: 'x' },
      { status: 422, body: { title: 'Not a directory number' } },
    ],
    ['PATCH /api/v1/users/nobody', { displayName: 'x' }, { status: 404, body: { detail: /nobody/u } }],
    ['PATCH /api/v1/users/bob', { userId: 'robert' }, { status: 400, body: { detail: /userId/u } }],
    ['DELETE /api/v1/users/nobody', undefined, { status: 404 }],
  ]
  for (const [request, body, expected] of refused) {
    t.match(await cluster.ask(request, body), expected, `${request} ${JSON.stringify(body)}`)
  }
  t.same(
    cluster.database.endUsers.list().map((user) => user.userId),
    ['bob'],
  )
  t.equal(cluster.callmanager.configurationChanges, 0)
})

t.test('reading needs the reader’s role and writing the administrator’s', async (t) => {
  const cluster = await loneCluster(t)
  t.equal((await cluster.ask('GET /api/v1/users', undefined, 'emproxy')).status, 403)
  t.equal((await cluster.ask('DELETE /api/v1/users/bob', undefined, 'reader')).status, 403)
  t.equal((await cluster.ask('POST /api/v1/users', { userId: 'x', lastName: 'x' }, 'reader')).status, 403)
  t.equal((await cluster.ask('PATCH /api/v1/users/bob', {}, 'reader')).status, 403)
})

t.test('while too many secrets wait to be hashed a PIN is not taken', async (t) => {
  const hasher = quickHasher()
  const cluster = await loneCluster(t, { hasher: { ...hasher } })
  Object.assign(cluster.context.hasher, { hash: () => Promise.reject(new CredentialHasherBusy(1024)) })
  t.match(await cluster.ask('PATCH /api/v1/users/bob', { pin: '1', displayName: 'x' }), { status: 503 })
  t.equal(cluster.database.endUsers.find('bob')?.displayName, '')
})

t.test('a PIN is given rules, locked by wrong ones, and unlocked by an administrator', async (t) => {
  const cluster = await loneCluster(t)
  const path = '/api/v1/users/bob'
  t.match((await cluster.ask(`GET ${path}`)).body, {
    pinMustChange: false,
    pinDoesNotExpire: false,
    pinCannotChange: false,
    pinLocked: false,
  })
  const changed = await cluster.ask(`PATCH ${path}`, { pinMustChange: true, pinDoesNotExpire: true })
  t.match(changed, { status: 200, body: { pinMustChange: true, pinDoesNotExpire: true } })
  const both = await cluster.ask(`PATCH ${path}`, { pinCannotChange: true })
  t.match(both, { status: 422, body: { detail: /must be changed/u } })
  const { database, clock } = cluster
  await database.write(() => database.credentials.setState('bob', 'PIN', { lockedUntil: clock.now() + 1000 }))
  t.match((await cluster.ask(`GET ${path}`)).body, { pinLocked: true })
  t.match((await cluster.ask(`PATCH ${path}`, { pinLocked: false })).body, { pinLocked: false })
  await database.write(() => database.credentials.setState('bob', 'PIN', { lockedUntil: Number.POSITIVE_INFINITY }))
  t.match((await cluster.ask(`GET ${path}`)).body, { pinLocked: true })
  t.match((await cluster.ask(`PATCH ${path}`, { pin: '86420975' })).body, { pinLocked: false }, 'a new PIN unlocks too')
  t.match(await cluster.ask(`PATCH ${path}`, { pinLocked: true }), { status: 400 })
})

t.test('a PIN that an administrator changes is told as an event, and its hash goes into the history', async (t) => {
  const cluster = await loneCluster(t)
  const before = cluster.database.credentials.find('bob', 'PIN')?.hash ?? 'none'
  await cluster.ask('PATCH /api/v1/users/bob', { pin: '86420975' })
  t.match(cluster.told('pinChanged'), [{ userId: 'bob' }])
  t.match(cluster.database.credentials.state('bob', 'PIN')?.history, [before])
  await cluster.ask('PATCH /api/v1/users/bob', { displayName: 'Bob' })
  t.equal(cluster.told('pinChanged').length, 1)
})

t.test('of a user without a PIN nothing can be said about it', async (t) => {
  const cluster = await loneCluster(t)
  const alice = { userId: 'alice', lastName: 'Liddell' }
  const refused = await cluster.ask('POST /api/v1/users', { ...alice, pinMustChange: true })
  t.match(refused, { status: 422, body: { detail: /alice has no PIN/u } })
  t.equal((await cluster.ask('GET /api/v1/users/alice')).status, 404, 'nothing is left of the attempt')
  const added = await cluster.ask('POST /api/v1/users', { ...alice, pin: '86420975', pinMustChange: true })
  t.match(added, { status: 201, body: { pinMustChange: true } })
})

t.test('an end user has a password beside the PIN', async (t) => {
  const cluster = await loneCluster(t)
  const changed = await cluster.ask('PATCH /api/v1/users/bob', { password: 'open sesame' })
  t.equal(changed.status, 200)
  const stored = cluster.database.credentials.find('bob', 'User Password')
  t.ok(stored && (await cluster.hasher.verify('open sesame', stored)))
  t.notMatch(JSON.stringify([changed, cluster.logged, cluster.heard]), /sesame|"password"/u)
})

t.test('a change of a user reaches the phones where they are logged in, and no other', async (t) => {
  const cluster = await loneCluster(t)
  await cluster.ask('PATCH /api/v1/users/bob', { userLocale: 'French_France' })
  await cluster.mobility.login({ deviceName: phone, userId: 'bob', proof: { kind: 'pin', pin: '12345' } })
  await cluster.ask('PATCH /api/v1/users/bob', { userLocale: '' })
  t.strictSame(cluster.callmanager.reached, [[], [phone]])
})

t.test('a password that must be changed at the next login is said to be so, and a new one need not', async (t) => {
  const cluster = await loneCluster(t)
  const path = '/api/v1/users/bob'
  t.match((await cluster.ask(`GET ${path}`)).body, { passwordMustChange: false })
  const early = await cluster.ask(`PATCH ${path}`, { passwordMustChange: true })
  t.match(early, { status: 422, body: { detail: /bob has no password/u } })
  const given = await cluster.ask(`PATCH ${path}`, { password: 'open sesame', passwordMustChange: true })
  t.match(given, { status: 200, body: { passwordMustChange: true, pinMustChange: false } })
  await cluster.ask(`PATCH ${path}`, { password: 'close sesame' })
  t.match(
    (await cluster.ask(`GET ${path}`)).body,
    { passwordMustChange: true },
    'only the administrator says otherwise',
  )
  t.match((await cluster.ask(`PATCH ${path}`, { passwordMustChange: false })).body, { passwordMustChange: false })
})

t.test('A1.4: users set their own maximum login time where their user profile allows it', async (t) => {
  const cluster = await loneCluster(t)
  const path = '/api/v1/users/bob'
  const own = (maximumLoginTime: string) => cluster.ask(`PUT ${path}/maximum-login-time`, { maximumLoginTime })
  t.match(await own('4:00'), { status: 409, body: { detail: /bob has no user profile/u } })
  await cluster.ask('POST /api/v1/user-profiles', { name: 'Hot desking' })
  await cluster.ask(`PATCH ${path}`, { userProfile: 'Hot desking' })
  t.match(await own('4:00'), { status: 409, body: { detail: /Hot desking/u } })
  await cluster.ask('PATCH /api/v1/user-profiles/Hot%20desking', { maySetMaximumLoginTime: true })
  t.match(await own('4:00'), { status: 200, body: { maximumLoginTime: '4:00' } })
  for (const wrong of ['169:00', '4', '4:60']) t.match(await own(wrong), { status: 422, body: { detail: /HHH:MM/u } })
  t.match(await own(''), { status: 200, body: { maximumLoginTime: '' } })
})

t.test('an administrator sets locale, user profile and maximum login time of any user', async (t) => {
  const cluster = await loneCluster(t)
  const changes = { userLocale: 'French_France', maximumLoginTime: ':30' }
  t.match(await cluster.ask('PATCH /api/v1/users/bob', changes), { status: 200, body: changes })
  t.equal((await cluster.ask('PATCH /api/v1/users/bob', { userProfile: 'no-such' })).status, 422)
  t.equal((await cluster.ask('PATCH /api/v1/users/bob', { maximumLoginTime: '8h' })).status, 422)
  t.match((await cluster.ask('GET /api/v1/users/bob')).body, changes)
})
