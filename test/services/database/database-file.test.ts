import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import type { Test } from 'tap'
import { openClusterDatabase } from '../../../services/database/index.ts'
import { latestVersion } from '../../../services/database/migrations.ts'
import { clock, createErrorLog } from './fixtures/test-database.ts'

function open(path: string) {
  return openClusterDatabase({ path, clock, log: createErrorLog() })
}

function digest(path: string): string {
  return existsSync(path) ? createHash('sha256').update(readFileSync(path)).digest('hex') : 'absent'
}

/** A closed database of ours with `users` users. */
async function makeDatabase(path: string, users = 0): Promise<void> {
  const database = open(path)
  await database.write(() => {
    for (let user = 0; user < users; user++) database.endUsers.insert({ userId: `user${user}`, lastName: 'x' })
  })
  database.close()
}

/** Copies of the file and its log as a killed process leaves them. */
async function makeKilledDatabase(path: string): Promise<void> {
  const database = open(`${path}.live`)
  await database.write(() => database.endUsers.insert({ userId: 'bob', lastName: 'x' }))
  copyFileSync(`${path}.live`, path)
  copyFileSync(`${path}.live-wal`, `${path}-wal`)
  database.close()
}

function refusesUntouched(test: Test, path: string, expected: { code: string; message: RegExp }): void {
  const bytes = () => ['', '-wal', '-shm'].map((suffix) => digest(`${path}${suffix}`))
  const before = bytes()
  test.throws(() => open(path), expected)
  test.strictSame(bytes(), before, 'every byte is as it was')
}

t.test('a new file is made, with the folder it is in', async (t) => {
  const path = join(t.testdir(), 'deep', 'er', 'cluster.sqlite')
  const database = open(path)
  t.teardown(() => database.close())
  t.equal(database.sql.prepare('PRAGMA journal_mode').get()?.['journal_mode'], 'wal')
  t.equal(database.sql.prepare('PRAGMA synchronous').get()?.['synchronous'], 2, 'FULL')
  t.equal(database.sql.prepare('PRAGMA foreign_keys').get()?.['foreign_keys'], 1)
})

t.test('the file itself says whose it is and its version, without its log', (t) => {
  const path = join(t.testdir(), 'cluster.sqlite')
  const database = open(path)
  t.teardown(() => database.close())
  const header = readFileSync(path)
  t.equal(header.toString('latin1', 68, 72), 'Roam')
  t.equal(header.readUInt32BE(60), latestVersion)
  t.end()
})

t.test('what was written is there when the file is opened again', async (t) => {
  const path = join(t.testdir(), 'cluster.sqlite')
  await makeDatabase(path, 1)
  const database = open(path)
  t.teardown(() => database.close())
  t.equal(database.endUsers.list().length, 1)
})

t.test('an empty file, which a process killed at its first start leaves, becomes a database', async (t) => {
  const path = join(t.testdir({ 'cluster.sqlite': '' }), 'cluster.sqlite')
  open(path).close()
  t.match(readFileSync(path, 'latin1').slice(0, 15), 'SQLite format 3')
})

t.test('a killed process is opened with everything in its log', async (t) => {
  const path = join(t.testdir(), 'cluster.sqlite')
  await makeKilledDatabase(path)
  const database = open(path)
  t.teardown(() => database.close())
  t.ok(database.endUsers.find('bob'))
  t.notOk(existsSync(`${path}-shm`), 'nothing of the check stays behind')
})

t.test('files that are not ours are refused and left as they are', async (t) => {
  const folder = t.testdir({
    'letter.txt': 'Dear Bob, this is not a database. '.repeat(10),
    'short.txt': 'x',
  })
  for (const name of ['letter.txt', 'short.txt']) {
    refusesUntouched(t, join(folder, name), {
      code: 'DATABASE_FOREIGN',
      message: /not an SQLite database.*data folder/u,
    })
  }
  const other = join(folder, 'other.sqlite')
  new DatabaseSync(other).exec('PRAGMA journal_mode = WAL; CREATE TABLE recipes (name)')
  refusesUntouched(t, other, { code: 'DATABASE_FOREIGN', message: /another program/u })
})

t.test('a directory in place of the file is refused', async (t) => {
  const path = join(t.testdir(), 'cluster.sqlite')
  mkdirSync(path)
  t.throws(() => open(path), { code: 'DATABASE_FOREIGN', message: /is a directory/u })
})

t.test('a folder that cannot be made is refused by name', async (t) => {
  const path = join(t.testdir({ file: 'x' }), 'file', 'cluster.sqlite')
  t.throws(() => open(path), { code: 'DATABASE_INACCESSIBLE', message: /cluster\.sqlite/u })
})

t.test('a file cut short is refused and left as it is', async (t) => {
  const path = join(t.testdir(), 'cluster.sqlite')
  for (const size of [50, 4096, 40_000]) {
    await makeDatabase(`${path}.${size}`, 200)
    truncateSync(`${path}.${size}`, size)
    refusesUntouched(t, `${path}.${size}`, { code: 'DATABASE_DAMAGED', message: /left as it is.*copy/u })
  }
})

t.test('a file with overwritten pages is refused and left as it is', async (t) => {
  const path = join(t.testdir(), 'cluster.sqlite')
  await makeDatabase(path, 500)
  const bytes = readFileSync(path)
  bytes.fill(0xa5, 4096 * 8, 4096 * 40)
  writeFileSync(path, bytes)
  refusesUntouched(t, path, { code: 'DATABASE_DAMAGED', message: /is damaged/u })
})

t.test('a damaged file is not altered by the log that a killed process left beside it', async (t) => {
  const path = join(t.testdir(), 'cluster.sqlite')
  await makeKilledDatabase(path)
  const bytes = readFileSync(path)
  bytes.fill(0xa5, 4096 * 2)
  writeFileSync(path, bytes)
  refusesUntouched(t, path, { code: 'DATABASE_DAMAGED', message: /is damaged/u })
})

t.test('a file of ours in which a table is missing is refused and left as it is', async (t) => {
  const path = join(t.testdir(), 'cluster.sqlite')
  await makeDatabase(path)
  const sql = new DatabaseSync(path)
  sql.exec('DROP TABLE credential')
  sql.close()
  refusesUntouched(t, path, { code: 'DATABASE_DAMAGED', message: /table credential is missing/u })
})

t.test('a file of a newer program is refused and left as it is', async (t) => {
  const path = join(t.testdir(), 'cluster.sqlite')
  await makeDatabase(path)
  const sql = new DatabaseSync(path)
  sql.exec(`PRAGMA user_version = ${latestVersion + 1}`)
  sql.close()
  refusesUntouched(t, path, { code: 'DATABASE_TOO_NEW', message: /newer program/u })
})

t.test('tables that a service added are no reason to refuse', async (t) => {
  const path = join(t.testdir(), 'cluster.sqlite')
  const database = open(path)
  database.sql.exec('CREATE TABLE rl_ils_record (origin TEXT)')
  database.close()
  t.doesNotThrow(() => open(path).close())
})

t.test('a file that is open is refused to the second who asks, and free again when it is closed', async (t) => {
  const path = join(t.testdir(), 'cluster.sqlite')
  const first = open(path)
  t.throws(() => open(path), { code: 'DATABASE_IN_USE', message: /another process/u })
  await first.write(() => first.endUsers.insert({ userId: 'bob', lastName: 'x' }))
  t.throws(() => open(path), { code: 'DATABASE_IN_USE' }, 'also while there is a log')
  first.close()
  t.doesNotThrow(() => open(path).close())
})
