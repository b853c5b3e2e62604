import { array, asyncProperty, assert, constantFrom, oneof, string, tuple } from 'fast-check'
import t from 'tap'
import { createTickets } from '../../../services/emapp/tickets.ts'
import { parsePhonePage } from '../../../services/wire/phone-xml/index.ts'
import { emCluster } from './fixtures/em-phone.ts'

const path = '/emapp/EMAppServlet'
const form = { 'content-type': 'application/x-www-form-urlencoded' }
const login = 'device=SEP000000010001&userid=bob&seq=12345'

type Question = {
  readonly query?: string
  readonly body?: string | Buffer
  readonly headers?: Record<string, string>
  readonly status: number
}

const questions: Readonly<Record<string, Question>> = {
  'a field that comes twice': { query: `${login}&userid=alice`, status: 400 },
  'a field in the query and in the form': { query: login, body: 'userid=alice', headers: form, status: 400 },
  'broken percent encoding': { query: `${login}&profile=%zz`, status: 400 },
  'percent encoding that is no UTF-8': { query: 'device=SEP000000010001&userid=bob%FF&seq=12345', status: 400 },
  'a form that is no UTF-8': { body: Buffer.from(`${login}\xff`, 'latin1'), headers: form, status: 400 },
  'a NUL in a user ID': { query: 'device=SEP000000010001&userid=bob%00&seq=12345', status: 400 },
  'a line end in a PIN': { query: 'device=SEP000000010001&userid=bob&seq=12345%0d%0a', status: 400 },
  'a line end in a device name': { query: 'device=SEP%0aX', status: 400 },
  'a value of 513 bytes': { query: `${login}&profile=${'x'.repeat(513)}`, status: 400 },
  'more fields than anybody sends': {
    query: `${login}${Array.from({ length: 33 }, (_, at) => `&field${at}=`).join('')}`,
    status: 400,
  },
  'a form of 10 MB': { body: `${login}&x=${'x'.repeat(10_000_000)}`, headers: form, status: 413 },
  JSON: {
    body: JSON.stringify({ device: 'SEP000000010001' }),
    headers: { 'content-type': 'application/json' },
    status: 415,
  },
  XML: { body: '<login/>', headers: { 'content-type': 'text/xml' }, status: 415 },
}

t.test('bad input is refused with a reason and changes nothing', async (t) => {
  const { app, database, logged } = await emCluster(t)
  for (const [what, { query = '', body, headers = {}, status }] of Object.entries(questions)) {
    const reply = await app.inject({
      method: body === undefined ? 'GET' : 'POST',
      url: `${path}?${query}`,
      headers,
      ...(body !== undefined && { payload: body }),
    })
    t.equal(reply.statusCode, status, what)
    t.match(reply.json(), { status, detail: /./u })
    t.notMatch(reply.body, '12345')
  }
  t.same(database.logins.list(), [])
  t.notMatch(logged.join(''), '12345')
})

t.test('other verbs are not taken', async (t) => {
  const { app } = await emCluster(t)
  for (const method of ['PUT', 'DELETE', 'PATCH'] as const) {
    const reply = await app.inject({ method, url: `${path}?${login}` })
    t.match(reply, { statusCode: 405, headers: { allow: 'GET, HEAD, POST' } })
  }
})

t.test('what a user ID holds is text on the page, never markup', async (t) => {
  const { app, addUser, database } = await emCluster(t)
  const userId = '<b>&"alice'
  await addUser({ userId, deviceProfiles: ['bob-profile'] })
  const loggedIn = await app.inject({
    url: `${path}?device=SEP000000010001&userid=${encodeURIComponent(userId)}&seq=12345`,
  })
  t.match(loggedIn.body, '&lt;b&gt;&amp;&quot;alice is logged in')
  t.equal(database.logins.on('SEP000000010001')?.userId, userId)
})

t.test('a device name longer than any address is a phone that does not exist', async (t) => {
  const { app, database } = await emCluster(t)
  const device = `SEP${'0'.repeat(300)}`
  const { body } = await app.inject({ url: `${path}?device=${device}` })
  t.match(body, 'Login is unavailable(11)')
  t.same(database.logins.list(), [])
})

t.test('tickets are bounded: the oldest gives way', async (t) => {
  const tickets = createTickets({ clock: { now: () => 0 }, keepMs: 1000, maxCount: 2 })
  const bearer = { deviceName: 'SEP000000010001', userId: 'bob' }
  const [first = '', second = '', third = ''] = [1, 2, 3].map(() => tickets.issue(bearer))
  t.equal(tickets.redeem(first, bearer), false)
  t.equal(tickets.redeem(second, bearer), true)
  t.equal(tickets.redeem(third, { deviceName: 'sep000000010001', userId: 'BOB' }), true, 'names compare without case')
})

t.test(
  'whatever is asked, the answer is a page that a phone takes or a refusal of the request; nobody gets in',
  async (t) => {
    const { app, database } = await emCluster(t)
    const name = oneof(
      constantFrom('device', 'userid', 'seq', 'doLogout', 'loginType', 'EMCC', 'profile', 'ticket', 'check'),
      string(),
    )
    const likely = constantFrom('SEP000000010001', 'bob', 'bob-profile', 'true', 'DN', 'SP', 'UID', '1000001', '#EMCC#')
    const value = oneof(likely, string({ unit: 'binary' }))
    const pieces = array(tuple(name, value, constantFrom(encodeURIComponent, encodeURI, String)), { maxLength: 8 })
    await assert(
      asyncProperty(pieces, async (fields) => {
        const query = fields.map(([field, text, encode]) => `${field}=${encode(text.toWellFormed())}`).join('&')
        const reply = await app.inject({ method: 'POST', url: path, headers: form, payload: query })
        if (reply.statusCode === 200) parsePhonePage(reply.body)
        return (reply.statusCode === 200 || reply.statusCode === 400) && database.logins.list().length === 0
      }),
      { seed: 20_261_121, numRuns: 2000 },
    )
  },
)
