import t from 'tap'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { countOutcomes } from '../../../services/super-user-sync/report.ts'
import { keptRuns, openStore } from '../../../services/super-user-sync/store.ts'

const report = {
  trigger: 'manual',
  startedAt: '2026-01-01T00:00:00.000Z',
  finishedAt: '2026-01-01T00:00:01.000Z',
  clusters: [],
  users: [{ userId: 'bob', clusters: [{ cluster: 'cluster2', outcome: 'created' }] }],
  counts: countOutcomes([]),
} as const

t.test('runs, homes and schedule outlive the process', async (t) => {
  const file = join(t.testdir({}), 'sync.sqlite')
  const store = openStore(file)
  t.equal(store.schedule(), undefined)
  t.equal(store.addRun(report, [{ userId: 'bob', cluster: 'cluster1' }]).id, 1)
  store.setSchedule(null)
  store.close()
  const again = openStore(file)
  t.teardown(() => again.close())
  t.same(again.lastRun(), { id: 1, ...report })
  t.same(again.homes(), [{ userId: 'bob', cluster: 'cluster1' }])
  t.equal(again.schedule(), null)
})

t.test('the last hundred runs are kept, newest first, and lists leave out the users', async (t) => {
  const store = openStore(':memory:')
  t.teardown(() => store.close())
  for (let n = 0; n < keptRuns + 5; n++) store.addRun(report, [])
  const runs = store.runs()
  t.equal(runs.length, keptRuns)
  t.equal(runs[0]?.id, keptRuns + 5)
  t.notOk(runs[0] && 'users' in runs[0])
  t.equal(store.run(5), undefined)
  t.equal(store.run(6)?.id, 6)
})

t.test('a damaged, foreign or newer file is refused and left as it is', async (t) => {
  const directory = t.testdir({})
  const garbage = join(directory, 'garbage.sqlite')
  writeFileSync(garbage, 'not a database, but long enough to be looked at '.repeat(100))
  const foreign = join(directory, 'foreign.sqlite')
  const other = new DatabaseSync(foreign)
  other.exec('CREATE TABLE theirs (x)')
  other.close()
  const newer = join(directory, 'newer.sqlite')
  openStore(newer).close()
  const future = new DatabaseSync(newer)
  future.exec('PRAGMA user_version = 99')
  future.close()
  const torn = join(directory, 'torn.sqlite')
  const full = openStore(torn)
  for (let n = 0; n < 50; n++) full.addRun(report, [])
  full.close()
  writeFileSync(torn, readFileSync(torn).fill(0xff, 4096, 9000))
  for (const [file, why] of [
    [garbage, /not a database/],
    [foreign, /belongs to another program/],
    [newer, /newer version \(schema 99\)/],
    [torn, /damaged|malformed/],
  ] as const) {
    const before = readFileSync(file)
    t.throws(() => openStore(file), { code: 'SUPER_USER_SYNC_STORE_UNUSABLE', message: why })
    t.ok(before.equals(readFileSync(file)), `${file} is as it was`)
    t.notOk(existsSync(`${file}-wal`))
  }
})
