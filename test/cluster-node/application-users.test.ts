import t from 'tap'
import { createApplicationUsers } from '../../cluster-node/application-users.ts'
import { fakeDatabase, fakeDisk, fakeHasher } from './fixtures/fake-parts.ts'

function house() {
  const disk = fakeDisk()
  const hasher = fakeHasher()
  const users = createApplicationUsers({ database: () => fakeDatabase(disk), hasher: () => hasher })
  return { disk, hasher, users }
}

t.test('a right password is compared once and then recognised at once', async (t) => {
  const { hasher, users } = house()
  t.match(await users.authenticate('reader', 'secret'), { userId: 'reader' })
  const again = users.authenticate('reader', 'secret')
  t.notOk(again instanceof Promise)
  t.match(again, { userId: 'reader' })
  t.equal(hasher.compared, 1)
})

t.test('a wrong password and an unknown user cost the same, each time', async (t) => {
  const { hasher, users } = house()
  for (const [userId, password] of [
    ['reader', 'wrong'],
    ['nobody', 'secret'],
    ['reader', 'wrong'],
  ] as const) {
    t.equal(await users.authenticate(userId, password), undefined)
  }
  t.equal(hasher.compared, 3)
})

t.test('user and password are not interchangeable', async (t) => {
  const { disk, users } = house()
  disk.users.push({ userId: 'read', groups: [], roles: [] })
  disk.passwords.set('read', 'ersecret')
  t.match(await users.authenticate('reader', 'secret'), { userId: 'reader' })
  t.match(await users.authenticate('read', 'ersecret'), { userId: 'read' })
  t.match(users.authenticate('reader', 'secret'), { userId: 'reader' })
})

t.test('the same credentials at the same moment are compared once', async (t) => {
  const { hasher, users } = house()
  const all = await Promise.all(Array.from({ length: 50 }, () => users.authenticate('reader', 'secret')))
  t.equal(all.filter((user) => user?.userId === 'reader').length, 50)
  t.equal(hasher.compared, 1)
})

t.test('a flood of guesses is turned away and does not lock out who is known', async (t) => {
  const { users } = house()
  await users.authenticate('reader', 'secret')
  const guesses = Array.from({ length: 64 }, (_, index) => users.authenticate('reader', `guess ${index}`))
  t.throws(() => users.authenticate('reader', 'one more'), { message: /too many passwords/u })
  t.match(users.authenticate('reader', 'secret'), { userId: 'reader' })
  t.same(new Set(await Promise.all(guesses)), new Set([undefined]))
  t.equal(await users.authenticate('reader', 'one more'), undefined, 'and when it is over, all is as before')
})

t.test('a changed password, a removed role and a removed user are noticed within seconds', async (t) => {
  const { disk, hasher, users } = house()
  let now = performance.now()
  t.intercept(performance, 'now', { value: () => now })
  await users.authenticate('reader', 'secret')
  disk.users.splice(1, 1, { userId: 'reader', groups: [], roles: [] })
  now += 1001
  t.match(users.authenticate('reader', 'secret'), { roles: [] })
  t.equal(hasher.compared, 1, 'without comparing again')

  disk.passwords.set('reader', 'changed')
  now += 1001
  t.equal(await users.authenticate('reader', 'secret'), undefined)
  t.match(await users.authenticate('reader', 'changed'), { userId: 'reader' })
  disk.users.splice(1, 1)
  now += 1001
  t.equal(await users.authenticate('reader', 'changed'), undefined)
})

t.test('a hasher that fails is not remembered', async (t) => {
  const { hasher, users } = house()
  const verify = hasher.verify.bind(hasher)
  hasher.verify = () => Promise.reject(new Error('no memory'))
  await t.rejects(Promise.resolve(users.authenticate('reader', 'secret')), /no memory/u)
  hasher.verify = verify
  t.match(await users.authenticate('reader', 'secret'), { userId: 'reader' })
})
