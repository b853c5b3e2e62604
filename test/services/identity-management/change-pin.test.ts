import t from 'tap'
import { identityOf, minute, policyName } from './identity.ts'

t.test('bob changes his PIN: the new one is right, the old one wrong, and it is told', async (t) => {
  const { change, enter, heard, logged, told } = await identityOf(t)
  t.equal(await change('12345', '70935'), 'changed')
  t.equal(await enter('bob', '70935'), 'right')
  t.equal(await enter('bob', '12345'), 'wrong')
  t.match(told('pinChanged'), [{ userId: 'bob' }])
  const said = JSON.stringify(heard) + logged.join('')
  for (const secret of ['12345', '70935', 'argon2']) t.notOk(said.includes(secret), 'no secret is told or logged')
})

t.test('what a request shows to be wrong costs neither a hash nor an attempt', async (t) => {
  const { change, hasher, state, writesOf } = await identityOf(t)
  hasher.verified = 0
  const writes = await writesOf(async () => {
    t.equal(await change('12345', '70935', { confirmNewPin: '70936' }), 'NEW_PIN_MISMATCH')
    t.equal(await change('12345', '12345'), 'NEW_PIN_SAME_AS_OLD_PIN')
    t.equal(await change('12345', '7093'), 'tooShort')
    t.equal(await change('12345', '7093A'), 'notNumeric')
  })
  t.equal(hasher.verified, 0)
  t.equal(writes, 0)
  t.match(state('bob'), { failures: 0 })
})

t.test('an unknown user, one without a PIN and a wrong old PIN change nothing and cost the same', async (t) => {
  const { change, hasher, state, writesOf } = await identityOf(t)
  await change('x', '70935', { userId: 'nobody' })
  for (const [userId, outcome] of [
    ['nobody', 'DIRUSER_ERROR'],
    ['kally', 'INVALID_CREDENTIAL'],
    ['bob', 'INVALID_CREDENTIAL'],
  ] as const) {
    hasher.verified = 0
    const writes = await writesOf(async () => t.equal(await change('99999', '70935', { userId }), outcome))
    t.equal(hasher.verified, 1, userId)
    t.equal(writes, 1, userId)
  }
  t.match(state('bob'), { failures: 1 })
  t.equal(state('kally'), undefined)
})

t.test('guessing the old PIN locks the account here as at login', async (t) => {
  const { change, clock, enter } = await identityOf(t)
  await enter('bob', '1')
  t.equal(await change('2', '70935'), 'INVALID_CREDENTIAL')
  t.equal(await change('3', '70935'), 'USER_LOCKED')
  t.equal(await change('12345', '70935'), 'USER_LOCKED')
  clock.advance(20 * minute)
  t.equal(await change('12345', '70935'), 'changed')
})

t.test('whoever is at home in another cluster changes the PIN there: here it would come back', async (t) => {
  const { change, database, enter } = await identityOf(t)
  await database.write(() => database.endUsers.update('bob', { homeCluster: false }))
  t.equal(await change('99999', '70935'), 'INVALID_CREDENTIAL', 'told only to who knows the PIN')
  t.equal(await change('12345', '70935'), 'notAtHome')
  t.equal(await enter('bob', '12345'), 'right')
})

t.test('User Must Change at Next Login: the change ends it', async (t) => {
  const { change, enter, set } = await identityOf(t)
  await set('bob', { mustChange: true })
  t.equal(await change('12345', '70935'), 'changed')
  t.equal(await enter('bob', '70935'), 'right')
})

t.test('User Cannot Change: only who knows the PIN is told', async (t) => {
  const { change, enter, set } = await identityOf(t)
  await set('bob', { cannotChange: true })
  t.equal(await change('99999', '70935'), 'INVALID_CREDENTIAL')
  t.equal(await change('12345', '70935'), 'cannotChange')
  t.equal(await enter('bob', '12345'), 'right')
})

t.test('Check for Trivial Passwords: bob’s own numbers are refused, and only to who knows the PIN', async (t) => {
  const { change, database } = await identityOf(t)
  t.equal(await change('99999', '1000001'), 'INVALID_CREDENTIAL')
  t.equal(await change('12345', '1000001'), 'trivial', 'the primary extension')
  t.equal(await change('12345', '94711'), 'trivial', 'the self-service user ID')
  await database.write(() => database.credentialPolicies.update(policyName, { checkForTrivial: false }))
  t.equal(await change('12345', '1000001'), 'changed')
})

t.test('Stored Number of Previous Credentials: so many earlier PINs are refused, no more', async (t) => {
  const { change, state } = await identityOf(t)
  const pins = ['12345', '70935', '28193', '60482', '91736', '83027']
  for (const [index, pin] of pins.slice(1).entries()) t.equal(await change(pins[index] ?? '', pin), 'changed')
  t.equal(state('bob')?.history.length, 3)
  for (const pin of ['91736', '60482', '28193']) t.equal(await change('83027', pin), 'inHistory', pin)
  t.equal(await change('83027', '70935'), 'changed', 'the fourth before it may come back')
})

t.test('Stored Number of Previous Credentials: 0 lets every earlier PIN come back', async (t) => {
  const { change } = await identityOf(t, { storedHistory: 0 })
  t.equal(await change('12345', '70935'), 'changed')
  t.equal(await change('70935', '83027'), 'changed')
  t.equal(await change('83027', '70935'), 'changed')
})

t.test('a shorter history rule counts at once, also for what was stored before', async (t) => {
  const { change, database } = await identityOf(t)
  await change('12345', '70935')
  await change('70935', '83027')
  await change('83027', '60482')
  await database.write(() => database.credentialPolicies.update(policyName, { storedHistory: 1 }))
  t.equal(await change('60482', '83027'), 'inHistory')
  t.equal(await change('60482', '70935'), 'changed')
})

t.test('of two who change the same PIN at once, one does', async (t) => {
  const { change, enter } = await identityOf(t)
  const outcomes = await Promise.all([change('12345', '70935'), change('12345', '83027')])
  t.same(outcomes.toSorted(), ['INVALID_CREDENTIAL', 'changed'])
  t.equal(await enter('bob', outcomes[0] === 'changed' ? '70935' : '83027'), 'right')
})

for (const [what, changes, outcome] of [
  ['a lock', { lockedUntil: Infinity }, 'USER_LOCKED'],
  ['a ban', { cannotChange: true }, 'cannotChange'],
] as const) {
  t.test(`${what} that comes while the new PIN is hashed is obeyed`, async (t) => {
    const { change, enter, hasher, set } = await identityOf(t)
    const { hash } = hasher
    hasher.hash = async (secret) => {
      await set('bob', changes)
      return hash(secret)
    }
    t.equal(await change('12345', '70935'), outcome)
    await set('bob', { lockedUntil: 0 })
    t.equal(await enter('bob', '12345'), 'right')
  })
}

t.test('a user who is deleted while the new PIN is hashed gets none', async (t) => {
  const { change, database, hasher } = await identityOf(t)
  const { hash } = hasher
  hasher.hash = async (secret) => {
    await database.write(() => database.endUsers.remove('bob'))
    return hash(secret)
  }
  t.equal(await change('12345', '70935'), 'INVALID_CREDENTIAL')
})
