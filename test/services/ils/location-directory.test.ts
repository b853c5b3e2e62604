import t from 'tap'
import { readingAt } from '../../../ils-sync/core/data/hybrid-clock.ts'
import type { IlsRecord, JsonValue } from '../../../ils-sync/core/data/record.ts'
import { LocationDirectory } from '../../../services/ils/location-directory.ts'

const since = '2026-11-21T08:00:00.000Z'

function record(origin: string, kind: string, key: string, value: JsonValue): IlsRecord {
  return { origin, epoch: 1, usn: 1, kind, key, value }
}

const superuser = (home: string, userId: string, ...dns: string[]) =>
  record(home, 'superuser', userId, { userId, homeCluster: home, dns, since })

function location(origin: string, userId: string, ms: number, deviceNames: readonly string[]) {
  const dns = ['1000001']
  const value = { userId, dns, deviceNames, loggedIn: deviceNames.length > 0, loginClock: readingAt(ms, origin), since }
  return record(origin, 'location', userId, value)
}

function directory(...records: IlsRecord[]): LocationDirectory {
  const created = new LocationDirectory('cluster1')
  for (const one of records) created.apply(one)
  return created
}

const bob = superuser('cluster1', 'bob', '1000001', '1000002')

t.test('C Logged out everywhere: a superuser who is logged in nowhere is at home', async (t) => {
  t.same(directory(bob).locate('1000001'), {
    dn: '1000001',
    userId: 'bob',
    cluster: 'cluster1',
    deviceNames: [],
    source: 'home',
    since,
  })
})

t.test('a login elsewhere moves all numbers of the user there, and the logout brings them home', async (t) => {
  const places = directory(bob)
  const change = places.apply(location('cluster2', 'bob', 5, ['SEP2']))
  t.match(change, { userId: 'bob', location: { cluster: 'cluster2', source: 'learned' } })
  t.match(places.locate('1000001'), { cluster: 'cluster2', deviceNames: ['SEP2'], source: 'learned' })
  t.match(places.locate('1000002'), { cluster: 'cluster2' }, 'a line that only the home cluster knows of as well')
  places.apply(location('cluster2', 'bob', 5, []))
  t.match(places.locate('1000001'), { cluster: 'cluster1', source: 'home' })
})

t.test('a login here is local', async (t) => {
  t.match(directory(bob, location('cluster1', 'bob', 5, ['SEP1'])).locate('1000001'), {
    source: 'local',
    cluster: 'cluster1',
  })
})

t.test('C Two logins racing: the newest login counts, in whatever order the records come', async (t) => {
  const all = [
    bob,
    location('cluster2', 'bob', 5, ['SEP2']),
    location('cluster3', 'bob', 7, ['SEP3']),
    location('cluster1', 'bob', 6, ['SEP1']),
  ]
  for (let turn = 0; turn < all.length; turn++) {
    all.push(all.shift() as IlsRecord)
    t.equal(directory(...all).locate('1000001')?.cluster, 'cluster3')
  }
})

t.test('a number that nobody owns is unknown, also after its superuser has ceased to be one', async (t) => {
  const places = directory(bob)
  t.equal(places.locate('2000001'), undefined)
  places.apply(record('cluster1', 'superuser', 'bob', null))
  t.equal(places.locate('1000001'), undefined)
  t.same(places.all(), [])
})

t.test('numbers that the user no longer has are forgotten', async (t) => {
  const places = directory(bob)
  places.apply(superuser('cluster1', 'bob', '1000009'))
  t.same(
    places.all().map(({ dn }) => dn),
    ['1000009'],
  )
})

t.test('a number of two superusers goes to the one whose primary extension it is', async (t) => {
  const alice = superuser('cluster2', 'alice', '2000001', '1000001')
  for (const places of [directory(alice, bob), directory(bob, alice)]) {
    t.equal(places.locate('1000001')?.userId, 'bob')
    places.apply(record('cluster1', 'superuser', 'bob', null))
    t.equal(places.locate('1000001')?.userId, 'alice')
  }
})

t.test('two clusters that both claim to be home: the smaller ID, everywhere', async (t) => {
  const [a, b] = [superuser('cluster1', 'bob', '1000001'), superuser('cluster2', 'bob', '1000001')]
  t.equal(directory(a, b).locate('1000001')?.cluster, 'cluster1')
  t.equal(directory(b, a).locate('1000001')?.cluster, 'cluster1')
})

t.test('a login is known although its home cluster has never been heard of', async (t) => {
  const places = directory(location('cluster2', 'bob', 5, ['SEP2']))
  t.match(places.locate('1000001'), { cluster: 'cluster2', source: 'learned' })
  places.apply(location('cluster2', 'bob', 5, []))
  t.equal(places.locate('1000001'), undefined)
})

t.test('an older login here is superseded, and a newer one that is just being written is not', async (t) => {
  const own = location('cluster1', 'bob', 5, ['SEP1'])
  const places = directory(bob, own, location('cluster2', 'bob', 7, ['SEP2']))
  t.same(
    places.superseded(() => own.value),
    [{ userId: 'bob', cluster: 'cluster2' }],
  )
  t.same(
    places.superseded(() => location('cluster1', 'bob', 9, ['SEP1']).value),
    [],
  )
  t.same(
    places.superseded(() => location('cluster1', 'bob', 5, []).value),
    [],
    'nor one that was just ended',
  )
})

t.test('watchers are told of changes only', async (t) => {
  const places = directory(bob)
  t.equal(places.apply(bob), undefined)
  t.equal(places.apply(record('cluster2', 'peer-info', 'cluster2', {})), undefined)
  t.match(places.apply(bob, true), { userId: 'bob', location: undefined }, 'and of a record that went with its epoch')
})

t.test('the value of a record that says nothing of users is never parsed', async (t) => {
  const places = directory(bob)
  const number = record('cluster2', 'enterprise-number', '81', {})
  Object.defineProperty(number, 'value', { get: () => t.fail('it was parsed') })
  t.equal(places.apply(number), undefined)
  t.equal(places.apply(number, true), undefined)
})

t.test('values that are not of our making move nobody', async (t) => {
  const places = directory(bob)
  places.apply(record('cluster2', 'location', 'bob', { loggedIn: true }))
  t.equal(places.locate('1000001')?.source, 'home')
})
