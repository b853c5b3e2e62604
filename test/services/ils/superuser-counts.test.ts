import t from 'tap'
import type { IlsRecord, JsonValue } from '../../../ils-sync/core/data/record.ts'
import { SuperuserCounts } from '../../../services/ils/superuser-counts.ts'

function record(origin: string, kind: string, key: string, value: JsonValue): IlsRecord {
  return { origin, epoch: 1, usn: 1, kind, key, value }
}

const bob = record('cluster2', 'superuser', 'bob', { userId: 'bob' })
const bobsLogin = record('cluster2', 'location', 'bob', { loggedIn: true })

function counted(...records: IlsRecord[]): SuperuserCounts {
  const counts = new SuperuserCounts('cluster1')
  counts.readAgain(records)
  return counts
}

t.test(
  'superusers and their logins are counted as others tell of them, and no longer when they take it back',
  async (t) => {
    const counts = counted(bob, bobsLogin, record('cluster1', 'superuser', 'alice', { userId: 'alice' }))
    t.match(counts, { superusers: 1, locations: 1 })
    const loggedOut = record('cluster2', 'location', 'bob', { loggedIn: false })
    counts.applied({ type: 'applied', origin: 'cluster2', records: [loggedOut], removed: [bob] })
    t.match(counts, { superusers: 0, locations: 0 })
    counts.applied({ type: 'applied', origin: 'cluster2', records: [bob, bobsLogin], removed: [] })
    counts.applied({ type: 'applied', origin: 'cluster2', records: [], removed: [bobsLogin] })
    t.match(counts, { superusers: 1, locations: 0 })
  },
)

t.test('the value of a record of another kind is never parsed', async (t) => {
  const number = record('cluster2', 'enterprise-number', '81', {})
  Object.defineProperty(number, 'value', { get: () => t.fail('it was parsed') })
  const counts = counted(number)
  counts.applied({ type: 'applied', origin: 'cluster2', records: [number], removed: [number] })
  t.match(counts, { superusers: 0, locations: 0 })
})
