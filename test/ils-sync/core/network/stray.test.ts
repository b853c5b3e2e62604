// What a spoke knows of clusters that its hub does not know.
import t from 'tap'
import { createMemoryStore } from '../../../../ils-sync/store/memory.ts'
import { calm, digests, enter, move, pollMs, twoHubs } from '../../places.ts'

t.test(
  'a hub that lost its disk knows nothing of a cluster that is down: its spokes keep that for a while, then forget it',
  async (t) => {
    const { talk, hubB, one, two } = twoHubs()
    const kally = enter(talk, { self: 'cluster3', membership: { role: 'spoke', hub: 'huba' } })
    kally.change(['location', 'kally', 1])
    calm(talk)
    talk.nodes.delete('cluster3')
    // Both hubs forget: the other one as one that leaves, and comes back with its spoke.
    talk.nodes.delete('huba')
    move(hubB, { role: 'standalone' })
    calm(talk)
    talk.wallMs += 60_000
    const hubA = enter(talk, { self: 'huba', membership: { role: 'hub' } }, createMemoryStore())
    move(hubB, { role: 'hub', registrationServer: 'huba' })
    calm(talk, 12 * pollMs)
    t.equal(hubA.find('cluster3', 'location', 'kally'), undefined)
    for (const spoke of [one, two])
      t.equal(spoke.find('cluster3', 'location', 'kally')?.value, 1, `${spoke.id} still knows`)
    calm(talk, 12 * pollMs)
    for (const spoke of [one, two]) {
      t.equal(spoke.find('cluster3', 'location', 'kally'), undefined, `${spoke.id} has forgotten`)
      t.same(spoke.store.records('cluster3'), [])
      t.ok(
        spoke.notices.some((notice) => notice.type === 'applied' && notice.removed.some(({ key }) => key === 'kally')),
      )
    }
    t.equal(digests([hubA, hubB, one, two]).length, 1)
    talk.nodes.set('cluster3', kally)
    calm(talk)
    t.equal(two.find('cluster3', 'location', 'kally')?.value, 1, 'until the cluster itself is back')
  },
)

t.test('a hub that learns again in time costs its spokes nothing', async (t) => {
  const { talk, hubB, one, two } = twoHubs()
  two.change(['location', 'alice', 1])
  calm(talk)
  talk.nodes.delete('huba')
  talk.nodes.delete('hubb')
  talk.nodes.delete('cluster2')
  talk.wallMs += 60_000
  enter(talk, { self: 'huba', membership: { role: 'hub', hubs: ['hubb'] } }, createMemoryStore())
  calm(talk, 15 * pollMs)
  t.equal(one.find('cluster2', 'location', 'alice')?.value, 1)
  talk.nodes.set('hubb', hubB)
  talk.nodes.set('cluster2', two)
  calm(talk, 30 * pollMs)
  t.equal(one.find('cluster2', 'location', 'alice')?.value, 1)
  const removed = one.notices.flatMap((notice) => (notice.type === 'applied' ? notice.removed : []))
  t.notOk(removed.some(({ key }) => key === 'alice'))
})
