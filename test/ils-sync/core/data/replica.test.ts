import * as fc from 'fast-check'
import t from 'tap'
import { limits } from '../../../../ils-sync/core/limits.ts'
import type { Batch, IlsRecord, JsonValue } from '../../../../ils-sync/core/data/record.ts'
import { Replica, fullPage } from '../../../../ils-sync/core/data/replica.ts'

const record = (usn: number, key: string, value: JsonValue = usn, epoch = 1): IlsRecord => ({
  origin: 'cluster1',
  epoch,
  usn,
  kind: 'k',
  key,
  value,
})

const batch = (from: number, to: number, records: readonly IlsRecord[], more: Partial<Batch> = {}): Batch => ({
  origin: 'cluster1',
  epoch: 1,
  from,
  to,
  head: to,
  records,
  ...more,
})

const usns = (replica: Replica) => [...replica.records('cluster1')].map(({ usn }) => usn).sort((a, b) => a - b)

t.test(
  'a batch that follows on what is held is applied, one held already is ignored, a later one is a gap',
  async (t) => {
    const replica = new Replica([])
    t.equal(replica.apply(batch(1, 2, [record(2, 'b')])).outcome, 'gap', 'nothing is held yet')
    t.match(replica.apply(batch(0, 2, [record(1, 'a'), record(2, 'b')])), { outcome: 'applied', from: 0 })
    t.equal(replica.apply(batch(0, 2, [record(1, 'a'), record(2, 'b')])).outcome, 'duplicate')
    t.equal(replica.apply(batch(3, 4, [record(4, 'd')])).outcome, 'gap')
    t.same(usns(replica), [1, 2])
    t.same(replica.version('cluster1')?.usn, 2)
  },
)

t.test('of a batch that overlaps only what is new is applied, and holes are passed over', async (t) => {
  const replica = new Replica([])
  replica.apply(batch(0, 2, [record(1, 'a'), record(2, 'b')]))
  const result = replica.apply(batch(1, 9, [record(2, 'b'), record(5, 'a')]))
  t.same(result.outcome === 'applied' && result.applied.map(({ usn }) => usn), [5])
  t.same(usns(replica), [2, 5], 'the older record of the same key is gone')
  t.equal(replica.version('cluster1')?.usn, 9)
})

t.test('a new epoch replaces the old one at once when it is complete, and not before', async (t) => {
  const replica = new Replica([])
  replica.apply(batch(0, 2, [record(1, 'kept'), record(2, 'dropped')]))
  const next = { epoch: 2, head: 3 }
  t.equal(replica.apply(batch(1, 3, [], next)).outcome, 'gap', 'it begins at 0')
  t.equal(replica.apply(batch(0, 2, [record(1, 'kept', 'x', 2), record(2, 'new', 'x', 2)], next)).outcome, 'staged')
  t.same(replica.version('cluster1')?.epoch, 1, 'the old one is still what counts')
  t.same(replica.progress().get('cluster1'), { epoch: 2, usn: 2 }, 'but need not be sent again')
  const result = replica.apply(batch(2, 3, [record(3, 'late', 'x', 2)], next))
  t.match(result, { outcome: 'replaced', version: { epoch: 2, usn: 3 } })
  t.same(result.outcome === 'replaced' && result.removed.map(({ key }) => key), ['dropped'])
  t.equal(replica.apply(batch(2, 9, [], { epoch: 1 })).outcome, 'duplicate', 'the old epoch is over')
})

t.test('pages carry everything that is missing, in the sizes allowed, whatever was written', async (t) => {
  const writes = fc.array(fc.tuple(fc.integer({ min: 0, max: 900 }), fc.integer({ min: 0, max: 3000 })), {
    maxLength: 1500,
    size: 'max',
  })
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(writes, (all) => {
        const source = new Replica([])
        source.apply(batch(0, 0, []))
        all.forEach(([key, size], index) => {
          source.apply(batch(index, index + 1, [record(index + 1, String(key), 'x'.repeat(size))]))
        })
        const target = new Replica([])
        for (let pages = 0; pages < 1000; pages++) {
          const { batches, more } = source.page(target.progress(), () => true)
          const count = batches.reduce((sum, one) => sum + one.records.length, 0)
          const size = JSON.stringify(batches.map((one) => one.records.map(({ value }) => value))).length
          if (count > limits.pageRecords || size > limits.pageCharacters + 10_000) return false
          for (const one of batches) target.apply(one)
          if (!more) break
        }
        return target.digest() === source.digest() && JSON.stringify(dump(source)) === JSON.stringify(dump(target))
      }),
      { numRuns: 30 },
    ),
  )
})

t.test('a page leaves out the records of the one who asks, and what it has in an older epoch', async (t) => {
  const replica = new Replica([])
  replica.apply(batch(0, 1, [record(1, 'a', 1, 5)], { epoch: 5 }))
  t.same(replica.page(new Map(), (origin) => origin !== 'cluster1').batches, [])
  const [first] = replica.page(new Map([['cluster1', { epoch: 4, usn: 7 }]]), () => true).batches
  t.equal(first?.from, 0, 'of an older epoch nothing counts')
  t.same(replica.page(new Map([['cluster1', { epoch: 6, usn: 0 }]]), () => true).batches, [], 'they are further')
})

t.test('many writes to few keys do not pile up', async (t) => {
  const replica = new Replica([])
  replica.apply(batch(0, 0, []))
  for (let usn = 1; usn <= 10_000; usn++) replica.apply(batch(usn - 1, usn, [record(usn, String(usn % 7))]))
  replica.index(limits.indexedPerTick)
  t.equal(replica.batch('cluster1', 0, fullPage())?.records.length, 7, 'a tick later')
})

t.test('a replica read from its store is the one that was written', async (t) => {
  const version = { epoch: 1, usn: 4 }
  const replica = new Replica([{ origin: 'cluster1', version, records: [record(4, 'b'), record(2, 'a')] }])
  t.same(
    replica.batch('cluster1', 0, fullPage())?.records.map(({ usn }) => usn),
    [2, 4],
  )
  t.same(replica.vector().get('cluster1'), version)
})

function dump(replica: Replica) {
  return [...replica.records('cluster1')].sort((a, b) => a.usn - b.usn)
}
