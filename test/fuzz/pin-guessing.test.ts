// Somebody guesses a PIN through every door that looks at one, under the credential policy as it is after installation.
import { test } from 'tap'
import type { Test } from 'tap'
import { changeCredential } from '../../services/change-credential/index.ts'
import { emapp } from '../../services/emapp/index.ts'
import { phoneServices } from '../../services/phone-services/index.ts'
import { loneCluster } from '../fixtures/lone-cluster.ts'

const phone = 'SEP000000010001'
const rightPin = '12345'
const minute = 60_000

/** All that ever tells that a PIN was right, or is to be changed. */
const telling = /Logged in|^AUTHORIZED$|PIN change is|"loginTime"/u

/** A cluster of which bob owns the phone, and its doors: each is told an ID of bob's (or nobody's) and a PIN. */
async function besieged(t: Test) {
  const cluster = await loneCluster(t, {
    also: [
      [emapp as never, {}],
      [changeCredential as never, {}],
      [phoneServices as never, {}],
    ],
  })
  const { app, ask, database } = cluster
  await database.write(() => {
    database.devices.update(phone, { owner: 'bob' })
    // A guess that is told to come again later (26) is no guess.
    database.serviceParameters.set('Cisco Extension Mobility', 'Maximum Concurrent Requests', '100')
  })
  const page = async (path: string, fields: Readonly<Record<string, string>>) =>
    (await app.inject(`${path}?${new URLSearchParams(fields).toString()}`)).body
  const emApp = (loginType: string, ids: Readonly<Record<string, string>>) => (user: string, pin: string) =>
    page('/emapp/EMAppServlet', { device: phone, loginType, userid: ids[user] ?? user, seq: pin })
  const doors: Readonly<Record<string, (user: string, pin: string) => Promise<string>>> = {
    'EMApp by user ID': emApp('UID', {}),
    'EMApp by self-service ID': emApp('SP', { bob: '4711', nobody: '4712' }),
    'EMApp by extension': emApp('DN', { bob: '1000001', nobody: '1999999' }),
    JSON: async (user, pin) =>
      JSON.stringify((await ask('POST /api/v1/logins', { deviceName: phone, userId: user, pin })).body),
    'authenticate.jsp': (user, pin) =>
      page('/ccmcip/authenticate.jsp', { UserID: user, Password: pin, devicename: phone }),
    'Change Credential': async (user, pin) => {
      const change = { changePin: 'true', userid: user, oldpin: pin, newpin: '86420', confirmnewpin: '86420' }
      // The link back repeats who was asked for.
      return (await page('/changecredential/ChangeCredentialServlet', change)).replaceAll(`userid=${user}`, '')
    },
  }
  const failures = () => database.credentials.state('bob', 'PIN')?.failures
  return { ...cluster, doors, failures, policy: database.credentialPolicies.current() }
}

type Besieged = Awaited<ReturnType<typeof besieged>>

/** Wrong PINs, one after the other, until the account is locked. */
async function lock({ doors, policy }: Besieged): Promise<void> {
  const ways = Object.values(doors)
  for (let guess = 0; guess < policy.failedLogonAttempts; guess++) {
    await ways[guess % ways.length]?.('bob', String(70_000 + guess))
  }
}

test('a wrong PIN is counted once, whatever the door, and reads as it does for nobody', async (t) => {
  const cluster = await besieged(t)
  const { doors, database, failures } = cluster
  for (const [name, door] of Object.entries(doors)) {
    await database.write(() => database.credentials.setState('bob', 'PIN', { failures: 0, lastFailureAt: 0 }))
    const answer = await door('bob', '99999')
    t.equal(failures(), 1, name)
    t.equal(await door('nobody', '99999'), answer, `${name}: nobody`)
    t.equal(failures(), 1, `${name}: nobody counts for nobody`)
    t.notMatch(answer, telling)
  }
})

test('a hundred and eighty guesses at once through all doors: the right one is among those that come too late', async (t) => {
  const cluster = await besieged(t)
  const { doors, policy, failures, told } = cluster
  t.ok(policy.failedLogonAttempts > 0 && policy.failedLogonAttempts < 50, 'the policy locks')
  const ways = Object.values(doors)
  const guesses = Array.from({ length: 180 }, (_, guess) => {
    const pin = guess >= 100 && guess % 5 === 0 ? rightPin : String(70_000 + guess)
    return ways[guess % ways.length]?.('bob', pin)
  })
  const answers = await Promise.all(guesses)
  t.notOk(
    answers.find((answer) => telling.test(answer ?? '')),
    'no answer tells which one was right',
  )
  t.equal(failures(), policy.failedLogonAttempts, 'no more were looked at than the policy allows')
  t.equal(told('credentialLocked').length, 1)
  t.same([...told('login'), ...told('pinChanged')], [])
})

test('while the account is locked the right PIN reads as a wrong one at every door, and is right again after that', async (t) => {
  const cluster = await besieged(t)
  const { clock, doors, policy, told, mobility } = cluster
  await lock(cluster)
  t.equal(told('credentialLocked').length, 1)
  clock.advance(policy.lockoutMinutes * minute - 1)
  for (const [name, door] of Object.entries(doors)) {
    const answer = await door('bob', rightPin)
    t.equal(answer, await door('bob', '99999'), name)
    t.notMatch(answer, telling)
    // Change Credential alone says that an account is locked, as documented; and so that there is one.
    if (name !== 'Change Credential') t.equal(answer, await door('nobody', '99999'), `${name}: nobody`)
  }
  clock.advance(1)
  for (const [name, door] of Object.entries(doors)) {
    t.match(await door('bob', rightPin), telling, name)
    if (mobility.logins().length > 0) await mobility.logout(phone, 'manual')
  }
})

test('a PIN that Extension Mobility has seen lately is refused as well once the account is locked', async (t) => {
  const cluster = await besieged(t)
  const { doors, mobility } = cluster
  for (const [name, door] of Object.entries(doors)) {
    if (!/EMApp|JSON/u.test(name)) continue
    t.match(await door('bob', rightPin), telling, name)
    await mobility.logout(phone, 'manual')
  }
  await lock(cluster)
  for (const [name, door] of Object.entries(doors)) t.notMatch(await door('bob', rightPin), telling, name)
})
