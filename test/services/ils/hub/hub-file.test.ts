import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import { openHubFile } from '../../../../services/ils/hub/hub-file.ts'
import { HubWrites } from '../../../../services/ils/hub/hub-writes.ts'
import { createReplicaStore } from '../../../../services/ils/replica-store.ts'

/** A hub's file with some hundred records in it, closed. */
async function written(path: string): Promise<void> {
  const sql = openHubFile(path)
  const writes = new HubWrites(sql, path)
  const store = createReplicaStore(sql)
  await writes.write(() => {
    for (let usn = 1; usn <= 300; usn++) {
      const record = { origin: 'cluster1', epoch: 1, usn, kind: 'k', key: `key ${usn}`, value: 'x'.repeat(100) }
      store.apply({ type: 'records', origin: 'cluster1', version: { epoch: 1, usn }, records: [record] })
    }
  })
  writes.close()
}

t.test('a file that was written is read again', async (t) => {
  const path = join(t.testdir(), 'hub.sqlite')
  await written(path)
  const sql = openHubFile(path)
  t.teardown(() => sql.close())
  t.equal(createReplicaStore(sql).records('cluster1').length, 300)
})

t.test('a file of release 0.2 is taken over with all that is in it, and says so to an older program', async (t) => {
  const path = join(t.testdir(), 'hub.sqlite')
  const old = new DatabaseSync(path)
  old.exec(`PRAGMA application_id = ${0x52_49_4c_53}; PRAGMA user_version = 1; PRAGMA journal_mode = WAL;
    CREATE TABLE ils_node (origin TEXT PRIMARY KEY, epoch INTEGER NOT NULL, usn INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE ils_record (
      origin TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL,
      epoch INTEGER NOT NULL, usn INTEGER NOT NULL, value TEXT NOT NULL,
      PRIMARY KEY (origin, kind, key)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO ils_node VALUES ('hub', 7, 1), ('cluster1', 3, 2);
    INSERT INTO ils_record VALUES ('hub', 'peer-info', 'hub', 7, 1, '{"role":"hub"}'),
      ('cluster1', 'superuser', 'bob', 3, 1, '{"userId":"bob"}'), ('cluster1', 'superuser', 'alice', 3, 2, 'null');`)
  old.close()
  const sql = openHubFile(path)
  const store = createReplicaStore(sql)
  t.match(store.load(), [
    { origin: 'cluster1', version: { epoch: 3, usn: 2 }, records: [{ key: 'bob' }, { key: 'alice', value: null }] },
    { origin: 'hub', version: { epoch: 7, usn: 1 }, records: [{ value: { role: 'hub' } }] },
  ])
  t.equal(readFileSync(path).readUInt32BE(60), 2, 'in the header itself')
  sql.close()
  openHubFile(path).close()
})

t.test('a file that is not a hub’s is refused and left as it is', async (t) => {
  const directory = t.testdir()
  const foreign = join(directory, 'other.sqlite')
  const other = new DatabaseSync(foreign)
  other.exec('CREATE TABLE theirs (x)')
  other.close()
  const text = join(directory, 'text.sqlite')
  writeFileSync(text, 'Dear diary')
  const newer = join(directory, 'newer.sqlite')
  await written(newer)
  const later = new DatabaseSync(newer)
  later.exec('PRAGMA journal_mode = DELETE; PRAGMA user_version = 99')
  later.close()
  for (const path of [foreign, text, newer]) {
    const before = readFileSync(path)
    t.throws(() => openHubFile(path), { code: 'ILS_STORE_FOREIGN', message: /left as it is/u }, path)
    t.ok(readFileSync(path).equals(before), 'not a byte has changed')
  }
  mkdirSync(join(directory, 'folder'))
  t.throws(() => openHubFile(join(directory, 'folder')), { code: 'ILS_STORE_FOREIGN' })
})

t.test('a damaged file is refused and left as it is', async (t) => {
  const path = join(t.testdir(), 'hub.sqlite')
  await written(path)
  const bytes = readFileSync(path)
  randomBytes(bytes.length - 4096).copy(bytes, 4096)
  writeFileSync(path, bytes)
  t.throws(() => openHubFile(path), { code: 'ILS_STORE_DAMAGED', message: /damaged.*left as it is/u })
  t.ok(readFileSync(path).equals(bytes))
  writeFileSync(path, bytes.subarray(0, 50))
  t.throws(() => openHubFile(path), { code: 'ILS_STORE_DAMAGED' })
})

t.test('a file in use is not shared', async (t) => {
  const path = join(t.testdir(), 'hub.sqlite')
  await written(path)
  const sql = openHubFile(path)
  t.teardown(() => sql.close())
  sql.exec('CREATE TABLE IF NOT EXISTS busy (x)')
  t.throws(() => openHubFile(path), { code: 'ILS_STORE_UNAVAILABLE', message: /in use/u })
})

t.test('a folder that is not there is named', async (t) => {
  const path = join(t.testdir(), 'nowhere', 'hub.sqlite')
  t.throws(() => openHubFile(path), { code: 'ILS_STORE_UNAVAILABLE' })
  t.notOk(existsSync(path))
})

t.test('works of one turn share a transaction, and one that fails takes only itself back', async (t) => {
  const path = join(t.testdir(), 'hub.sqlite')
  const sql = openHubFile(path)
  const writes = new HubWrites(sql, path)
  sql.exec('CREATE TABLE numbers (n INTEGER)')
  const insert = sql.prepare('INSERT INTO numbers VALUES (?)')
  const effects: number[] = []
  const write = (n: number, fails = false) =>
    writes.write(() => {
      insert.run(n)
      writes.afterCommit(() => effects.push(n))
      if (fails) throw new Error(`not ${n}`)
      return n
    })
  const results = await Promise.allSettled([write(1), write(2, true), write(3)])
  t.same(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  )
  t.same(
    sql
      .prepare('SELECT n FROM numbers')
      .all()
      .map((row) => row['n']),
    [1, 3],
  )
  t.same(effects, [1, 3])
  t.throws(() => writes.afterCommit(() => {}), /outside/u)
  const last = write(4)
  writes.close()
  writes.close()
  t.equal(await last, 4, 'what was queued is kept')
  await t.rejects(write(5), /stopped/u)
})

t.test('a batch that cannot be committed is rejected whole', async (t) => {
  const path = join(t.testdir(), 'hub.sqlite')
  const sql = openHubFile(path)
  const writes = new HubWrites(sql, path)
  t.teardown(() => writes.close())
  sql.exec('CREATE TABLE numbers (n INTEGER)')
  const fine = writes.write(() => sql.exec('INSERT INTO numbers VALUES (1)'))
  const fatal = writes.write(() => sql.exec('ROLLBACK'))
  t.same(
    (await Promise.allSettled([fine, fatal])).map(({ status }) => status),
    ['rejected', 'rejected'],
  )
  t.same(sql.prepare('SELECT n FROM numbers').all(), [])
  await writes.write(() => sql.exec('INSERT INTO numbers VALUES (2)'))
  t.equal(sql.prepare('SELECT n FROM numbers').all().length, 1, 'and the next one is fine')
})
