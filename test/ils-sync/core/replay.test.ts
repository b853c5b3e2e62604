// Whoever hears what is said can say it again: of this session or an earlier one, back to its sender, or to somebody else.
import t from 'tap'
import { createEnvelopeCodec } from '../../../ils-sync/core/wire/envelope.ts'
import { serializeFrame } from '../../../ils-sync/core/wire/message.ts'
import { heartbeatMs, networkKey } from '../conversation.ts'
import type { Letter, TalkingNode } from '../conversation.ts'
import { by, modes, names, sessionOf, spoke, trusting } from '../fixtures/trust.ts'

for (const mode of modes) {
  t.test(`by ${mode}, every message ever sent does nothing the second time, to whomever it is sent`, async (t) => {
    const { talk, hub, one, other } = await trusting(mode)
    for (let restart = 1; restart <= 2; restart++) {
      talk.join({ self: 'cluster1', membership: spoke, authentication: await by(mode, 'cluster1') }, one.store)
      talk.settle()
      talk.pass(heartbeatMs)
    }
    const back = talk.nodes.get('cluster1') as TalkingNode
    back.change(['k', 'a', 1])
    talk.settle()
    const all = [...talk.sent]
    t.ok(all.filter(({ message }) => message?.type === 'hello').length >= 4, 'hellos of three lives are among them')
    const nodes = [hub, back, other]
    const before = nodes.map((node) => node.snapshot())
    for (const { bytes } of all) {
      for (const { id } of nodes) talk.deliver({ to: id, bytes })
      talk.nowMs += 20 * heartbeatMs
      for (const node of nodes) for (const link of node.driver.state.links.values()) link.lastHeard = talk.nowMs
    }
    // What they were made to say is as worthless: nobody can continue it.
    talk.settle()
    t.same(
      nodes.map((node) => node.snapshot()),
      before,
      'sessions, counters, records and disks are as they were',
    )
    back.change(['k', 'b', 2])
    talk.settle()
    t.equal(other.find('cluster1', 'k', 'b')?.value, 2, 'and the live sessions go on')
    t.same(nodes.flatMap(names), [], 'nobody is told of an authentication that failed')
  })
}

t.test('recorded calls of a store that was made anew since do not pass for a second cluster of that ID', async (t) => {
  for (const mode of modes) {
    const { talk, hub } = await trusting(mode)
    const recorded = talk.sent.filter(({ from, message }) => from === 'cluster1' && message?.type === 'hello')
    talk.pass(10 * heartbeatMs)
    const anew = talk.join({ self: 'cluster1', membership: spoke, authentication: await by(mode, 'cluster1') })
    talk.settle()
    talk.pass(10 * heartbeatMs)
    t.same([hub.status('cluster1'), sessionOf(hub, 'cluster1')?.peerId], ['Up to Date', anew.store.peerId()], mode)
    const told = anew.alarms().length
    for (let half = 0; half < 20; half++) {
      for (const call of recorded) talk.deliver(call)
      talk.settle()
      talk.pass(heartbeatMs / 2)
    }
    t.same([hub.alarms(), anew.alarms().slice(told)], [[], []], mode)
    t.equal(hub.status('cluster1'), 'Up to Date', mode)
  }
})

t.test('an answer that refuses us counts only as an answer to what we said just now', async (t) => {
  const { talk, one } = await trusting('password')
  const refused = { reason: 'certificate', nonce: 'z'.repeat(24), peerId: 'p' }
  const body = serializeFrame({ network: 'n', to: 'cluster1' }, 'refused', JSON.stringify(refused))
  talk.deliver({ to: 'cluster1', bytes: createEnvelopeCodec(networkKey, 'hub').seal('R', body) })
  t.same([one.refusals().at(-1), names(one)], ['replay', []])
})

t.test('a hello that went astray is answered to nobody else', async (t) => {
  const { talk, other } = await trusting('both')
  const hello = talk.sent.find(({ from, message }) => from === 'cluster1' && message?.type === 'hello') as Letter
  const before = talk.sent.length
  talk.deliver({ to: 'cluster2', bytes: hello.bytes })
  t.equal(other.refusals().at(-1), 'misaddressed')
  t.equal(talk.sent.length, before)
})
