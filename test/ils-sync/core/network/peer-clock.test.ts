// Wall clocks that are far apart.
import t from 'tap'
import { Conversation, heartbeatMs } from '../../conversation.ts'
import type { TalkingNode } from '../../conversation.ts'
import { calm, enter, pollMs } from '../../places.ts'

const minuteMs = 60_000
const clocks = (node: TalkingNode) =>
  node.notices.flatMap((notice) => (notice.type === 'clock' ? [[notice.peer, notice.offsetMs, notice.well]] : []))
const offset = (node: TalkingNode, peer: string) => node.driver.state.links.get(peer)?.standing.clockOffsetMs

t.test("a peer's clock that is hours off is told once, by both, and again when it is well", async (t) => {
  const talk = new Conversation()
  let ahead = 0
  const hub = enter(talk, { self: 'huba', membership: { role: 'hub' } })
  const spoke = { self: 'cluster1', membership: { role: 'spoke', hub: 'huba' } } as const
  const bob = enter(talk, { ...spoke, wall: () => talk.wallMs + ahead })
  calm(talk, 2 * pollMs)
  t.same([offset(hub, 'cluster1'), offset(bob, 'huba')], [0, 0], 'always known')
  t.same([clocks(hub), clocks(bob)], [[], []])

  ahead = 3 * 60 * minuteMs
  calm(talk, 2 * pollMs)
  t.same(clocks(hub), [['cluster1', 3 * 60 * minuteMs, false]])
  t.same(clocks(bob), [['huba', -3 * 60 * minuteMs, false]])
  t.equal(offset(hub, 'cluster1'), 3 * 60 * minuteMs)

  ahead = 0
  calm(talk, 2 * heartbeatMs)
  t.same(clocks(hub), [
    ['cluster1', 3 * 60 * minuteMs, false],
    ['cluster1', 0, true],
  ])
})

t.test('five minutes are allowed, and a clock at the edge is not told again and again', async (t) => {
  const talk = new Conversation()
  let ahead = 5 * minuteMs
  const hub = enter(talk, { self: 'huba', membership: { role: 'hub' } })
  const spoke = { self: 'cluster1', membership: { role: 'spoke', hub: 'huba' } } as const
  enter(talk, { ...spoke, wall: () => talk.wallMs + ahead })
  calm(talk)
  t.same(clocks(hub), [])
  for (const off of [5 * minuteMs + 1, 5 * minuteMs - 1, 5 * minuteMs + 1, 4 * minuteMs + 1]) {
    ahead = off
    calm(talk, 2 * heartbeatMs)
  }
  t.same(clocks(hub), [['cluster1', 5 * minuteMs + 1, false]])
})
