// How what was learned gets on disk: in parts, behind what is more urgent, and never out of order.
import t from 'tap'
import type { StoreChange } from '../../ils-sync/core/data/record.ts'
import { createMemoryStore } from '../../ils-sync/store/memory.ts'
import type { MemoryStore } from '../../ils-sync/store/memory.ts'
import { Conversation, heartbeatMs } from './conversation.ts'
import type { TalkingNode } from './conversation.ts'

const count = 45_000

/** A store that tells what each write put into it. */
function watched(store: MemoryStore) {
  const changes: StoreChange[] = []
  return {
    changes,
    store: {
      ...store,
      apply(change: StoreChange) {
        changes.push(change)
        store.apply(change)
      },
    },
  }
}

/** A hub with the records of one cluster, about to be learned by another, whose writes wait until they are let go. */
function learning() {
  const talk = new Conversation()
  const hub = talk.join({ self: 'hub', membership: { role: 'hub' } })
  const one = talk.join({ self: 'cluster1', membership: { role: 'spoke', hub: 'hub' } })
  talk.settle()
  one.change(...Array.from({ length: count }, (_, index) => ['k', `user${index}`, {}] as const))
  talk.settle()
  talk.pass(2 * heartbeatMs)
  const { changes, store } = watched(createMemoryStore())
  const late = talk.join({ self: 'cluster2', membership: { role: 'spoke', hub: 'hub' }, holdGathering: true }, store)
  changes.length = 0
  return { talk, hub, late, changes, store }
}

const ofCluster1 = (changes: readonly StoreChange[]) => changes.filter(({ origin }) => origin === 'cluster1')
const sum = (changes: readonly StoreChange[]) => changes.reduce((all, { records }) => all + records.length, 0)
const equal = (a: TalkingNode, b: TalkingNode) => a.driver.state.replica.digest() === b.driver.state.replica.digest()

t.test('while pages follow on pages the disk waits, and then gets everything in parts, in order', async (t) => {
  const { talk, hub, late, changes, store } = learning()
  let pages = 0
  talk.settle(({ to, message }) => {
    if (to === 'cluster2' && message?.type === 'page' && ++pages % 20 === 0) late.letGathered()
    return true
  })
  t.ok(equal(hub, late), 'known')
  t.equal(ofCluster1(changes).length, 0, 'and nothing is on disk')

  const parts: number[] = []
  let usn = 0
  while (late.letGathered()) {
    const written = ofCluster1(changes.splice(0))
    parts.push(sum(written))
    for (const { version, records } of written) {
      t.ok(version.usn > usn, 'versions rise')
      t.equal(version.usn, records.at(-1)?.usn, 'to what is there')
      usn = version.usn
    }
    t.same(store.version('cluster1')?.usn, usn)
  }
  t.ok(parts.length >= 3 && parts.every((part) => part <= 20_000), `parts of ${parts.join(', ')}`)
  t.equal(store.records('cluster1').length, count)
  t.same(store.version('cluster1'), hub.driver.state.replica.version('cluster1'))
})

t.test('what is interrupted in between goes on from there after a restart', async (t) => {
  const { talk, hub, late, store } = learning()
  talk.settle()
  late.letGathered()
  t.equal(store.records('cluster1').length, 20_000)
  const again = talk.join({ self: 'cluster2', membership: { role: 'spoke', hub: 'hub' } }, store.fork())
  const before = talk.sent.length
  talk.settle()
  t.ok(equal(hub, again))
  const sent = talk.sent
    .slice(before)
    .flatMap(({ to, message }) => (to === 'cluster2' && message?.type === 'page' ? message.payload.batches : []))
  t.equal(
    sent.filter(({ origin }) => origin === 'cluster1').reduce((all, { records }) => all + records.length, 0),
    count - 20_000,
  )
})

t.test('a node that stops keeps all of it at once', async (t) => {
  const { talk, late, store } = learning()
  talk.settle()
  late.driver.stop()
  late.letGathered()
  t.equal(store.records('cluster1').length, count)
  t.notOk(late.letGathered())
})

t.test('of a new epoch nothing is on disk in sight until all of it is, whatever happens in between', async (t) => {
  const { talk, hub, late, store } = learning()
  talk.settle()
  while (late.letGathered());
  const old = store.version('cluster1')
  const one = talk.nodes.get('cluster1') as TalkingNode
  one.write(() =>
    one.driver.run({ type: 'adoptEpoch', seen: old?.epoch ?? 0, records: one.store.records('cluster1').slice(1) }),
  )
  one.endTurn()
  talk.pass(2 * heartbeatMs)
  t.ok(equal(hub, late), 'known')
  late.letGathered()
  late.letGathered()
  t.same(store.version('cluster1'), old)
  t.equal(store.records('cluster1').length, count)

  const again = talk.join({ self: 'cluster2', membership: { role: 'spoke', hub: 'hub' } }, store.fork())
  t.equal(again.find('cluster1', 'k', 'user0')?.epoch, old?.epoch, 'after a crash the older one is still there')
  talk.pass(2 * heartbeatMs)
  t.ok(equal(hub, again))
  while (late.letGathered());
  t.equal(store.records('cluster1').length, count - 1, 'without a crash all of the newer one')
  t.same(store.version('cluster1'), hub.driver.state.replica.version('cluster1'))
})

t.test('a node that has stopped says of no epoch that it is taken', async (t) => {
  const talk = new Conversation()
  talk.join({ self: 'hub', membership: { role: 'hub' } })
  const spoke = { self: 'cluster1', membership: { role: 'spoke', hub: 'hub' } } as const
  const one = talk.join(spoke)
  const backup = one.store.fork()
  const version = backup.version('cluster1')
  one.change(['k', 'bob', 1])
  talk.settle()
  talk.pass(2 * heartbeatMs)
  const restored = talk.join(spoke, backup)
  restored.holdWrites = true
  talk.pass(2 * heartbeatMs)
  t.ok(restored.driver.state.own.lost, 'it wants one')
  restored.driver.stop()
  restored.letWritten()
  t.notOk(restored.notices.some(({ type }) => type === 'lostData'))
  t.same(backup.version('cluster1'), version)
})

t.test('a disk that cannot be read when it has to be is tried again with every tick', async (t) => {
  const talk = new Conversation()
  const hub = talk.join({ self: 'hub', membership: { role: 'hub' } })
  const store = createMemoryStore()
  let broken = false
  const late = talk.join(
    { self: 'cluster2', membership: { role: 'spoke', hub: 'hub' } },
    {
      ...store,
      load() {
        if (broken) throw new Error('I/O error')
        return store.load()
      },
    },
  )
  talk.settle()
  broken = true
  late.storeErrors = []
  late.driver.reload()
  late.driver.reload()
  hub.change(['k', 'bob', 1])
  talk.pass(2 * heartbeatMs)
  t.match(late.storeErrors, [{ message: 'I/O error' }], 'told once')
  t.equal(late.find('hub', 'k', 'bob')?.value, 1, 'memory goes on')
  t.equal(store.find('hub', 'k', 'bob'), undefined, 'nothing is kept on top of what nobody could read')
  broken = false
  talk.pass(2 * heartbeatMs)
  t.equal(store.find('hub', 'k', 'bob')?.value, 1)
  t.equal(late.storeErrors.length, 1)
})
