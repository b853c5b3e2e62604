import { createHmac, randomBytes } from 'node:crypto'
import * as fc from 'fast-check'
import t from 'tap'
import { createEnvelopeCodec, createMac } from '../../../../ils-sync/core/wire/envelope.ts'
import { limits } from '../../../../ils-sync/core/limits.ts'

const key = randomBytes(32)
const codec = createEnvelopeCodec(key, 'cluster1')
const session = { id: 's'.repeat(22), mac: createMac(randomBytes(32)) }
const noSession = () => undefined
const inSession = (from: string, id: string) => (from === 'cluster1' && id === session.id ? session.mac : undefined)

t.test('the signature is HMAC-SHA256, for keys and messages of any length', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.uint8Array({ maxLength: 300 }), (someKey, message) => {
        const expected = createHmac('sha256', someKey).update(message).digest()
        return createMac(someKey)([message.subarray(0, 5), message.subarray(5)]).equals(expected)
      }),
    ),
  )
})

t.test('what one node seals, another with the same key opens, in a session and outside', async (t) => {
  const reader = createEnvelopeCodec(key, 'cluster2')
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (body) => {
        const outside = reader.open(codec.seal('H', body), noSession)
        const inside = reader.open(codec.seal(session, body), inSession)
        const same = [outside, inside].every(
          (opened) => opened.ok && opened.body === body && opened.from === 'cluster1',
        )
        return same && outside.ok && outside.session === undefined && inside.ok && inside.session === session.id
      }),
    ),
  )
})

t.test('any single byte that differs makes the message worthless', async (t) => {
  for (const sealed of [codec.seal('H', '{"x":1}'), codec.seal(session, '{"x":1}')]) {
    for (let at = 0; at < sealed.length; at++) {
      const garbled = Buffer.from(sealed)
      garbled[at] = (garbled[at] as number) ^ 0x20
      t.equal(codec.open(garbled, inSession).ok, false, `byte ${at}`)
    }
  }
})

t.test('no prefix of a message opens, and nothing that was never sealed', async (t) => {
  for (const sealed of [codec.seal('H', '{"x":1}'), codec.seal(session, '{"x":1}')]) {
    for (let end = 0; end < sealed.length; end++) t.equal(codec.open(sealed.subarray(0, end), inSession).ok, false)
  }
  t.doesNotThrow(() =>
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => !codec.open(bytes, inSession).ok)),
  )
})

t.test('another key and another sender are told by the claimed sender', async (t) => {
  const stranger = createEnvelopeCodec(randomBytes(32), 'cluster2')
  t.match(codec.open(stranger.seal('H', '{}'), noSession), {
    ok: false,
    reason: 'authentication',
    claimed: 'cluster2',
    messageClass: 'H',
  })
  const renamed = codec.seal('H', '{}').toString('latin1').replace('cluster1', 'cluster9')
  t.match(codec.open(Buffer.from(renamed, 'latin1'), noSession), { reason: 'authentication', claimed: 'cluster9' })
})

t.test('a session is opened with its own key: the network’s is no use, nor is the session of another', async (t) => {
  const withNetworkKey = codec.seal({ id: session.id, mac: createMac(key) }, '{}')
  t.match(codec.open(withNetworkKey, inSession), { ok: false, reason: 'authentication', claimed: 'cluster1' })
  const ofAnother = createEnvelopeCodec(key, 'cluster2').seal(session, '{}')
  t.match(codec.open(ofAnother, inSession), { ok: false, reason: 'session', claimed: 'cluster2', session: session.id })
})

t.test('the key that anybody can compute is told from a wrong one, and opens nothing', async (t) => {
  const open = Buffer.from('anybody can compute it')
  const sealed = createEnvelopeCodec(open, 'cluster2').seal('H', '{}')
  t.match(createEnvelopeCodec(key, 'hub', open).open(sealed, noSession), {
    ok: false,
    reason: 'mode',
    claimed: 'cluster2',
  })
  t.match(codec.open(sealed, noSession), { ok: false, reason: 'authentication' })
  t.match(createEnvelopeCodec(open, 'hub', open).open(sealed, noSession), { ok: true }, 'where it is the network’s key')
})

t.test('a message cannot be turned into one of another class', async (t) => {
  const turned = (to: string) =>
    Buffer.from(
      codec
        .seal('H', '{}')
        .toString('latin1')
        .replace(/^ILS\/2 H/u, to),
      'latin1',
    )
  t.match(codec.open(turned('ILS/2 R'), noSession), { reason: 'authentication', messageClass: 'R' })
  t.match(codec.open(turned('ILS/2 S'), inSession), { reason: 'malformed' }, 'a session has a name')
  const named = codec.seal(session, '{}').toString('latin1').replace('ILS/2 S', 'ILS/2 H')
  t.match(codec.open(Buffer.from(named, 'latin1'), inSession), { reason: 'malformed' }, 'and only a session has')
})

t.test('an earlier or future version is named as such, whatever follows', async (t) => {
  for (const line of ['ILS/3 M cluster2\nwho knows', 'ILS/1 M cluster2 abc\n{}', 'ILS/999999 Ä cluster2 a b c d\n']) {
    t.match(codec.open(Buffer.from(line), noSession), { ok: false, reason: 'version', claimed: 'cluster2' }, line)
  }
})

t.test('a message over 1 MiB is refused unread, and never sealed; a handshake over 32 KiB likewise', async (t) => {
  t.match(codec.open(Buffer.alloc(limits.messageBytes + 1), noSession), { ok: false, reason: 'oversize' })
  t.throws(() => codec.seal(session, 'x'.repeat(limits.messageBytes)), RangeError)
  t.throws(() => codec.seal('H', 'x'.repeat(limits.handshakeBytes)), RangeError)
  const claimed = Buffer.concat([codec.seal('H', '{}'), Buffer.alloc(limits.handshakeBytes)])
  t.match(codec.open(claimed, noSession), { ok: false, reason: 'oversize', claimed: 'cluster1' })
})
