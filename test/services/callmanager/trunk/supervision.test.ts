// Calls with one neighbour share a stream, also when they go by several addresses.
import { PassThrough } from 'node:stream'
import t from 'tap'
import type { Test } from 'tap'
import { Supervision } from '../../../../services/callmanager/trunk/supervision.ts'

/** Streams that a test opens, refuses and ends. */
function supervised(t: Test) {
  const opened: string[] = []
  const pending = new Map<string, PromiseWithResolvers<PassThrough>>()
  const supervision = new Supervision({
    open: (url) => {
      opened.push(url)
      const stream = Promise.withResolvers<PassThrough>()
      pending.set(url, stream)
      return stream.promise
    },
    intervalMs: 60_000,
    firstLineMs: 60_000,
    onLost: () => opened.push('lost'),
  })
  t.teardown(() => supervision.close())
  return {
    supervision,
    opened,
    refuse: (url: string) => pending.get(url)?.reject(new Error('refused')),
    hear(url: string): PassThrough {
      const stream = new PassThrough()
      pending.get(url)?.resolve(stream)
      stream.write('{}\n')
      return stream
    },
  }
}

t.test('a dead address costs its own calls, not those that go by another', async (t) => {
  const { supervision, opened, refuse, hear } = supervised(t)
  const lost = Promise.withResolvers<string>()
  supervision.join('dead', (_cause, reason) => lost.resolve(reason))
  const alive = supervision.join('alive', () => t.fail('its way is another'))
  t.strictSame(opened, ['dead'])
  refuse('dead')
  t.equal(await lost.promise, 'refused')
  t.strictSame(opened, ['dead', 'alive'])
  hear('alive')
  await alive.established
})

t.test('an address that nobody has answered at is left with the last call that waits for it', async (t) => {
  const { supervision, opened, refuse, hear } = supervised(t)
  supervision.join('dead', () => t.fail('it has left')).leave()
  const alive = supervision.join('alive', () => t.fail('its way is another'))
  t.strictSame(opened, ['dead', 'alive'])
  refuse('dead')
  hear('alive')
  await alive.established
})

t.test('a stream that was heard speaks for the neighbour: its end is that of all calls', async (t) => {
  const { supervision, hear, opened } = supervised(t)
  const [one, other] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const first = supervision.join('alive', () => one.resolve())
  const stream = hear('alive')
  await first.established
  await supervision.join('elsewhere', () => other.resolve()).established
  stream.end()
  await Promise.all([one.promise, other.promise])
  t.strictSame(opened, ['alive', 'lost'])
})
