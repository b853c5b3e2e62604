import { readFileSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { insertStandardRows } from './standard-rows.ts'

/** `Roam` in ASCII: what SQLite's header says of our files. */
export const applicationId = 0x526f616d

interface Migration {
  readonly file: string
  /** What SQL alone cannot do; runs after the file, in the same transaction. */
  readonly also?: (sql: DatabaseSync) => void
}

/** In order; the number of a migration is its place, from 1. Once released, a migration never changes. */
const migrations: readonly Migration[] = [
  { file: '0001-cluster.sql', also: insertStandardRows },
  { file: '0002-extension-mobility.sql' },
  { file: '0003-global-dial-plan.sql' },
]

/** The `user_version` of an up-to-date file. */
export const latestVersion = migrations.length

/** `user_version` of an open database. */
export function versionOf(sql: DatabaseSync): number {
  return Number(sql.prepare('PRAGMA user_version').get()?.['user_version'])
}

/** Brings an open database up to date, each migration in a transaction of its own together with its number. */
export function migrate(sql: DatabaseSync): void {
  for (let version = versionOf(sql) + 1; version <= latestVersion; version++) apply(sql, version)
}

/** Tables that the migrations up to `version` create. */
export function tablesAt(version: number): readonly string[] {
  const text = migrations.slice(0, version).map(readMigration).join('\n')
  return [...text.matchAll(/^CREATE TABLE (\w+)/gmu)].map(([, name]) => name ?? '')
}

function apply(sql: DatabaseSync, version: number): void {
  const migration = migrations[version - 1]
  if (!migration) throw new RangeError(`There is no migration ${version}`)
  sql.exec('BEGIN EXCLUSIVE')
  try {
    // In the first transaction, so that no file of ours ever exists without saying so.
    sql.exec(`PRAGMA application_id = ${applicationId}`)
    sql.exec(readMigration(migration))
    migration.also?.(sql)
    sql.exec(`PRAGMA user_version = ${version}; COMMIT`)
  } catch (error) {
    if (sql.isTransaction) sql.exec('ROLLBACK')
    throw error
  }
}

function readMigration({ file }: Migration): string {
  return readFileSync(new URL(`migrations/${file}`, import.meta.url), 'utf8')
}
