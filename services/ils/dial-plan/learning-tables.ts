// What of learning must outlive a restart beside the records themselves, in two tables of ours: who came first where clusters claim the
// same, and who was refused. All else follows from the records.
import type { DatabaseSync } from 'node:sqlite'
import type { ObjectRecord } from './learned-record.ts'
import type { RangeChange, RefusedRange } from './refused-objects.ts'

const schema = `
  CREATE TABLE IF NOT EXISTS ils_learning (since INTEGER PRIMARY KEY) STRICT;
  CREATE TABLE IF NOT EXISTS ils_learned_duplicate (
    kind TEXT NOT NULL, key TEXT NOT NULL, place INTEGER NOT NULL, origin TEXT NOT NULL,
    PRIMARY KEY (kind, key, place)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS ils_refused_range (
    origin TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, epoch INTEGER NOT NULL,
    PRIMARY KEY (origin, first)
  ) STRICT, WITHOUT ROWID;`

/** Kind, key and origin → place among those who claim the key. */
export type Places = ReadonlyMap<string, number>

export interface LearningTables {
  /** Whether this cluster was learning when it last ran: then what is on disk and in no range was learned. */
  isLearning(): boolean
  begin(nowMs: number): void
  /** Forgets everything. */
  end(): void
  places(): Places
  ranges(): readonly RefusedRange[]
  /** The clusters that claim this key, in order; fewer than two need no order. */
  setClaimants(kind: string, key: string, claimants: readonly ObjectRecord[]): void
  changeRange(change: RangeChange): void
}

/** Makes its tables if they are not there. All changes are made inside the caller's transaction. */
export function createLearningTables(sql: DatabaseSync): LearningTables {
  sql.exec(schema)
  const learning = sql.prepare('SELECT since FROM ils_learning')
  const setLearning = sql.prepare('INSERT OR IGNORE INTO ils_learning (since) VALUES (?)')
  const duplicates = sql.prepare('SELECT kind, key, place, origin FROM ils_learned_duplicate')
  const ranges = sql.prepare('SELECT origin, epoch, first, last FROM ils_refused_range ORDER BY origin, first')
  const removeClaimants = sql.prepare('DELETE FROM ils_learned_duplicate WHERE kind = ? AND key = ?')
  const putClaimant = sql.prepare('INSERT INTO ils_learned_duplicate (kind, key, place, origin) VALUES (?, ?, ?, ?)')
  const putRange = sql.prepare(`INSERT INTO ils_refused_range (origin, first, last, epoch) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT DO UPDATE SET last = ?3, epoch = ?4`)
  const removeRange = sql.prepare('DELETE FROM ils_refused_range WHERE origin = ? AND first = ?')
  const clearRanges = sql.prepare('DELETE FROM ils_refused_range WHERE origin = ?')

  return {
    isLearning: () => learning.get() !== undefined,
    begin: (nowMs) => void setLearning.run(nowMs),
    end: () => sql.exec('DELETE FROM ils_learning; DELETE FROM ils_learned_duplicate; DELETE FROM ils_refused_range'),
    places() {
      const rows = duplicates.all() as unknown as { kind: string; key: string; place: number; origin: string }[]
      return new Map(rows.map((row) => [placeName(row), row.place]))
    },
    ranges: () => ranges.all() as unknown as RefusedRange[],
    setClaimants(kind, key, claimants) {
      removeClaimants.run(kind, key)
      if (claimants.length < 2) return
      for (const [place, { origin }] of claimants.entries()) putClaimant.run(kind, key, place, origin)
    },
    changeRange(change) {
      switch (change.type) {
        case 'put': {
          const { origin, first, last, epoch } = change.range
          putRange.run(origin, first, last, epoch)
          break
        }
        case 'remove':
          removeRange.run(change.origin, change.first)
          break
        case 'clear':
          clearRanges.run(change.origin)
      }
    },
  }
}

export function placeName({ origin, kind, key }: Pick<ObjectRecord, 'key'> & { origin: string; kind: string }): string {
  return `${origin} ${kind} ${key}`
}
