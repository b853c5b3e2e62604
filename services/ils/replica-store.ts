// The replica on disk: two tables of ours, in the cluster's own file or in the hub's.
import type { DatabaseSync } from 'node:sqlite'
import type { IlsRecord, StoreChange, StoredOrigin, Version } from '../../ils-sync/core/record.ts'
import { deepFreeze } from '../../ils-sync/core/record.ts'
import type { IlsStore } from '../../ils-sync/store/api.ts'
import type { RowCache } from '../database/api.ts'

const schema = `
  CREATE TABLE IF NOT EXISTS ils_node (
    origin TEXT PRIMARY KEY, epoch INTEGER NOT NULL, usn INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS ils_record (
    origin TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL,
    epoch INTEGER NOT NULL, usn INTEGER NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (origin, kind, key)
  ) STRICT, WITHOUT ROWID;`

interface RecordRow {
  readonly origin: string
  readonly kind: string
  readonly key: string
  readonly epoch: number
  readonly usn: number
  readonly value: string
}

interface NodeRow {
  readonly origin: string
  readonly epoch: number
  readonly usn: number
}

/** Makes its tables if they are not there. Transactions are the caller's, who may lend a cache for what `find` was asked for. */
export function createReplicaStore(sql: DatabaseSync, found?: RowCache<IlsRecord>): IlsStore {
  sql.exec(schema)
  const nodes = sql.prepare('SELECT origin, epoch, usn FROM ils_node')
  const versionOf = sql.prepare('SELECT epoch, usn FROM ils_node WHERE origin = ?')
  const recordsOf = sql.prepare('SELECT * FROM ils_record WHERE origin = ? ORDER BY usn')
  const one = sql.prepare('SELECT * FROM ils_record WHERE origin = ? AND kind = ? AND key = ?')
  // Updated in place: to delete and insert again costs half as much more, at every login.
  const setNode = sql.prepare(
    'INSERT INTO ils_node (origin, epoch, usn) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET epoch = ?2, usn = ?3',
  )
  const setRecord = sql.prepare(`
    INSERT INTO ils_record (origin, kind, key, epoch, usn, value) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
    ON CONFLICT DO UPDATE SET epoch = ?4, usn = ?5, value = ?6`)
  const drop = sql.prepare('DELETE FROM ils_record WHERE origin = ?')

  const records = (origin: string) => (recordsOf.all(origin) as unknown as RecordRow[]).map(toRecord)
  return {
    load: () =>
      (nodes.all() as unknown as NodeRow[]).map(({ origin, epoch, usn }): StoredOrigin => ({
        origin,
        version: { epoch, usn },
        records: records(origin),
      })),
    version: (origin) => versionOf.get(origin) as unknown as Version | undefined,
    records,
    find(origin, kind, key) {
      const name = nameOf(origin, kind, key)
      const known = found?.get(name)
      if (known) return known
      const row = one.get(origin, kind, key) as unknown as RecordRow | undefined
      if (!row) return undefined
      const record = toRecord(row)
      found?.set(name, record)
      return record
    },
    apply(change: StoreChange) {
      const { origin, version } = change
      if (change.type === 'replace') {
        drop.run(origin)
        found?.changeAll()
      }
      for (const record of change.records) {
        const { kind, key, epoch, usn, value } = record
        setRecord.run(origin, kind, key, epoch, usn, JSON.stringify(value))
        const name = nameOf(origin, kind, key)
        found?.change(name, found.get(name) && record)
      }
      setNode.run(origin, version.epoch, version.usn)
    },
  }
}

function nameOf(origin: string, kind: string, key: string): string {
  return `${origin}\0${kind}\0${key}`
}

function toRecord({ origin, kind, key, epoch, usn, value }: RecordRow): IlsRecord {
  return deepFreeze({ origin, epoch, usn, kind, key, value: JSON.parse(value) })
}
