// Floors of start time and idle memory: a bare Fastify process, with `--redis URL` also two ioredis connections
// (one publishes, one subscribes), which is the least that a cluster of ours needs.
import { parseArgs } from 'node:util'
import Fastify from 'fastify'

const { values } = parseArgs({ options: { redis: { type: 'string' } } })
const app = Fastify({ logger: false })
app.get('/', async () => ({ ok: true }))
if (values.redis !== undefined) {
  const { Redis } = await import('ioredis')
  const publisher = new Redis(values.redis)
  const subscriber = new Redis(values.redis)
  await subscriber.subscribe('floor')
  await publisher.publish('floor', 'ready')
}
const http = await app.listen({ host: '127.0.0.1', port: 0 })
process.stdout.write(`${JSON.stringify({ ready: true, http })}\n`)
process.once('SIGTERM', () => process.exit(0))
