// Opening a file that may not be ours. Nothing here writes before the file has proved to be an intact database of this
// program: its header is read as bytes, and where a write-ahead log was left behind the check runs on a read-only connection,
// because closing any other would copy that log into the file.
import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { DatabaseError, sqliteCode } from './errors.ts'
import { applicationId, latestVersion, migrate, tablesAt, versionOf } from './migrations.ts'
import { readSqliteHeader } from './sqlite-header.ts'

/** Taken only as it is needed; SQLite's own 2 MiB is full with some thousand phones. */
const cacheKiB = 16_384

const sqliteBusy = 5
const sqliteDamage = new Set([11, 26])

/**
 * Opens the cluster's file, making it if there is none, for this process alone: the lock is the operating system's and ends
 * with the process. Throws DatabaseError and leaves the file as it was when it is not ours, damaged, too new or in use.
 */
export function openDatabaseFile(path: string): DatabaseSync {
  return explained(path, () => {
    mkdirSync(dirname(path), { recursive: true })
    const found = inspect(path)
    const leftLog = found === 'ours' && sizeOf(`${path}-wal`) > 0
    if (leftLog) checkReadOnly(path)
    const sql = new DatabaseSync(path, { enableForeignKeyConstraints: true })
    try {
      lock(sql)
      if (found === 'ours' && !leftLog) check(sql, path)
      prepare(sql)
      return sql
    } catch (error) {
      sql.close()
      throw error
    }
  })
}

/** Whether there is a file of ours, by the bytes of its header. */
function inspect(path: string): 'new' | 'ours' {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (!stat) return 'new'
  if (!stat.isFile()) throw foreign(path, stat.isDirectory() ? 'is a directory' : 'is not a file')
  if (stat.size === 0) {
    if (sizeOf(`${path}-wal`) > 0) throw damaged(path, 'the file is empty, its write-ahead log is not')
    return 'new'
  }
  const header = readSqliteHeader(path)
  if (header.kind === 'other') throw foreign(path, 'is not an SQLite database')
  if (header.kind === 'truncated') throw damaged(path, 'the file ends inside its header')
  if (header.applicationId !== applicationId) throw foreign(path, 'belongs to another program')
  refuseNewer(path, header.userVersion)
  return 'ours'
}

function checkReadOnly(path: string): void {
  const index = `${path}-shm`
  const indexWasThere = existsSync(index)
  const sql = new DatabaseSync(path, { readOnly: true })
  try {
    check(sql, path)
  } finally {
    sql.close()
    // Made for this connection; an exclusive one keeps the index of its log in memory.
    if (!indexWasThere) rmSync(index, { force: true })
  }
}

function check(sql: DatabaseSync, path: string): void {
  const version = versionOf(sql)
  refuseNewer(path, version)
  const verdict = sql.prepare('PRAGMA quick_check(1)').get()?.['quick_check']
  if (verdict !== 'ok') throw damaged(path, String(verdict))
  const tables = new Set(
    sql
      .prepare('SELECT name FROM sqlite_schema')
      .all()
      .map((row) => row['name']),
  )
  const missing = tablesAt(version).find((name) => !tables.has(name))
  if (missing) throw damaged(path, `table ${missing} is missing`)
}

/** In exclusive mode SQLite takes the lock at the first read and keeps it. */
function lock(sql: DatabaseSync): void {
  sql.exec('PRAGMA locking_mode = EXCLUSIVE')
  sql.prepare('SELECT count(*) FROM sqlite_schema').get()
}

function prepare(sql: DatabaseSync): void {
  if (versionOf(sql) < latestVersion) {
    // With a rollback journal the new version reaches the file's header itself, where an older program looks for it.
    sql.exec('PRAGMA journal_mode = DELETE')
    migrate(sql)
  }
  sql.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -${cacheKiB}`)
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

function refuseNewer(path: string, version: number): void {
  if (version <= latestVersion) return
  const facts = `${path} has version ${version}, this program knows up to ${latestVersion}`
  throw new DatabaseError('DATABASE_TOO_NEW', `${facts}: start the newer program, or name another data folder`)
}

function foreign(path: string, why: string): DatabaseError {
  return new DatabaseError(
    'DATABASE_FOREIGN',
    `${path} ${why}, so it is left as it is: move it away or name another data folder`,
  )
}

function damaged(path: string, why: string, cause?: unknown): DatabaseError {
  return new DatabaseError(
    'DATABASE_DAMAGED',
    `${path} is damaged (${why}), so it is left as it is: put a copy back, or move it away to start anew`,
    { cause },
  )
}

function explained<T>(path: string, open: () => T): T {
  try {
    return open()
  } catch (error) {
    if (error instanceof DatabaseError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    const code = sqliteCode(error)
    if (code === sqliteBusy) {
      const message = `${path} is open in another process: stop that one, or name another data folder`
      throw new DatabaseError('DATABASE_IN_USE', message, { cause: error })
    }
    if (code !== undefined && sqliteDamage.has(code)) throw damaged(path, reason, error)
    throw new DatabaseError('DATABASE_INACCESSIBLE', `${path} cannot be opened: ${reason}`, { cause: error })
  }
}
