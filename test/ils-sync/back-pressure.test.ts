// A spoke that does not take what its hub sends must not make the hub grow. Over a Redis, with the hub and that spoke as processes of their
// own: what counts is the hub's memory alone.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setImmediate } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import type { Test } from 'tap'
import { createIlsNode } from '../../ils-sync/node.ts'
import { createMemoryHost, createMemoryStore } from '../../ils-sync/store/memory.ts'
import { createRedisTransport } from '../../ils-sync/transport/redis.ts'
import { tcpProxy } from '../fixtures/tcp-proxy.ts'
import { waitFor } from '../fixtures/wait-for.ts'
import { findRedisServer, startEmbeddedRedis, startRedis } from './transport/redis-server.ts'
import { endWith } from '../fixtures/child-process.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

interface Facts {
  readonly memory: number
  /** Of `writer`. */
  readonly learned: number
  /** Neighbours. */
  readonly upToDate: number
}

const changes = 100_000
/** What fits into one push. */
const atOnce = 200
/** A hundred million characters in all, over and over again about the same hundred people. */
const text = 'x'.repeat(1000)
/** The transport keeps 16 MiB at most; a queue for the spoke would be four times as much as this. */
const mostGrowth = 24 * 1024 * 1024

function startNode(t: Test, ...args: readonly string[]) {
  const path = fileURLToPath(new URL('fixtures/node-process.ts', import.meta.url))
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', path, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  endWith(t, child)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    signal: (name: 'SIGSTOP') => child.kill(name),
    async facts(): Promise<Facts> {
      child.stdin.write('\n')
      return JSON.parse(String((await lines.next()).value)) as Facts
    },
  }
}

async function startWriter(t: Test, url: string) {
  const host = createMemoryHost()
  const node = createIlsNode({
    self: 'writer',
    membership: { role: 'spoke', hub: 'hub' },
    network: 'n',
    authentication: { mode: 'password', password: 'secret' },
    transport: createRedisTransport({ url, network: 'n', nodeId: 'writer' }),
    store: createMemoryStore(),
    host,
    heartbeatMs: 2000,
    synchronizeEveryMs: 0,
    clock: Date,
    onNotice: () => {},
  })
  t.teardown(() => node.stop())
  await node.start()
  node.open()
  return {
    isUpToDate: () => node.links()[0]?.status === 'Up to Date',
    /** In one write: a few more changes. Returns the number of the last one. */
    write: (start: number) =>
      host.write(() => {
        for (let one = start; one < start + atOnce; one++) node.change('k', `user${one % 100}`, `${one} ${text}`)
        return start + atOnce
      }),
  }
}

t.test('a hub does not grow by what a spoke does not take, while another one writes a storm', async (t) => {
  const program = findRedisServer()
  const redis = await (program === undefined ? startEmbeddedRedis() : startRedis(program))
  t.teardown(() => redis.kill())
  const hub = startNode(t, 'hub', redis.url)
  const slow = startNode(t, 'slow', redis.url, 'hub')
  const writer = await startWriter(t, redis.url)
  await waitFor('both spokes to be up to date', async () => writer.isUpToDate() && (await hub.facts()).upToDate === 2)

  slow.signal('SIGSTOP')
  const { memory: before } = await hub.facts()
  let most = 0
  for (let written = 0; written < changes;) {
    for (let time = 0; time < 10; time++) written = await writer.write(written)
    await waitFor('the hub to learn it', async () => {
      const { memory, learned } = await hub.facts()
      most = Math.max(most, memory - before)
      return learned >= written
    })
  }
  t.comment(`the hub grew by ${(most / 1024 / 1024).toFixed(1)} MiB at most`)
  t.ok(most < mostGrowth)
})

t.test('nor does a process whose connection to Redis takes nothing, before it is found dead', async (t) => {
  const program = findRedisServer()
  const redis = await (program === undefined ? startEmbeddedRedis() : startRedis(program))
  t.teardown(() => redis.kill())
  const wire = await tcpProxy(t, { host: '127.0.0.1', port: Number(new URL(redis.url).port) })
  let up = false
  const transport = createRedisTransport({
    url: `redis://127.0.0.1:${wire.port}`,
    network: 'n',
    nodeId: 'hub',
    probeMs: 600_000,
  })
  transport.start({ onMessage() {}, onDown() {}, onUp: () => (up = true) })
  t.teardown(() => transport.stop())
  await waitFor('the wire to be up', () => up)

  wire.freeze('out')
  const message = () => Buffer.from(text)
  const before = ownMemory()
  for (let sent = 0; sent < changes; sent++) {
    transport.send('slow', message())
    if (sent % 1000 === 0) await setImmediate()
  }
  let growth = Number.POSITIVE_INFINITY
  // Of buffers that nobody holds any more the memory goes some time after the collection that finds them.
  await waitFor('what nobody holds to be gone', () => (growth = ownMemory() - before) < 2 * mostGrowth)
  t.comment(`it grew by ${(growth / 1024 / 1024).toFixed(1)} MiB`)
  t.ok(growth < 2 * mostGrowth)
  t.ok(up, 'while it counts as one that carries')
})

function ownMemory(): number {
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
