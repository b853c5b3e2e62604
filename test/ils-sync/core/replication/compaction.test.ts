// Tombstones are collected by a new epoch without them.
import t from 'tap'
import { Conversation, heartbeatMs, network } from '../../conversation.ts'
import type { TalkingNode } from '../../conversation.ts'
import { createMemoryStore } from '../../../../ils-sync/store/memory.ts'

const spoke = { self: 'cluster1', membership: { role: 'spoke', hub: 'hub' }, compactAbove: 5 } as const

function compacting() {
  const { talk, hub, nodes } = network(['cluster2'])
  const one = talk.join(spoke)
  talk.settle()
  return { talk, hub, one, other: nodes[0] as TalkingNode }
}

const records = (node: TalkingNode, origin = 'cluster1') => node.driver.state.replica.count(origin)
const equal = (...nodes: readonly TalkingNode[]) =>
  new Set(nodes.map((node) => node.driver.state.replica.digest())).size === 1

/** Ten objects, eight of which go again. */
function fillAndDelete(node: TalkingNode): void {
  node.change(...Array.from({ length: 10 }, (_, index) => ['k', `key ${index}`, index] as const))
  node.change(...Array.from({ length: 8 }, (_, index) => ['k', `key ${index}`, null] as const))
}

t.test('in a quiet moment an origin with more tombstones than records starts a new epoch without them', async (t) => {
  const { talk, hub, one, other } = compacting()
  fillAndDelete(one)
  talk.pass(8 * heartbeatMs)
  t.equal(records(other).tombstones, 8, 'not at once')
  const { epoch } = one.driver.state.own
  talk.pass(6 * heartbeatMs)
  t.ok(one.driver.state.own.epoch > epoch)
  for (const node of [hub, one, other]) t.same(records(node), { records: 2, tombstones: 0 }, node.id)
  t.ok(equal(hub, one, other))
  t.equal(other.find('cluster1', 'k', 'key 9')?.value, 9)
  t.equal(other.find('cluster1', 'k', 'key 1'), undefined)
  t.match(
    one.notices.find(({ type }) => type === 'compacted'),
    { tombstones: 8 },
  )
  t.notOk(
    one.notices.some(({ type }) => type === 'lostData'),
    'which is no alarm',
  )
  t.equal(other.store.records('cluster1').length, 2, 'and on disk')
  talk.pass(30 * heartbeatMs)
  t.equal(one.notices.filter(({ type }) => type === 'compacted').length, 1, 'once')
})

t.test('not in a storm, not for a few, and not while others are as many', async (t) => {
  const { talk, one } = compacting()
  fillAndDelete(one)
  for (let second = 0; second < 20; second++) {
    one.change(['k', 'busy', second])
    talk.pass(heartbeatMs)
  }
  t.notOk(one.notices.some(({ type }) => type === 'compacted'))
  one.change(...Array.from({ length: 6 }, (_, index) => ['k', `more ${index}`, index] as const))
  talk.pass(20 * heartbeatMs)
  t.notOk(
    one.notices.some(({ type }) => type === 'compacted'),
    'nine live, eight dead',
  )
  one.change(['k', 'more 0', null])
  talk.pass(20 * heartbeatMs)
  t.ok(one.notices.some(({ type }) => type === 'compacted'))
})

t.test('a spoke that was away meanwhile forgets what was deleted as well', async (t) => {
  const { talk, one, other } = compacting()
  one.change(...Array.from({ length: 10 }, (_, index) => ['k', `key ${index}`, index] as const))
  talk.pass(2 * heartbeatMs)
  talk.nodes.delete('cluster2')
  one.change(...Array.from({ length: 8 }, (_, index) => ['k', `key ${index}`, null] as const))
  talk.pass(16 * heartbeatMs)
  t.ok(one.notices.some(({ type }) => type === 'compacted'))
  talk.nodes.set('cluster2', other)
  talk.pass(6 * heartbeatMs)
  t.same(records(other), { records: 2, tombstones: 0 })
})

t.test('a store that has met no peer yet keeps its tombstones: it could be an old one', async (t) => {
  const talk = new Conversation()
  const one = talk.join(spoke, createMemoryStore())
  fillAndDelete(one)
  talk.pass(20 * heartbeatMs)
  t.equal(records(one).tombstones, 8)
  const alone = talk.join({ self: 'cluster3', membership: { role: 'standalone' }, compactAbove: 5 })
  fillAndDelete(alone)
  talk.pass(20 * heartbeatMs)
  t.equal(records(alone, 'cluster3').tombstones, 0, 'a standalone cluster has nobody to ask')
})

/** As if another store had written under the ID of `origin`, a moment after that one was founded. */
function writeElsewhere(hub: TalkingNode, origin: TalkingNode): void {
  const epoch = origin.driver.state.own.epoch + 1
  const record = { origin: origin.id, epoch, usn: 1, kind: 'k', key: 'elsewhere', value: 1 }
  hub.driver.state.replica.apply({ origin: origin.id, epoch, from: 0, to: 1, head: 1, records: [record] })
}

t.test('a loss that is found while a compaction waits for the disk ends in the same epoch', async (t) => {
  const { talk, hub, one, other } = compacting()
  fillAndDelete(one)
  talk.pass(8 * heartbeatMs)
  one.holdWrites = true
  talk.pass(4 * heartbeatMs)
  writeElsewhere(hub, one)
  talk.pass(3 * heartbeatMs)
  t.notOk(
    one.notices.some(({ type }) => type === 'compacted' || type === 'lostData'),
    'both wait',
  )
  one.letWritten()
  talk.pass(4 * heartbeatMs)
  t.equal(one.notices.filter(({ type }) => type === 'compacted').length, 1)
  t.ok(one.notices.filter(({ type }) => type === 'lostData').length <= 1)
  for (const node of [hub, one, other]) t.same(records(node), { records: 2, tombstones: 0 }, node.id)
  t.ok(equal(hub, one, other))
})

t.test('after losses no epoch is taken for tombstones until it is clear that nobody else takes them', async (t) => {
  const { talk, hub, one, other } = compacting()
  for (const polls of [1, 2, 4, 1]) {
    writeElsewhere(hub, one)
    talk.pass(polls * 3 * heartbeatMs)
  }
  t.equal(one.driver.state.own.adoptions, 4)
  fillAndDelete(one)
  // Of the doubled waits the fourth takes 8 polls, longer than the quiet that a compaction wants.
  talk.pass(13 * heartbeatMs)
  t.notOk(one.notices.some(({ type }) => type === 'compacted'))
  talk.pass(24 * heartbeatMs)
  t.ok(one.notices.some(({ type }) => type === 'compacted'))
  t.ok(equal(hub, one, other))
})
