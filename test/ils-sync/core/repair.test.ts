// The repair path at length: many pages, lost ones, peers that are slow, paused, gone for days or come back with less.
import t from 'tap'
import { limits } from '../../../ils-sync/core/limits.ts'
import { createMemoryStore } from '../../../ils-sync/store/memory.ts'
import { Conversation, heartbeatMs, network } from '../conversation.ts'
import type { Letter, TalkingNode } from '../conversation.ts'

const spoke = (self: string) => ({ self, membership: { role: 'spoke', hub: 'hub' } }) as const
const many = (count: number, value = 1) =>
  Array.from({ length: count }, (_, index) => ['k', `key ${index}`, value] as const)
const isPage = ({ message }: Letter) => message?.type === 'page' && message.payload.batches.length > 0

/** A hub that holds so many records of cluster1, and nobody else yet. */
function withRecords(count: number) {
  const talk = new Conversation()
  const hub = talk.join({ self: 'hub', membership: { role: 'hub' } })
  const one = talk.join(spoke('cluster1'))
  talk.settle()
  one.change(...many(count))
  talk.settle()
  talk.pass(2 * heartbeatMs)
  return { talk, hub, one }
}

const equal = (...nodes: readonly TalkingNode[]) =>
  new Set(nodes.map((node) => node.driver.state.replica.digest())).size === 1

const window = limits.pagesPerPull * limits.pageRecords

t.test('of a long set the next pages are asked for when the first of an answer arrives', async (t) => {
  const { talk, hub } = withRecords(2 * window + 700)
  const before = talk.sent.length
  const late = talk.join(spoke('cluster2'))
  talk.settle()
  t.ok(equal(hub, late))
  const since = talk.sent.slice(before)
  const places = since.flatMap((letter, place) => (letter.to === 'cluster2' && isPage(letter) ? [place] : []))
  const asked = since.flatMap(({ from, message }, place) =>
    from === 'cluster2' && message?.type === 'pull' ? [place] : [],
  )
  t.equal(places.length, Math.ceil((2 * window + 700) / limits.pageRecords))
  t.ok(
    (asked[1] as number) <= (places[limits.pagesPerPull] as number),
    'before the second answer, after all of the first was sent',
  )
  t.ok(asked.length <= 4, 'and not once per page')
})

t.test('a page that is lost on the way is asked for again at once', async (t) => {
  const { talk, hub } = withRecords(window + 700)
  const late = talk.join(spoke('cluster2'))
  let pages = 0
  talk.settle((letter) => !(letter.to === 'cluster2' && isPage(letter) && ++pages === 3))
  t.ok(equal(hub, late), 'without a heartbeat')
})

t.test('when all pages but the first are lost, the next heartbeats bring them', async (t) => {
  const { talk, hub } = withRecords(window + 700)
  const late = talk.join(spoke('cluster2'))
  let pages = 0
  talk.settle((letter) => !(letter.to === 'cluster2' && isPage(letter) && ++pages > 1))
  t.notOk(equal(hub, late))
  talk.pass(4 * heartbeatMs)
  t.ok(equal(hub, late))
})

t.test('how far a full synchronization is, is told now and then, and at its end', async (t) => {
  const count = 2 * window + 700
  const { talk } = withRecords(count)
  const late = talk.join(spoke('cluster2'))
  const shown: unknown[] = []
  talk.settle((letter) => {
    // A slow wire: each page takes a while.
    if (letter.to === 'cluster2' && isPage(letter)) talk.nowMs += heartbeatMs / 10
    shown.push(late.driver.state.links.get('hub')?.learning?.of)
    return true
  })
  const told = late.notices.flatMap((notice) => (notice.type === 'progress' ? [notice] : []))
  t.ok(told.length >= 2 && told.length <= 8, `${told.length} times`)
  t.ok(
    told.every((one, place) => one.records > (told[place - 1]?.records ?? 0)),
    'rising',
  )
  t.ok(
    told.every(({ of }) => of >= count && of < count + 10),
    'of all that there is',
  )
  const last = told.at(-1)
  t.equal(last?.records, last?.of, 'done')
  t.equal(late.driver.state.links.get('hub')?.learning, undefined, 'and no more shown then')
  t.ok(shown.some((of) => of !== undefined))
})

t.test('a peer that floods with pulls gets one answer per turn', async (t) => {
  const { talk, hub, nodes } = network()
  const one = nodes[0] as TalkingNode
  for (let pulls = 0; pulls < 100; pulls++) {
    one.driver.state.links.get('hub')!.pull = undefined
    one.driver.run({ type: 'synchronize' })
  }
  const before = talk.sent.length
  const flood = talk.letters.splice(0)
  t.equal(flood.length, 100)
  for (const { bytes } of flood) hub.driver.run({ type: 'message', bytes })
  hub.endTurn()
  t.same(talk.said('hub', 'cluster1', before), ['page'])
})

t.test('a paused spoke costs its hub nothing, and has everything soon after it goes on', async (t) => {
  const { talk, hub, nodes } = network()
  const [one, other] = nodes as [TalkingNode, TalkingNode]
  const lost = ({ from, to }: Letter) => from !== 'cluster2' && to !== 'cluster2'
  talk.nodes.delete('cluster2')
  for (let second = 0; second < 60; second++) {
    one.change(['k', `key ${second % 5}`, second], ['k', `other ${second}`, second])
    talk.settle()
    talk.pass(heartbeatMs)
  }
  const link = hub.driver.state.links.get('cluster2')
  t.equal(link?.outbox.size, 0, 'nothing is kept for it')
  const before = talk.sent.length
  one.change(['k', 'a', 1])
  talk.settle(lost)
  t.notOk(talk.said('hub', 'cluster2', before).includes('push'), 'nor sent to where nobody listens')
  talk.nodes.set('cluster2', other)
  talk.pass(4 * heartbeatMs)
  t.ok(equal(hub, one, other))
})

t.test(
  'while the hub is down for a day its spokes work on, nothing grows, and all is equal when it returns',
  async (t) => {
    const { talk, hub, nodes } = network()
    const [one, other] = nodes as [TalkingNode, TalkingNode]
    talk.nodes.delete('hub')
    let most = 0
    for (let minute = 0; minute < 24 * 60; minute += 10) {
      one.change(['k', `key ${minute % 7}`, minute])
      other.change(['k', 'mine', minute])
      talk.settle()
      talk.nowMs += 600_000
      for (const node of [one, other]) {
        node.driver.run({ type: 'tick' })
        const { links, own } = node.driver.state
        most = Math.max(
          most,
          own.uncommitted.size,
          ...[...links.values()].map(({ outbox, pending }) => outbox.size + pending.size),
        )
      }
      talk.letters = []
    }
    t.equal(most, 0)
    const back = talk.join({ self: 'hub', membership: { role: 'hub' } }, hub.store)
    talk.pass(6 * heartbeatMs)
    t.ok(equal(back, one, other))
    t.equal(other.find('cluster1', 'k', 'key 6')?.value, one.find('cluster1', 'k', 'key 6')?.value)
  },
)

t.test('a hub that comes back with an older file learns the rest from those who wrote it', async (t) => {
  const { talk, hub, nodes } = network()
  const [one, other] = nodes as [TalkingNode, TalkingNode]
  const backup = hub.store.fork()
  one.change(['k', 'bob', 'here'])
  other.change(['k', 'alice', 'here'])
  talk.settle()
  const restored = talk.join({ self: 'hub', membership: { role: 'hub' } }, backup)
  talk.pass(6 * heartbeatMs)
  t.ok(equal(restored, one, other))
  t.equal(restored.find('cluster1', 'k', 'bob')?.value, 'here')
})

t.test(
  'when hub and origin lost their disks and its clock was set back, a spoke that holds more makes the origin begin anew',
  async (t) => {
    const { talk, nodes } = network()
    const [one, other] = nodes as [TalkingNode, TalkingNode]
    one.change(['k', 'lost', 1])
    talk.settle()
    for (const id of ['hub', 'cluster1', 'cluster2']) talk.nodes.delete(id)
    talk.wallMs -= 3_600_000
    const hub = talk.join({ self: 'hub', membership: { role: 'hub' } }, createMemoryStore())
    const again = talk.join(spoke('cluster1'), createMemoryStore())
    again.change(['k', 'new', 2])
    talk.settle()
    talk.pass(2 * heartbeatMs)
    const returned = talk.join(spoke('cluster2'), other.store)
    talk.pass(10 * heartbeatMs)
    t.ok(again.notices.some(({ type }) => type === 'lostData'))
    t.equal(returned.find('cluster1', 'k', 'lost'), undefined)
    t.equal(returned.find('cluster1', 'k', 'new')?.value, 2)
    hub.driver.run({ type: 'synchronize' })
    t.equal(hub.driver.state.seen.size, 0, 'and it is settled')
    t.equal(returned.driver.state.replica.digest(), hub.driver.state.replica.digest())
  },
)
