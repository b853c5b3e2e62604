import t from 'tap'
import { openPeopledDatabase, noon } from '../fixtures/test-database.ts'

const hash = (name: string, changedAt = noon) => ({ hash: `$argon2id$${name}`, changedAt })
const untouched = {
  mustChange: false,
  doesNotExpire: false,
  cannotChange: false,
  failures: 0,
  lastFailureAt: 0,
  lockedUntil: 0,
  history: [],
}

t.test('an end user’s PIN and password are two credentials, each with its own state', async (t) => {
  const { credentials, sql, write } = await openPeopledDatabase(t)
  await write(() => {
    credentials.set('bob', 'PIN', hash('pin'))
    credentials.set('bob', 'User Password', hash('password'))
    credentials.setState('bob', 'PIN', { mustChange: true })
  })
  t.match(credentials.find('BOB', 'PIN'), hash('pin'))
  t.match(credentials.find('bob', 'User Password'), hash('password'))
  t.strictSame(credentials.state('Bob', 'PIN'), { ...untouched, mustChange: true })
  t.strictSame(credentials.state('bob', 'User Password'), untouched)
  t.equal(credentials.state('alice', 'PIN'), undefined)
  const kinds = sql.prepare('SELECT tkcredential FROM credential WHERE fkenduser IS NOT NULL ORDER BY 1').all()
  t.strictSame(
    kinds.map((row) => row['tkcredential']),
    [3, 4],
  )
})

t.test('a new credential keeps the earlier ones, newest first, and no more than the policy says', async (t) => {
  const { credentials, credentialPolicies, write } = await openPeopledDatabase(t)
  const history = () => credentials.state('bob', 'PIN')?.history
  const set = (name: string) => write(() => credentials.set('bob', 'PIN', hash(name)))
  await set('1')
  t.strictSame(history(), [])
  await set('2')
  await set('3')
  t.strictSame(history(), [hash('2').hash, hash('1').hash])
  await set('3')
  t.strictSame(history(), [hash('2').hash, hash('1').hash], 'the same one is no earlier one')
  await write(() => credentialPolicies.update('Default Credential Policy', { storedHistory: 2 }))
  await set('4')
  t.strictSame(history(), [hash('3').hash, hash('2').hash])
  await write(() => credentialPolicies.update('Default Credential Policy', { storedHistory: 0 }))
  await set('5')
  t.strictSame(history(), [])
})

t.test('a new credential ends failures and lock, and nothing else', async (t) => {
  const { credentials, write } = await openPeopledDatabase(t)
  await write(() => credentials.set('bob', 'PIN', hash('1')))
  const state = { mustChange: true, doesNotExpire: true, cannotChange: true }
  const guessed = { failures: 5, lastFailureAt: noon, lockedUntil: noon + 1000 }
  await write(() => credentials.setState('bob', 'PIN', { ...state, ...guessed }))
  t.strictSame(credentials.state('bob', 'PIN'), { ...untouched, ...state, ...guessed })
  await write(() => credentials.set('bob', 'PIN', hash('2')))
  t.strictSame(credentials.state('bob', 'PIN'), { ...untouched, ...state, history: [hash('1').hash] })
})

t.test('a lock without an end is kept as -1 and read as Infinity', async (t) => {
  const { credentials, endUsers, sql, write } = await openPeopledDatabase(t)
  await write(() => credentials.set('bob', 'PIN', hash('1')))
  await write(() => credentials.setState('bob', 'PIN', { lockedUntil: Infinity }))
  t.equal(sql.prepare('SELECT rl_lockeduntilms FROM credential').get()?.['rl_lockeduntilms'], -1)
  // Any change of configuration makes the database read its rows again.
  await write(() => endUsers.update('bob', { firstName: 'Bob' }))
  t.equal(credentials.state('bob', 'PIN')?.lockedUntil, Infinity)
})

t.test('who has no credential has no state to change, and an unknown owner is refused', async (t) => {
  const { credentials, write } = await openPeopledDatabase(t)
  await t.rejects(
    write(() => credentials.setState('bob', 'PIN', { failures: 1 })),
    { code: 'DATABASE_NOT_FOUND', message: /"bob" has no PIN/u },
  )
  await t.rejects(
    write(() => credentials.set('mallory', 'User Password', hash('1'))),
    { code: 'DATABASE_UNKNOWN_REFERENCE', message: /end user "mallory"/u },
  )
})

t.test('an undone attempt is not counted, and counting one forgets nothing else', async (t) => {
  const { credentials, devices, write } = await openPeopledDatabase(t)
  await write(() => credentials.set('bob', 'PIN', hash('1')))
  await t.rejects(
    write(() => {
      credentials.setState('bob', 'PIN', { failures: 1 })
      t.equal(credentials.state('bob', 'PIN')?.failures, 1)
      throw new Error('no')
    }),
  )
  t.equal(credentials.state('bob', 'PIN')?.failures, 0)
  const phone = devices.find('SEP000000010001')
  await write(() => credentials.setState('bob', 'PIN', { failures: 1 }))
  t.equal(devices.find('SEP000000010001'), phone, 'the very same value')
})

t.test('there is one credential policy, in force from the start, with bounds', async (t) => {
  const { credentialPolicies, write } = await openPeopledDatabase(t)
  const policy = {
    name: 'Default Credential Policy',
    failedLogonAttempts: 5,
    resetFailedLogonAttemptsMinutes: 30,
    lockoutMinutes: 30,
    minimumLength: 5,
    storedHistory: 12,
    checkForTrivial: true,
    expiresAfterDays: 0,
  }
  t.strictSame({ ...credentialPolicies.current() }, policy)
  const changes = { failedLogonAttempts: 0, lockoutMinutes: 0, checkForTrivial: false, expiresAfterDays: 90 }
  await write(() => credentialPolicies.update(policy.name, changes))
  t.strictSame({ ...credentialPolicies.current() }, { ...policy, ...changes })
  t.strictSame(credentialPolicies.list(), [credentialPolicies.current()])
  for (const wrong of [{ minimumLength: 0 }, { storedHistory: 26 }, { lockoutMinutes: -1 }, { minimumLength: 5.5 }]) {
    await t.rejects(
      write(() => credentialPolicies.update(policy.name, wrong)),
      { code: 'DATABASE_INVALID' },
      JSON.stringify(wrong),
    )
  }
  await t.rejects(
    write(() => credentialPolicies.update('Strict', {})),
    { code: 'DATABASE_NOT_FOUND' },
  )
})
