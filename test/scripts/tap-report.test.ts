import t from 'tap'
import { createTapReport } from '../../scripts/tap-report.ts'

function read(tap: string) {
  const printed: string[] = []
  const report = createTapReport((line) => printed.push(line))
  for (const line of tap.split('\n')) report.line(line)
  return { printed, ...report.totals() }
}

t.test('a run is one line per file, and the reasons of what was skipped', async (t) => {
  const { printed, passed, failed, skipped, skips } = read(`TAP version 14
1..2
# Subtest: test/a.test.ts
    ok 1 - Bob logs in
    ok 2 - on a container # SKIP no Docker engine
    1..2
ok 1 - test/a.test.ts # time=1234.5ms

# Subtest: test/b.test.ts
    1..0 # no redis-server
ok 2 - test/b.test.ts # SKIP no redis-server

# { total: 3, pass: 1, skip: 2 }
# time=1300ms`)
  t.strictSame(printed, ['ok  test/a.test.ts (1.2 s)', 'ok  test/b.test.ts'])
  t.strictSame([passed, failed, skipped], [1, 0, 2])
  t.strictSame(skips, ['test/a.test.ts: on a container: no Docker engine', 'test/b.test.ts: no redis-server'])
})

t.test('of a file in which something failed everything is shown', async (t) => {
  const { printed, failed } = read(`# Subtest: test/a.test.ts
    not ok 1 - Bob logs in
      ---
      diff: |
        -201
        +200
      ...
    1..1
not ok 1 - test/a.test.ts # time=10ms
# { total: 1, fail: 1 }`)
  t.equal(failed, 1)
  t.ok(printed.includes('    not ok 1 - Bob logs in'))
  t.ok(printed.includes('        +200'))
  t.equal(printed.at(-1), 'NOT OK  test/a.test.ts (0.0 s)')
})

t.test('a run that was cut off is counted by files, and an empty one is nothing', async (t) => {
  t.match(read('not ok 1 - test/a.test.ts # time=10ms\nok 2 - test/b.test.ts'), { passed: 1, failed: 1 })
  t.match(read('TAP version 14\n1..0'), { passed: 0, failed: 0, skipped: 0 })
})
