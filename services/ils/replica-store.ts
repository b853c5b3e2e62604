// The replica on disk: tables of ours, in the cluster's own file or in the hub's.
import type { DatabaseSync } from 'node:sqlite'
import type { IlsRecord, StoreChange, StoredOrigin, Version } from '../../ils-sync/core/data/record.ts'
import { HeldRecord, textOf } from '../../ils-sync/core/data/held-record.ts'
import type { RecordStem } from '../../ils-sync/core/data/held-record.ts'
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
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS ils_staged (
    origin TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL,
    epoch INTEGER NOT NULL, usn INTEGER NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (origin, kind, key)
  ) STRICT, WITHOUT ROWID;
  DELETE FROM ils_staged;
  CREATE TABLE IF NOT EXISTS ils_unmet (
    origin TEXT PRIMARY KEY, usn INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS ils_identity (peer_id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
  INSERT INTO ils_identity (peer_id)
    SELECT lower(hex(randomblob(16))) WHERE NOT EXISTS (SELECT 1 FROM ils_identity);`

/** kind, key, epoch, usn, value: arrays take half the time of objects, which counts when a million are read. */
type RecordRow = readonly [string, string, number, number, string]

interface NodeRow {
  readonly origin: string
  readonly epoch: number
  readonly usn: number
  readonly unmet: number | null
}

/** Makes its tables if they are not there. Transactions are the caller's, who may lend a cache for what `find` was asked for. */
export function createReplicaStore(sql: DatabaseSync, found?: RowCache<IlsRecord>): IlsStore {
  sql.exec(schema)
  return new ReplicaStore(sql, found)
}

class ReplicaStore implements IlsStore {
  readonly #statements: ReturnType<typeof prepare>
  readonly #found: RowCache<IlsRecord> | undefined
  readonly #peerId: string

  constructor(sql: DatabaseSync, found: RowCache<IlsRecord> | undefined) {
    this.#statements = prepare(sql)
    this.#found = found
    this.#peerId = (sql.prepare('SELECT peer_id FROM ils_identity').get() as { peer_id: string }).peer_id
  }

  peerId(): string {
    return this.#peerId
  }

  load(): readonly StoredOrigin[] {
    return [...this.origins()]
  }

  *origins(): Generator<StoredOrigin> {
    for (const { origin, epoch, usn, unmet } of this.#statements.nodes.all() as unknown as NodeRow[]) {
      const records = this.records(origin)
      yield { origin, version: { epoch, usn }, records, ...(unmet === null ? {} : { unmet }) }
    }
  }

  version(origin: string): Version | undefined {
    return this.#statements.version.get(origin) as unknown as Version | undefined
  }

  /** Row by row, so that a million of them are not held twice. */
  records(origin: string): readonly HeldRecord[] {
    const all: HeldRecord[] = []
    for (const row of this.#statements.records.iterate(origin) as unknown as Iterable<RecordRow>) {
      all.push(toRecord(origin, row, all.at(-1)?.stem))
    }
    return all
  }

  find(origin: string, kind: string, key: string): IlsRecord | undefined {
    const name = nameOf(origin, kind, key)
    const known = this.#found?.get(name)
    if (known) return known
    const row = this.#statements.record.get(origin, kind, key) as unknown as RecordRow | undefined
    if (!row) return undefined
    const record = toRecord(origin, row)
    this.#found?.set(name, record)
    return record
  }

  apply(change: StoreChange): void {
    const { clearUnmet, stageRecord, forget } = this.#statements
    const { origin, version, records } = change
    switch (change.type) {
      case 'records':
        return this.#put(change)
      case 'stage':
        for (const record of records)
          stageRecord.run(origin, record.kind, record.key, version.epoch, record.usn, textOf(record))
        return
      case 'replace':
        this.#drop(origin, version.epoch)
        return this.#put(change)
      case 'met':
        clearUnmet.run(origin)
        return
      case 'forget':
        this.#drop(origin)
        forget.run(origin)
    }
  }

  /** Of what was staged that of `epoch` takes its place. */
  #drop(origin: string, epoch = -1): void {
    const { clearUnmet, drop, unstage, dropStaged } = this.#statements
    clearUnmet.run(origin)
    drop.run(origin)
    unstage.run(origin, epoch)
    dropStaged.run(origin)
    this.#found?.changeAll()
  }

  #put({ origin, version, unmet, records }: Extract<StoreChange, { readonly type: 'records' | 'replace' }>): void {
    const { setRecord, setNode, setUnmet } = this.#statements
    const found = this.#found
    for (const record of records) {
      const { kind, key, epoch, usn } = record
      setRecord.run(origin, kind, key, epoch, usn, textOf(record))
      if (found === undefined) continue
      const name = nameOf(origin, kind, key)
      found.change(name, found.get(name) && record)
    }
    setNode.run(origin, version.epoch, version.usn)
    if (unmet !== undefined) setUnmet.run(origin, unmet)
  }
}

function prepare(sql: DatabaseSync) {
  const columns = 'kind, key, epoch, usn, value'
  const records = sql.prepare(`SELECT ${columns} FROM ils_record WHERE origin = ? ORDER BY usn`)
  const record = sql.prepare(`SELECT ${columns} FROM ils_record WHERE origin = ? AND kind = ? AND key = ?`)
  for (const statement of [records, record]) statement.setReturnArrays(true)
  return {
    records,
    record,
    nodes: sql.prepare(
      'SELECT n.origin, n.epoch, n.usn, u.usn AS unmet FROM ils_node n LEFT JOIN ils_unmet u ON u.origin = n.origin',
    ),
    version: sql.prepare('SELECT epoch, usn FROM ils_node WHERE origin = ?'),
    // Updated in place: to delete and insert again costs half as much more, at every login.
    setNode: sql.prepare(
      'INSERT INTO ils_node (origin, epoch, usn) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET epoch = ?2, usn = ?3',
    ),
    setRecord: sql.prepare(`
      INSERT INTO ils_record (origin, kind, key, epoch, usn, value) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
      ON CONFLICT DO UPDATE SET epoch = ?4, usn = ?5, value = ?6`),
    drop: sql.prepare('DELETE FROM ils_record WHERE origin = ?'),
    stageRecord: sql.prepare(`
      INSERT INTO ils_staged (origin, kind, key, epoch, usn, value) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
      ON CONFLICT DO UPDATE SET epoch = ?4, usn = ?5, value = ?6`),
    unstage: sql.prepare('INSERT INTO ils_record SELECT * FROM ils_staged WHERE origin = ? AND epoch = ?'),
    dropStaged: sql.prepare('DELETE FROM ils_staged WHERE origin = ?'),
    forget: sql.prepare('DELETE FROM ils_node WHERE origin = ?'),
    setUnmet: sql.prepare('INSERT INTO ils_unmet (origin, usn) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET usn = ?2'),
    clearUnmet: sql.prepare('DELETE FROM ils_unmet WHERE origin = ?'),
  }
}

function nameOf(origin: string, kind: string, key: string): string {
  return `${origin}\0${kind}\0${key}`
}

function toRecord(origin: string, [kind, key, epoch, usn, value]: RecordRow, stem?: RecordStem): HeldRecord {
  const same = stem?.kind === kind && stem.epoch === epoch
  return new HeldRecord(same ? stem : { origin, epoch, kind }, usn, key, value)
}
