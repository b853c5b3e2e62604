// Redis Sentinel takes over when a Redis dies: the nodes follow, and nothing has to be restarted.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { writeFileSync } from 'node:fs'
import { Redis } from 'ioredis'
import t from 'tap'
import type { Test } from 'tap'
import { createRedisTransport } from '../../../ils-sync/transport/redis.ts'
import { waitFor } from '../../fixtures/wait-for.ts'
import { findRedisServer, freePort } from './redis-server.ts'
import { endWith, kill } from '../../fixtures/child-process.ts'

const program = findRedisServer()

t.test(
  'when the master dies its replica takes over, and both nodes talk through that one',
  { skip: program === undefined && 'neither redis-server nor valkey-server is on the PATH' },
  async (t) => {
    const { master, replicaPort, url } = await startSentinels(t, program as string)
    const [alice, bob] = [join_(t, url, 'alice'), join_(t, url, 'bob')]
    await waitFor('both are up', () => alice.ups === 1 && bob.ups === 1, { timeoutMs: 20_000 })
    alice.transport.send('bob', Buffer.from('before'))
    await waitFor('bob hears alice', () => bob.heard.includes('before'))

    await kill(master)
    await waitFor('both have noticed', () => alice.downs > 0 && bob.downs > 0, { timeoutMs: 20_000 })
    await waitFor('both are up again, on the replica', () => alice.ups === 2 && bob.ups === 2, { timeoutMs: 30_000 })
    alice.transport.send('bob', Buffer.from('after'))
    await waitFor('bob hears alice again', () => bob.heard.includes('after'))
    t.equal(await roleOf(replicaPort), 'master', 'the replica is the master now')
  },
)

function join_(t: Test, url: string, nodeId: string) {
  const transport = createRedisTransport({ url, network: 'n', nodeId, probeMs: 500 })
  const node = { transport, ups: 0, downs: 0, heard: [] as string[] }
  t.teardown(() => transport.stop())
  transport.start({
    onMessage: (bytes) => node.heard.push(Buffer.from(bytes).toString()),
    onUp: () => (node.ups += 1),
    onDown: () => (node.downs += 1),
  })
  return node
}

/** A master, a replica and three Sentinels that agree after half a second. */
async function startSentinels(t: Test, server: string) {
  const directory = t.testdir({})
  const [masterPort, replicaPort] = [await freePort(), await freePort()]
  const data = ['--save', '', '--appendonly', 'no', '--bind', '127.0.0.1', '--dir', directory]
  const start = (...parameters: string[]): ChildProcess => {
    const child = spawn(server, parameters, { stdio: 'ignore' })
    endWith(t, child)
    return child
  }
  const master = start('--port', String(masterPort), ...data)
  start('--port', String(replicaPort), ...data, '--replicaof', '127.0.0.1', String(masterPort))
  await waitFor(
    'the replica follows',
    async () => (await roleOf(replicaPort)) === 'slave' && (await isSynced(replicaPort)),
    { timeoutMs: 20_000 },
  )
  const ports = [await freePort(), await freePort(), await freePort()]
  for (const port of ports) {
    const file = join(directory, `sentinel-${port}.conf`)
    const lines = [
      `port ${port}`,
      'bind 127.0.0.1',
      `sentinel monitor lab 127.0.0.1 ${masterPort} 2`,
      `dir ${directory}`,
      'sentinel down-after-milliseconds lab 500',
      'sentinel failover-timeout lab 3000',
    ]
    writeFileSync(file, `${lines.join('\n')}\n`)
    start(file, '--sentinel')
  }
  for (const port of ports) {
    await waitFor(
      `Sentinel ${port} knows the replica and the others`,
      async () => {
        const text = (await ask(port, (redis) => redis.info('sentinel'))) ?? ''
        return text.includes('slaves=1,sentinels=3')
      },
      { timeoutMs: 20_000 },
    )
  }
  return { master, replicaPort, url: `redis+sentinel://${ports.map((port) => `127.0.0.1:${port}`).join(',')}/lab` }
}

async function roleOf(port: number): Promise<string | undefined> {
  return /role:(\w+)/u.exec((await ask(port, (redis) => redis.info('replication'))) ?? '')?.[1]
}

async function isSynced(port: number): Promise<boolean> {
  return ((await ask(port, (redis) => redis.info('replication'))) ?? '').includes('master_link_status:up')
}

/** Undefined while nobody answers. */
async function ask<T>(port: number, question: (redis: Redis) => Promise<T>): Promise<T | undefined> {
  const redis = new Redis({ port, host: '127.0.0.1', lazyConnect: true, retryStrategy: null, enableReadyCheck: false })
  redis.on('error', () => {}) // told by the rejection
  try {
    await redis.connect()
    return await question(redis)
  } catch {
    return undefined
  } finally {
    redis.disconnect()
  }
}
