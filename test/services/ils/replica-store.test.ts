import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import type { IlsStore } from '../../../ils-sync/store/api.ts'
import { createReplicaStore } from '../../../services/ils/replica-store.ts'
import { runStoreTests } from '../../ils-sync/store/run-store-tests.ts'

t.test('the SQLite store is a store', async (t) => {
  const files = new Map<IlsStore, { path: string; sql: DatabaseSync }>()
  const open = (path: string) => {
    const sql = new DatabaseSync(path)
    const store = createReplicaStore(sql)
    files.set(store, { path, sql })
    return store
  }
  const fileOf = (store: IlsStore) => files.get(store) as { path: string; sql: DatabaseSync }
  t.teardown(() => {
    for (const { sql } of files.values()) if (sql.isOpen) sql.close()
  })
  runStoreTests(t, {
    create: (t) => open(join(t.testdir(), 'replica.sqlite')),
    reopen(store) {
      const { path, sql } = fileOf(store)
      sql.close()
      return open(path)
    },
    write(store, work) {
      const { sql } = fileOf(store)
      sql.exec('BEGIN')
      work()
      sql.exec('COMMIT')
    },
  })
})

t.test('what is undone with its transaction was never there', async (t) => {
  const sql = new DatabaseSync(':memory:')
  t.teardown(() => sql.close())
  const store = createReplicaStore(sql)
  const record = { origin: 'cluster1', epoch: 1, usn: 1, kind: 'k', key: 'a', value: 1 }
  sql.exec('BEGIN')
  store.apply({ type: 'records', origin: 'cluster1', version: { epoch: 1, usn: 1 }, records: [record] })
  sql.exec('ROLLBACK')
  t.same(store.load(), [])
  t.equal(store.version('cluster1'), undefined)
})
