import t from 'tap'
import { createCredentialCache } from '../../../../services/extension-mobility/proof/credential-cache.ts'
import { loneCluster, quickHasher } from '../../../fixtures/lone-cluster.ts'

const phone = 'SEP000000010001'
const byProxy = { kind: 'proxy', applicationUser: 'emproxy' } as const

function cacheAt(start: number, options: { keepMs?: number; maxUsers?: number } = {}) {
  let now = start
  const clock = { now: () => now }
  const cache = createCredentialCache({ clock, keepMs: 120_000, maxUsers: 3, ...options })
  return { cache, pass: (ms: number) => (now += ms) }
}

t.test('a PIN is known for two minutes from when it was right, not longer by being used', async (t) => {
  const { cache, pass } = cacheAt(1000)
  cache.add('bob', '12345')
  pass(119_999)
  t.ok(cache.knows('bob', '12345'))
  pass(1)
  t.notOk(cache.knows('bob', '12345'))
  t.equal(cache.size, 0)
})

t.test('only this user’s PIN is known', async (t) => {
  const { cache } = cacheAt(0)
  cache.add('bob', '12345')
  t.notOk(cache.knows('bob', '12346'))
  t.notOk(cache.knows('alice', '12345'))
  t.notOk(cache.knows('bo', 'b12345'))
})

t.test('users and PINs are bounded, the oldest go first', async (t) => {
  const { cache } = cacheAt(0)
  for (const user of ['bob', 'alice', 'kally', 'dora']) cache.add(user, '1')
  t.equal(cache.size, 3)
  t.notOk(cache.knows('bob', '1'))
  t.ok(cache.knows('dora', '1'))
  for (const pin of ['2', '3', '4']) cache.add('dora', pin)
  t.same(
    ['1', '2', '3', '4'].map((pin) => cache.knows('dora', pin)),
    [false, true, true, true],
  )
})

t.test('with 0 ms nothing is kept', async (t) => {
  const { cache } = cacheAt(0, { keepMs: 0 })
  cache.add('bob', '12345')
  t.notOk(cache.knows('bob', '12345'))
  t.equal(cache.size, 0)
})

t.test('A1.6 Cache: old and new PIN both work for two minutes after a change, then the new one alone', async (t) => {
  const cluster = await loneCluster(t)
  const logIn = (pin: string) =>
    cluster.mobility.login({ deviceName: phone, userId: 'bob', proof: { kind: 'pin', pin } })
  await logIn('12345')
  await cluster.ask('PATCH /api/v1/users/bob', { pin: '54321' })
  await cluster.mobility.logout(phone, 'manual')
  await logIn('54321')
  await logIn('12345')
  cluster.clock.advance(120_000)
  await t.rejects(logIn('12345'), { code: 201 })
  await logIn('54321')
})

t.test('A1.6 Cache: a login within two minutes costs no hash', async (t) => {
  let verified = 0
  const quick = quickHasher()
  const hasher: typeof quick = {
    hash: quick.hash,
    verify: (secret, stored) => {
      verified++
      return quick.verify(secret, stored)
    },
  }
  const cluster = await loneCluster(t, { hasher })
  const logIn = () => cluster.ask('POST /api/v1/logins', { deviceName: phone, userId: 'bob', pin: '12345' })
  for (let i = 0; i < 3; i++) t.equal((await logIn()).status, 201)
  t.equal(verified, 1)
})

t.test('a user who is deleted and made again does not keep the old PIN', async (t) => {
  const cluster = await loneCluster(t)
  const logIn = (pin: string) =>
    cluster.mobility.login({ deviceName: phone, userId: 'bob', proof: { kind: 'pin', pin } })
  await logIn('12345')
  await cluster.ask('DELETE /api/v1/users/bob')
  await cluster.addUser({ userId: 'bob', pin: '777', deviceProfiles: ['bob-profile'] })
  await t.rejects(logIn('12345'), { code: 201 })
  t.match(await logIn('777'), { userId: 'bob' })
})

t.test('a PIN that must be changed is 41, also while the cache knows it', async (t) => {
  const cluster = await loneCluster(t)
  const logIn = (pin: string) =>
    cluster.mobility.login({ deviceName: phone, userId: 'bob', proof: { kind: 'pin', pin } })
  const { credentials } = cluster.database
  const mustChange = (value: boolean) =>
    cluster.database.write(() => credentials.setState('bob', 'PIN', { mustChange: value }))
  await mustChange(true)
  await t.rejects(logIn('54321'), { code: 201 }, 'a wrong one is a wrong one')
  await t.rejects(logIn('12345'), { code: 41, facts: { phoneDisplay: 'PIN change is required' } })
  await mustChange(false)
  await logIn('12345')
  await mustChange(true)
  await t.rejects(logIn('12345'), { code: 41 })
  await t.rejects(cluster.mobility.authenticate({ userId: 'bob', proof: { kind: 'pin', pin: '12345' } }), { code: 41 })
  t.match(await cluster.mobility.login({ deviceName: phone, userId: 'bob', proof: byProxy }), { userId: 'bob' })
})

t.test('a locked account reads like a wrong PIN, also while the cache knows the right one', async (t) => {
  const cluster = await loneCluster(t)
  const logIn = (pin: string) =>
    cluster.mobility.login({ deviceName: phone, userId: 'bob', proof: { kind: 'pin', pin } })
  await logIn('12345')
  const { credentials } = cluster.database
  const lockedUntil = cluster.clock.now() + 60_000
  await cluster.database.write(() => credentials.setState('bob', 'PIN', { lockedUntil }))
  const wrong = await logIn('54321').catch((error: unknown) => error)
  const right = await logIn('12345').catch((error: unknown) => error)
  t.match(right, { code: 201 })
  t.same(JSON.stringify(right), JSON.stringify(wrong))
  cluster.clock.advance(60_000)
  t.match(await logIn('12345'), { userId: 'bob' })
})
