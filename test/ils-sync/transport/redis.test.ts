import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { connect, createServer as createTcpServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { once } from 'node:events'
import t from 'tap'
import type { TransportError } from '../../../ils-sync/transport/api.ts'
import { createRedisTransport } from '../../../ils-sync/transport/redis.ts'
import { waitFor } from '../../fixtures/wait-for.ts'
import { findRedisServer, freePort, startEmbeddedRedis, startRedis } from './redis-server.ts'
import { runTransportTests } from './run-transport-tests.ts'

const program = findRedisServer()
const given = process.env.REDIS_URL

t.test(
  'the Redis transport is a transport, on a redis-server of its own that is killed and started again empty',
  { skip: program === undefined && 'neither redis-server nor valkey-server is on the PATH' },
  async (t) => {
    const redis = await startRedis(program as string)
    t.teardown(() => redis.kill())
    const network = randomUUID()
    runTransportTests(t, {
      create: (nodeId) => createRedisTransport({ url: redis.url, network, nodeId }),
      break: () => redis.kill(),
      mend: () => redis.start(),
    })
  },
)

t.test(
  'the Redis transport is a transport, on the Redis of REDIS_URL',
  { skip: given === undefined && 'REDIS_URL is not set' },
  async (t) => {
    const network = randomUUID()
    runTransportTests(t, { create: (nodeId) => createRedisTransport({ url: given as string, network, nodeId }) })
  },
)

t.test(
  'the Redis transport is a transport, on the embedded js-redis-server, killed and started again',
  { skip: !isInstalled('js-redis-server') && 'the optional package js-redis-server is not installed' },
  async (t) => {
    const redis = await startEmbeddedRedis()
    t.teardown(() => redis.kill())
    const network = randomUUID()
    runTransportTests(t, {
      create: (nodeId) => createRedisTransport({ url: redis.url, network, nodeId }),
      break: () => redis.kill(),
      mend: () => redis.start(),
    })
  },
)

t.test(
  'a Redis that is paused is noticed, and used again when it goes on',
  { skip: program === undefined && 'neither redis-server nor valkey-server is on the PATH' },
  async (t) => {
    const redis = await startRedis(program as string)
    const node = createRedisTransport({ url: redis.url, network: 'n', nodeId: 'a', probeMs: 200 })
    t.teardown(() => Promise.all([node.stop(), redis.kill()]))
    const seen: string[] = []
    node.start({ onMessage: () => {}, onUp: () => seen.push('up'), onDown: () => seen.push('down') })
    await waitFor('up', () => seen.at(-1) === 'up')
    redis.signal('SIGSTOP')
    await waitFor('down', () => seen.at(-1) === 'down')
    redis.signal('SIGCONT')
    await waitFor('up again', () => seen.at(-1) === 'up')
  },
)

t.test(
  'connections that break at every moment of their start, and in the middle of a message, are made again',
  { skip: program === undefined && 'neither redis-server nor valkey-server is on the PATH' },
  async (t) => {
    const redis = await startRedis(program as string)
    const proxy = await breakingProxy(Number(new URL(redis.url).port))
    const up = new Set<number>()
    const nodes = Array.from({ length: 8 }, (_, index) => {
      const node = createRedisTransport({ url: proxy.url, network: 'n', nodeId: `n${index}`, probeMs: 300 })
      node.start({ onMessage: () => {}, onUp: () => up.add(index), onDown: () => up.delete(index) })
      return node
    })
    t.teardown(async () => {
      await Promise.all(nodes.map((node) => node.stop()))
      proxy.close()
      await redis.kill()
    })
    await waitFor('all up', () => up.size === nodes.length)
    for (let round = 0; round < 3; round++) {
      for (const node of nodes) node.send('n0', Buffer.alloc(100_000))
      proxy.breaking = true
      proxy.breakAll()
      await new Promise((resolve) => setTimeout(resolve, 700))
      proxy.breaking = false
      proxy.breakAll()
      await waitFor('all up again', () => up.size === nodes.length)
      t.pass(`round ${round}`)
    }
  },
)

t.test('a server that speaks something else is named as such, and retried', async (t) => {
  const http = createServer((_, response) => response.end('I am a web server')).listen(0, '127.0.0.1')
  await once(http, 'listening')
  t.teardown(() => http.close())
  t.equal((await firstError(t, http)).code, 'ILS_REDIS_NOT_REDIS')
})

t.test('a server that never says a word is not Redis either', async (t) => {
  const silent = createTcpServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  t.teardown(() => silent.close())
  t.equal((await firstError(t, silent)).code, 'ILS_REDIS_NOT_REDIS')
})

t.test('a port where nobody listens is unreachable, told once, without the password of the URL', async (t) => {
  const url = `redis://:secret@127.0.0.1:${await freePort()}`
  const transport = createRedisTransport({ url, network: 'n', nodeId: 'a' })
  t.teardown(() => transport.stop())
  const errors: TransportError[] = []
  transport.start({ onMessage: () => {}, onUp: () => {}, onDown: (error) => errors.push(error) })
  await waitFor('the error', () => errors.length > 0)
  await new Promise((resolve) => setTimeout(resolve, 500))
  t.equal(errors.length, 1)
  t.equal(errors[0]?.code, 'ILS_REDIS_UNREACHABLE')
  t.notMatch(errors[0]?.message, /secret/u)
})

t.test('a URL that is none of Redis is refused at once', async (t) => {
  for (const url of ['', 'nonsense', 'http://127.0.0.1:6379', 'redis://127.0.0.1:99999']) {
    t.throws(() => createRedisTransport({ url, network: 'n', nodeId: 'a' }), RangeError, url)
  }
})

async function firstError(t: { teardown(work: () => unknown): void }, server: Server): Promise<TransportError> {
  const { port } = server.address() as AddressInfo
  const transport = createRedisTransport({ url: `redis://127.0.0.1:${port}`, network: 'n', nodeId: 'a', probeMs: 300 })
  t.teardown(() => transport.stop())
  const errors: TransportError[] = []
  transport.start({ onMessage: () => {}, onUp: () => {}, onDown: (error) => errors.push(error) })
  return waitFor('the error', () => errors[0])
}

function isInstalled(name: string): boolean {
  try {
    import.meta.resolve(name)
    return true
  } catch {
    return false
  }
}

/** Between a client and a server; while `breaking`, no connection lives longer than its handshake. */
async function breakingProxy(port: number) {
  const sockets = new Set<Socket>()
  let count = 0
  const server = createTcpServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => {})
    if (proxy.breaking && ++count % 3 === 0) return void socket.resetAndDestroy()
    const upstream = connect(port, '127.0.0.1')
    upstream.on('error', () => socket.destroy())
    socket.on('close', () => upstream.destroy())
    socket.pipe(upstream).pipe(socket)
    if (proxy.breaking) setTimeout(() => socket.destroy(), count % 7)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const proxy = {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    breaking: false,
    breakAll() {
      for (const socket of sockets) socket.destroy()
    },
    close() {
      server.close()
      proxy.breakAll()
    },
  }
  return proxy
}
