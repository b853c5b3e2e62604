import t from 'tap'
import { growNetwork, sizes } from './large.ts'

t.test('a login is visible everywhere after three hops at most, whatever the size', async (t) => {
  for (const { hubs, clusters } of sizes.slice(0, 3)) {
    const row = growNetwork({ hubs, clusters, logins: 40, seed: 1 })
    t.equal(row.clusters, clusters)
    // Of 1 to 8 ms each, with up to two turns at a cluster's disk before the first.
    t.ok(row.visibleMs.most <= 40, `${clusters} clusters: ${row.visibleMs.most} ms at most`)
    t.ok(row.messagesPerLogin <= hubs + clusters, `${row.messagesPerLogin.toFixed(1)} messages per login`)
  }
})

t.test('the same seed costs the same', async (t) => {
  const run = () => growNetwork({ hubs: 1, clusters: 3, logins: 30, seed: 5 })
  const { wallMs: _first, heapBytes: _heap, ...row } = run()
  t.match(run(), row)
})
