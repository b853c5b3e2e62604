// Two clusters with one Cluster ID. They are told apart by the peer IDs of their stores.
import t from 'tap'
import { createMemoryStore } from '../../../../ils-sync/store/memory.ts'
import { Conversation, heartbeatMs } from '../../conversation.ts'
import type { TalkingNode } from '../../conversation.ts'
import { calm, enter, neighbours, pollMs, shareInbox, twoHubs } from '../../places.ts'

const duplicates = (node: TalkingNode) => node.alarms().filter(({ name }) => name === 'ILSDuplicateClusterId')

/** Of a hub, one of whose spokes finds another cluster under its ID. */
function namesakes(hub: 'huba' | 'hubb') {
  const network = twoHubs()
  const { talk, one } = network
  one.change(['location', 'bob', 'first'])
  calm(talk)
  talk.wallMs += 60_000
  const other = enter(talk, { self: 'cluster1', membership: { role: 'spoke', hub } }, createMemoryStore())
  other.change(['location', 'bob', 'second'])
  shareInbox(talk, one, other)
  return { ...network, other }
}

t.test(
  'a second cluster with the same ID at the same hub is refused; all three are alarmed, once per poll',
  async (t) => {
    const { talk, hubA, one, two, other } = namesakes('huba')
    const session = hubA.driver.state.links.get('cluster1')?.live?.id
    talk.pass(4 * pollMs)
    for (const node of [hubA, one, other]) {
      const { length } = duplicates(node)
      t.ok(length >= 3 && length <= 4, `${length} alarms in four polls`)
      t.match(duplicates(node)[0], { name: 'ILSDuplicateClusterId', severity: 'Alert', peer: 'cluster1' })
      t.match(duplicates(node)[0], { text: 'Two clusters of the ILS network use the same Cluster ID' })
    }
    t.same(duplicates(two), [], 'the others need not know')
    t.equal(neighbours(hubA).cluster1, 'spoke: Duplicate Cluster ID')
    t.equal(neighbours(other).huba, 'hub: Duplicate Cluster ID')
    t.equal(hubA.driver.state.links.get('cluster1')?.live?.id, session, 'the session of the genuine one never ended')
    t.equal(two.find('cluster1', 'location', 'bob')?.value, 'first')
    one.change(['location', 'bob', 'third'])
    talk.settle()
    t.equal(two.find('cluster1', 'location', 'bob')?.value, 'third', 'which stays in service')
  },
)

t.test('once the second one is renamed the first one is well again', async (t) => {
  const { talk, hubA, one, other } = namesakes('huba')
  talk.pass(2 * pollMs)
  t.equal(neighbours(hubA).cluster1, 'spoke: Duplicate Cluster ID')
  talk.nodes.set('cluster1', one)
  talk.nodes.delete('cluster1, the other one')
  enter(talk, { self: 'cluster9', membership: { role: 'spoke', hub: 'huba' } }, createMemoryStore())
  calm(talk)
  t.equal(neighbours(hubA).cluster1, 'spoke: Up to Date')
  t.equal(neighbours(hubA).cluster9, 'spoke: Up to Date')
  const { length } = duplicates(hubA)
  talk.pass(2 * pollMs)
  t.equal(duplicates(hubA).length, length, 'no more alarms')
  t.ok(other)
})

t.test(
  'a cluster whose store was made anew is no duplicate: it is accepted when the old one has been silent for a poll',
  async (t) => {
    const { talk, hubA, hubB, two } = twoHubs()
    talk.wallMs += 60_000
    const anew = enter(talk, { self: 'cluster1', membership: { role: 'spoke', hub: 'huba' } }, createMemoryStore())
    talk.settle()
    t.ok(hubA.refusals().includes('duplicate'), 'not at once')
    talk.pass(pollMs + heartbeatMs)
    t.same(neighbours(anew), { huba: 'hub: Up to Date' })
    talk.pass(4 * pollMs)
    t.equal(neighbours(hubA).cluster1, 'spoke: Up to Date')
    for (const node of [hubA, hubB, two, anew]) t.same(duplicates(node), [], node.id)
  },
)

t.test('the same cluster that restarts on its own store is accepted at once', async (t) => {
  const { talk, hubA, one } = twoHubs()
  const again = enter(talk, { self: 'cluster1', membership: { role: 'spoke', hub: 'huba' } }, one.store)
  talk.settle()
  t.same(neighbours(again), { huba: 'hub: Up to Date' })
  t.notOk(hubA.refusals().includes('duplicate'))
})

t.test('at two hubs: both clusters and a hub find out, and the war of epochs ends by itself', async (t) => {
  const { talk, hubA, hubB, one, other } = namesakes('hubb')
  talk.pass(12 * pollMs)
  for (const node of [one, other]) t.ok(duplicates(node).length > 0, `${node.store.peerId()} is told`)
  t.ok(duplicates(hubA).length + duplicates(hubB).length > 0)
  t.ok([hubA, hubB].some((hub) => neighbours(hub).cluster1 === 'spoke: Duplicate Cluster ID'))
  const taken = () => one.driver.state.own.adoptions + other.driver.state.own.adoptions
  const after12 = taken()
  talk.pass(60 * pollMs)
  t.ok(after12 <= 8, `${after12} epochs in 12 polls`)
  t.ok(taken() - after12 <= 6, `${taken() - after12} more in 60 polls`)
  const told = [one, other].flatMap(({ notices }) => notices.filter(({ type }) => type === 'lostData'))
  t.ok(told.length <= 4, 'told as lost data at most twice each')
})

t.test('at two hubs: when one of the two is gone, the other has its place back', async (t) => {
  const { talk, hubA, hubB, one, two } = namesakes('hubb')
  talk.pass(12 * pollMs)
  talk.nodes.set('cluster1', one)
  talk.nodes.delete('cluster1, the other one')
  talk.pass(70 * pollMs)
  for (const node of [hubA, hubB, two]) t.equal(node.find('cluster1', 'location', 'bob')?.value, 'first', node.id)
  t.equal(neighbours(hubA).cluster1, 'spoke: Up to Date')
  const { length } = duplicates(one)
  talk.pass(2 * pollMs)
  t.equal(duplicates(one).length, length, 'no more alarms')
})

t.test('two hubs with one ID: a spoke that hears both says so', async (t) => {
  const talk = new Conversation()
  const hub = enter(talk, { self: 'huba', membership: { role: 'hub' } })
  const bob = enter(talk, { self: 'cluster1', membership: { role: 'spoke', hub: 'huba' } })
  calm(talk)
  talk.wallMs += 60_000
  const other = enter(talk, { self: 'huba', membership: { role: 'hub' } }, createMemoryStore())
  shareInbox(talk, hub, other)
  talk.pass(3 * pollMs)
  t.match(duplicates(bob)[0], { name: 'ILSDuplicateClusterId', peer: 'huba' })
  t.equal(neighbours(bob).huba, 'hub: Duplicate Cluster ID')
  t.ok(bob.driver.state.links.get('huba')?.live)
})

t.test('a recorded refusal for a duplicate ID is refused, once the session is another one', async (t) => {
  const { talk, one } = namesakes('huba')
  talk.pass(2 * pollMs)
  const told = talk.sent.filter(({ message }) => message?.type === 'refused' && message.payload.reason === 'duplicate')
  t.ok(told.length >= 2)
  const again = enter(talk, { self: 'cluster1', membership: { role: 'spoke', hub: 'huba' } }, one.store)
  talk.nodes.delete('cluster1, the other one')
  talk.settle()
  const before = duplicates(again).length
  for (const { bytes } of told) again.receive(bytes)
  t.equal(duplicates(again).length, before)
  t.ok(again.refusals().includes('replay'))
})
