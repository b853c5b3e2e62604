import t from 'tap'
import { limits } from '../../../ils-sync/core/limits.ts'
import { Conversation, heartbeatMs, network } from '../conversation.ts'
import type { Letter, TalkingNode } from '../conversation.ts'

const isPush = ({ message }: Letter) => message?.type === 'push'

function two() {
  const { talk, hub, nodes } = network()
  return { talk, hub, one: nodes[0] as TalkingNode, other: nodes[1] as TalkingNode }
}

t.test('B2 Up to Date: a spoke calls its hub, both pull, and both are Up to Date', async (t) => {
  const { talk, hub, one } = two()
  t.same([one.status('hub'), hub.status('cluster1'), hub.status('cluster2')], Array(3).fill('Up to Date'))
  t.same(talk.said('cluster1', 'hub').slice(0, 2), ['hello', 'pull'])
  t.same(talk.said('hub', 'cluster1').slice(0, 2), ['welcome', 'pull'])
  t.ok(one.notices.some((notice) => notice.type === 'pulled' && notice.peer === 'hub'))
})

t.test('B1 Local hub: a spoke talks to its hub and to nobody else', async (t) => {
  const { talk } = two()
  t.same(
    talk.sent.filter(({ from, to }) => from !== 'hub' && to !== 'hub'),
    [],
  )
})

t.test('a change reaches all others in two pushes, unchanged, whatever its kind', async (t) => {
  const { talk, hub, one, other } = two()
  const before = talk.sent.length
  one.change(['of a later release', 'key', { any: ['thing'] }])
  talk.settle()
  t.same([talk.said('cluster1', 'hub', before), talk.said('hub', 'cluster2', before)], [['push'], ['push']])
  t.same(talk.said('hub', 'cluster1', before), [], 'no echo')
  const record = one.find('cluster1', 'of a later release', 'key')
  t.same(other.find('cluster1', 'of a later release', 'key'), record)
  t.same(other.store.find('cluster1', 'of a later release', 'key'), record, 'and is stored')
  t.same(hub.find('cluster1', 'of a later release', 'key'), record)
})

t.test('all changes of one turn leave in one message, the superseded ones left out', async (t) => {
  const { talk, one, other } = two()
  const before = talk.sent.length
  one.write(() => one.driver.run({ type: 'change', kind: 'k', key: 'a', value: 1 }))
  one.write(() => one.driver.run({ type: 'change', kind: 'k', key: 'b', value: 2 }))
  one.write(() => one.driver.run({ type: 'change', kind: 'k', key: 'a', value: 3 }))
  one.endTurn()
  const [push] = talk.letters
  t.equal(talk.letters.length, 1)
  t.match(push?.message, {
    type: 'push',
    payload: { batches: [{ from: 0, to: 3, records: [{ key: 'b' }, { key: 'a', value: 3 }] }] },
  })
  talk.settle()
  t.same(talk.said('hub', 'cluster2', before), ['push'])
  t.equal(other.find('cluster1', 'k', 'a')?.value, 3)
})

t.test('nothing of its own leaves a node before it is on disk, nor what failed', async (t) => {
  const { talk, one, other } = two()
  one.holdCommits = true
  one.change(['k', 'a', 1])
  t.same(talk.letters, [])
  t.equal(one.find('cluster1', 'k', 'a'), undefined, 'not even visible')
  one.commit()
  one.holdCommits = false
  one.failingChange('k', 'failed', 1)
  one.change(['k', 'b', 2])
  talk.settle()
  talk.pass(3 * heartbeatMs)
  t.same([other.find('cluster1', 'k', 'a')?.value, other.find('cluster1', 'k', 'b')?.value], [1, 2])
  t.equal(other.find('cluster1', 'k', 'failed'), undefined)
  t.equal(other.driver.state.replica.digest(), one.driver.state.replica.digest(), 'the unused number harms nobody')
})

t.test('the next push after a lost one is a gap, which is pulled at once', async (t) => {
  const { talk, hub, one } = two()
  one.change(['k', 'lost', 1])
  talk.letters = []
  const before = talk.sent.length
  one.change(['k', 'next', 2])
  talk.settle()
  t.same(talk.said('hub', 'cluster1', before), ['pull'])
  t.same([hub.find('cluster1', 'k', 'lost')?.value, hub.find('cluster1', 'k', 'next')?.value], [1, 2])
  t.equal(hub.driver.state.counters.gaps, 1)
})

t.test('a lost push that nothing follows is found by the digest of a heartbeat', async (t) => {
  const { talk, other, one } = two()
  one.change(['k', 'lost', 1])
  talk.settle((letter) => !isPush(letter))
  talk.pass(2 * heartbeatMs)
  t.equal(other.find('cluster1', 'k', 'lost')?.value, 1)
})

t.test('heartbeats that only overtake a push cause no pull', async (t) => {
  const { talk, one } = two()
  talk.pass(heartbeatMs)
  const before = talk.sent.length
  one.change(['k', 'a', 1])
  const pushes = talk.letters.splice(0)
  talk.nowMs += heartbeatMs / 4
  for (const letter of pushes) talk.deliver(letter)
  talk.settle()
  talk.pass(4 * heartbeatMs)
  t.notOk(talk.sent.slice(before).some(({ message }) => message?.type === 'pull'))
})

t.test('what was written while a spoke was cut off arrives when it is back, in both directions', async (t) => {
  const { talk, one, other } = two()
  one.driver.run({ type: 'down' })
  one.change(['k', 'mine', 1])
  other.change(['k', 'theirs', 2])
  talk.pass(6 * heartbeatMs, ({ from, to }) => from !== 'cluster1' && to !== 'cluster1')
  t.equal(one.status('hub'), 'Unreachable')
  one.driver.run({ type: 'up' })
  talk.settle()
  t.equal(one.find('cluster2', 'k', 'theirs')?.value, 2)
  t.equal(other.find('cluster1', 'k', 'mine')?.value, 1)
})

t.test(
  'a restarted node calls again and has everything; a restarted hub is called again within a heartbeat',
  async (t) => {
    const { talk, hub, one, other } = two()
    const again = talk.join({ self: 'cluster1', membership: { role: 'spoke', hub: 'hub' } }, one.store)
    talk.settle()
    again.change(['k', 'a', 1])
    talk.settle()
    t.equal(other.find('cluster1', 'k', 'a')?.value, 1)

    const hubAgain = talk.join({ self: 'hub', membership: { role: 'hub' } }, hub.store)
    talk.pass(2 * heartbeatMs)
    t.same([again.status('hub'), other.status('hub'), hubAgain.status('cluster1')], Array(3).fill('Up to Date'))
    other.change(['k', 'b', 2])
    talk.settle()
    t.equal(again.find('cluster2', 'k', 'b')?.value, 2)
  },
)

t.test('a hub that lost everything learns it from its spokes', async (t) => {
  const { talk, one, other } = two()
  one.change(['k', 'a', 1])
  talk.settle()
  const emptied = talk.join({ self: 'hub', membership: { role: 'hub' } })
  talk.pass(3 * heartbeatMs)
  t.equal(emptied.find('cluster1', 'k', 'a')?.value, 1)
  t.equal(emptied.driver.state.replica.digest(), other.driver.state.replica.digest())
})

t.test(
  'B4 ILSHubClusterUnreachable: a hub that is silent for three heartbeats is an alarm, at once and at every poll',
  async (t) => {
    const { talk, one } = two()
    const deaf = ({ from }: Letter) => from !== 'hub'
    talk.pass(2 * heartbeatMs, deaf)
    t.same(one.alarms(), [])
    talk.pass(heartbeatMs, deaf)
    t.same(one.alarms(), [
      {
        name: 'ILSHubClusterUnreachable',
        severity: 'Alert',
        text: 'A connection to the remote ILS server could not be established',
        peer: 'hub',
      },
    ])
    t.equal(one.status('hub'), 'Unreachable')
    talk.pass(6 * heartbeatMs, deaf)
    t.equal(one.alarms().length, 3)
    talk.pass(3 * heartbeatMs)
    t.equal(one.status('hub'), 'Up to Date')
    t.equal(one.alarms().length, 3)
  },
)

t.test('a paused process raises no alarm when it goes on, and pulls what it missed', async (t) => {
  const { talk, one, other } = two()
  talk.nodes.delete('cluster1')
  talk.pass(heartbeatMs)
  other.change(['k', 'a', 1])
  talk.settle()
  talk.pass(60 * heartbeatMs)
  talk.nodes.set('cluster1', one)
  const before = talk.sent.length
  one.driver.run({ type: 'tick' })
  t.ok(talk.said('cluster1', 'hub', before).includes('pull'))
  talk.settle()
  t.equal(one.find('cluster2', 'k', 'a')?.value, 1)
  t.same(one.alarms(), [])
})

t.test('"Synchronize Clusters Every" pulls although nothing seems to be missing', async (t) => {
  const talk = new Conversation()
  talk.join({ self: 'hub', membership: { role: 'hub' } })
  talk.join({ self: 'cluster1', membership: { role: 'spoke', hub: 'hub' }, synchronizeEveryMs: 60_000 })
  talk.pass(5 * heartbeatMs)
  const before = talk.sent.length
  talk.pass(50 * heartbeatMs)
  t.notOk(talk.said('cluster1', 'hub', before).includes('pull'))
  talk.pass(10 * heartbeatMs)
  t.ok(talk.said('cluster1', 'hub', before).includes('pull'))
})

t.test('a big set is pulled page by page', async (t) => {
  const talk = new Conversation()
  talk.join({ self: 'hub', membership: { role: 'hub' } })
  const one = talk.join({ self: 'cluster1', membership: { role: 'spoke', hub: 'hub' } })
  talk.settle()
  one.change(...Array.from({ length: 2345 }, (_, index) => ['k', `key ${index}`, index] as const))
  talk.settle()
  const late = talk.join({ self: 'cluster2', membership: { role: 'spoke', hub: 'hub' } })
  const before = talk.sent.length
  talk.settle()
  t.equal([...late.driver.state.replica.records('cluster1')].length, 2345)
  const pages = talk.sent
    .slice(before)
    .filter(({ to, message }) => to === 'cluster2' && message?.type === 'page' && message.payload.left < 2345)
  const full = pages.filter(({ message }) => message?.type === 'page' && message.payload.batches.length > 0)
  t.equal(full.length, Math.ceil(2345 / limits.pageRecords))
  t.ok(pages.every(({ bytes }) => bytes.length < limits.messageBytes))
})

t.test('a change too big to travel is refused where it is made', async (t) => {
  const { one } = two()
  const before = one.snapshot()
  t.throws(() => one.change(['k', 'a', 'x'.repeat(limits.valueCharacters)]), RangeError)
  t.throws(() => one.change(['k', 'a'.repeat(257), 1]), RangeError)
  t.equal(one.snapshot(), before)
})

t.test('B4 Three hops: between two hubs a change takes three hops and no more', async (t) => {
  const talk = new Conversation()
  const hubs = ['hubA', 'hubB', 'hubC']
  for (const self of hubs) talk.join({ self, membership: { role: 'hub', hubs } })
  const nodes = hubs.map((hub, index) => talk.join({ self: `cluster${index + 1}`, membership: { role: 'spoke', hub } }))
  talk.settle()
  talk.pass(3 * heartbeatMs)
  const before = talk.sent.length
  nodes[0]?.change(['k', 'a', 1])
  talk.settle()
  for (const node of nodes) t.equal(node.find('cluster1', 'k', 'a')?.value, 1)
  const ways = talk.sent.slice(before).map(({ from, to }) => `${from}>${to}`)
  t.same(ways.sort(), ['cluster1>hubA', 'hubA>hubB', 'hubA>hubC', 'hubB>cluster2', 'hubC>cluster3'])
})
