// A new hub names one hub, and meshes with all.
import t from 'tap'
import { createRandom } from '../../simulation/random.ts'
import { Conversation, heartbeatMs } from '../conversation.ts'
import type { Letter, TalkingNode } from '../conversation.ts'
import { calm, digests, enter, move, neighbours, pollMs, twoHubs } from '../places.ts'

const between = (a: string, b: string) => (letter: Letter) =>
  (letter.from === a && letter.to === b) || (letter.from === b && letter.to === a)

t.test('B1 Hub Cluster: the first cluster of a network is a hub, names nobody, and waits for others', async (t) => {
  const talk = new Conversation()
  const hub = enter(talk, { self: 'huba', membership: { role: 'hub' } })
  calm(talk)
  t.same([talk.sent, neighbours(hub), hub.alarms()], [[], {}, []])
})

t.test('a hub or a spoke that finds nobody keeps calling, with the alarm at every poll', async (t) => {
  const talk = new Conversation()
  const alone = [
    enter(talk, { self: 'cluster1', membership: { role: 'spoke', hub: 'hubb' } }),
    enter(talk, { self: 'huba', membership: { role: 'hub', registrationServer: 'hubb' } }),
    enter(talk, { self: 'hubc', membership: { role: 'hub', registrationServer: 'hubb' } }),
  ]
  talk.pass(3 * pollMs)
  for (const node of alone) {
    t.same(neighbours(node), { hubb: 'hub: Never contacted' }, node.id)
    t.same(
      node.alarms().map(({ name, peer }) => [name, peer]),
      Array.from({ length: 3 }, () => ['ILSHubClusterUnreachable', 'hubb']),
      node.id,
    )
    t.ok(talk.said(node.id, 'hubb').length >= 8, 'a call at every heartbeat')
  }
})

for (const [first, second] of [
  ['huba', 'hubb'],
  ['hubb', 'huba'],
] as const) {
  t.test(`of two hubs the one with the smaller ID calls, also when ${second} joins by naming ${first}`, async (t) => {
    const talk = new Conversation()
    const one = enter(talk, { self: first, membership: { role: 'hub' } })
    const other = enter(talk, { self: second, membership: { role: 'hub', registrationServer: first } })
    calm(talk, pollMs)
    t.same([neighbours(one), neighbours(other)], [{ [second]: 'hub: Up to Date' }, { [first]: 'hub: Up to Date' }])
    t.equal(talk.said('hubb', 'huba').filter((type) => type === 'welcome').length, 1)
    t.notOk(talk.said('huba', 'hubb').includes('welcome'), 'the larger ID only makes itself known')
    t.same([one.alarms(), other.alarms()], [[], []])
  })
}

t.test(
  'four hubs that join one after the other, in any order, end as a full mesh that relays in three hops',
  async (t) => {
    const random = createRandom(4)
    for (const order of permutations(['huba', 'hubb', 'hubc', 'hubd'])) {
      const talk = new Conversation()
      const hubs = order.map((self, place) => {
        const named = random.pick(order.slice(0, Math.max(1, place)))
        const node = enter(talk, {
          self,
          membership: place === 0 ? { role: 'hub' } : { role: 'hub', registrationServer: named },
        })
        if (random.chance(0.5)) calm(talk, random.pick([0, heartbeatMs, 2 * pollMs]))
        return node
      })
      const spokes = order.map((hub, place) =>
        enter(talk, { self: `cluster${place}`, membership: { role: 'spoke', hub } }),
      )
      calm(talk, 6 * pollMs)
      for (const hub of hubs) {
        const others = order.filter((id) => id !== hub.id)
        const links = Object.entries(neighbours(hub)).filter(([, state]) => state.startsWith('hub'))
        t.same(
          links.map(([id]) => id),
          others.toSorted(),
          `${hub.id} of ${order.join()}`,
        )
        t.ok(
          links.every(([, state]) => state === 'hub: Up to Date'),
          order.join(),
        )
      }
      t.equal(digests([...hubs, ...spokes]).length, 1, order.join())
      const before = talk.sent.length
      const [alice, bob] = [spokes[0] as TalkingNode, spokes[3] as TalkingNode]
      alice.change(['k', 'said', 1])
      talk.settle()
      t.equal(bob.find('cluster0', 'k', 'said')?.value, 1)
      const pushes = talk.sent.slice(before).filter(({ message }) => message?.type === 'push')
      t.equal(pushes.length, talk.sent.length - before, 'pushes alone')
      t.equal(
        pushes.length,
        1 + 3 + 3,
        'to the hub, to its fellow hubs, and from those to their spokes: nobody is told twice',
      )
    }
  },
)

t.test(
  'while the mesh is incomplete nothing is lost: what two hubs cannot tell each other comes through the third',
  async (t) => {
    const { talk, hubA, hubB } = twoHubs()
    const cut = between('huba', 'hubc')
    const hubC = enter(talk, { self: 'hubc', membership: { role: 'hub', registrationServer: 'hubb' } })
    const kally = enter(talk, { self: 'cluster3', membership: { role: 'spoke', hub: 'hubc' } })
    talk.pass(2 * pollMs, (letter) => !cut(letter))
    t.match(neighbours(hubC), { huba: 'hub: Never contacted', hubb: 'hub: Up to Date' })
    const bob = talk.nodes.get('cluster1') as TalkingNode
    const since = talk.nowMs
    bob.change(['location', 'bob', { at: 'cluster1' }])
    talk.settle((letter) => !cut(letter))
    t.equal(
      kally.find('cluster1', 'location', 'bob'),
      undefined,
      'not by a push: hubs relay what hubs say to spokes only',
    )
    while (!kally.find('cluster1', 'location', 'bob') && talk.nowMs - since < 2 * pollMs)
      talk.pass(heartbeatMs / 2, (letter) => !cut(letter))
    t.ok(kally.find('cluster1', 'location', 'bob'), `by the digest, ${talk.nowMs - since} ms later`)
    t.ok(talk.nowMs - since <= 2 * heartbeatMs, 'within two heartbeats')
    kally.change(['location', 'kally', { at: 'cluster3' }])
    talk.pass(2 * heartbeatMs, (letter) => !cut(letter))
    t.ok(bob.find('cluster3', 'location', 'kally'), 'and back')
    calm(talk)
    t.match(
      neighbours(hubA),
      { hubb: 'hub: Up to Date', hubc: 'hub: Up to Date' },
      'once they reach each other they mesh',
    )
    t.equal(digests([hubA, hubB, hubC, kally, bob]).length, 1)
  },
)

t.test('B1 Recommended capacity: eleven hubs, and twenty-one spokes at one of them, are not prevented', async (t) => {
  const talk = new Conversation()
  const hubs = Array.from({ length: 11 }, (_, at) => `hub${String(at + 1).padStart(2, '0')}`)
  const spokes = Array.from({ length: 21 }, (_, at) => `cluster${String(at + 1).padStart(2, '0')}`)
  for (const [at, self] of hubs.entries()) {
    enter(talk, { self, membership: { role: 'hub', ...(at > 0 && { registrationServer: 'hub01' }) } })
    calm(talk)
  }
  for (const self of spokes) enter(talk, { self, membership: { role: 'spoke', hub: 'hub01' } })
  calm(talk)
  const nodes = [...talk.nodes.values()]
  t.equal(Object.values(neighbours(nodes[0] as TalkingNode)).filter((word) => word.endsWith('Up to Date')).length, 31)
  t.equal(digests(nodes).length, 1, 'all of them hold the same')
  t.same(
    nodes.flatMap((node) => node.alarms()),
    [],
  )
})

t.test('hubs that are named beforehand need no registration server', async (t) => {
  const talk = new Conversation()
  const ids = ['huba', 'hubb', 'hubc']
  const hubs = ids.map((self) => enter(talk, { self, membership: { role: 'hub', hubs: ids } }))
  calm(talk)
  for (const hub of hubs)
    t.equal(Object.values(neighbours(hub)).filter((state) => state === 'hub: Up to Date').length, 2)
})

t.test('a hub that leaves is dropped from the mesh by all others, without an alarm', async (t) => {
  const { talk, hubA, hubB, one } = twoHubs()
  const hubC = enter(talk, { self: 'hubc', membership: { role: 'hub', registrationServer: 'hubb' } })
  calm(talk)
  move(hubC, { role: 'standalone' })
  calm(talk)
  t.same(
    [neighbours(hubA), neighbours(hubB)],
    [
      { cluster1: 'spoke: Up to Date', hubb: 'hub: Up to Date' },
      { cluster2: 'spoke: Up to Date', huba: 'hub: Up to Date' },
    ],
  )
  t.same([hubA.alarms(), hubB.alarms(), one.alarms()], [[], [], []])
})

t.test('a hub that was named beforehand and has left is called on, but nobody is alarmed', async (t) => {
  const { talk, hubA, hubB } = twoHubs()
  move(hubA, { role: 'standalone' })
  calm(talk)
  t.same(neighbours(hubB), { cluster2: 'spoke: Up to Date', huba: 'hub: Left' })
  t.same(hubB.alarms(), [])
  move(hubA, { role: 'hub' })
  calm(talk)
  t.same(neighbours(hubB), { cluster2: 'spoke: Up to Date', huba: 'hub: Up to Date' }, 'and meshes when it is back')
})

t.test('a dead hub is alarmed by all others, and stays in the mesh', async (t) => {
  const { talk, hubA } = twoHubs()
  talk.nodes.delete('hubb')
  talk.pass(2 * pollMs)
  t.equal(neighbours(hubA).hubb, 'hub: Unreachable')
  t.match(hubA.alarms(), [{ name: 'ILSHubClusterUnreachable', peer: 'hubb' }])
})

t.test('the recorded call of a hub that is gone makes a link for a poll, no session, and no alarm', async (t) => {
  const { talk, hubA } = twoHubs()
  const hubC = enter(talk, { self: 'hubc', membership: { role: 'hub', registrationServer: 'huba' } })
  const call = talk.letters.find(({ from }) => from === 'hubc') as Letter
  calm(talk)
  move(hubC, { role: 'standalone' })
  calm(talk)
  talk.nodes.delete('hubc')
  talk.deliver(call)
  t.match(neighbours(hubA), { hubc: 'hub: Never contacted' })
  talk.pass(pollMs + heartbeatMs)
  t.notOk('hubc' in neighbours(hubA))
  t.same(hubA.alarms(), [])
})

t.test('recorded calls of many nodes that are gone make a bounded number of links', async (t) => {
  const talk = new Conversation()
  const calls: Letter[] = []
  for (let index = 0; index < 400; index++) {
    const self = `cluster${index}`
    enter(talk, { self, membership: { role: 'spoke', hub: 'huba' } })
    talk.nodes.delete(self)
    calls.push(...talk.letters.splice(0))
  }
  const hub = enter(talk, { self: 'huba', membership: { role: 'hub' } })
  for (const call of calls) talk.deliver(call)
  t.equal(hub.driver.state.links.size, 256)
  talk.letters = []
  talk.pass(pollMs + heartbeatMs)
  t.equal(hub.driver.state.links.size, 0, 'and only for a poll')
})

function permutations(ids: readonly string[]): readonly (readonly string[])[] {
  if (ids.length < 2) return [ids]
  return ids.flatMap((first) => permutations(ids.filter((id) => id !== first)).map((rest) => [first, ...rest]))
}
