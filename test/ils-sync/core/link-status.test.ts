// What people read about a neighbour: `Up to Date` as the vendor's page says, or why not. `Left` is in leaving.test.ts,
// `Duplicate Cluster ID` in duplicate.test.ts.
import t from 'tap'
import { Conversation, heartbeatMs } from '../conversation.ts'
import type { TalkingNode } from '../conversation.ts'
import { calm, enter, pollMs } from '../places.ts'

const told = ({ notices }: TalkingNode) =>
  notices.flatMap((notice) => (notice.type === 'peer' ? [`${notice.peer} ${notice.status}`] : []))

t.test(
  'a link is Never contacted, Synchronizing, Up to Date, and Unreachable after three silent heartbeats',
  async (t) => {
    const talk = new Conversation()
    const bob = enter(talk, { self: 'cluster1', membership: { role: 'spoke', hub: 'huba' } })
    talk.pass(pollMs)
    t.equal(bob.status('huba'), 'Never contacted')
    const hub = enter(talk, { self: 'huba', membership: { role: 'hub' } })
    talk.pass(heartbeatMs, ({ message }) => message?.type !== 'page')
    t.equal(bob.status('huba'), 'Synchronizing')
    calm(talk)
    t.equal(bob.status('huba'), 'Up to Date')
    talk.nodes.delete('huba')
    talk.pass(pollMs - heartbeatMs)
    t.equal(bob.status('huba'), 'Up to Date', 'two heartbeats may be lost')
    talk.pass(2 * heartbeatMs)
    t.equal(bob.status('huba'), 'Unreachable')
    talk.nodes.set('huba', hub)
    calm(talk)
    t.equal(bob.status('huba'), 'Up to Date')
    t.same(
      told(bob),
      ['Synchronizing', 'Up to Date', 'Unreachable', 'Synchronizing', 'Up to Date'].map((status) => `huba ${status}`),
    )
  },
)

t.test('a wrong password is Authentication failed, until it is the right one', async (t) => {
  const talk = new Conversation()
  enter(talk, { self: 'huba', membership: { role: 'hub' } })
  const spoke = { self: 'cluster1', membership: { role: 'spoke', hub: 'huba' } } as const
  const key = Buffer.from('another password')
  const bob = enter(talk, { ...spoke, authentication: { mode: 'password', key } })
  talk.pass(2 * pollMs)
  t.equal(bob.status('huba'), 'Authentication failed')
  const again = enter(talk, spoke, bob.store)
  calm(talk)
  t.equal(again.status('huba'), 'Up to Date')
})

t.test(
  'a neighbour that comes back with a wrong password is told so at every poll, whatever else it says',
  async (t) => {
    const wrong = { mode: 'password', key: Buffer.from('another password') } as const
    const failures = ({ notices }: TalkingNode) =>
      notices.filter((notice) => notice.type === 'alarm' && notice.alarm.name === 'ILSPwdAuthenticationFailed').length
    // The hub goes on in the old session, which its spoke refuses: before its call in a poll or after it.
    for (const waits of [0, heartbeatMs / 2]) {
      const talk = new Conversation()
      const hub = enter(talk, { self: 'huba', membership: { role: 'hub' } })
      const spoke = { self: 'cluster1', membership: { role: 'spoke', hub: 'huba' } } as const
      const before = enter(talk, spoke)
      calm(talk)
      talk.pass(waits)
      const bob = enter(talk, { ...spoke, authentication: wrong }, before.store)
      talk.pass(2 * pollMs)
      for (let poll = 0; poll < 10; poll += 1) {
        talk.pass(pollMs)
        t.same([hub.status('cluster1'), bob.status('huba')], ['Authentication failed', 'Authentication failed'])
      }
      t.ok(failures(bob) >= 10, 'at both ends')
      t.ok(failures(bob) <= failures(hub) && failures(hub) <= 12, 'and once per poll')
    }
  },
)

t.test('forged messages under the name of a peer that is heard do not touch its status', async (t) => {
  const talk = new Conversation()
  enter(talk, { self: 'huba', membership: { role: 'hub' } })
  const bob = enter(talk, { self: 'cluster1', membership: { role: 'spoke', hub: 'huba' } })
  calm(talk)
  const forger = new Conversation()
  const authentication = { mode: 'password', key: Buffer.from('forged') } as const
  enter(forger, { self: 'cluster0', membership: { role: 'spoke', hub: 'cluster1' }, authentication })
  const [letter] = forger.letters
  bob.receive(Buffer.from(String(letter?.bytes.toString('latin1')).replace('cluster0', 'huba'), 'latin1'))
  t.ok(bob.refusals().includes('authentication'))
  talk.pass(heartbeatMs)
  t.equal(bob.status('huba'), 'Up to Date')
})
