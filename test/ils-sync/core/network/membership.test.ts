// Other places in the network, at run time.
import t from 'tap'
import { Conversation, heartbeatMs } from '../../conversation.ts'
import type { Letter, TalkingNode } from '../../conversation.ts'
import { calm, digests, enter, failingMove, move, neighbours, pollMs, twoHubs } from '../../places.ts'

const info = (node: TalkingNode, id: string) =>
  node.find(id, 'peer-info', id)?.value as Record<string, unknown> | undefined

t.test('a spoke moves to another hub: one says so, both hubs know, and nothing is lost or applied twice', async (t) => {
  const { talk, hubA, hubB, one, two } = twoHubs()
  one.change(['location', 'bob', 1])
  move(one, { role: 'spoke', hub: 'hubb' })
  // Said before anybody has heard of the move.
  one.change(['location', 'alice', 2])
  calm(talk)
  t.same(neighbours(one), { hubb: 'hub: Up to Date' })
  t.same(neighbours(hubA), { hubb: 'hub: Up to Date' })
  t.same(neighbours(hubB), { cluster1: 'spoke: Up to Date', cluster2: 'spoke: Up to Date', huba: 'hub: Up to Date' })
  t.match(info(hubA, 'cluster1'), { role: 'spoke', hub: 'hubb', peerId: one.store.peerId() })
  t.equal(digests([hubA, hubB, one, two]).length, 1)
  const numbers = two.notices.flatMap((notice) =>
    notice.type === 'applied' && notice.origin === 'cluster1' ? notice.records.map(({ usn }) => usn) : [],
  )
  t.same(
    numbers,
    [...new Set(numbers)].toSorted((a, b) => a - b),
    'each number once, in order',
  )
  t.same([hubA.alarms(), hubB.alarms(), one.alarms()], [[], [], []])
  const before = talk.sent.length
  one.change(['location', 'bob', 3])
  talk.settle()
  t.same(talk.said('cluster1', 'hubb', before), ['push'], 'and the live path is the new one')
  t.equal(two.find('cluster1', 'location', 'bob')?.value, 3)
})

t.test('a spoke moves while its old hub is dead, and comes back to it later', async (t) => {
  const { talk, hubA, hubB, one, two } = twoHubs()
  talk.nodes.delete('huba')
  one.change(['location', 'bob', 1])
  move(one, { role: 'spoke', hub: 'hubb' })
  calm(talk)
  t.equal(two.find('cluster1', 'location', 'bob')?.value, 1, 'what its old hub never heard is not lost')
  talk.nodes.set('huba', hubA)
  calm(talk)
  t.same(neighbours(hubA), { hubb: 'hub: Up to Date' }, 'the old hub learns it from the new one')
  move(one, { role: 'spoke', hub: 'huba' })
  calm(talk)
  t.same(neighbours(hubA), { cluster1: 'spoke: Up to Date', hubb: 'hub: Up to Date' })
  t.same(neighbours(hubB), { cluster2: 'spoke: Up to Date', huba: 'hub: Up to Date' })
})

t.test(
  'a new cluster that moves as it meets its first hub, and dies at once, is not taken for one that lost data',
  async (t) => {
    const { talk } = twoHubs()
    const node = talk.join({ self: 'cluster3', membership: { role: 'spoke', hub: 'huba' } })
    node.holdCommits = true
    move(node, { role: 'spoke', hub: 'hubb' })
    // As it is when the move is on disk, and the write behind it is not: that a peer has been met.
    const disk = node.store.fork()
    talk.settle()
    node.commit()
    const again = enter(talk, { self: 'cluster3', membership: { role: 'spoke', hub: 'hubb' } }, disk)
    calm(talk)
    t.same(neighbours(again), { hubb: 'hub: Up to Date' })
    t.notOk(again.notices.some(({ type }) => type === 'lostData'))
  },
)

t.test('a spoke becomes a hub and meshes; a hub becomes a spoke of another', async (t) => {
  for (const self of ['cluster1', 'zeta']) {
    const { talk, hubA, hubB } = twoHubs()
    const node = enter(talk, { self, membership: { role: 'spoke', hub: 'huba' } })
    calm(talk)
    move(node, { role: 'hub', registrationServer: 'huba' })
    calm(talk)
    t.same(neighbours(node), { huba: 'hub: Up to Date', hubb: 'hub: Up to Date' }, self)
    for (const hub of [hubA, hubB]) t.equal(neighbours(hub)[self], 'hub: Up to Date', `${self} at ${hub.id}`)
    move(node, { role: 'spoke', hub: 'hubb' })
    calm(talk)
    t.same(neighbours(node), { hubb: 'hub: Up to Date' })
    t.equal(neighbours(hubB)[self], 'spoke: Up to Date')
    t.notOk(self in neighbours(hubA))
    node.change(['location', 'bob', 1])
    talk.settle()
    t.equal(hubA.find(self, 'location', 'bob')?.value, 1)
  }
})

t.test('the spokes of a hub that becomes a spoke keep calling it, and alarm: nothing re-homes', async (t) => {
  const { talk, hubA, hubB, one, two } = twoHubs()
  one.change(['location', 'bob', 1])
  talk.settle()
  move(hubA, { role: 'spoke', hub: 'hubb' })
  one.change(['location', 'alice', 2])
  calm(talk)
  t.same(neighbours(one), { huba: 'hub: Unreachable' })
  t.ok(one.alarms().length >= 2)
  t.match(one.alarms()[0], { name: 'ILSHubClusterUnreachable', peer: 'huba' })
  t.match(info(one, 'huba'), { role: 'spoke', hub: 'hubb' }, 'it was told the reason')
  t.same(neighbours(hubB), { cluster2: 'spoke: Up to Date', huba: 'spoke: Up to Date' })
  t.equal(two.find('cluster1', 'location', 'bob')?.value, 1)
  move(one, { role: 'spoke', hub: 'hubb' })
  calm(talk)
  t.equal(two.find('cluster1', 'location', 'alice')?.value, 2, 'nothing is lost')
  t.equal(digests([hubA, hubB, one, two]).length, 1, 'until somebody gives them another hub')
})

t.test('a standalone cluster joins with all that it has, and gets all that there is', async (t) => {
  const { talk, hubA, two } = twoHubs()
  const kally = enter(talk, { self: 'cluster3', membership: { role: 'standalone' } })
  kally.change(['superuser', 'kally', 1])
  calm(talk)
  t.same(neighbours(kally), {})
  t.equal(hubA.find('cluster3', 'superuser', 'kally'), undefined)
  move(kally, { role: 'spoke', hub: 'huba' })
  calm(talk)
  t.equal(two.find('cluster3', 'superuser', 'kally')?.value, 1)
  t.equal(digests([hubA, two, kally]).length, 1)
})

t.test('a write that fails leaves the node where it was', async (t) => {
  const { talk, hubA, one, two } = twoHubs()
  const { epoch, usn } = one.driver.state.own
  for (const membership of [{ role: 'standalone' }, { role: 'spoke', hub: 'hubb' }] as const) {
    failingMove(one, membership)
    calm(talk)
    t.same(neighbours(one), { huba: 'hub: Up to Date' })
    t.same([one.driver.state.own.epoch, one.driver.state.own.usn], [epoch, usn])
  }
  one.change(['location', 'bob', 1])
  talk.settle()
  t.equal(two.find('cluster1', 'location', 'bob')?.value, 1)
  t.equal(digests([hubA, one, two]).length, 1)
})

t.test('a recorded call from an earlier role changes nothing about a live link', async (t) => {
  const talk = new Conversation()
  const hub = enter(talk, { self: 'huba', membership: { role: 'hub' } })
  const node = enter(talk, { self: 'cluster1', membership: { role: 'hub', registrationServer: 'huba' } })
  const call = talk.letters.find(({ message }) => message?.type === 'hello') as Letter
  calm(talk)
  move(node, { role: 'spoke', hub: 'huba' })
  calm(talk)
  const session = hub.driver.state.links.get('cluster1')?.live?.id
  talk.deliver(call)
  talk.settle()
  talk.pass(pollMs)
  t.equal(neighbours(hub).cluster1, 'spoke: Up to Date')
  t.equal(hub.driver.state.links.get('cluster1')?.live?.id, session)
})

t.test('a hub that names another registration server keeps its links', async (t) => {
  const { talk, hubB } = twoHubs()
  const session = hubB.driver.state.links.get('huba')?.live?.id
  move(hubB, { role: 'hub', registrationServer: 'hubc' })
  calm(talk, heartbeatMs)
  t.equal(hubB.driver.state.links.get('huba')?.live?.id, session)
  t.match(neighbours(hubB), { huba: 'hub: Up to Date', hubc: 'hub: Never contacted' })
})
