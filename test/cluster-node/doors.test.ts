import { readFile, readdir } from 'node:fs/promises'
import { connect } from 'node:net'
import { request as httpsRequest } from 'node:https'
import type { RequestOptions } from 'node:https'
import { text } from 'node:stream/consumers'
import { pino } from 'pino'
import { Type } from 'typebox'
import t from 'tap'
import { buildApp } from '../../cluster-node/app.ts'
import { loadIdentity } from '../../services/certificates/index.ts'
import { CredentialHasherBusy } from '../../services/database/index.ts'
import { Problem } from '../../services/problem.ts'
import { Role } from '../../services/service.ts'
import type { ServiceApp } from '../../services/service.ts'
import { basic, fakeService } from './fixtures/fake-parts.ts'
import { startCluster } from './fixtures/start-cluster.ts'

function routes(app: ServiceApp): void {
  app.get('/open', { config: { access: 'open' } }, async () => ({ hello: 'world' }))
  app.get('/admin', { config: { access: 'role', role: Role.administer } }, async ({ applicationUser }) => ({
    applicationUser,
  }))
  app.get('/peer', { config: { access: 'peer' } }, async ({ peer }) => ({ peer }))
  app.get('/bug', { config: { access: 'open' } }, () => Promise.reject(new Error('secret inside')))
  app.get('/busy', { config: { access: 'open' } }, () => Promise.reject(new CredentialHasherBusy(1024)))
  app.get('/refused', { config: { access: 'open' } }, () => {
    throw new Problem({
      status: 409,
      title: 'Another user logged in',
      detail: 'alice',
      code: 18,
      phoneDisplay: 'Login is unavailable(18)',
    })
  })
  const body = Type.Object({ active: Type.Boolean() }, { additionalProperties: false })
  app.post('/body/:id', { config: { access: 'open' }, schema: { body } }, (request) => Promise.resolve(request.body))
  app.delete('/body/:id', { config: { access: 'open' } }, () => Promise.resolve({ deleted: true }))
  const consumes = ['application/x-www-form-urlencoded', 'text/csv']
  app.post('/form', { config: { access: 'open' }, schema: { consumes } }, () => Promise.resolve({}))
}

async function problemOf(response: Response): Promise<Record<string, unknown>> {
  return {
    mediaType: response.headers.get('content-type'),
    http: response.status,
    ...((await response.json()) as object),
  }
}

const mediaType = 'application/problem+json'

t.test('both doors serve the same routes', async (t) => {
  const { addresses, folder } = await startCluster(t, { services: [fakeService('callmanager', [], { routes })] })
  t.same(await (await fetch(`${addresses.http}/open`)).json(), { hello: 'world' })
  t.same(
    await (
      await secureGet(`${addresses.https}/open`, { ca: await readFile(`${folder}/secrets/lab-ca/ca.pem`) })
    ).body,
    { hello: 'world' },
  )
})

t.test('a role is asked for its user, the right password and the role itself', async (t) => {
  const { addresses } = await startCluster(t, { services: [fakeService('callmanager', [], { routes })] })
  const get = (headers: Record<string, string>) => fetch(`${addresses.http}/admin`, { headers })
  t.same(await (await get(basic('administrator', 'roamline'))).json(), { applicationUser: 'administrator' })

  for (const headers of [
    {},
    basic('administrator', 'wrong'),
    basic('nobody', 'roamline'),
    { authorization: 'Basic !!!' },
    { authorization: 'Bearer x' },
  ]) {
    const response = await get(headers as Record<string, string>)
    t.match(response.headers.get('www-authenticate'), /^Basic realm="Roamline"/u)
    t.match(await problemOf(response), { http: 401, mediaType, status: 401, title: 'Unauthorized' })
  }
  const forbidden = await get(basic('emproxy', 'secret'))
  t.equal(forbidden.headers.get('www-authenticate'), null)
  t.match(await problemOf(forbidden), { http: 403, detail: /emproxy does not hold the role Standard CCM Admin Users/u })
})

t.test('a route for peers opens to certificates of the lab only, and tells their names', async (t) => {
  const { addresses, folder, cluster } = await startCluster(t, {
    services: [fakeService('callmanager', [], { routes })],
  })
  const place = (name: string, secrets: string) => ({
    name,
    hosts: [],
    dataDirectory: `${folder}/peer-of-${secrets}`,
    secretsDirectory: `${folder}/${secrets}`,
  })
  const ca = await readFile(`${folder}/secrets/lab-ca/ca.pem`)
  const url = `${addresses.https}/peer`

  const alice = await loadIdentity(place('cluster2', 'secrets'))
  t.match(await secureGet(url, { ca, cert: alice.certPem, key: alice.keyPem }), {
    status: 200,
    body: { peer: 'cluster2' },
  })
  const stranger = await loadIdentity(place('cluster2', 'other-lab'))
  t.match(await secureGet(url, { ca, cert: stranger.certPem, key: stranger.keyPem }), {
    status: 403,
    body: { detail: /lab's CA/u },
  })
  t.match(await secureGet(url, { ca }), { status: 403, body: { detail: /lab's CA/u } })
  t.match(await problemOf(await fetch(`${addresses.http}/peer`)), { http: 403, mediaType, detail: /HTTPS only/u })
  t.match((await cluster.app.inject('/peer')).statusCode, 403)
})

t.test('a resumed TLS session still carries the name of its peer', async (t) => {
  const { addresses, folder } = await startCluster(t, { services: [fakeService('callmanager', [], { routes })] })
  const place = { name: 'cluster2', hosts: [], dataDirectory: `${folder}/peer`, secretsDirectory: `${folder}/secrets` }
  const { certPem, keyPem, caPem } = await loadIdentity(place)
  let session: Buffer | undefined
  for (const attempt of ['first', 'resumed']) {
    const options = { ca: caPem, cert: certPem, key: keyPem, agent: false, session, minVersion: 'TLSv1.3' as const }
    const answer = await secureGet(`${addresses.https}/peer`, options, (ticket) => (session = ticket))
    t.match(answer, { status: 200, body: { peer: 'cluster2' } }, attempt)
  }
  t.ok(session)
})

t.test('every mistake of a caller is a problem document', async (t) => {
  const { addresses } = await startCluster(t, { services: [fakeService('callmanager', [], { routes })] })
  const post = (body: string | Uint8Array, type = 'application/json') =>
    fetch(`${addresses.http}/body/1`, { method: 'POST', headers: { 'content-type': type }, body: body as string })
  const expectations: readonly [what: string, response: Response, expected: object][] = [
    [
      'unknown path',
      await fetch(`${addresses.http}/nothing?pin=12345`),
      { http: 404, instance: '/nothing', detail: 'there is nothing at /nothing; /documentation has all there is' },
    ],
    [
      'wrong case',
      await fetch(`${addresses.http}/Body/7`),
      { http: 404, detail: 'there is nothing at /Body/7: URLs are case-sensitive, and this one is /body/:id' },
    ],
    [
      'wrong verb',
      await fetch(`${addresses.http}/body/7`, { method: 'PATCH' }),
      { http: 405, detail: /takes DELETE, POST, not PATCH/u },
    ],
    ['bad URL', await fetch(`${addresses.http}/%zz`), { http: 400 }],
    ['wrong content type', await post('{}', 'text/plain'), { http: 415, detail: 'send the body as application/json' }],
    ['form', await post('active=true', 'application/x-www-form-urlencoded'), { http: 415 }],
    ['1 MB', await post(JSON.stringify({ active: 'x'.repeat(1_000_000) })), { http: 413 }],
    ['broken JSON', await post('{"active":'), { http: 400, detail: /not valid JSON/u }],
    ['no body', await post(''), { http: 400, detail: /empty/u }],
    [
      'broken UTF-8',
      await post(Buffer.from('7b22616374697665223a22ff227d', 'hex')),
      { http: 400, detail: /not valid UTF-8/u },
    ],
    ['half of a character', await post(String.raw`{"active":"\ud83d"}`), { http: 400, detail: /half of a character/u }],
    ['half of a name', await post(String.raw`{"\\\uDE00":true}`), { http: 400, detail: /half of a character/u }],
    ['both halves', await post(String.raw`{"active":"\ud83d\ude00"}`), { http: 400, detail: /must be true or false/u }],
    [
      'an escape that is none',
      await post(String.raw`{"active":"\\ud83d"}`),
      { http: 400, detail: /must be true or false/u },
    ],
    ['prototype poisoning', await post('{"active":true,"__proto__":{}}'), { http: 400 }],
    [
      'wrong type',
      await post('{"active":"true"}'),
      { http: 400, detail: 'body.active must be true or false (a boolean)' },
    ],
    ['missing member', await post('{}'), { http: 400, detail: 'body.active is missing' }],
    ['unknown member', await post('{"active":true,"b":1}'), { http: 400, detail: 'body.b is unknown' }],
    ['a hasher with a full queue', await fetch(`${addresses.http}/busy`), { http: 503, detail: /try again/u }],
    [
      'refusal',
      await fetch(`${addresses.http}/refused`),
      { http: 409, code: 18, phoneDisplay: 'Login is unavailable(18)', title: 'Another user logged in' },
    ],
  ]
  for (const [what, response, expected] of expectations) {
    const problem = await problemOf(response)
    t.match(problem, { mediaType, status: response.status, ...expected }, what)
    t.notOk(JSON.stringify(problem).includes('12345'), 'no query in a problem')
  }
  const allow = (await fetch(`${addresses.http}/open`, { method: 'DELETE' })).headers.get('allow')
  t.equal(allow, 'GET, HEAD')
  t.equal((await fetch(`${addresses.http}/open`)).status, 200, 'and the cluster lives')
})

t.test('a wrong content type is told which one is right, by what the route says that it takes', async (t) => {
  const { addresses } = await startCluster(t, { services: [fakeService('callmanager', [], { routes })] })
  for (const type of ['text/plain', 'no media type', 'a b/c']) {
    const response = await fetch(`${addresses.http}/form`, {
      method: 'POST',
      headers: { 'content-type': type },
      body: 'x',
    })
    t.match(await problemOf(response), {
      http: 415,
      detail: 'send the body as application/x-www-form-urlencoded or text/csv',
    })
  }
})

t.test('a request that needs no body may name the content type of the body that it has not', async (t) => {
  const { addresses } = await startCluster(t, { services: [fakeService('callmanager', [], { routes })] })
  const headers = { 'content-type': 'application/json', 'content-length': '0' }
  const response = await fetch(`${addresses.http}/body/1`, { method: 'DELETE', headers })
  t.equal(response.status, 200)
  t.same(await response.json(), { deleted: true })
})

t.test('what is not HTTP is answered and the connection ends', async (t) => {
  const { addresses } = await startCluster(t)
  const { port, hostname } = new URL(addresses.http)
  const socket = connect(Number(port), hostname)
  socket.write('garbage\r\n\r\n')
  t.match(await text(socket), /^HTTP\/1\.1 400 Bad Request\r\nContent-Type: application\/problem\+json[^]*well-formed/u)
})

t.test('a bug says nothing to the caller and everything to the log', async (t) => {
  const lines: string[] = []
  const { addresses } = await startCluster(t, {
    services: [fakeService('callmanager', [], { routes })],
    config: { log: { level: 'info' } },
    logDestination: { write: (line) => void lines.push(line) },
  })
  const problem = await problemOf(await fetch(`${addresses.http}/bug?pin=12345`))
  t.match(problem, { http: 500, mediaType, title: 'Internal Server Error' })
  t.notMatch(JSON.stringify(problem), /secret inside/u)
  t.match(lines.join(''), /secret inside/u)
  t.notMatch(lines.join(''), /12345/u)
})

t.test('credentials never reach the log', async (t) => {
  const lines: string[] = []
  const { cluster } = await startCluster(t, {
    config: { log: { level: 'info' } },
    logDestination: { write: (line) => void lines.push(line) },
  })
  const secret = { pin: '12345', password: '12345', authorization: '12345', credential: { hash: '12345' } }
  cluster.log.info({ ...secret, body: secret, request: { headers: secret, body: secret } }, 'login')
  cluster.log.child({ service: 'ils' }).info({ config: { ils: secret } }, 'start')
  t.match(lines.join(''), /"login"[^]*"start"/u)
  t.notMatch(lines.join(''), /12345/u)
})

t.test('a route that does not say who may call it stops the boot', async (t) => {
  const careless = (app: ServiceApp): void => void app.get('/careless', async () => ({}))
  const services = [fakeService('callmanager', [], { routes: careless })]
  await t.rejects(startCluster(t, { services }), /route GET \/careless does not say who may call it/u)
})

t.test('a boot that fails leaves nothing that is still being written', async (t) => {
  const careless = (app: ServiceApp): void => void app.get('/careless', async () => ({}))
  const folder = t.testdir()
  await t.rejects(startCluster(t, { services: [fakeService('callmanager', [], { routes: careless })], folder }))
  const files = await readdir(folder, { recursive: true })
  t.ok(files.includes('data/identity.pem'), 'the certificate that was being made is made')
  t.strictSame(
    files.filter((file) => file.includes('new')),
    [],
  )
})

t.test('an inactive service answers 503 until it is activated', async (t) => {
  const services = [fakeService('callmanager', [], { title: 'Cisco CallManager', routes })]
  const { addresses } = await startCluster(t, { services, config: { services: { callmanager: { active: false } } } })
  t.match(await problemOf(await fetch(`${addresses.http}/open`)), {
    http: 503,
    mediaType,
    detail: /Cisco CallManager is not active on cluster1/u,
  })
  const put = (active: boolean) =>
    fetch(`${addresses.http}/api/v1/services/Cisco%20CallManager`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json', ...basic('administrator', 'roamline') },
      body: JSON.stringify({ active }),
    })
  t.match(await (await put(true)).json(), { name: 'callmanager', active: true })
  t.equal((await fetch(`${addresses.http}/open`)).status, 200)
  await put(false)
  t.equal((await fetch(`${addresses.http}/open`)).status, 503)
})

interface Answer {
  readonly status: number | undefined
  readonly body: unknown
}

async function secureGet(url: string, options: RequestOptions, onSession?: (session: Buffer) => void): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpsRequest(url, options, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode, body: JSON.parse(body) as unknown }), reject)
    })
    if (onSession) request.once('socket', (socket) => socket.once('session', onSession))
    request.once('error', reject).end()
  })
}

t.test('a request that does not arrive whole within two minutes is given up', async (t) => {
  const { app } = buildApp({ log: pino({ level: 'silent' }), users: { authenticate: () => undefined } })
  t.teardown(() => app.close())
  t.equal(app.server.requestTimeout, 120_000)
})
