import t from 'tap'
import { CatchUp } from '../../../services/ils/catch-up.ts'
import type { Superseded } from '../../../services/ils/api.ts'

function catchUp({ waits = true, graceMs = 60_000, superseded = [] as Superseded[] } = {}) {
  const one = new CatchUp({ waits, graceMs, superseded: () => superseded })
  one.begin()
  t.teardown(() => one.stop())
  return { list: superseded, one }
}

t.test('hubs and standalone clusters have nobody to wait for', async (t) => {
  const { one } = catchUp({ waits: false })
  t.equal(await one.promise, 'caught-up')
  t.equal(one.waitingFor, undefined)
})

t.test('a spoke waits for its hub, then for its superseded logins to end', async (t) => {
  const { one, list } = catchUp({ superseded: [{ userId: 'bob', cluster: 'cluster2' }] })
  t.match(one.waitingFor, /hub/u)
  one.check()
  one.pulled()
  t.match(one.waitingFor, /superseded/u)
  list.length = 0
  t.match(one.waitingFor, /superseded/u, 'until it is asked to look')
  one.check()
  t.equal(one.waitingFor, undefined)
  t.equal(await one.promise, 'caught-up')
})

t.test('a hub that does not answer within the grace leaves a stale cluster that goes to work', async (t) => {
  const { one } = catchUp({ graceMs: 20 })
  t.equal(await one.promise, 'stale')
  one.pulled()
  t.equal(await one.promise, 'stale', 'once and for all')
})

t.test('superseded logins that nobody ends hold the cluster up no longer than the grace', async (t) => {
  const { one } = catchUp({ graceMs: 20, superseded: [{ userId: 'bob', cluster: 'cluster2' }] })
  one.pulled()
  t.equal(await one.promise, 'stale')
})

t.test('who waits when ILS stops is let go', async (t) => {
  const { one } = catchUp()
  one.stop()
  t.equal(await one.promise, 'stale')
})
