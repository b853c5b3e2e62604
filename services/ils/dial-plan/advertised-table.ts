// Which part of this cluster's dial plan advertises what: a table of ours, so that one change is found without looking at the others,
// and is undone with the transaction that made it.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Advertised } from './advertised.ts'

const schema = `
  CREATE TABLE IF NOT EXISTS ils_advertised (
    kind TEXT NOT NULL, key TEXT NOT NULL, source TEXT NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (kind, key, source)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS ils_advertised_source ON ils_advertised (source);`

/** A record to be, its value as JSON. */
export interface AdvertisedRow {
  readonly kind: string
  readonly key: string
  readonly value: string
}

/** Inside the caller's transaction. Of several sources with the same kind and key the first in alphabetical order counts. */
export class AdvertisedTable {
  readonly #ofSource: StatementSync
  readonly #first: StatementSync
  readonly #all: StatementSync
  readonly #sources: StatementSync
  readonly #put: StatementSync
  readonly #remove: StatementSync
  readonly #clear: StatementSync

  /** Makes its table if it is not there. */
  constructor(sql: DatabaseSync) {
    sql.exec(schema)
    this.#ofSource = sql.prepare('SELECT kind, key, value FROM ils_advertised WHERE source = ?')
    this.#first = sql.prepare('SELECT value FROM ils_advertised WHERE kind = ? AND key = ? ORDER BY source LIMIT 1')
    this.#all = sql.prepare('SELECT kind, key, value FROM ils_advertised ORDER BY kind, key, source')
    this.#sources = sql.prepare('SELECT DISTINCT source FROM ils_advertised')
    this.#put = sql.prepare(`INSERT INTO ils_advertised (kind, key, source, value) VALUES (?1, ?2, ?3, ?4)
      ON CONFLICT DO UPDATE SET value = ?4`)
    this.#remove = sql.prepare('DELETE FROM ils_advertised WHERE kind = ? AND key = ? AND source = ?')
    this.#clear = sql.prepare('DELETE FROM ils_advertised')
  }

  /** Writes what this source advertises now, and returns what differs from before. */
  setSource(source: string, advertised: Iterable<Advertised>): readonly Pick<AdvertisedRow, 'kind' | 'key'>[] {
    const before = new Map<string, AdvertisedRow>()
    for (const row of this.#ofSource.iterate(source) as Iterable<unknown> as Iterable<AdvertisedRow>) {
      before.set(`${row.kind}\0${row.key}`, row)
    }
    const changed: Pick<AdvertisedRow, 'kind' | 'key'>[] = []
    for (const { kind, key, value } of advertised) {
      const text = JSON.stringify(value)
      const name = `${kind}\0${key}`
      const known = before.get(name)?.value
      before.delete(name)
      if (known === text) continue
      this.#put.run(kind, key, source, text)
      changed.push({ kind, key })
    }
    for (const { kind, key } of before.values()) {
      this.#remove.run(kind, key, source)
      changed.push({ kind, key })
    }
    return changed
  }

  /** The value that counts; undefined when nobody advertises that any more. */
  valueOf(kind: string, key: string): string | undefined {
    return (this.#first.get(kind, key) as { value: string } | undefined)?.value
  }

  /** Everything that counts. The table must not change meanwhile. */
  *values(): Generator<AdvertisedRow> {
    let last: AdvertisedRow | undefined
    for (const row of this.#all.iterate() as Iterable<unknown> as Iterable<AdvertisedRow>) {
      if (last?.kind !== row.kind || last.key !== row.key) yield row
      last = row
    }
  }

  sources(): readonly string[] {
    return (this.#sources.all() as { source: string }[]).map(({ source }) => source)
  }

  clear(): void {
    this.#clear.run()
  }
}
