// What every transport of ILS must do; run by each implementation's own test.
import type { Test } from 'tap'
import type { Transport, TransportError } from '../../../ils-sync/transport/api.ts'
import { waitFor } from '../../fixtures/wait-for.ts'

export interface TransportSetup {
  /** A transport whose inbox is that node's, all on one wire. */
  create(nodeId: string): Transport
  /** Breaks the wire for everybody until `mend`; absent where that cannot be done. */
  break?(): Promise<void>
  mend?(): Promise<void>
}

interface Node {
  readonly transport: Transport
  readonly received: Uint8Array[]
  readonly errors: TransportError[]
  ups: number
}

export function runTransportTests(t: Test, setup: TransportSetup): void {
  t.test('bytes arrive unchanged at the node they are for, and nowhere else', async (t) => {
    const [a, b, c] = await open(t, setup, ['a1', 'b1', 'c1'])
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
    a.transport.send('b1', bytes)
    await waitFor('the message', () => b.received.length === 1)
    t.same(Buffer.from(b.received[0] as Uint8Array), Buffer.from(bytes))
    t.same([a.received.length, c.received.length], [0, 0])
  })

  t.test('many messages of one sender arrive in order, the largest allowed one included', async (t) => {
    const [a, b] = await open(t, setup, ['a2', 'b2'])
    const big = Buffer.alloc(1024 * 1024, 7)
    for (let index = 0; index < 500; index++) a.transport.send('b2', Buffer.from(String(index)))
    a.transport.send('b2', big)
    await waitFor('all of them', () => b.received.length === 501)
    const texts = b.received.slice(0, 500).map((bytes) => Buffer.from(bytes).toString())
    t.same(
      texts,
      Array.from({ length: 500 }, (_, index) => String(index)),
    )
    t.ok(big.equals(b.received[500] as Uint8Array))
  })

  t.test('a message to a node that is not there is lost without a word', async (t) => {
    const [a, b] = await open(t, setup, ['a3', 'b3'])
    t.doesNotThrow(() => a.transport.send('nobody', Buffer.from('x')))
    a.transport.send('b3', Buffer.from('y'))
    await waitFor('the next message', () => b.received.length === 1)
    t.same(a.errors, [])
  })

  t.test('sending before the start and after the stop is quiet, and stopping twice is allowed', async (t) => {
    const transport = setup.create('a4')
    t.doesNotThrow(() => transport.send('b4', Buffer.from('x')))
    const [b] = await open(t, setup, ['b4'])
    const node = listen(transport)
    await waitFor('up', () => node.ups === 1)
    await transport.stop()
    await transport.stop()
    t.doesNotThrow(() => transport.send('b4', Buffer.from('x')))
    b.transport.send('a4', Buffer.from('x'))
    b.transport.send('b4', Buffer.from('last'))
    await waitFor('what was sent last', () => b.received.length === 1)
    t.same(node.received, [])
    t.equal(node.errors.length, 0)
  })

  if (setup.break && setup.mend) runOutageTests(t, setup as Required<TransportSetup>)
}

function runOutageTests(t: Test, setup: Required<TransportSetup>): void {
  t.test('an outage is told once, and afterwards messages flow again by themselves', async (t) => {
    const [a, b] = await open(t, setup, ['a5', 'b5'])
    await setup.break()
    await waitFor('both told', () => a.errors.length === 1 && b.errors.length === 1)
    t.doesNotThrow(() => a.transport.send('b5', Buffer.from('lost')))
    await setup.mend()
    await waitFor('both up again', () => a.ups === 2 && b.ups === 2, { timeoutMs: 20_000 })
    a.transport.send('b5', Buffer.from('again'))
    await waitFor('the message', () => b.received.length === 1)
    t.equal(Buffer.from(b.received[0] as Uint8Array).toString(), 'again')
    t.same([a.errors.length, b.errors.length], [1, 1], 'told once')
  })
}

async function open<const Ids extends readonly string[]>(t: Test, setup: TransportSetup, ids: Ids) {
  const nodes = ids.map((id) => listen(setup.create(id)))
  t.teardown(() => Promise.all(nodes.map(({ transport }) => transport.stop())))
  await waitFor('all nodes up', () => nodes.every(({ ups }) => ups === 1))
  return nodes as { readonly [I in keyof Ids]: Node }
}

function listen(transport: Transport): Node {
  const node: Node = { transport, received: [], errors: [], ups: 0 }
  transport.start({
    onMessage: (bytes) => node.received.push(bytes),
    onUp: () => (node.ups += 1),
    onDown: (error) => node.errors.push(error),
  })
  return node
}
