import t from 'tap'
import { readingAt } from '../../../ils-sync/core/hybrid-clock.ts'
import { asLocation, asPeerInfo, asSuperuser, newestLogin, supersededBy } from '../../../ils-sync/core/locations.ts'
import type { Sighting } from '../../../ils-sync/core/locations.ts'

function sighting(clusterId: string, ms: number, loggedIn: boolean): Sighting {
  const loginClock = readingAt(ms, clusterId)
  return { clusterId, location: { userId: 'bob', dns: [], deviceNames: [], loggedIn, loginClock, since: '' } }
}

t.test('the newest login wins, in whatever order the clusters are asked', async (t) => {
  const [home, roaming] = [sighting('cluster1', 1, true), sighting('cluster2', 2, true)]
  t.equal(newestLogin([home, roaming])?.clusterId, 'cluster2')
  t.equal(newestLogin([roaming, home])?.clusterId, 'cluster2')
  t.equal(newestLogin([]), undefined)
})

t.test('two logins at the same moment go to the greater cluster ID, at every cluster alike', async (t) => {
  const [one, two] = [sighting('cluster1', 5, true), sighting('cluster2', 5, true)]
  t.equal(supersededBy('cluster1', [one, two]), 'cluster2')
  t.equal(supersededBy('cluster2', [two, one]), undefined)
})

t.test('an older login is superseded even when the newer one has ended since', async (t) => {
  const all = [sighting('cluster1', 1, true), sighting('cluster2', 2, false)]
  t.equal(supersededBy('cluster1', all), 'cluster2')
})

t.test('a user who is not logged in here has nothing to be ended', async (t) => {
  t.equal(supersededBy('cluster1', [sighting('cluster1', 1, false), sighting('cluster2', 2, true)]), undefined)
  t.equal(supersededBy('cluster3', [sighting('cluster2', 2, true)]), undefined)
})

t.test('values that are not of our making are not used', async (t) => {
  for (const value of [null, 1, 'x', [], {}, { userId: 'bob' }]) {
    t.same([asSuperuser(value), asLocation(value), asPeerInfo(value)], [undefined, undefined, undefined])
  }
})
