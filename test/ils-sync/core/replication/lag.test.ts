// How far behind a node is, and that it knows.
import t from 'tap'
import { lagOf } from '../../../../ils-sync/core/replication/lag.ts'
import { sendInSession } from '../../../../ils-sync/core/session/session.ts'
import type { Effect } from '../../../../ils-sync/core/state.ts'
import { heartbeatMs } from '../../conversation.ts'
import type { Letter, TalkingNode } from '../../conversation.ts'
import { calm, enter, pollMs, twoHubs } from '../../places.ts'

const lag = (node: TalkingNode, now: number) => lagOf(node.driver.state, now)
const noData = ({ message }: Letter) => message?.type !== 'page' && message?.type !== 'push'

t.test('a node that holds everything that it knows of has no lag', async (t) => {
  const { talk, hubA, hubB, one, two } = twoHubs()
  one.change(['k', 'a', 1], ['k', 'b', 2])
  talk.settle()
  for (const node of [hubA, hubB, one, two]) t.same(lag(node, talk.nowMs), [], node.id)
})

t.test('after lost pushes the next one tells how many numbers are missing, and since when', async (t) => {
  const { talk, hubA, one } = twoHubs()
  one.change(['k', 'a', 1], ['k', 'b', 2])
  one.change(['k', 'c', 3])
  talk.letters = []
  one.change(['k', 'd', 4])
  talk.settle(({ message }) => message?.type !== 'page')
  t.same(lag(hubA, talk.nowMs), [{ origin: 'cluster1', usns: 4, ms: 0 }])
  talk.nowMs += 1500
  t.same(lag(hubA, talk.nowMs), [{ origin: 'cluster1', usns: 4, ms: 1500 }])
  calm(talk)
  t.same(lag(hubA, talk.nowMs), [], 'until it has caught up')
})

t.test('the vector in a pull says how far others are as well', async (t) => {
  const { talk, hubA, one } = twoHubs()
  one.change(['k', 'a', 1], ['k', 'b', 2], ['k', 'c', 3])
  talk.settle(noData)
  talk.pass(2 * heartbeatMs, noData)
  t.match(lag(hubA, talk.nowMs), [{ origin: 'cluster1', usns: 3 }])
})

t.test('an origin that was never heard of lags by all that it has; a new epoch, by all of that', async (t) => {
  const { talk, hubA, hubB, one } = twoHubs()
  const kally = enter(talk, { self: 'cluster3', membership: { role: 'spoke', hub: 'huba' } })
  kally.change(['k', 'a', 1])
  talk.settle(({ to, message }) => to !== 'hubb' || message?.type === 'pull' || message?.type === 'beat')
  talk.pass(pollMs, ({ to, message }) => to !== 'hubb' || message?.type === 'pull' || message?.type === 'beat')
  t.match(lag(hubB, talk.nowMs), [{ origin: 'cluster3', usns: 2 }])
  one.write(() =>
    one.driver.run({ type: 'adoptEpoch', seen: one.driver.state.own.epoch, records: one.store.records('cluster1') }),
  )
  one.change(['k', 'b', 2])
  talk.settle(noData)
  talk.pass(2 * heartbeatMs, noData)
  t.match(lag(hubA, talk.nowMs), [{ origin: 'cluster1', usns: 2 }])
})

t.test('a spoke is believed about itself alone', async (t) => {
  const { talk, hubA, one } = twoHubs()
  hubA.receive(pullOf(one, 'huba', [['cluster2', 2e12, 1000]]))
  t.same(lag(hubA, talk.nowMs), [])
})

t.test('what is remembered of others is bounded', async (t) => {
  const { talk, hubA, hubB } = twoHubs()
  hubA.receive(
    pullOf(
      hubB,
      'huba',
      Array.from({ length: 3000 }, (_, index) => [`cluster${index + 10}`, 1, 1] as const),
    ),
  )
  t.equal(lag(hubA, talk.nowMs).length, 1000)
})

/** A pull with this vector, in the live session of the two. */
function pullOf(from: TalkingNode, to: string, vector: readonly (readonly [string, number, number])[]): Buffer {
  const { state } = from.driver
  const effects: Effect[] = []
  const link = state.links.get(to)
  if (link === undefined) throw new Error(`${from.id} has no link to ${to}`)
  sendInSession(state, { now: 0, effects }, link, { type: 'pull', payload: JSON.stringify({ id: 1, vector }) })
  const [effect] = effects
  if (effect?.type !== 'send') throw new Error('nothing was sent')
  return effect.bytes
}
