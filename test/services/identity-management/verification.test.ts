import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createIdentityManagement } from '../../../services/identity-management/index.ts'
import { day, identityOf, minute } from './identity.ts'

t.test('a PIN is right or wrong, and a password is another credential', async (t) => {
  const { enter, user, verifyPassword } = await identityOf(t)
  t.equal(await enter('bob', '12345'), 'right')
  t.equal(await enter('bob', '12346'), 'wrong')
  t.equal(await verifyPassword(user('alice'), 'Correct-Horse'), 'right')
  t.equal(await verifyPassword(user('alice'), '24680'), 'wrong')
  t.equal(await enter('alice', 'Correct-Horse'), 'wrong')
  t.equal(await verifyPassword(user('bob'), '12345'), 'wrong', 'bob has no password')
})

t.test(
  'nobody, a user without a PIN and a locked one cost one hash and one write each, as a wrong PIN does',
  async (t) => {
    const { enter, hasher, set, state, writesOf } = await identityOf(t)
    await set('alice', { lockedUntil: Infinity })
    await enter('nobody', '1')
    for (const [userId, pin] of [
      ['bob', '99999'],
      ['nobody', '99999'],
      ['kally', '99999'],
      ['alice', '99999'],
      ['alice', '24680'],
    ] as const) {
      hasher.verified = 0
      t.equal(await writesOf(() => enter(userId, pin)), 1, userId)
      t.equal(hasher.verified, 1, userId)
    }
    t.match(state('alice'), { failures: 0, lastFailureAt: 0 }, 'attempts on a locked account are not counted')
  },
)

t.test('a right PIN writes only when there are failures to be forgotten', async (t) => {
  const { enter, state, writesOf } = await identityOf(t)
  t.equal(await writesOf(() => enter('bob', '12345')), 0)
  await enter('bob', '99999')
  t.match(state('bob'), { failures: 1 })
  t.equal(await writesOf(() => enter('bob', '12345')), 1)
  t.match(state('bob'), { failures: 0, lastFailureAt: 0, lockedUntil: 0 })
})

t.test('Failed Logon: the last allowed wrong PIN locks the account, and says so once', async (t) => {
  const { clock, enter, state, told } = await identityOf(t)
  t.same([await enter('bob', '1'), await enter('BOB', '2')], ['wrong', 'wrong'])
  t.same(told('credentialLocked'), [])
  t.equal(await enter('bob', '3'), 'locked')
  t.match(state('bob'), { failures: 3, lockedUntil: clock.now() + 20 * minute })
  t.same([await enter('bob', '12345'), await enter('bob', '4')], ['locked', 'locked'], 'the right PIN is of no use')
  t.match(told('credentialLocked'), [{ userId: 'bob', credential: 'PIN' }])
  t.equal(told('credentialLocked').length, 1)
  t.equal(await enter('alice', '24680'), 'right', 'nobody else is locked')
})

t.test('Failed Logon: a password has a count of its own', async (t) => {
  const { enter, told, user, verifyPassword } = await identityOf(t)
  for (const password of ['a', 'b', 'c']) await verifyPassword(user('alice'), password)
  t.equal(await verifyPassword(user('alice'), 'Correct-Horse'), 'locked')
  t.equal(await enter('alice', '24680'), 'right')
  t.match(told('credentialLocked'), [{ userId: 'alice', credential: 'User Password' }])
})

t.test('No Limit for Failed Logons: nothing is ever locked', async (t) => {
  const { enter, state } = await identityOf(t, { failedLogonAttempts: 0 })
  for (let attempt = 0; attempt < 12; attempt += 1) t.equal(await enter('bob', 'x'), 'wrong')
  t.match(state('bob'), { failures: 12, lockedUntil: 0 })
  t.equal(await enter('bob', '12345'), 'right')
})

t.test('Lockout Duration: after it the right PIN is right, and counting begins anew', async (t) => {
  const { clock, enter, state } = await identityOf(t)
  for (const pin of ['1', '2', '3']) await enter('bob', pin)
  clock.advance(20 * minute - 1)
  t.equal(await enter('bob', '12345'), 'locked')
  clock.advance(1)
  t.equal(await enter('bob', '4'), 'wrong')
  t.match(state('bob'), { failures: 1, lockedUntil: 0 })
  t.equal(await enter('bob', '12345'), 'right')
})

t.test('Administrator Must Unlock: the lock does not end by itself', async (t) => {
  const { clock, enter, set } = await identityOf(t, { lockoutMinutes: 0 })
  for (const pin of ['1', '2', '3']) await enter('bob', pin)
  clock.advance(3650 * day)
  t.equal(await enter('bob', '12345'), 'locked')
  await set('bob', { lockedUntil: 0, failures: 0 })
  t.equal(await enter('bob', '12345'), 'right')
})

t.test('Reset Failed Logon Attempts: wrong PINs of long ago do not count', async (t) => {
  const { clock, enter, state } = await identityOf(t)
  await enter('bob', '1')
  clock.advance(30 * minute - 1)
  await enter('bob', '2')
  t.match(state('bob'), { failures: 2 })
  clock.advance(30 * minute)
  t.equal(await enter('bob', '3'), 'wrong')
  t.match(state('bob'), { failures: 1 })
})

t.test('Credential Expires After: an older PIN is right but must be changed, unless it does not expire', async (t) => {
  const { clock, database, enter, hasher, set } = await identityOf(t, { expiresAfterDays: 180 })
  const { hash } = await hasher.hash('12345')
  await database.write(() => database.credentials.set('bob', 'PIN', { hash, changedAt: clock.now() }))
  clock.advance(180 * day - 1)
  t.equal(await enter('bob', '12345'), 'right')
  clock.advance(1)
  t.equal(await enter('bob', '12345'), 'mustChange')
  t.equal(await enter('bob', '99999'), 'wrong')
  await set('bob', { doesNotExpire: true })
  t.equal(await enter('bob', '12345'), 'right')
})

t.test(
  'User Must Change at Next Login: the right PIN must be changed, and a wrong one is still only wrong',
  async (t) => {
    const { enter, set, state } = await identityOf(t)
    await set('bob', { mustChange: true })
    t.equal(await enter('bob', '99999'), 'wrong')
    t.equal(await enter('bob', '12345'), 'mustChange')
    t.match(state('bob'), { failures: 0, mustChange: true }, 'it was right, so failures are forgotten')
  },
)

t.test('racing wrong PINs all count, at however many doors', async (t) => {
  const { clock, database, events, enter, hasher, state, told, user } = await identityOf(t, { failedLogonAttempts: 20 })
  const door = createIdentityManagement({ database, hasher, clock, events })
  const attempts = Array.from({ length: 10 }, (_, n) => [enter('bob', `a${n}`), door.verifyPin(user('bob'), `b${n}`)])
  const verdicts = await Promise.all(attempts.flat())
  t.match(state('bob'), { failures: 20 })
  t.equal(verdicts.filter((verdict) => verdict === 'wrong').length, 19)
  t.equal(told('credentialLocked').length, 1)
})

t.test('a right PIN that was being hashed while the account was locked is of no use any more', async (t) => {
  const { enter, hasher, set } = await identityOf(t)
  hasher.meanwhile = () => set('bob', { failures: 3, lockedUntil: Infinity })
  t.equal(await enter('bob', '12345'), 'locked')
})

t.test('a user who is deleted while the PIN is hashed has none', async (t) => {
  const { database, enter, hasher } = await identityOf(t)
  hasher.meanwhile = () => database.write(() => database.endUsers.remove('bob'))
  t.equal(await enter('bob', '12345'), 'wrong')
  t.equal(await enter('bob', '99999'), 'wrong')
})

t.test('failures are on disk before the answer, and the PIN is not', async (t) => {
  const { enter, path } = await identityOf(t)
  await enter('bob', '1')
  // The process is killed here: what the log of writes holds is all there is.
  const { DatabaseSync } = await import('node:sqlite')
  const killed = join(t.testdirName, 'killed.sqlite')
  for (const suffix of ['', '-wal']) copyFileSync(`${path}${suffix}`, `${killed}${suffix}`)
  using reader = new DatabaseSync(killed)
  t.same(reader.prepare('SELECT rl_failures AS failures FROM credential ORDER BY failures DESC').all()[0], {
    failures: 1,
  })
  for (const suffix of ['', '-wal']) t.notOk(readFileSync(`${killed}${suffix}`).includes('12345'), 'only its hash')
})

t.test('a busy hasher rejects, and nobody is the next time still nobody', async (t) => {
  const { clock, database, events } = await identityOf(t)
  let busy = true
  const hasher = {
    hash: async () => {
      if (busy) throw Object.assign(new Error('busy'), { code: 'CREDENTIAL_HASHER_BUSY' })
      return { hash: '', changedAt: 0 }
    },
    verify: async () => false,
  }
  const { verifyPin } = createIdentityManagement({ database, clock, events, hasher })
  await t.rejects(verifyPin(undefined, '1'), { code: 'CREDENTIAL_HASHER_BUSY' })
  busy = false
  t.equal(await verifyPin(undefined, '1'), 'wrong')
})

t.test('a door that anybody may knock at fills the hasher’s queue no further than its bound', async (t) => {
  const { database, clock, events, hasher, user } = await identityOf(t)
  const door = createIdentityManagement({ database, clock, events, hasher, atOnce: 2 })
  const enter = (userId?: string) => door.verifyPin(userId === undefined ? undefined : user(userId), '12345')
  const first = [enter('bob'), enter()]
  for (const userId of ['bob', 'kally', undefined]) {
    await t.rejects(enter(userId), { code: 'CREDENTIAL_HASHER_BUSY' }, userId ?? 'nobody')
  }
  t.same(await Promise.all(first), ['right', 'wrong'])
  t.equal(await enter('bob'), 'right', 'a place is free again')
})
