// How documents arrive: em-wire 1.1, row by row and tolerance by tolerance.
import { connect } from 'node:net'
import t from 'tap'
import { loneCluster } from '../../../fixtures/lone-cluster.ts'
import { loginOf, logoutOf, password, post, query, request, send, servlet } from './em-api-door.ts'

const phone = 'SEP000000010001'
const form = 'application/x-www-form-urlencoded'
const deviceUserQuery = query(`<deviceUserQuery><deviceName>${phone}</deviceName></deviceUserQuery>`)
const encoded = `xml=${encodeURIComponent(deviceUserQuery)}`

t.test(
  'em-wire 1.1 method: a POST of one form field, and a GET with it in the query, are answered the same way',
  async (t) => {
    const cluster = await loneCluster(t)
    const posted = await send(cluster, { headers: { 'content-type': form }, payload: encoded })
    t.match(posted, { status: 200, outcome: 'deviceUserResults', headers: { 'content-type': /^text\/xml/u } })
    const got = await send(cluster, { method: 'GET', url: `${servlet}?${encoded}` })
    t.match(got, { status: 200, text: posted.text, headers: { 'content-type': posted.headers['content-type'] } })
    const postedInQuery = await send(cluster, { url: `${servlet}?${encoded}` })
    t.equal(postedInQuery.text, posted.text)
  },
)

t.test('em-wire 1.1 denied verbs: PUT, DELETE, HEAD, OPTIONS, TRACE and PATCH are answered with 405', async (t) => {
  const cluster = await loneCluster(t)
  for (const method of ['PUT', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'PATCH'] as const) {
    const { status, headers } = await send(cluster, { method: method as 'PUT', url: `${servlet}?${encoded}` })
    t.match({ status, headers }, { status: 405, headers: { allow: 'GET, POST' } }, method)
  }
})

t.test('em-wire 1.1 status: 200 for success and failure; the outcome is only in the XML', async (t) => {
  const cluster = await loneCluster(t)
  t.match(await post(cluster, request(loginOf('bob', phone))), { status: 200, outcome: 'success' })
  t.match(await post(cluster, request(loginOf('bob', 'SEP0'))), { status: 200, outcome: 'error 11' })
  t.match(await post(cluster, 'no XML'), { status: 200, outcome: 'error 1' })
})

t.test('em-wire 1.1: every form of request that a real client sends is read', async (t) => {
  const cluster = await loneCluster(t)
  const headers = { 'content-type': form }
  const basic = `Basic ${Buffer.from('emproxy:wrong').toString('base64')}`
  const tolerated = {
    'raw, unencoded angle brackets': { headers: { ...headers, accept: 'text/xml' }, payload: `xml=${deviceUserQuery}` },
    'a line end after the form': { headers, payload: `${encoded}\r\n` },
    'a line end after a raw document': { headers, payload: `xml=${deviceUserQuery}\n` },
    'no content type': { headers: { 'content-type': undefined } as never, payload: encoded },
    'a charset': { headers: { 'content-type': `${form}; charset=UTF-8` }, payload: encoded },
    'another content type': { headers: { 'content-type': 'text/xml' }, payload: encoded },
    'Connection: close': { headers: { ...headers, connection: 'close' }, payload: encoded },
    'HTTP Basic, which is not looked at': { headers: { ...headers, authorization: basic }, payload: encoded },
    'further fields': { headers, payload: `a=1&${encoded}&b=2` },
    'an address of a DTD': {
      headers,
      payload: `xml=${encodeURIComponent(`<!DOCTYPE query SYSTEM "http://127.0.0.1:8080/emservice/jsp/LoginQuery.dtd">\n${deviceUserQuery}`)}`,
    },
  }
  for (const [what, options] of Object.entries(tolerated)) {
    t.match(await send(cluster, options), { status: 200, outcome: 'deviceUserResults' }, what)
  }
})

t.test('em-wire 1.1 compression: answers are never compressed', async (t) => {
  const cluster = await loneCluster(t)
  const headers = { 'content-type': form, 'accept-encoding': 'gzip, deflate' }
  const answer = await send(cluster, { headers, payload: encoded })
  t.equal(answer.headers['content-encoding'], undefined)
  t.match(answer.text, /^<\?xml version="1\.0"\?>\n/u)
})

t.test('what is no form with a document in it is answered with 1', async (t) => {
  const cluster = await loneCluster(t)
  const headers = { 'content-type': form }
  const refused = {
    'no body': {},
    'an empty body': { headers, payload: '' },
    'no field xml': { headers, payload: 'XML=%3Crequest%2F%3E' },
    'the document without a form': { headers: { 'content-type': 'text/xml' }, payload: deviceUserQuery },
    JSON: { headers: { 'content-type': 'application/json' }, payload: { xml: deviceUserQuery } },
    'the field twice': { headers, payload: `${encoded}&${encoded}` },
    'the field in form and query': { url: `${servlet}?${encoded}`, headers, payload: encoded },
    'a broken escape': { headers, payload: `${encoded}%` },
    'an escape that is not UTF-8': { headers, payload: `xml=%FF${encoded.slice(4)}` },
    'bytes that are not UTF-8': { headers, payload: Buffer.concat([Buffer.from(encoded), Buffer.from([0xff])]) },
    'too many fields': { headers, payload: `${Array.from({ length: 16 }, (_, i) => `f${i}=`).join('&')}&${encoded}` },
  }
  for (const [what, options] of Object.entries(refused)) {
    const answer = await send(cluster, options)
    t.match(answer, { status: 200, outcome: 'error 1' }, what)
    t.notMatch(answer.text, /success/iu)
  }
})

t.test('a document of 256 KiB is read, a larger body is answered with 413', async (t) => {
  const cluster = await loneCluster(t)
  const padded = (length: number) => `xml=${deviceUserQuery.replace('</query>', `${' '.repeat(length)}</query>`)}`
  const most = 262_144 - padded(0).length
  const headers = { 'content-type': form }
  t.match(await send(cluster, { headers, payload: padded(most) }), { status: 200, outcome: 'deviceUserResults' })
  t.match(await send(cluster, { headers, payload: padded(most + 1) }), { status: 413 })
  t.match(await send(cluster, { headers, payload: `xml=${'x'.repeat(10_000_000)}` }), { status: 413 })
})

t.test('over a real socket: HTTP/1.0, headers in any case, and a verb that no server knows', async (t) => {
  const cluster = await loneCluster(t)
  const { port } = new URL(await cluster.app.listen({ host: '127.0.0.1', port: 0 }))
  const head = (method: string, more = '') => `${method} ${servlet} HTTP/1.0\r\n${more}`
  const body = `xml=${deviceUserQuery}\n`
  const posted = await exchange(Number(port), `${head('POST', `content-LENGTH: ${body.length}`)}\r\n\r\n${body}`)
  t.match(posted, /^HTTP\/1\.1 200 OK\r\n/u)
  t.match(posted, /\r\n\r\n<\?xml version="1\.0"\?>\n<response>\n<deviceUserResults>/u)
  const expecting = `${head('POST', `Expect: 100-continue\r\nContent-Length: ${body.length}`).replace('1.0', '1.1')}\r\nHost: x\r\nConnection: close\r\n\r\n${body}`
  t.match(
    await exchange(Number(port), expecting),
    /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/u,
    'as .NET asks first',
  )
  t.match(await exchange(Number(port), `${head('TRACE')}\r\n`), /^HTTP\/1\.1 405 /u)
  t.match(await exchange(Number(port), `${head('BREW')}\r\n`), /^HTTP\/1\.1 400 /u)
})

t.test('neither the password nor the document of a request reaches the log', async (t) => {
  const cluster = await loneCluster(t)
  await send(cluster, { method: 'GET', url: `${servlet}?xml=${encodeURIComponent(request(loginOf('bob', phone)))}` })
  await send(cluster, { method: 'GET', url: `${servlet}?xml=${encodeURIComponent(password)}` })
  cluster.mobility.faults.arm({ point: 'unexpected', times: 1 })
  t.match(await post(cluster, request(logoutOf(phone))), { outcome: 'error 0' })
  t.match(cluster.logged.join(''), /fault injected/u)
  t.notMatch(cluster.logged.join(''), new RegExp(`${password}|appCertificate|xml=`, 'u'))
  t.notMatch(JSON.stringify(cluster.heard), new RegExp(password, 'u'))
})

/** Writes bytes, and resolves with everything that comes until the connection ends. */
function exchange(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    socket.setEncoding('utf8')
    socket.on('data', (chunk: string) => void (text += chunk))
    socket.on('end', () => resolve(text))
    socket.on('error', reject)
  })
}
