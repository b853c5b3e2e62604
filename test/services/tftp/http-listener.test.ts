import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import t from 'tap'
import type { Test } from 'tap'
import { openHttpListener } from '../../../services/tftp/http-listener.ts'

const log = pino({ level: 'silent' })

async function listen(t: Test) {
  const listener = await openHttpListener({
    host: '127.0.0.1',
    port: 0,
    log,
    files: {
      read(name) {
        if (name === 'broken.txt') throw new Error('the database is not there')
        return name === 'bob.txt' ? Buffer.from('the file of bob, ü') : undefined
      },
    },
  })
  t.teardown(() => listener.close())
  return listener
}

/** What comes back for bytes on a connection of their own, until the other side closes it. */
async function say(port: number, request: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port })
  socket.end(request)
  let answer = ''
  socket.setEncoding('utf8').on('data', (text) => (answer += text))
  await once(socket, 'close')
  return answer
}

const get = (target: string, method = 'GET') =>
  `${method} ${target} HTTP/1.1\r\nHost: cluster1\r\nConnection: close\r\n\r\n`
const status = (answer: string) => Number(answer.split(' ')[1])

t.test('a file is answered with the vendor’s headers, spelt as it spells them', async (t) => {
  const { port } = await listen(t)
  const answer = await say(port, get('/bob.txt'))
  t.match(answer, /^HTTP\/1\.1 200 OK\r\n/u)
  t.match(answer, /\r\nContent-length: 19\r\n/u)
  t.match(answer, /\r\nCache-Control: no-store\r\n/u)
  t.match(answer, /\r\nContent-type: \*\/\*\r\n/u)
  t.ok(answer.endsWith('\r\n\r\nthe file of bob, ü'))
})

t.test('HEAD is answered like GET, without the file', async (t) => {
  const answer = await say((await listen(t)).port, get('/bob.txt', 'HEAD'))
  t.match(answer, /\r\nContent-length: 19\r\n/u)
  t.ok(answer.endsWith('\r\n\r\n'))
})

t.test('a phone may name the host in the request line, and a query means nothing', async (t) => {
  const { port } = await listen(t)
  t.equal(status(await say(port, get('http://cluster1:6970/bob.txt'))), 200)
  t.equal(status(await say(port, get('/bob.txt?1'))), 200)
})

t.test('what is not there is not found, and no path leads anywhere', async (t) => {
  const { port } = await listen(t)
  for (const target of [
    '/',
    '/kally.txt',
    '/bob.txt.sgn',
    '//bob.txt',
    '/./bob.txt',
    '/x/../bob.txt',
    '/%62ob.txt',
    '/bob.txt%00',
    '/../../etc/passwd',
    '/..%2f..%2fetc%2fpasswd',
    '*',
  ]) {
    t.equal(status(await say(port, get(target))), 404, target)
  }
})

t.test('nothing is written here', async (t) => {
  const { port } = await listen(t)
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE']) {
    const answer = await say(port, get('/bob.txt', method))
    t.equal(status(answer), 405, method)
    t.match(answer, /\r\nAllow: GET, HEAD\r\n/u)
  }
})

t.test('a file that cannot be made is a 500 without details', async (t) => {
  const answer = await say((await listen(t)).port, get('/broken.txt'))
  t.equal(status(answer), 500)
  t.notMatch(answer, /database/u)
})

t.test('what is no HTTP is refused, and the next one is served', async (t) => {
  const { port } = await listen(t)
  t.equal(status(await say(port, get('bob.txt'))), 400)
  t.equal(status(await say(port, get('\\bob.txt'))), 400)
  t.equal(status(await say(port, '\0\u0001SEP000000010001.cnf.xml\0octet\0')), 400)
  t.equal(status(await say(port, `GET /bob.txt HTTP/1.1\r\nHost: a\r\n${'x'.repeat(20_000)}: y\r\n\r\n`)), 400)
  t.equal(status(await say(port, get('/bob.txt'))), 200)
})

t.test('closing cuts connections that wait, and frees the port', async (t) => {
  const listener = await listen(t)
  const idle = connect({ host: '127.0.0.1', port: listener.port })
  idle.on('error', () => {})
  await once(idle, 'connect')
  const cut = once(idle, 'close')
  await Promise.all([listener.close(), listener.close()])
  await cut
  const server = createServer().listen(listener.port, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  t.equal((server.address() as AddressInfo).port, listener.port)
})
