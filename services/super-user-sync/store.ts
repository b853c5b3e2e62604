// The tool's own small SQLite file: the schedule, the last runs, and which cluster was home to whom. No credential, no hash.
import { DatabaseSync } from 'node:sqlite'
import type { KnownHome } from './plan.ts'
import type { SyncReport, SyncSummary } from './report.ts'

/** How many finished runs are kept. */
export const keptRuns = 100

/** `ROUS` in ASCII: tells our file from another program's. */
const applicationId = 0x524f5553
const schemaVersion = 1

/** The file is damaged, or not this tool's; it was not touched. */
export class StoreError extends Error {
  readonly code = 'SUPER_USER_SYNC_STORE_UNUSABLE'
  constructor(file: string, why: string, options?: ErrorOptions) {
    super(`${file} is not usable: ${why}; it was left as it is, move it away to start anew`, options)
    this.name = 'StoreError'
  }
}

export interface Store {
  /** Writes one finished run and what it learned, in one transaction; the oldest beyond `keptRuns` go. Returns the report with its id. */
  addRun(report: Omit<SyncReport, 'id'>, homes: readonly KnownHome[]): SyncReport
  run(id: number): SyncReport | undefined
  lastRun(): SyncReport | undefined
  /** Newest first. */
  runs(): readonly SyncSummary[]
  homes(): readonly KnownHome[]
  /** Undefined while nobody has set one; null = switched off. */
  schedule(): string | null | undefined
  setSchedule(pattern: string | null): void
  close(): void
}

/** Opens or creates the file; `:memory:` for tests. Throws `StoreError`. */
export function openStore(file: string): Store {
  const sql = openDatabase(file)
  const insertRun = sql.prepare('INSERT INTO run (summary, users) VALUES (?, ?)')
  const trim = sql.prepare('DELETE FROM run WHERE id <= ?')
  const insertHome = sql.prepare('INSERT INTO home (cluster, userid) VALUES (?, ?)')
  const selectRun = sql.prepare('SELECT id, summary, users FROM run WHERE id = ?')
  const selectRuns = sql.prepare('SELECT id, summary FROM run ORDER BY id DESC')
  const selectLast = sql.prepare('SELECT id, summary, users FROM run ORDER BY id DESC LIMIT 1')
  return {
    addRun(report, homes) {
      return transaction(sql, () => {
        const { users, ...summary } = report
        const id = Number(insertRun.run(JSON.stringify(summary), JSON.stringify(users)).lastInsertRowid)
        trim.run(id - keptRuns)
        sql.exec('DELETE FROM home')
        for (const { cluster, userId } of homes) insertHome.run(cluster, userId)
        return { id, ...report }
      })
    },
    run: (id) => readRun(selectRun.get(id)),
    lastRun: () => readRun(selectLast.get()),
    runs: () => selectRuns.all().map((row) => readSummary(row)),
    homes: () =>
      sql
        .prepare('SELECT cluster, userid FROM home')
        .all()
        .map((row) => ({ cluster: String(row['cluster']), userId: String(row['userid']) })),
    schedule() {
      const row = sql.prepare('SELECT pattern FROM schedule').get()
      return row === undefined ? undefined : (row['pattern'] as string | null)
    },
    setSchedule(pattern) {
      sql.prepare('INSERT OR REPLACE INTO schedule (id, pattern) VALUES (1, ?)').run(pattern)
    },
    close: () => sql.close(),
  }
}

function openDatabase(file: string): DatabaseSync {
  let sql: DatabaseSync | undefined
  try {
    sql = new DatabaseSync(file)
    inspect(sql, file)
    // FULL: a finished run that was reported to somebody survives a power cut.
    sql.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
    createTables(sql)
    return sql
  } catch (error) {
    if (sql?.isOpen) sql.close()
    if (error instanceof StoreError) throw error
    throw new StoreError(file, error instanceof Error ? error.message : String(error), { cause: error })
  }
}

/** Only reads: a foreign or damaged file must not change under our hands. */
function inspect(sql: DatabaseSync, file: string): void {
  const check = sql.prepare('PRAGMA quick_check').get()
  if (check?.['quick_check'] !== 'ok') throw new StoreError(file, `damaged (${String(check?.['quick_check'])})`)
  const tables = Number(sql.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.['n'])
  if (tables === 0) return
  if (sql.prepare('PRAGMA application_id').get()?.['application_id'] !== applicationId) {
    throw new StoreError(file, 'it belongs to another program')
  }
  const version = Number(sql.prepare('PRAGMA user_version').get()?.['user_version'])
  if (version > schemaVersion) throw new StoreError(file, `written by a newer version (schema ${version})`)
}

function createTables(sql: DatabaseSync): void {
  transaction(sql, () =>
    sql.exec(`
      PRAGMA application_id = ${applicationId};
      PRAGMA user_version = ${schemaVersion};
      CREATE TABLE IF NOT EXISTS run (id INTEGER PRIMARY KEY AUTOINCREMENT, summary TEXT NOT NULL, users TEXT NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS home (cluster TEXT NOT NULL, userid TEXT NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS schedule (id INTEGER PRIMARY KEY CHECK (id = 1), pattern TEXT) STRICT;
    `),
  )
}

function transaction<T>(sql: DatabaseSync, work: () => T): T {
  sql.exec('BEGIN IMMEDIATE')
  try {
    const value = work()
    sql.exec('COMMIT')
    return value
  } catch (error) {
    sql.exec('ROLLBACK')
    throw error
  }
}

type Row = Record<string, unknown>

function readRun(row: Row | undefined): SyncReport | undefined {
  if (row === undefined) return undefined
  return { ...readSummary(row), users: JSON.parse(String(row['users'])) as SyncReport['users'] }
}

function readSummary(row: Row): SyncSummary {
  return { id: Number(row['id']), ...(JSON.parse(String(row['summary'])) as Omit<SyncSummary, 'id'>) }
}
