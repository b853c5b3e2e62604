// Whoever reaches Redis can say anything. Nothing of it may change a node, and what matters is told.
import { randomBytes } from 'node:crypto'
import t from 'tap'
import { createEnvelopeCodec, createMac } from '../../../ils-sync/core/wire/envelope.ts'
import type { SessionKey } from '../../../ils-sync/core/wire/envelope.ts'
import { limits } from '../../../ils-sync/core/limits.ts'
import { serializeFrame } from '../../../ils-sync/core/wire/message.ts'
import { Conversation, heartbeatMs, network, networkKey as key } from '../conversation.ts'
import type { TalkingNode } from '../conversation.ts'

const introduction = {
  nonce: 'x'.repeat(24),
  role: 'spoke',
  peerId: 'a store',
  at: 1_700_000_000_000,
  mode: 'password',
}

function two() {
  const { talk, hub, nodes } = network()
  return { talk, hub, one: nodes[0] as TalkingNode, other: nodes[1] as TalkingNode }
}

t.test('every message ever sent is worthless the second time', async (t) => {
  const { talk, hub, one, other } = two()
  one.change(['k', 'a', 1])
  talk.settle()
  const all = [...talk.sent]
  for (const node of [hub, one, other]) {
    const before = node.snapshot()
    for (const letter of all) if (letter.to === node.id) talk.deliver(letter)
    t.equal(node.snapshot(), before, `${node.id} is as it was`)
  }
  talk.letters = []
  one.change(['k', 'b', 2])
  talk.settle()
  t.equal(other.find('cluster1', 'k', 'b')?.value, 2, 'and the live sessions go on')
})

t.test('a recorded hello of an earlier life does not drop the live session', async (t) => {
  const { talk, hub, one } = two()
  const hello = talk.sent.find(({ message }) => message?.type === 'hello')
  const session = hub.driver.state.links.get('cluster1')?.live?.id
  for (let i = 0; i < 20; i++) talk.deliver(hello as { to: string; bytes: Buffer })
  talk.settle()
  t.equal(hub.driver.state.links.get('cluster1')?.live?.id, session)
  t.ok((hub.driver.state.links.get('cluster1')?.pending.size ?? 9) <= limits.pendingSessions)
  one.change(['k', 'a', 1])
  talk.settle()
  t.equal(hub.find('cluster1', 'k', 'a')?.value, 1)
})

t.test(
  'messages that are forged, cut short, garbled, oversize or of the future are refused by reason and change nothing',
  async (t) => {
    const { talk, hub } = two()
    const beat = (to: string, more: object = {}) =>
      serializeFrame({ network: 'n', to, n: 1000, ...more }, 'beat', '{"digest":"d","at":1}')
    const ours = createEnvelopeCodec(key, 'cluster1')
    const live = hub.driver.state.links.get('cluster1')?.live as SessionKey
    const named = (id: string) => ({ id, mac: createMac(key) })
    const genuine = talk.sent.find(({ to, message }) => to === 'hub' && message?.type === 'pull')?.bytes as Buffer
    const garbled = Buffer.from(genuine)
    garbled[garbled.length - 5] = (garbled[garbled.length - 5] as number) ^ 1
    const cases: Record<string, readonly [Buffer, string]> = {
      'another key': [createEnvelopeCodec(randomBytes(32), 'cluster1').seal('H', beat('hub')), 'authentication'],
      'in the session, but with the network’s key': [ours.seal(named(live.id), beat('hub')), 'authentication'],
      garbled: [garbled, 'authentication'],
      'cut short': [genuine.subarray(0, genuine.length - 3), 'authentication'],
      'cut in the header': [genuine.subarray(0, 9), 'malformed'],
      empty: [Buffer.alloc(0), 'malformed'],
      noise: [randomBytes(1000), 'malformed'],
      oversize: [Buffer.alloc(limits.messageBytes + 1, 65), 'oversize'],
      'of the future': [Buffer.from(genuine.toString('latin1').replace('ILS/2', 'ILS/3'), 'latin1'), 'version'],
      'of the release before': [Buffer.from('ILS/1 M cluster1 ' + 'x'.repeat(43) + '\n{}'), 'version'],
      'a handshake of megabytes': [
        Buffer.concat([ours.seal('H', '{}'), Buffer.alloc(limits.handshakeBytes)]),
        'oversize',
      ],
      'signed, but no JSON': [ours.seal('H', '{'), 'malformed'],
      'signed, but of an unknown type': [
        ours.seal('H', serializeFrame({ network: 'n', to: 'hub' }, 'dance' as 'beat', '{}')),
        'malformed',
      ],
      'a session message outside of one': [ours.seal('H', beat('hub')), 'malformed'],
      'a refusal in a session': [
        ours.seal(live, serializeFrame({ network: 'n', to: 'hub' }, 'refused', '{"reason":"session","peerId":"p"}')),
        'malformed',
      ],
      'a call in the clothes of a refusal': [
        ours.seal('R', serializeFrame({ network: 'n', to: 'hub' }, 'hello', JSON.stringify(introduction))),
        'malformed',
      ],
      'another network': [ours.seal(live, beat('hub', { network: 'other' })), 'network'],
      'for somebody else': [ours.seal(live, beat('cluster2')), 'misaddressed'],
      'a counter that was used': [ours.seal(live, beat('hub', { n: 1 })), 'replay'],
      'of no session': [ours.seal(named('x'.repeat(22)), beat('hub')), 'session'],
    }
    for (const [what, [bytes, reason]] of Object.entries(cases)) {
      const before = hub.snapshot()
      const told = hub.refusals().length
      talk.deliver({ to: 'hub', bytes })
      t.same(hub.refusals().slice(told), [reason], what)
      t.equal(hub.snapshot(), before, `${what}: nothing changed`)
    }
  },
)

t.test('no garbled bit of any message gets through, and none throws', async (t) => {
  const { talk, hub } = two()
  const genuine = talk.sent.filter(({ to }) => to === 'hub')
  const before = hub.snapshot()
  for (const { bytes } of genuine) {
    for (let bit = 0; bit < bytes.length * 8; bit += 7) {
      const garbled = Buffer.from(bytes)
      garbled[bit >> 3] = (garbled[bit >> 3] as number) ^ (1 << (bit & 7))
      talk.deliver({ to: 'hub', bytes: garbled })
    }
  }
  t.equal(hub.snapshot(), before)
})

t.test('a spoke is called by nobody, by a hub that is not its own no more than by a spoke', async (t) => {
  const { talk, other } = two()
  const call = (from: string, to: string, role: 'hub' | 'spoke') => {
    const body = serializeFrame({ network: 'n', to }, 'hello', JSON.stringify({ ...introduction, role }))
    talk.deliver({ to, bytes: createEnvelopeCodec(key, from).seal('H', body) })
  }
  call('cluster9', 'cluster2', 'spoke')
  call('hub9', 'cluster2', 'hub')
  t.same(other.refusals(), ['stranger', 'stranger'])
  t.same(talk.letters, [], 'and answers neither')
})

t.test(
  'a wrong password raises the documented alarm at both ends, once per poll, and nothing is learned',
  async (t) => {
    const { talk, hub } = two()
    const before = hub.driver.state.replica.digest()
    const wrong = talk.join({
      self: 'cluster3',
      membership: { role: 'spoke', hub: 'hub' },
      authentication: { mode: 'password', key: Buffer.from('guessed') },
    })
    talk.pass(heartbeatMs)
    const alarm = (peer: string) => ({
      name: 'ILSPwdAuthenticationFailed',
      severity: 'Alert',
      text: 'Password Authentication Failure with ILS at remote cluster',
      peer,
    })
    t.same(hub.alarms(), [alarm('cluster3')])
    t.same(wrong.alarms(), [alarm('hub')])
    talk.pass(9 * heartbeatMs)
    const polls = hub.alarms().length
    t.ok(polls >= 3 && polls <= 5, `${polls} alarms in ten heartbeats, though it called at every one`)
    t.equal(wrong.alarms().filter(({ name }) => name === 'ILSPwdAuthenticationFailed').length, polls)
    t.equal(hub.driver.state.replica.digest(), before)
    t.notOk(hub.driver.state.links.has('cluster3'))
  },
)

t.test('refusals are not answered, so that two wrong passwords do not talk for ever', async (t) => {
  const talk = new Conversation()
  talk.join({ self: 'hub', membership: { role: 'hub' }, authentication: { mode: 'password', key: Buffer.from('one') } })
  talk.join({
    self: 'cluster1',
    membership: { role: 'spoke', hub: 'hub' },
    authentication: { mode: 'password', key: Buffer.from('other') },
  })
  talk.settle()
  t.equal(talk.sent.length, 2, 'a hello and a refusal')
})

t.test('a flood of claimed senders costs a bounded number of alarms and answers', async (t) => {
  const { talk, hub } = two()
  const before = talk.sent.length
  const forger = randomBytes(32)
  for (let i = 0; i < 500; i++)
    talk.deliver({ to: 'hub', bytes: createEnvelopeCodec(forger, `claimed${i}`).seal('H', '{}') })
  t.equal(hub.alarms().length, limits.claimedSendersPerPoll)
  t.equal(talk.sent.length - before, limits.claimedSendersPerPoll)
  t.equal(hub.refusals().length, 500, 'but each is counted')
})

t.test('a flood of invented names does not hide that a neighbour has another password', async (t) => {
  const { hub, one } = two()
  const calls = (name: string) => {
    const body = serializeFrame({ network: 'n', to: 'hub' }, 'hello', JSON.stringify(introduction))
    hub.receive(createEnvelopeCodec(randomBytes(32), name).seal('H', body))
  }
  for (let n = 0; n < 100; n += 1) calls(`made-up-${n}`)
  t.equal(hub.alarms().length, limits.claimedSendersPerPoll)
  calls(one.id)
  t.match(hub.alarms().at(-1), { name: 'ILSPwdAuthenticationFailed', peer: 'cluster1' })
  for (let n = 0; n < 100; n += 1) calls(one.id)
  t.equal(hub.alarms().length, limits.claimedSendersPerPoll + 1, 'which is told once, too')
})
