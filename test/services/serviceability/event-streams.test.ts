import { once } from 'node:events'
import { createServer, get } from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import type { Test } from 'tap'
import type { Logger } from '../../../services/service.ts'
import type { EventBus } from '../../../services/serviceability/api.ts'
import { createEventStreams } from '../../../services/serviceability/event-streams.ts'
import type { EventStreamOptions, EventStreams } from '../../../services/serviceability/event-streams.ts'
import { createEventBus } from '../../../services/serviceability/index.ts'
import { waitFor } from '../../fixtures/wait-for.ts'

interface House {
  readonly bus: EventBus
  readonly streams: EventStreams
  /** How many listeners the bus has. */
  readonly subscribed: () => number
  read(): Promise<IncomingMessage>
}

async function house(t: Test, options: Partial<EventStreamOptions> = {}): Promise<House> {
  const bus = createEventBus({ cluster: 'cluster1', clock: Date, log: {} as Logger })
  let listeners = 0
  const counted: EventBus = {
    ...bus,
    subscribe(listener) {
      listeners++
      const end = bus.subscribe(listener)
      return () => {
        listeners--
        end()
      }
    },
  }
  const streams = createEventStreams(counted, {
    heartbeatMs: 60_000,
    maxUnreadBytes: 100_000,
    maxReaders: 2,
    ...options,
  })
  const server = createServer((_request, response) => {
    if (!streams.add(response)) response.writeHead(503).end()
  }).listen(0, '127.0.0.1')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const read = async (): Promise<IncomingMessage> => {
    const [response] = (await once(get({ port, host: '127.0.0.1', agent: false }), 'response')) as [IncomingMessage]
    // Cut connections are part of the game.
    response.on('error', () => {})
    return response
  }
  return { bus, streams, subscribed: () => listeners, read }
}

/** The first whole line that matches. */
async function lineThat(reader: IncomingMessage, wanted: RegExp): Promise<string> {
  let text = ''
  for await (const chunk of reader) {
    text += String(chunk)
    const line = text
      .split('\n')
      .slice(0, -1)
      .find((one) => wanted.test(one))
    if (line !== undefined) return line
  }
  throw new Error(`no such line in ${text}`)
}

t.test('each event is one line of JSON, for every reader', async (t) => {
  const { bus, read } = await house(t)
  const readers = [await read(), await read()]
  t.match(readers[0]?.headers['content-type'], /^text\/event-stream/u)
  bus.publish('login', { userId: 'bob', note: 'two\nlines' })
  for (const reader of readers) {
    const line = await lineThat(reader, /^data: /u)
    t.match(JSON.parse(line.slice(6)), { type: 'login', cluster: 'cluster1', note: 'two\nlines' })
  }
})

t.test('without readers nothing is subscribed', async (t) => {
  const { subscribed, read } = await house(t)
  t.equal(subscribed(), 0)
  const reader = await read()
  t.equal(subscribed(), 1)
  reader.destroy()
  await waitFor('the reader to be gone', () => subscribed() === 0)
})

t.test('a heartbeat shows that a silent stream lives', async (t) => {
  const { read } = await house(t, { heartbeatMs: 5 })
  t.equal(await lineThat(await read(), /^: still/u), ': still here')
})

t.test('a reader that does not read is dropped, the others go on', async (t) => {
  const { bus, subscribed, read } = await house(t, { maxReaders: 1 })
  const lazy = await read()
  lazy.pause()
  const gone = once(lazy, 'close')
  const text = 'x'.repeat(50_000)
  await waitFor('the reader to be dropped', () => {
    bus.publish('alarm', { text })
    return subscribed() === 0
  })
  lazy.resume()
  await gone.catch(() => {})
  const next = await read()
  t.equal(next.statusCode, 200, 'and its place is free')
})

t.test('more readers than may be are refused', async (t) => {
  const { read } = await house(t, { maxReaders: 1 })
  await read()
  t.equal((await read()).statusCode, 503)
})

t.test('closing ends every stream and takes no more', async (t) => {
  const { bus, streams, subscribed, read } = await house(t)
  const readers = [await read(), await read()]
  const ends = readers.map((reader) => once(reader.resume(), 'end'))
  streams.close()
  bus.publish('serviceDeactivated')
  await Promise.all(ends)
  t.equal(subscribed(), 0)
  t.equal((await read()).statusCode, 503)
})
