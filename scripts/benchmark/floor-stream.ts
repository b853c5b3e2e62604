// Floor of a full synchronization: bytes that mean nothing, through the same Redis pub/sub, by the same client, in messages as large.
// `--role source` answers a request of n with n messages; `--role target` runs a transfer for each line on stdin, `<messages> <bytes of
// each> <requests under way>`, and prints the milliseconds it took. No requests under way: all is sent unasked, at the pace of Redis.
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { Redis } from 'ioredis'

const { values } = parseArgs({
  options: { role: { type: 'string' }, redis: { type: 'string' }, prefix: { type: 'string' } },
})
const { role, redis = '', prefix = '' } = values
const subscriber = new Redis(redis)
const publisher = new Redis(redis)
const [inbox, outbox] = role === 'source' ? ['requests', 'pages'] : ['pages', 'requests']
let onMessage: (bytes: Buffer) => void = () => {}
subscriber.on('messageBuffer', (_channel: Buffer, bytes: Buffer) => onMessage(bytes))
await subscriber.subscribe(`${prefix}:${inbox}`)
const publish = (bytes: Buffer | string) => publisher.publish(`${prefix}:${outbox}`, bytes)
if (role === 'source') serve()
process.stdout.write(`${JSON.stringify({ ready: true })}\n`)
if (role === 'target') {
  for await (const line of createInterface({ input: process.stdin })) {
    const [messages, bytes, underWay] = line.split(' ').map(Number) as [number, number, number]
    process.stdout.write(`${JSON.stringify({ ms: await transfer(messages, bytes, underWay) })}\n`)
  }
}

function serve(): void {
  // Not zeros, which any layer might treat better than data.
  let page = Buffer.alloc(0)
  onMessage = (request) => {
    const [count, bytes] = request.toString().split(' ').map(Number) as [number, number]
    if (page.length !== bytes)
      page = Buffer.from('user123456@cluster1.example'.repeat(bytes / 27 + 1)).subarray(0, bytes)
    void stream(count, page)
  }
}

/** Eight at a time: more would only wait in Redis. */
async function stream(count: number, page: Buffer): Promise<void> {
  const lanes = Array.from({ length: Math.min(8, count) }, async (_, lane) => {
    for (let sent = lane; sent < count; sent += 8) await publish(page)
  })
  await Promise.all(lanes)
}

function transfer(messages: number, bytes: number, underWay: number): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>()
  const startedAt = performance.now()
  let asked = 0
  let received = 0
  const ask = (count: number) => {
    asked += count
    void publish(`${count} ${bytes}`)
  }
  onMessage = () => {
    received += 1
    if (received === messages) resolve(performance.now() - startedAt)
    else if (asked < messages) ask(1)
  }
  if (underWay === 0) ask(messages)
  else for (let lane = 0; lane < Math.min(underWay, messages); lane++) ask(1)
  return promise
}
