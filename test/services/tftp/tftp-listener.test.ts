import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createSocket, Socket } from 'node:dgram'
import { promisify } from 'node:util'
import { pino } from 'pino'
import t from 'tap'
import type { Test } from 'tap'
import { openTftpListener } from '../../../services/tftp/tftp-listener.ts'
import { Opcode } from '../../../services/wire/tftp/index.ts'
import { waitFor } from '../../fixtures/wait-for.ts'
import { needsCurl } from './fixtures/curl.ts'
import { TftpClient } from './fixtures/tftp-client.ts'

const log = pino({ level: 'silent' })
const text = `${'a line of a file\n'.repeat(100)}end`

/** Serves `bob.txt`; what is to be sent again is sent when `timeOut` is called, and never by itself. */
async function listen(t: Test, limits: { mostTransfers?: number; mostTransfersPerSource?: number } = {}) {
  const due = new Set<() => void>()
  const listener = await openTftpListener({
    host: '127.0.0.1',
    port: 0,
    files: {
      read(name) {
        if (name === 'broken.txt') throw new Error('the database is not there')
        return name === 'bob.txt' ? Buffer.from(text) : undefined
      },
    },
    log,
    retransmitMs: 1000,
    mostTransfers: 10,
    mostTransfersPerSource: 10,
    ...limits,
    schedule: (work) => {
      due.add(work)
      return () => due.delete(work)
    },
  })
  t.teardown(() => listener.close())
  const timeOut = (): void => {
    const now = [...due]
    due.clear()
    for (const work of now) work()
  }
  return { listener, timeOut, due, client: () => TftpClient.open(t, listener.port) }
}

t.test('a client gets a file in blocks of 512 bytes', async (t) => {
  const { client } = await listen(t)
  t.equal(String(await (await client()).fetch('bob.txt')), text)
})

t.test('a client chooses the block size and is told the size of the file', async (t) => {
  const bob = await (await listen(t)).client()
  bob.ask('bob.txt', { blksize: '1024', tsize: '0', windowsize: '16' })
  const { packet, from } = await bob.receive()
  t.match(packet, { opcode: Opcode.optionAck })
  t.same(packet.opcode === Opcode.optionAck && [...packet.options], [
    ['blksize', '1024'],
    ['tsize', String(text.length)],
  ])
  bob.acknowledge(0, from)
  const first = (await bob.receive()).packet
  t.equal(first.opcode === Opcode.data && first.data.length, 1024)
})

t.test('in netascii every line ends with CR and LF', async (t) => {
  const bob = await (await listen(t)).client()
  bob.ask('bob.txt', { tsize: '0' }, 'netascii')
  const { packet, from } = await bob.receive()
  t.equal(packet.opcode === Opcode.optionAck && packet.options.get('tsize'), String(text.length + 100))
  bob.acknowledge(0, from)
  const first = await bob.receive()
  t.ok(first.packet.opcode === Opcode.data && Buffer.from(first.packet.data).includes('a line of a file\r\na line'))
})

t.test('each transfer has a port of its own, and strangers there are told so', async (t) => {
  const { listener, client } = await listen(t)
  const [bob, alice, kally] = [await client(), await client(), await client()]
  bob.ask('bob.txt')
  alice.ask('bob.txt')
  const [bobs, alices] = [await bob.receive(), await alice.receive()]
  t.equal(new Set([listener.port, bobs.from, alices.from]).size, 3)
  kally.acknowledge(1, bobs.from)
  t.match((await kally.receive()).packet, { opcode: Opcode.error, code: 5 })
  bob.acknowledge(1, bobs.from)
  t.match((await bob.receive()).packet, { opcode: Opcode.data, block: 2 })
})

t.test('a lost block is sent again; a request that comes twice begins no second transfer', async (t) => {
  const { client, timeOut } = await listen(t)
  const bob = await client()
  bob.ask('bob.txt')
  const { from } = await bob.receive()
  bob.ask('bob.txt')
  timeOut()
  t.match(await bob.receive(), { packet: { opcode: Opcode.data, block: 1 }, from })
  bob.acknowledge(1, from)
  t.match(await bob.receive(), { packet: { opcode: Opcode.data, block: 2 }, from })
  t.equal(bob.waiting, 0)
})

t.test('nobody writes here (2), and a file that is not there is not found (1)', async (t) => {
  const bob = await (await listen(t)).client()
  bob.send({ opcode: Opcode.writeRequest, file: 'bob.txt', mode: 'octet', options: new Map() })
  t.match((await bob.receive()).packet, { opcode: Opcode.error, code: 2 })
  for (const file of ['kally.txt', '../bob.txt', '/etc/passwd', 'bob.txt/']) {
    bob.ask(file)
    t.match((await bob.receive()).packet, { opcode: Opcode.error, code: 1 }, file)
  }
  bob.ask('broken.txt')
  t.match((await bob.receive()).packet, { opcode: Opcode.error, code: 0 })
})

t.test('garbage is dropped, and the next client is served', async (t) => {
  const { client } = await listen(t)
  const [bob, alice] = [await client(), await client()]
  for (const garbage of ['', 'x', '\0\u0001bob.txt', 'GET / HTTP/1.1\r\n\r\n', '\0\u0003\0\u0001data']) {
    bob.send(Buffer.from(garbage, 'latin1'))
  }
  t.equal(String(await alice.fetch('bob.txt')), text)
  t.equal(bob.waiting, 0, 'who sends garbage is not answered')
})

t.test('one address cannot have all transfers, and all together have a limit', async (t) => {
  for (const limits of [{ mostTransfersPerSource: 2 }, { mostTransfers: 2 }]) {
    const { client, due } = await listen(t, limits)
    const [bob, alice, kally] = [await client(), await client(), await client()]
    bob.ask('bob.txt')
    alice.ask('bob.txt')
    const { from } = await bob.receive()
    await alice.receive()
    kally.ask('bob.txt')
    t.match((await kally.receive()).packet, { opcode: Opcode.error, code: 0 })
    bob.send({ opcode: Opcode.error, code: 0, message: 'never mind' }, from)
    await waitFor('bob’s transfer is over', () => due.size === 1)
    t.equal(String(await kally.fetch('bob.txt')), text)
  }
})

/** The sockets that are bound from now on, and `fail` makes the next one fail to bind. */
function watchSockets(t: Test) {
  const { bind } = Socket.prototype
  const bound: Socket[] = []
  let failing = false
  t.teardown(() => void (Socket.prototype.bind = bind))
  Socket.prototype.bind = function (this: Socket, ...given: never[]) {
    bound.push(this)
    if (!failing) return Reflect.apply(bind, this, given) as Socket
    failing = false
    setImmediate(() => this.emit('error', Object.assign(new Error('too many open files'), { code: 'EMFILE' })))
    return this
  }
  return { bound, fail: () => void (failing = true) }
}

t.test('a packet that says it comes from port 0, to which nothing can be sent, is dropped', async (t) => {
  const { bound } = watchSockets(t)
  const { client } = await listen(t)
  const [door] = bound
  const bob = await client()
  for (const file of ['bob.txt', 'kally.txt']) {
    bob.ask(file)
    const { from } = await bob.receive()
    const request = Buffer.from(`\0\u0001${file}\0octet\0`)
    t.doesNotThrow(() => door?.emit('message', request, { address: '127.0.0.1', port: 0, family: 'IPv4', size: 1 }))
    t.doesNotThrow(() => bound.at(-1)?.emit('message', Buffer.from([0, 4, 0, 1]), { address: '127.0.0.1', port: 0 }))
    bob.send({ opcode: Opcode.error, code: 0, message: 'never mind' }, from)
  }
  t.equal(String(await (await client()).fetch('bob.txt')), text)
})

t.test('a transfer whose socket cannot be had ends, and nothing else does', async (t) => {
  const { fail } = watchSockets(t)
  const { client } = await listen(t)
  const [bob, alice] = [await client(), await client()]
  let unhandled: unknown
  const note = (reason: unknown): void => void (unhandled = reason)
  process.on('unhandledRejection', note)
  t.teardown(() => process.off('unhandledRejection', note))
  fail()
  bob.ask('bob.txt')
  t.equal(String(await alice.fetch('bob.txt')), text)
  t.equal(unhandled, undefined)
  t.equal(String(await bob.fetch('bob.txt')), text, 'and bob may ask again')
})

t.test('the door closes before the transfers do, so that none begins meanwhile', async (t) => {
  const { bound } = watchSockets(t)
  const { listener, client } = await listen(t)
  const [door] = bound
  const bob = await client()
  bob.ask('bob.txt')
  await bob.receive()
  const transfer = bound.at(-1)
  t.not(transfer, door)
  const over = once(transfer as Socket, 'close').then(() => t.throws(() => door?.address(), 'the door is closed'))
  await listener.close()
  await over
})

t.test('closing cuts transfers and frees the port', async (t) => {
  const { listener, client } = await listen(t)
  const bob = await client()
  bob.ask('bob.txt')
  await bob.receive()
  await Promise.all([listener.close(), listener.close()])
  const socket = createSocket('udp4')
  t.teardown(() => socket.close())
  socket.bind({ address: '127.0.0.1', port: listener.port, exclusive: true })
  await once(socket, 'listening')
  t.equal(socket.address().port, listener.port)
})

t.test('curl gets the file', needsCurl, async (t) => {
  const run = promisify(execFile)
  const { listener } = await listen(t)
  const { stdout } = await run('curl', ['--silent', '--max-time', '10', `tftp://127.0.0.1:${listener.port}/bob.txt`])
  t.equal(stdout, text)
  const missing = run('curl', ['--silent', '--max-time', '10', `tftp://127.0.0.1:${listener.port}/kally.txt`])
  await t.rejects(missing, { code: 68 }, 'TFTP file not found')
})
