// Floor of "login to visible": two raw Redis pub/sub hops, one in the middle that republishes, as a hub does, and some at the end.
// `--role relay|end` with `--redis URL --prefix P`, for a relay `--ends N`, for an end `--name endI`; an end prints one line `<sequence> <monotonic ms>` per message.
import { parseArgs } from 'node:util'
import { Redis } from 'ioredis'

const { values } = parseArgs({
  options: {
    role: { type: 'string' },
    redis: { type: 'string' },
    prefix: { type: 'string' },
    name: { type: 'string' },
    ends: { type: 'string', default: '2' },
  },
})
const { role, redis = '', prefix = '', name = '' } = values
const subscriber = new Redis(redis)
const publisher = new Redis(redis, { enableAutoPipelining: true })
if (role === 'relay') {
  const ends = Array.from({ length: Number(values.ends) }, (_, index) => `${prefix}:end${index + 1}`)
  subscriber.on('message', (_channel, message) => {
    for (const end of ends) void publisher.publish(end, message)
  })
  await subscriber.subscribe(`${prefix}:relay`)
} else {
  subscriber.on('message', (_channel, message) => {
    const sequence = message.slice(0, message.indexOf(' '))
    process.stdout.write(`${sequence} ${Number(process.hrtime.bigint()) / 1e6}\n`)
  })
  await subscriber.subscribe(`${prefix}:${name}`)
}
process.stdout.write(`${JSON.stringify({ ready: true })}\n`)
process.once('SIGTERM', () => process.exit(0))
// Whoever started it is gone.
process.stdin.once('end', () => process.exit(0)).resume()
