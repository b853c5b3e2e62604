import t from 'tap'
import { readingAt } from '../../../../ils-sync/core/data/hybrid-clock.ts'
import {
  asLocation,
  asPeerInfo,
  asSuperuser,
  newestLogin,
  supersededBy,
} from '../../../../ils-sync/core/data/locations.ts'
import type { Sighting } from '../../../../ils-sync/core/data/locations.ts'

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

t.test('the peer-info of release 0.2 is understood, and so is all that a later one says more', async (t) => {
  const old = { description: 'Berlin', version: '0.2.0', role: 'spoke', hub: 'huba', https: 'https://10.0.0.1:8443' }
  t.same(asPeerInfo(old), old)
  const now = {
    ...old,
    role: 'standalone',
    peerId: '0f3c',
    hostNames: ['cucm1.example.com', 'cucm2.example.com'],
    nodes: ['10.0.0.1', '10.0.0.2'],
    services: { 'Cisco Extension Mobility': true, 'Cisco Tftp': false },
    advertisedRouteString: 'berlin.route',
    ofALaterRelease: 1,
  }
  t.same(asPeerInfo(now), now)
  for (const bad of [
    { ...now, services: { a: 'yes' } },
    { ...now, hostNames: 'cucm1' },
    { ...now, role: 'both' },
    null,
  ]) {
    t.equal(asPeerInfo(bad), undefined, JSON.stringify(bad))
  }
})
