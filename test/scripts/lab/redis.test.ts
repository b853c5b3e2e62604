import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import { connect } from 'node:net'
import { Redis } from 'ioredis'
import t from 'tap'
import type { Test } from 'tap'
import { freePort } from '../../../scripts/lab/addresses.ts'
import { ManagedProcess } from '../../../scripts/lab/managed-process.ts'
import { checkRedis, chooseRedis } from '../../../scripts/lab/redis.ts'
import type { LabRedis } from '../../../scripts/lab/redis.ts'
import { startWatchdog } from '../../../scripts/lab/watchdog.ts'

async function startRedis(test: Test, url?: string): Promise<LabRedis> {
  const redis = await chooseRedis({ dataDirectory: test.testdir({}), ...(url === undefined ? {} : { url }) })
  if (!redis.spec) throw new Error('not a Redis of our own')
  const watchdog = startWatchdog()
  const process_ = new ManagedProcess(redis.spec, watchdog)
  test.teardown(() => process_.stop().then(() => watchdog.close()))
  await process_.start()
  return redis
}

const noServer =
  ['redis-server', 'valkey-server'].some((name) => spawnSync(name, ['--version']).status === 0) ||
  'no redis-server on the PATH'

for (const provider of ['embedded', 'server'] as const) {
  const skip = provider === 'server' && noServer !== true ? { skip: noServer } : {}
  t.test(
    `the ${provider === 'server' ? "machine's own" : 'embedded'} Redis does what ILS asks of one`,
    skip,
    async (t) => {
      const redis = await startRedis(t, provider === 'embedded' ? 'embedded' : undefined)
      t.equal(redis.provider === 'embedded', provider === 'embedded')
      await t.resolves(checkRedis(redis.url))

      const publisher = new Redis(redis.url, { enableAutoPipelining: true })
      const subscriber = new Redis(redis.url)
      t.teardown(() => void [publisher, subscriber].map((one) => one.disconnect()))
      const heard: { channel: string; message: Buffer }[] = []
      subscriber.on('messageBuffer', (channel: Buffer, message: Buffer) =>
        heard.push({ channel: channel.toString(), message }),
      )
      t.equal(await subscriber.subscribe('first', 'second'), 2)

      const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
      const large = Buffer.alloc(1_000_000, '*$\r\n')
      t.equal(await publisher.publish('first', bytes), 1, 'the number of receivers')
      t.equal(await publisher.publish('nobody', bytes), 0)
      await Promise.all([
        publisher.publish('second', large),
        ...Array.from({ length: 500 }, (_, n) => publisher.publish('first', `${n}`)),
      ])
      t.equal(await subscriber.ping(), 'PONG', 'a subscriber may ping; everything published before has arrived then')
      t.equal(heard.length, 502)
      t.ok(heard[0]?.message.equals(bytes), 'every byte value survives')
      t.ok(heard.find(({ channel }) => channel === 'second')?.message.equals(large))
      const numbers = heard.slice(1).filter(({ channel }) => channel === 'first')
      t.ok(
        numbers.every(({ message }, n) => message.toString() === String(n)),
        'in the order of publishing',
      )

      await subscriber.unsubscribe('first')
      t.equal(await publisher.publish('first', bytes), 0)
      t.equal(await publisher.flushall(), 'OK')
    },
  )
}

t.test('the embedded Redis is not to be reached from other machines', async (t) => {
  const { url } = await startRedis(t, 'embedded')
  const outside = Object.values(networkInterfaces())
    .flat()
    .find((one) => one?.internal === false && one.family === 'IPv4')
  if (!outside) return t.pass('this machine has no other address')
  const socket = connect(Number(new URL(url).port), outside.address)
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException]
  return t.equal(error.code, 'ECONNREFUSED')
})

t.test('the embedded Redis survives garbage and a reset connection', async (t) => {
  const { url } = await startRedis(t, 'embedded')
  const port = Number(new URL(url).port)
  for (const bytes of ['GET / HTTP/1.1\r\n\r\n', '*99999999999\r\n$5\r\n', '\0\xff\xfe', '*1\r\n$-5\r\n\r\n']) {
    const socket = connect(port, '127.0.0.1').on('error', () => {})
    await once(socket, 'connect')
    await new Promise((resolve) => socket.write(bytes, 'latin1', resolve))
    socket.resetAndDestroy()
  }
  await t.resolves(checkRedis(url))
})

t.test('a given Redis that asks for a password is told from one that is not there', async (t) => {
  const server = createServer((socket) => {
    socket
      .on('error', () => {})
      .on('data', (data) => {
        const commands = data.toString('latin1').match(/^\*\d+\r$/gmu) ?? []
        socket.write('-NOAUTH Authentication required.\r\n'.repeat(commands.length))
      })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  await t.rejects(checkRedis(`redis://127.0.0.1:${port}`), { code: 'LAB_REDIS', message: /asks for a password/u })
  await t.rejects(checkRedis(`redis://127.0.0.1:${await freePort()}`), {
    code: 'LAB_REDIS',
    message: /nothing listens there/u,
  })
})

t.test('a password is not repeated in an error', async (t) => {
  const url = `redis://:sesame@127.0.0.1:${await freePort()}`
  const error = await checkRedis(url).catch((one: unknown) => one as Error)
  t.notMatch((error as Error).message, 'sesame')
})

t.test('something that never answers is not waited for long', async (t) => {
  const server = createServer(() => {}).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  await t.rejects(checkRedis(`redis://127.0.0.1:${port}`), { code: 'LAB_REDIS', message: /not a Redis/u })
})
