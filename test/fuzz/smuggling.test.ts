// Requests whose end two readers could see at different places, over a real socket: none of them gets a second request in.
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'tap'
import { startThrowAwayCluster } from '../../scripts/reproduce/throw-away-cluster.ts'

const logout = 'GET /emapp/EMAppServlet?device=SEP000000010001&doLogout=true HTTP/1.1\r\nHost: x\r\n\r\n'
const post =
  'POST /emservice/EMServiceServlet HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n'
const length = Buffer.byteLength(logout)
const chunk = `${length.toString(16)}\r\n${logout}\r\n0\r\n\r\n`

/** Each hides a logout in what one of two readers takes for a body. */
const shapes: Readonly<Record<string, string>> = {
  'Content-Length and Transfer-Encoding': `${post}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${logout}`,
  'Transfer-Encoding and Content-Length': `${post}Transfer-Encoding: chunked\r\nContent-Length: ${5 + length}\r\n\r\n0\r\n\r\n${logout}`,
  'two lengths': `${post}Content-Length: 0\r\nContent-Length: ${length}\r\n\r\n${logout}`,
  'a list of lengths': `${post}Content-Length: 0, ${length}\r\n\r\n${logout}`,
  'a length with a sign': `${post}Content-Length: +${length}\r\n\r\n${logout}`,
  'a length in hexadecimal': `${post}Content-Length: 0x0\r\n\r\n${logout}`,
  'a blank before the colon': `${post}Content-Length : ${length}\r\n\r\n${logout}`,
  'an unknown transfer coding': `${post}Transfer-Encoding: xchunked\r\n\r\n${logout}`,
  'chunked not last': `${post}Transfer-Encoding: chunked, identity\r\n\r\n${chunk}`,
  'a folded header': `${post}Transfer-Encoding:\r\n chunked\r\nContent-Length: ${length}\r\n\r\n${logout}`,
  'a bare line feed in a header': `${post}X: a\nTransfer-Encoding: chunked\r\nContent-Length: ${length}\r\n\r\n${logout}`,
  'a bare carriage return in a header': `${post}X: a\rContent-Length: 0\r\nContent-Length: ${length}\r\n\r\n${logout}`,
  'a null in a header': `${post}X: a\0b\r\nContent-Length: 0\r\n\r\n${logout}`,
  'a chunk size that overflows': `${post}Transfer-Encoding: chunked\r\n\r\nffffffffffffffff0\r\n${logout}`,
  'a chunk size that is no number': `${post}Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n${logout}`,
  'a chunk without its end': `${post}Transfer-Encoding: chunked\r\n\r\n1\r\nab${logout}`,
}

/** All that the server says until it closes or has been silent on a request that it should have refused. */
async function speak(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port) })
  await once(socket, 'connect')
  let said = ''
  socket.on('data', (data) => void (said += data))
  socket.on('error', () => {})
  socket.write(text)
  await once(socket, 'close')
  return said
}

test('a request that two readers would end at different places', async (t) => {
  await using cluster = await startThrowAwayCluster()
  const loggedIn = async (): Promise<boolean> => {
    const { answer } = await cluster.phone('device=SEP000000010001')
    return answer.includes('doLogout=true')
  }
  t.ok(await loggedIn(), 'alice is logged in')
  for (const [shape, text] of Object.entries(shapes)) {
    const said = await speak(cluster.http, text)
    t.match(said, /^HTTP\/1\.1 400 /u, `${shape}: 400`)
    t.match(said.toLowerCase(), /connection: close/u, `${shape}: the connection ends`)
    t.equal(said.split('HTTP/1.1 ').length - 1, 1, `${shape}: one answer`)
    t.ok(await loggedIn(), `${shape}: alice is still logged in`)
  }
})

test('two honest requests in one packet get two answers, in order', async (t) => {
  await using cluster = await startThrowAwayCluster()
  const ask = (device: string, end = '') => `GET /emapp/EMAppServlet?device=${device} HTTP/1.1\r\nHost: x\r\n${end}\r\n`
  const said = await speak(cluster.http, ask('SEP000000010002') + ask('SEP0000000100FF', 'Connection: close\r\n'))
  t.match(said, /CiscoIPPhoneInput[^]*\(11\)/u)
})

test('ten megabytes are refused without being read to the end', async (t) => {
  await using cluster = await startThrowAwayCluster()
  const said = await speak(
    cluster.http,
    `${post}Content-Length: 10485760\r\nConnection: close\r\n\r\n${'A'.repeat(400_000)}`,
  )
  t.match(said, /^HTTP\/1\.1 413 /u)
})

test('CONNECT is refused with 405, and the connection ends', async (t) => {
  await using cluster = await startThrowAwayCluster()
  const said = await speak(cluster.http, `CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: x\r\n\r\n${logout}`)
  t.match(said, /^HTTP\/1\.1 405 /u)
  t.equal(said.split('HTTP/1.1 ').length - 1, 1, 'one answer')
})
