import * as fc from 'fast-check'
import t from 'tap'
import { createHybridClock, parseReading, readingAt } from '../../../../ils-sync/core/data/hybrid-clock.ts'

t.test('readings rise, even while the wall clock stands still or is set back', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 2 ** 41 }), { minLength: 2 }), (times) => {
        let now = 0
        const clock = createHybridClock('cluster1', () => now)
        const readings = times.map((time) => {
          now = time
          return clock.tick()
        })
        return readings.every((reading, index) => index === 0 || reading > (readings[index - 1] as string))
      }),
    ),
  )
})

t.test(
  'a login is newer than every login that its cluster knew of, an hour of wrong clock notwithstanding',
  async (t) => {
    const ahead = createHybridClock('cluster1', () => 3_600_000)
    const behind = createHybridClock('cluster2', () => 0)
    const first = ahead.tick()
    behind.observe(first)
    t.ok(behind.tick() > first)
  },
)

t.test('of two readings alike the greater cluster ID is the newer', async (t) => {
  t.ok(readingAt(5, 'cluster2') > readingAt(5, 'cluster1'))
})

t.test('the order of texts is the order of times, and a reading can be read back', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 47 }), fc.integer({ min: 0, max: 2 ** 47 }), (a, b) => {
        const [x, y] = [readingAt(a, 'c'), readingAt(b, 'c')]
        return a < b === x < y && parseReading(x)?.ms === a
      }),
    ),
  )
  t.match(parseReading(readingAt(5, 'cluster-1.x')), { ms: 5, counter: 0, clusterId: 'cluster-1.x' })
})

t.test('what is no reading is not observed', async (t) => {
  const clock = createHybridClock('cluster1', () => 1)
  const before = clock.tick()
  for (const text of ['', 'zzz', `${before} `, 'ffffffffffff']) {
    clock.observe(text)
    t.equal(parseReading(text), undefined)
  }
  t.match(parseReading(clock.tick()), { ms: 1 })
})
