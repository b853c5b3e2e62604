// The hub's own SQLite file. Nothing writes to it before it has proved to be an intact one of ours.
import { rmSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { readSqliteHeader } from '../../database/sqlite-header.ts'
import { IlsError } from '../errors.ts'

/** `RILS`; in the file's header, so that another program's file is never taken for ours. */
const applicationId = 0x52_49_4c_53
/**
 * 2 since `ils_unmet` says which of the hub's own numbers peers can know of: a program that does not keep that up (1, release 0.2) must not
 * write to such a file, or the next start would take what it wrote for lost. Files of 1 are taken over.
 */
const formatVersion = 2

/**
 * Opens the hub's file for this process alone, or makes it. Throws IlsError and leaves the file as it is when it is damaged, not
 * ours, or in use.
 */
export function openHubFile(path: string): DatabaseSync {
  let sql: DatabaseSync | undefined
  try {
    const found = inspect(path)
    // On a connection that cannot write: closing any other would copy a log that a killed process left into the file.
    if (found === 'ours') checkIntact(path)
    sql = new DatabaseSync(path)
    sql.exec('PRAGMA locking_mode = EXCLUSIVE')
    sql.prepare('SELECT count(*) FROM sqlite_schema').get()
    if (found === 'new') sql.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${formatVersion}`)
    else takeOver(sql)
    // A hub's replica is a copy: what a power failure takes is pulled again. Its own few records are synced apart (HubWrites).
    sql.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
    rmSync(`${path}-shm`, { force: true })
    return sql
  } catch (error) {
    sql?.close()
    throw explained(path, error)
  }
}

/** With a rollback journal the new version reaches the file's header itself, where an older program looks for it. */
function takeOver(sql: DatabaseSync): void {
  const version = Number(sql.prepare('PRAGMA user_version').get()?.['user_version'])
  if (version < formatVersion) sql.exec(`PRAGMA journal_mode = DELETE; PRAGMA user_version = ${formatVersion}`)
}

function inspect(path: string): 'new' | 'ours' {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined || (stat.isFile() && stat.size === 0)) return 'new'
  if (!stat.isFile()) throw foreign(path, 'is not a file')
  const header = readSqliteHeader(path)
  if (header.kind === 'other') throw foreign(path, 'is not an SQLite database')
  if (header.kind === 'truncated') throw damaged(path, 'it ends inside its header')
  if (header.applicationId !== applicationId) throw foreign(path, 'belongs to another program')
  if (header.userVersion > formatVersion) throw foreign(path, 'was written by a newer release')
  return 'ours'
}

function checkIntact(path: string): void {
  const sql = new DatabaseSync(path, { readOnly: true })
  try {
    const verdict = sql.prepare('PRAGMA quick_check(1)').get()?.['quick_check']
    if (verdict !== 'ok') throw damaged(path, String(verdict).replaceAll('\n', ' '))
  } finally {
    sql.close()
  }
}

const sqliteBusy = 5
const sqliteDamage = new Set([11, 26])

function explained(path: string, error: unknown): IlsError {
  if (error instanceof IlsError) return error
  const { errcode, message } = error as { errcode?: number; message: string }
  if (sqliteDamage.has(errcode ?? 0)) return damaged(path, message, error)
  const why = errcode === sqliteBusy ? 'is in use by another process' : `cannot be opened: ${message}`
  return new IlsError('ILS_STORE_UNAVAILABLE', `${path} ${why}`, { cause: error })
}

function foreign(path: string, why: string): IlsError {
  return new IlsError(
    'ILS_STORE_FOREIGN',
    `${path} ${why}, so it is left as it is: move it away or name another data folder`,
  )
}

function damaged(path: string, why: string, cause?: unknown): IlsError {
  return new IlsError(
    'ILS_STORE_DAMAGED',
    `${path} is damaged (${why}), so it is left as it is: move it away and start again, the hub learns everything from its peers`,
    { cause },
  )
}
