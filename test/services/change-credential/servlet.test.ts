import type { Test } from 'tap'
import t from 'tap'
import { changeCredential } from '../../../services/change-credential/index.ts'
import { createCredentialHasher } from '../../../services/database/index.ts'
import { parsePhonePage } from '../../../services/wire/phone-xml/index.ts'
import { loneCluster } from '../../fixtures/lone-cluster.ts'
import type { LoneClusterOptions } from '../../fixtures/lone-cluster.ts'

const servlet = '/changecredential/ChangeCredentialServlet'
const phone = 'SEP000000010001'

/** A cluster with the servlet, asked as phones and scripts ask it. */
async function changeable(t: Test, options: LoneClusterOptions = {}) {
  const cluster = await loneCluster(t, { ...options, also: [[changeCredential as never, {}]] })
  const send = (method: 'GET' | 'POST' | 'HEAD' | 'PUT' | 'DELETE', url: string, more: object = {}) =>
    cluster.app.inject({ method, url, headers: { host: '10.0.0.1:8080' }, ...more })
  /** The URL that pinchange.js builds, which encodes nothing. */
  const submit = (userId: string, oldPin: string, newPin: string, confirm = newPin) =>
    `${servlet}?changePin=true&device=${phone}&userid=${userId}&oldpin=${oldPin}&newpin=${newPin}&confirmnewpin=${confirm}`
  const form = (payload: string, contentType?: string) =>
    send('POST', servlet, {
      payload,
      headers: { host: '10.0.0.1:8080', ...(contentType !== undefined && { 'content-type': contentType }) },
    })
  const isPin = async (pin: string) => {
    const stored = cluster.database.credentials.find('bob', 'PIN')
    return stored !== undefined && cluster.hasher.verify(pin, stored)
  }
  const policy = (changes: object) =>
    cluster.database.write(() => cluster.database.credentialPolicies.update('Default Credential Policy', changes))
  return { ...cluster, send, submit, form, isPin, policy }
}

/** What pinchange.js makes of an answer: substring tests on the JSON of it. */
function pinChange(body: string): string {
  const text = JSON.stringify({ Body: body, StatusCode: 200 })
  if (text.includes('PIN change is complete')) return 'done'
  if (text.includes('<Prompt>Contact system administrator</Prompt>')) return 'locked'
  if (text.includes('<Title>Change Credential</Title>'))
    return text.substring(text.search('<Prompt>') + 8, text.search('</Prompt>'))
  return 'timed out'
}

function inputPage(body: string) {
  const page = parsePhonePage(body)
  if (page.object !== 'CiscoIPPhoneInput') throw new Error(`${page.object} instead of the form`)
  return page
}

t.test('a phone gets the form: title, four fields, softkeys Change and Exit', async (t) => {
  const { send } = await changeable(t)
  const { statusCode, headers, body } = await send('GET', `${servlet}?device=${phone}`)
  t.equal(statusCode, 200)
  t.equal(headers['content-type'], 'text/xml; charset=utf-8')
  t.equal(headers['cache-control'], 'no-store')
  const page = inputPage(body)
  t.equal(page.title, 'Change Credential')
  t.equal(page.url, `http://10.0.0.1:8080${servlet}?changePin=true&device=${phone}`)
  t.same(
    page.items.map(({ displayName, queryStringParam, inputFlags }) => [displayName, queryStringParam, inputFlags]),
    [
      ['User ID', 'userid', 'A'],
      ['Current PIN', 'oldpin', 'NP'],
      ['New PIN', 'newpin', 'NP'],
      ['Confirm PIN', 'confirmnewpin', 'NP'],
    ],
  )
  t.match(page.softKeys, [{ name: 'Change', url: 'SoftKey:Submit' }, {}, { name: 'Exit', url: 'SoftKey:Exit' }])
})

t.test('what a phone sends of that form changes the PIN', async (t) => {
  const { isPin, send } = await changeable(t)
  const page = inputPage((await send('GET', `${servlet}?device=${phone}`)).body)
  const entered: Record<string, string> = { userid: 'bob', oldpin: '12345', newpin: '70935', confirmnewpin: '70935' }
  const query = page.items.map(({ queryStringParam: name }) => `&${name}=${entered[name]}`).join('')
  const { body } = await send('GET', `${page.url.replace('http://10.0.0.1:8080', '')}${query}`)
  t.match(parsePhonePage(body), {
    object: 'CiscoIPPhoneText',
    title: 'Change Credential',
    prompt: 'PIN change is complete',
    text: 'PIN Change Successful',
  })
  t.ok(await isPin('70935'))
})

t.test('the links lead to where the phone reached the cluster, over IPv6 too', async (t) => {
  const { context, send } = await changeable(t)
  const from = async (host: string) =>
    inputPage((await send('GET', servlet, { headers: { host } })).body).url.replace(/\/changecredential.*/u, '')
  t.equal(await from('[2001:db8::134]:8080'), 'http://[2001:db8::134]:8080')
  t.equal(await from('ucm.example.com'), 'http://ucm.example.com')
  t.equal(await from('evil"><x'), context.address().http)
  t.equal(await from(`${'u'.repeat(240)}.example.com`), context.address().http, 'a phone takes 256 characters')
})

t.test('Alphanumeric User ID False: the field takes digits only', async (t) => {
  const { database, send } = await changeable(t)
  await database.write(() =>
    database.serviceParameters.set('Cisco Extension Mobility', 'Alphanumeric User ID', 'False'),
  )
  const { items } = inputPage((await send('GET', `${servlet}?device=${phone}`)).body)
  t.equal(items[0]?.inputFlags, 'N')
})

t.test('the user ID is filled in: as asked for, else whoever is logged in on the phone', async (t) => {
  const { ask, send } = await changeable(t)
  const filledIn = async (query: string) =>
    inputPage((await send('GET', `${servlet}?${query}`)).body).items[0]?.defaultValue
  t.notOk(await filledIn(`device=${phone}`))
  await ask('POST /api/v1/logins', { deviceName: phone, userId: 'bob', pin: '12345' })
  t.equal(await filledIn(`device=${phone}`), 'bob')
  t.equal(await filledIn(`device=${phone}&userid=alice%40example.com`), 'alice@example.com')
  t.equal(await filledIn(`userid=${encodeURIComponent('<Källy> & "Tom"')}`), '<Källy> & "Tom"')
  t.notOk(await filledIn(`device=${phone}&userid=${'x'.repeat(33)}`), 'a phone takes 32 characters')
  t.notOk(await filledIn('device=SEPNOSUCH'))
  t.notOk(await filledIn(''))
})

t.test('pinchange.js reads every outcome', async (t) => {
  const { clock, database, policy, send, submit } = await changeable(t)
  await policy({
    failedLogonAttempts: 3,
    lockoutMinutes: 30,
    minimumLength: 5,
    storedHistory: 5,
    checkForTrivial: true,
  })
  const outcome = async (...request: Parameters<typeof submit>) =>
    pinChange((await send('GET', submit(...request))).body)
  t.equal(await outcome('bob', '12345', '70935', '70936'), 'New PINs do not match')
  t.equal(await outcome('bob', '12345', '12345'), 'New PIN equals current PIN')
  t.equal(await outcome('bob', '12345', '7093'), 'New PIN is too short')
  t.match((await send('GET', submit('bob', '12345', '7093'))).body, 'at least 5 digits', 'and how long it must be')
  t.equal(await outcome('bob', '12345', '7093A'), 'A PIN has digits only')
  t.equal(await outcome('bob', '12345', '77777'), 'New PIN is too easy to guess')
  t.equal(await outcome('bob', '12345', ''), 'Fill in all fields')
  t.equal(await outcome('', '12345', '70935'), 'Fill in all fields')
  t.equal(await outcome('bob', '99999', '70935'), 'Wrong user ID or PIN')
  t.equal(await outcome('bob', '12345', '70935'), 'done')
  t.equal(await outcome('bob', '70935', '12345'), 'New PIN is too easy to guess')
  t.equal(await outcome('bob', '70935', '83027'), 'done')
  t.equal(await outcome('bob', '83027', '70935'), 'New PIN was used before')
  await database.write(() => database.endUsers.update('bob', { homeCluster: false }))
  t.equal(await outcome('bob', '83027', '60482'), 'Change it in your home cluster')
  await database.write(() => database.endUsers.update('bob', { homeCluster: true }))
  await database.write(() => database.credentials.setState('bob', 'PIN', { cannotChange: true }))
  t.equal(await outcome('bob', '83027', '60482'), 'You cannot change this PIN')
  for (const pin of ['1', '2']) t.equal(await outcome('bob', pin, '60482'), 'Wrong user ID or PIN')
  t.equal(await outcome('bob', '3', '60482'), 'locked')
  t.equal(await outcome('bob', '83027', '60482'), 'locked')
  clock.advance(30 * 60_000)
  t.equal(await outcome('bob', '83027', '60482'), 'You cannot change this PIN')
})

t.test('an unknown user and a wrong PIN read the same, byte for byte but for the user ID', async (t) => {
  const { addUser, send, submit } = await changeable(t)
  await addUser({ userId: 'alice' })
  const page = async (userId: string) =>
    (await send('GET', submit(userId, '99999', '70935'))).body.replaceAll(`userid=${userId}`, 'userid=')
  t.equal(await page('alice'), await page('nobody'))
})

t.test('a form that is posted is read as a query is, also in part', async (t) => {
  const { form, isPin, send } = await changeable(t)
  const fields = 'changePin=true&userid=bob&oldpin=12345&newpin=70935&confirmnewpin=70935'
  t.equal(pinChange((await form(fields, 'application/x-www-form-urlencoded; charset=UTF-8')).body), 'done')
  t.ok(await isPin('70935'))
  t.equal(
    pinChange((await form('changePin=true&userid=bob&oldpin=70935&newpin=83027&confirmnewpin=83027')).body),
    'done',
    'without a content type',
  )
  const url = `${servlet}?changePin=true&device=${phone}&userid=bob`
  const payload = 'oldpin=83027&newpin=60482&confirmnewpin=60482'
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  t.equal(pinChange((await send('POST', url, { payload, headers })).body), 'done', 'half in the query')
  t.ok(await isPin('60482'))
  t.equal(inputPage((await send('POST', `${servlet}?userid=bob`)).body).items[0]?.defaultValue, 'bob', 'no body')
})

t.test('a HEAD tells what a GET would be like and changes nothing', async (t) => {
  const { isPin, send, submit } = await changeable(t)
  const { statusCode, headers, body } = await send('HEAD', submit('bob', '12345', '70935'))
  t.same([statusCode, body], [200, ''])
  t.match(headers['content-type'], /^text\/xml/u)
  t.ok(await isPin('12345'))
})

t.test('another verb gets 405 and which it may be', async (t) => {
  const { isPin, send, submit } = await changeable(t)
  for (const method of ['PUT', 'DELETE'] as const) {
    const { statusCode, headers } = await send(method, submit('bob', '12345', '70935'))
    t.equal(statusCode, 405)
    t.equal(headers['allow'], 'GET, HEAD, POST')
  }
  t.ok(await isPin('12345'))
})

t.test('what cannot be read is a page that says so, and nothing is changed or counted', async (t) => {
  const { database, form, isPin, send } = await changeable(t)
  const good = 'changePin=true&userid=bob&oldpin=12345&newpin=70935&confirmnewpin=70935'
  const bad = [
    `${good}&newpin=83027`,
    `${good}&userid=bob`,
    `${good}&x=%`,
    good.replace('bob', '%E9'),
    good.replace('bob', 'b%00ob'),
    good.replace('bob', 'bob%0D%0Aalice'),
    good.replace('12345', '12345%7F'),
    good.replace('bob', 'b'.repeat(600)),
    good.replace('12345', '1'.repeat(129)),
    `${good}&${Array.from({ length: 40 }, (_, n) => `x${n}=1`).join('&')}`,
  ]
  for (const fields of bad) {
    const name = fields.slice(0, 90)
    const answers = [await send('GET', `${servlet}?${fields}`), await form(fields, 'application/x-www-form-urlencoded')]
    for (const { statusCode, body } of answers) {
      t.equal(statusCode, 200, name)
      t.equal(pinChange(body), 'The entry cannot be read', name)
    }
  }
  for (const body of [
    (await form(`${good}&x=${'1'.repeat(16_384)}`)).body,
    (
      await send('POST', `${servlet}?userid=bob`, {
        payload: Buffer.concat([Buffer.from(`${good}&x=`), Buffer.from([0xff])]),
      })
    ).body,
    (await send('POST', `${servlet}?userid=alice`, { payload: good })).body,
  ]) {
    t.equal(pinChange(body), 'The entry cannot be read')
  }
  t.ok(await isPin('12345'))
  t.match(database.credentials.state('bob', 'PIN'), { failures: 0 })
})

t.test('unknown fields are ignored, and only changePin=true changes', async (t) => {
  const { isPin, send } = await changeable(t)
  const rest = 'userid=bob&oldpin=12345&newpin=70935&confirmnewpin=70935&locale=English&__proto__=x'
  for (const query of [rest, `changePin=false&${rest}`, `changepin=true&${rest}`]) {
    t.equal(inputPage((await send('GET', `${servlet}?${query}`)).body).items[0]?.defaultValue, 'bob', query)
  }
  t.ok(await isPin('12345'))
  t.equal(pinChange((await send('GET', `${servlet}?changePin=true&${rest}`)).body), 'done')
})

t.test('a body that is no form is refused', async (t) => {
  const { form } = await changeable(t)
  t.equal((await form('{"changePin":true}', 'application/json')).statusCode, 415)
})

t.test('no PIN and no user input is on a result page, and the way back fits into a phone', async (t) => {
  const { send } = await changeable(t)
  const trick = encodeURIComponent(`PIN change is complete ${'é'.repeat(80)}`)
  const query = `changePin=true&device=${'D'.repeat(50)}&userid=${trick}&oldpin=99999&newpin=70935&confirmnewpin=70935`
  const { body } = await send('GET', `${servlet}?${query}`)
  t.equal(pinChange(body), 'Wrong user ID or PIN')
  t.notMatch(body, /99999|70935/u)
  const page = parsePhonePage(body)
  t.match(page, { softKeys: [{ name: 'Back', url: /^.{1,256}$/u }, { name: 'Exit' }] })
})

t.test('too many who change at once are told to try again', async (t) => {
  const hasher = createCredentialHasher({ pepper: Buffer.from('pepper'), memoryKiB: 8, passes: 1, maxWaiting: 3 })
  const { send, submit } = await changeable(t, { hasher })
  const users = Array.from({ length: 20 }, (_, n) => `user${n}`)
  const answers = await Promise.all(users.map((user) => send('GET', submit(user, '12345', '70935'))))
  const prompts = new Set(answers.map(({ body }) => pinChange(body)))
  t.same([...prompts].toSorted(), ['Busy, please try again', 'Wrong user ID or PIN'])
  t.ok(answers.every(({ statusCode }) => statusCode === 200))
})

t.test('PINs are nowhere in what is logged or told', async (t) => {
  const { form, heard, logged, send, submit } = await changeable(t)
  await send('GET', submit('bob', '99999', '70935'))
  await send('GET', submit('bob', '12345', '83027', '60482'))
  await send('GET', submit('bob', '12345', '70935'))
  await send('PUT', submit('bob', '12345', '70935'))
  await form('changePin=true&userid=bob&oldpin=12345&oldpin=70935', 'application/x-www-form-urlencoded')
  await form('oldpin=12345&newpin=70935', 'application/json')
  t.match(
    heard.map(({ type }) => type),
    ['pinChanged'],
  )
  const said = JSON.stringify(heard) + logged.join('')
  for (const pin of ['12345', '99999', '70935', '83027', '60482']) t.notOk(said.includes(pin), pin)
})

t.test('A1.6 Cache: within two minutes of the change the old and the new PIN both log bob in', async (t) => {
  const { ask, clock, database, send, submit } = await changeable(t)
  await database.write(() =>
    database.serviceParameters.set('Cisco Extension Mobility', 'Multiple Login Behavior', 'Multiple Logins Allowed'),
  )
  const logIn = async (deviceName: string, pin: string) =>
    (await ask('POST /api/v1/logins', { deviceName, userId: 'bob', pin })).status
  t.equal(await logIn(phone, '12345'), 201)
  t.equal(pinChange((await send('GET', submit('bob', '12345', '70935'))).body), 'done')
  t.equal(await logIn('SEP000000010002', '70935'), 201)
  t.equal(await logIn('SEP000000010003', '12345'), 201)
  await ask('DELETE /api/v1/logins/SEP000000010003')
  clock.advance(120_000)
  t.equal(await logIn('SEP000000010003', '12345'), 403)
})
