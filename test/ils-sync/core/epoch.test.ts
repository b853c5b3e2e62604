// A store that is older than what others hold of it.
import t from 'tap'
import { createMemoryStore } from '../../../ils-sync/store/memory.ts'
import { Conversation, heartbeatMs, network } from '../conversation.ts'
import type { Letter, TalkingNode } from '../conversation.ts'
import { enter } from '../places.ts'

function two() {
  const { talk, hub, nodes } = network()
  return { talk, hub, one: nodes[0] as TalkingNode, other: nodes[1] as TalkingNode }
}

/** As if these were away. */
const without =
  (...silent: readonly string[]) =>
  ({ from, to }: Letter) =>
    !silent.includes(from) && !silent.includes(to)

const spoke = { self: 'cluster1', membership: { role: 'spoke', hub: 'hub' } } as const

t.test(
  'a restored backup rewrites its records under a new epoch, and what it has lost is gone everywhere',
  async (t) => {
    const { talk, one, other, hub } = two()
    one.change(['k', 'kept', 1])
    const backup = one.store.fork()
    one.change(['k', 'lost', 2], ['k', 'kept', 3])
    talk.settle()
    t.equal(other.find('cluster1', 'k', 'lost')?.value, 2)

    const restored = talk.join(spoke, backup)
    talk.settle()
    talk.pass(3 * heartbeatMs)
    t.ok(restored.notices.some(({ type }) => type === 'lostData'))
    for (const node of [hub, other, restored]) {
      t.equal(node.find('cluster1', 'k', 'lost'), undefined, `${node.id} has forgotten`)
      t.equal(node.find('cluster1', 'k', 'kept')?.value, 1, `${node.id} holds what the origin says`)
      t.equal(node.store.find('cluster1', 'k', 'lost'), undefined, `${node.id} on disk`)
    }
    restored.change(['k', 'new', 4])
    talk.settle()
    t.equal(other.find('cluster1', 'k', 'new')?.value, 4, 'and the live path works')
  },
)

t.test(
  'a restored backup that has written as much as it had lost before it meets its hub is found out as well',
  async (t) => {
    const { talk, one, other } = two()
    one.change(['k', 'a', 1])
    const backup = one.store.fork()
    one.change(['k', 'b', 2])
    talk.settle()
    talk.nodes.delete('cluster1')
    const restored = talk.join(spoke, backup)
    restored.change(['k', 'c', 3], ['k', 'd', 4])
    talk.settle()
    talk.pass(3 * heartbeatMs)
    t.equal(other.find('cluster1', 'k', 'b'), undefined)
    t.same([other.find('cluster1', 'k', 'c')?.value, other.find('cluster1', 'k', 'd')?.value], [3, 4])
    t.equal(other.driver.state.replica.digest(), restored.driver.state.replica.digest())
  },
)

t.test('a store recreated under a clock that was set back takes an epoch above the old one', async (t) => {
  const { talk, one, other } = two()
  one.change(['k', 'old', 1])
  talk.settle()
  const epoch = other.driver.state.replica.version('cluster1')?.epoch as number
  talk.wallMs -= 3_600_000
  const recreated = talk.join(spoke, createMemoryStore())
  recreated.change(['k', 'new', 2])
  talk.settle()
  talk.pass(3 * heartbeatMs)
  t.ok(recreated.driver.state.own.epoch > epoch)
  t.equal(other.find('cluster1', 'k', 'old'), undefined)
  t.equal(other.find('cluster1', 'k', 'new')?.value, 2)
})

t.test('a new epoch of more than a page stays out of sight until it is complete', async (t) => {
  const { talk, one, other } = two()
  const many = (value: number) => Array.from({ length: 1200 }, (_, index) => ['k', `key ${index}`, value] as const)
  one.change(...many(1))
  talk.settle()
  talk.wallMs += 1000
  const recreated = talk.join(spoke, createMemoryStore())
  recreated.change(...many(2))
  const seen = new Set<number>()
  talk.settle(() => {
    const values = new Set([...other.driver.state.replica.records('cluster1')].map(({ value }) => value))
    seen.add(values.size)
    return true
  })
  talk.pass(3 * heartbeatMs)
  t.same([...seen], [1], 'never a mixture')
  t.equal(other.find('cluster1', 'k', 'key 7')?.value, 2)
})

t.test('nodes that meet for the first time have lost nothing', async (t) => {
  const { hub, one, other } = two()
  t.notOk([hub, one, other].some(({ notices }) => notices.some(({ type }) => type === 'lostData')))
})

t.test(
  'a restored backup that is restarted again and again before it first meets its hub is found out as well',
  async (t) => {
    const { talk, one, other } = two()
    one.change(['k', 'a', 1])
    const backup = one.store.fork()
    one.change(['k', 'b', 2], ['k', 'c', 3])
    talk.settle()
    talk.nodes.delete('cluster1')
    talk.letters = []
    let restored = talk.join(spoke, backup)
    for (const key of ['d', 'e', 'f', 'g']) {
      restored.change(['k', key, 4])
      talk.letters = []
      restored = talk.join(spoke, restored.store.fork())
      talk.letters = []
    }
    talk.pass(4 * heartbeatMs)
    t.ok(restored.notices.some(({ type }) => type === 'lostData'))
    t.equal(other.find('cluster1', 'k', 'b'), undefined)
    for (const key of ['d', 'e', 'f', 'g']) t.equal(other.find('cluster1', 'k', key)?.value, 4)
    t.equal(other.driver.state.replica.digest(), restored.driver.state.replica.digest())
  },
)

t.test('a cluster that wrote while it was alone and was restarted meanwhile has lost nothing', async (t) => {
  const { talk, one, other } = two()
  one.change(['k', 'a', 1])
  talk.settle()
  talk.nodes.delete('cluster1')
  let again = talk.join(spoke, one.store)
  talk.letters = []
  again.change(['k', 'b', 2])
  again = talk.join(spoke, again.store)
  talk.letters = []
  again.change(['k', 'c', 3])
  again = talk.join(spoke, again.store)
  const { epoch } = again.driver.state.own
  talk.pass(4 * heartbeatMs)
  t.equal(again.driver.state.own.epoch, epoch)
  t.equal(other.find('cluster1', 'k', 'c')?.value, 3)
  again.change(['k', 'd', 4])
  talk.settle()
  again = talk.join(spoke, again.store)
  talk.pass(4 * heartbeatMs)
  t.equal(again.driver.state.own.epoch, epoch, 'and what was sent after they met is no loss at the next start')
  t.notOk(again.notices.some(({ type }) => type === 'lostData'))
})

/** Loses what would show a node that its hub holds something of it. */
const exceptMirrors = ({ from, message }: Letter) => {
  if (from !== 'hub' || (message?.type !== 'pull' && message?.type !== 'page')) return true
  return message.payload.vector.get('cluster1') === undefined
}

t.test('a cluster that is restarted before anybody shows it what it has handed over has lost nothing', async (t) => {
  const talk = new Conversation()
  const hub = talk.join({ self: 'hub', membership: { role: 'hub' } })
  let one = talk.join(spoke)
  one.change(['k', 'a', 1])
  talk.settle(exceptMirrors)
  one.change(['k', 'b', 2])
  talk.settle(exceptMirrors)
  t.same([hub.find('cluster1', 'k', 'a')?.value, hub.find('cluster1', 'k', 'b')?.value], [1, 2])
  const { epoch } = one.driver.state.own
  one = talk.join(spoke, one.store.fork())
  talk.pass(4 * heartbeatMs)
  t.equal(one.driver.state.own.epoch, epoch)
  t.notOk(one.notices.some(({ type }) => type === 'lostData'))
})

t.test('nor one that is restarted as soon as it was shown, and has written since', async (t) => {
  const { talk, one, other } = two()
  const again = talk.join({ ...spoke, holdGathering: true }, one.store)
  again.change(['k', 'alone', 1])
  talk.settle()
  again.change(['k', 'live', 2])
  talk.settle()
  t.equal(other.find('cluster1', 'k', 'live')?.value, 2)
  const { epoch } = again.driver.state.own
  const last = talk.join(spoke, again.store.fork())
  talk.pass(4 * heartbeatMs)
  t.equal(last.driver.state.own.epoch, epoch)
  t.notOk(last.notices.some(({ type }) => type === 'lostData'))
})

t.test('what a cluster wrote while it was alone leaves only when its disk says that peers can know it', async (t) => {
  const talk = new Conversation()
  const one = talk.join(spoke)
  one.change(['k', 'a', 1])
  const unmet = () => one.store.load().find(({ origin }) => origin === 'cluster1')?.unmet
  t.equal(unmet(), 0)
  const hub = talk.join({ self: 'hub', membership: { role: 'hub' } })
  one.holdCommits = true
  talk.pass(heartbeatMs)
  t.equal(hub.find('cluster1', 'k', 'a'), undefined)
  one.commit()
  talk.settle()
  t.equal(hub.find('cluster1', 'k', 'a')?.value, 1)
  one.commit()
  talk.pass(2 * heartbeatMs)
  one.commit()
  t.equal(unmet(), undefined, 'and no more of it once they have met')
})

t.test(
  'what is written between a loss and the new epoch is neither pushed nor handed over before that is taken',
  async (t) => {
    const { talk, one, other, hub } = two()
    one.change(['k', 'a', 1])
    talk.settle()
    // As after a write that should have taken the epoch, and failed.
    one.driver.state.own.lost = { seen: one.driver.state.own.epoch, peer: 'hub' }
    one.change(['k', 'b', 2])
    talk.settle()
    t.equal(hub.find('cluster1', 'k', 'b'), undefined, 'not pushed')
    hub.driver.run({ type: 'synchronize' })
    hub.endTurn()
    talk.settle()
    t.equal(hub.find('cluster1', 'k', 'b'), undefined, 'nor handed over to a hub that asks')
    talk.pass(2 * heartbeatMs)
    t.equal(
      other.find('cluster1', 'k', 'b')?.value,
      2,
      'it leaves under the new epoch, which is asked for at each tick',
    )
    t.equal(one.driver.state.own.lost, undefined)
  },
)

/** cluster1 on the copy of a store that had not `b` yet, which the others have. */
function setBack() {
  const { talk, one, other } = two()
  one.change(['k', 'a', 1])
  const backup = one.store.fork()
  one.change(['k', 'b', 2])
  talk.settle()
  return { talk, other, restored: talk.join(spoke, backup) }
}

t.test('a restored backup that is killed before its new epoch is on disk is found out by the next start', async (t) => {
  const { talk, other, restored } = setBack()
  restored.holdWrites = true
  talk.settle()
  t.ok(restored.driver.state.own.lost)
  // Under a number that others know for something else.
  restored.driver.run({ type: 'change', kind: 'k', key: 'c', value: 3 })
  const again = talk.join(spoke, restored.store.fork())
  talk.pass(4 * heartbeatMs)
  t.ok(again.notices.some(({ type }) => type === 'lostData'))
  t.equal(other.find('cluster1', 'k', 'b'), undefined)
  t.equal(other.find('cluster1', 'k', 'c')?.value, 3)
})

t.test('a disk that fails while an epoch is taken is not mistaken for a second cluster of that ID', async (t) => {
  const { talk, other, restored } = setBack()
  const apply = restored.store.apply.bind(restored.store)
  let failures = 3
  restored.store.apply = (change) => {
    if (change.type === 'replace' && failures-- > 0) throw new Error('disk full')
    apply(change)
  }
  t.throws(() => talk.settle(), /disk full/u)
  for (const _ of ['again', 'and again']) {
    restored.driver.reload()
    t.throws(() => restored.tick(), /disk full/u)
  }
  restored.driver.reload()
  talk.pass(2 * heartbeatMs)
  t.same(restored.alarms(), [])
  t.equal(restored.notices.filter(({ type }) => type === 'lostData').length, 1)
  t.equal(other.find('cluster1', 'k', 'b'), undefined)
})

const sole = { self: 'hub', membership: { role: 'hub' } } as const

/** The only hub, restored from a backup that knows cluster1 alone: `lost` is at cluster2, which is not heard yet. */
function setBackHub() {
  const talk = new Conversation()
  const hub = enter(talk, sole)
  enter(talk, spoke)
  const witness = enter(talk, { self: 'cluster2', membership: { role: 'spoke', hub: 'hub' } })
  talk.pass(2 * heartbeatMs)
  const backup = hub.store.fork()
  backup.apply({ type: 'forget', origin: 'cluster2', version: { epoch: 0, usn: 0 }, records: [] })
  hub.change(['k', 'lost', 1])
  talk.settle(({ to }) => to !== 'cluster1')
  const restored = talk.join(sole, backup)
  return { talk, witness, restored }
}

t.test('a hub that is restored and first meets one that knows nothing of it gives no number out twice', async (t) => {
  const { talk, witness, restored } = setBackHub()
  const newcomer = enter(talk, { self: 'cluster3', membership: { role: 'hub', registrationServer: 'hub' } })
  talk.pass(heartbeatMs, without('cluster1', 'cluster2'))
  restored.change(['k', 'new', 2])
  talk.settle(without('cluster1', 'cluster2'))
  t.equal(newcomer.find('hub', 'k', 'new'), undefined)
  talk.pass(6 * heartbeatMs, without('cluster1', 'cluster2'))
  t.equal(newcomer.find('hub', 'k', 'new')?.value, 2)
  talk.pass(8 * heartbeatMs)
  t.equal(witness.find('hub', 'k', 'lost'), undefined)
  t.equal(witness.find('hub', 'k', 'new')?.value, 2)
  t.equal(new Set([witness, newcomer, restored].map(({ driver }) => driver.state.replica.digest())).size, 1)
})

t.test('nothing is pushed to a spoke that has not shown what it holds', async (t) => {
  const { talk, witness, restored } = setBackHub()
  talk.pass(heartbeatMs, without('cluster2'))
  t.ok(restored.driver.state.own.met)
  talk.pass(6 * heartbeatMs, without('cluster1', 'cluster2'))
  const notAsking = (letter: Letter) => without('cluster1')(letter) && letter.message?.type !== 'pull'
  talk.pass(2 * heartbeatMs, notAsking)
  t.ok(restored.driver.state.links.get('cluster2')?.live)
  restored.change(['k', 'new', 2])
  talk.settle(notAsking)
  talk.pass(4 * heartbeatMs, without('cluster1'))
  t.equal(witness.find('hub', 'k', 'lost'), undefined)
  t.equal(witness.find('hub', 'k', 'new')?.value, 2)
})

t.test('a loss that is found late is found again by the next start', async (t) => {
  const { talk, witness, restored } = setBackHub()
  talk.pass(heartbeatMs, without('cluster2'))
  t.ok(restored.driver.state.own.met)
  restored.holdWrites = true
  talk.pass(2 * heartbeatMs)
  t.ok(restored.driver.state.own.lost)
  // Under a number that cluster2 knows for something else.
  restored.driver.run({ type: 'change', kind: 'k', key: 'new', value: 2 })
  const again = talk.join(sole, restored.store.fork())
  talk.pass(3 * heartbeatMs, without('cluster1'))
  t.ok(again.notices.some(({ type }) => type === 'lostData'))
  t.equal(witness.find('hub', 'k', 'lost'), undefined)
  t.equal(witness.find('hub', 'k', 'new')?.value, 2)
})

t.test('a hub that is restored and meets a spoke before its fellow hub gives no number out twice', async (t) => {
  const talk = new Conversation()
  const hubs = { role: 'hub', hubs: ['hub', 'cluster1'] } as const
  const hub = talk.join({ self: 'hub', membership: hubs })
  const one = talk.join({ self: 'cluster1', membership: hubs })
  const away = talk.join({ self: 'cluster2', membership: { role: 'spoke', hub: 'cluster1' } })
  talk.pass(2 * heartbeatMs)
  const backup = one.store.fork()
  one.change(['k', 'lost', 1])
  talk.settle(({ to }) => to !== 'cluster2')
  t.equal(hub.find('cluster1', 'k', 'lost')?.value, 1)
  const withoutHub = without('hub')
  const restored = talk.join({ self: 'cluster1', membership: hubs }, backup)
  const { epoch } = restored.driver.state.own
  talk.pass(heartbeatMs, withoutHub)
  restored.change(['k', 'new', 2])
  talk.settle(withoutHub)
  t.equal(away.find('cluster1', 'k', 'new'), undefined, 'the hub may know that number for something else')
  talk.pass(6 * heartbeatMs, withoutHub)
  t.equal(away.find('cluster1', 'k', 'new')?.value, 2, 'nobody waits longer than a poll')
  t.ok(restored.driver.state.own.epoch > epoch)
  t.equal(restored.notices.filter(({ type }) => type === 'wentOnAlone').length, 1, 'and says so')
  talk.pass(8 * heartbeatMs)
  t.equal(hub.find('cluster1', 'k', 'lost'), undefined)
  t.equal(hub.find('cluster1', 'k', 'new')?.value, 2)
  t.equal(new Set([hub, away, restored].map(({ driver }) => driver.state.replica.digest())).size, 1)
})
