import * as fc from 'fast-check'
import t from 'tap'
import { serializeBatch, serializeVector } from '../../../../ils-sync/core/wire/batch-codec.ts'
import { parseMessage, serializeFrame } from '../../../../ils-sync/core/wire/message.ts'
import type { Batch, JsonValue } from '../../../../ils-sync/core/data/record.ts'

const session = { network: 'n', to: 'hub', n: 1 }
const push = (batches: string) => serializeFrame(session, 'push', `{"batches":[${batches}]}`)
const batch: Batch = {
  origin: 'cluster1',
  epoch: 5,
  from: 1,
  to: 9,
  head: 9,
  records: [
    { origin: 'cluster1', epoch: 5, usn: 3, kind: 'superuser', key: 'bob', value: { dns: ['1000001'] } },
    { origin: 'cluster1', epoch: 5, usn: 9, kind: 'of the future', key: '', value: null },
  ],
}

t.test('batches and vectors arrive as they were sent, frozen all the way down', async (t) => {
  const parsed = parseMessage(push(serializeBatch(batch)))
  if (parsed?.type !== 'push') return t.fail('not a push')
  t.same(JSON.parse(JSON.stringify(parsed.payload.batches)), [batch])
  const value = parsed.payload.batches[0]?.records[0]?.value as { dns: string[] }
  t.throws(() => value.dns.push('2000001'), TypeError)

  const vector = new Map([['cluster1', { epoch: 5, usn: 9 }]])
  const pull = parseMessage(serializeFrame(session, 'pull', `{"id":1,"vector":${serializeVector(vector)}}`))
  t.same(pull?.type === 'pull' && [...pull.payload.vector], [...vector])
})

t.test('any JSON value travels unchanged', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const [first] = batch.records
        const sent = { ...batch, records: [{ ...(first as object), value: value as JsonValue }] } as unknown as Batch
        const parsed = parseMessage(push(serializeBatch(sent)))
        const got = parsed?.type === 'push' ? parsed.payload.batches[0]?.records[0]?.value : undefined
        return JSON.stringify(got) === JSON.stringify(value)
      }),
    ),
  )
})

t.test('numbers that contradict each other make no batch', async (t) => {
  const [first, second] = batch.records as [Batch['records'][number], Batch['records'][number]]
  const wrong: Record<string, Partial<Batch>> = {
    'records that do not rise': { records: [second, first] },
    'a record twice': { records: [first, first] },
    'a record at or before the start': { from: 3 },
    'a record beyond the end': { to: 8, head: 9 },
    'an end before the start': { from: 9, to: 1, records: [] },
    'a head before the end': { head: 8 },
  }
  for (const [why, changes] of Object.entries(wrong)) {
    t.equal(parseMessage(push(serializeBatch({ ...batch, ...changes }))), undefined, why)
  }
})

t.test('what is no message of this version is undefined, never an exception', async (t) => {
  const frame = (type: string, payload: unknown, more: object = session) => JSON.stringify({ ...more, type, payload })
  const hello = { nonce: 'x'.repeat(20), role: 'spoke', peerId: 'p', at: 1, mode: 'password' }
  t.equal(parseMessage(frame('hello', hello))?.type, 'hello')
  const wrong = {
    'no JSON': '{"network":',
    'not an object': '[]',
    'an unknown type': frame('teleport', {}),
    'a type from the prototype': frame('constructor', {}),
    'no payload': JSON.stringify({ ...session, type: 'beat' }),
    'a session message without counter': frame('beat', { digest: '' }, { network: 'n', to: 'hub' }),
    'a negative counter': frame('beat', { digest: '' }, { ...session, n: -1 }),
    'a fraction for a number': frame('pull', { id: 1.5, vector: [] }),
    'an origin that cannot be a cluster ID': frame('pull', { id: 1, vector: [['__proto__', 1, 1]] }),
    'a short nonce': frame('hello', { ...hello, nonce: 'x' }),
    'a role of its own making': frame('hello', { ...hello, role: 'king' }),
    'no peer ID': frame('hello', { ...hello, peerId: undefined }),
    'no clock': frame('hello', { ...hello, at: 'noon' }),
    'a way to authenticate of its own making': frame('hello', { ...hello, mode: 'none' }),
    'a key that is none': frame('hello', { ...hello, key: 'x' }),
    'a certificate too long to look at': frame('hello', { ...hello, certificate: 'x'.repeat(9000) }),
  }
  for (const [why, body] of Object.entries(wrong)) t.equal(parseMessage(body), undefined, why)
  t.doesNotThrow(() => fc.assert(fc.property(fc.string(), (text) => parseMessage(text) === undefined)))
  t.doesNotThrow(() => fc.assert(fc.property(fc.json(), (text) => parseMessage(text) === undefined)))
})

t.test('members that a later release adds are ignored', async (t) => {
  const body = JSON.stringify({ ...session, type: 'beat', payload: { digest: 'd', at: 1, mood: 'fine' }, more: 1 })
  t.equal(parseMessage(body)?.type, 'beat')
})
