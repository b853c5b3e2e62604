import { createHmac, randomBytes } from 'node:crypto'
import * as fc from 'fast-check'
import t from 'tap'
import { createEnvelopeCodec, createMac } from '../../../ils-sync/core/envelope.ts'
import { limits } from '../../../ils-sync/core/limits.ts'

const key = randomBytes(32)
const codec = createEnvelopeCodec(key, 'cluster1')

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

t.test('what one node seals, another with the same password opens', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (body) => {
        const opened = createEnvelopeCodec(key, 'cluster2').open(codec.seal('M', body))
        return opened.ok && opened.body === body && opened.from === 'cluster1'
      }),
    ),
  )
})

t.test('any single byte that differs makes the message worthless', async (t) => {
  const sealed = codec.seal('M', '{"x":1}')
  for (let at = 0; at < sealed.length; at++) {
    const garbled = Buffer.from(sealed)
    garbled[at] = (garbled[at] as number) ^ 0x20
    t.equal(codec.open(garbled).ok, false, `byte ${at}`)
  }
})

t.test('no prefix of a message opens, and nothing that was never sealed', async (t) => {
  const sealed = codec.seal('M', '{"x":1}')
  for (let end = 0; end < sealed.length; end++) t.equal(codec.open(sealed.subarray(0, end)).ok, false)
  t.doesNotThrow(() => fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => !codec.open(bytes).ok)))
})

t.test('another key and another sender are told by the claimed sender', async (t) => {
  const stranger = createEnvelopeCodec(randomBytes(32), 'cluster2')
  t.match(codec.open(stranger.seal('M', '{}')), {
    ok: false,
    reason: 'authentication',
    claimed: 'cluster2',
    messageClass: 'M',
  })
  const renamed = codec.seal('M', '{}').toString('latin1').replace('cluster1', 'cluster9')
  t.match(codec.open(Buffer.from(renamed, 'latin1')), { reason: 'authentication', claimed: 'cluster9' })
})

t.test('a message cannot be turned into a refusal, nor the other way round', async (t) => {
  const turned = codec.seal('M', '{}').toString('latin1').replace('ILS/1 M', 'ILS/1 R')
  t.match(codec.open(Buffer.from(turned, 'latin1')), { reason: 'authentication', messageClass: 'R' })
})

t.test('a future version is named as such, whatever follows', async (t) => {
  const future = Buffer.from('ILS/2 M cluster2\nwho knows')
  t.match(codec.open(future), { ok: false, reason: 'version', claimed: 'cluster2' })
})

t.test('a message over 1 MiB is refused unread, and never sealed', async (t) => {
  t.match(codec.open(Buffer.alloc(limits.messageBytes + 1)), { ok: false, reason: 'oversize' })
  t.throws(() => codec.seal('M', 'x'.repeat(limits.messageBytes)), RangeError)
})
