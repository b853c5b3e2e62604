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

/** What a source advertises of one kind, from behind the key `after` to the key `until`, or to the end. */
export interface AdvertisedRange {
  readonly source: string
  readonly kind: string
  readonly after: string
  readonly until?: string | undefined
}

/** No text comes after it. */
const lastKey = '\u{10ffff}'

type Name = Pick<AdvertisedRow, 'kind' | 'key'>
type Changed = readonly Name[]

/** Inside the caller's transaction. Of several sources with the same kind and key the first in alphabetical order counts. */
export class AdvertisedTable {
  readonly #ofSource: StatementSync
  readonly #ofRange: StatementSync
  readonly #keys: StatementSync
  readonly #first: StatementSync
  readonly #all: StatementSync
  readonly #names: StatementSync
  readonly #sourceAfter: StatementSync
  readonly #put: StatementSync
  readonly #remove: StatementSync

  /** Makes its table if it is not there. */
  constructor(sql: DatabaseSync) {
    sql.exec(schema)
    this.#ofSource = sql.prepare('SELECT kind, key, value FROM ils_advertised WHERE source = ?')
    this.#ofRange = sql.prepare(`SELECT kind, key, value FROM ils_advertised INDEXED BY ils_advertised_source
      WHERE source = ?1 AND kind = ?2 AND key > ?3 AND key <= ?4`)
    this.#keys = sql.prepare(`SELECT key FROM ils_advertised INDEXED BY ils_advertised_source
      WHERE source = ? AND kind = ? AND key > ? ORDER BY key LIMIT ?`)
    this.#first = sql.prepare('SELECT value FROM ils_advertised WHERE kind = ? AND key = ? ORDER BY source LIMIT 1')
    this.#all = sql.prepare('SELECT kind, key, value FROM ils_advertised ORDER BY kind, key, source')
    this.#names = sql.prepare(`SELECT DISTINCT kind, key FROM ils_advertised WHERE (kind, key) > (?, ?)
      ORDER BY kind, key LIMIT ?`)
    this.#sourceAfter = sql.prepare('SELECT min(source) AS source FROM ils_advertised WHERE source > ?')
    this.#put = sql.prepare(`INSERT INTO ils_advertised (kind, key, source, value) VALUES (?1, ?2, ?3, ?4)
      ON CONFLICT DO UPDATE SET value = ?4`)
    this.#remove = sql.prepare('DELETE FROM ils_advertised WHERE kind = ? AND key = ? AND source = ?')
  }

  /** Writes what this source advertises now, and returns what differs from before. */
  setSource(source: string, advertised: Iterable<Advertised>): Changed {
    return this.#replace(source, this.#ofSource.all(source) as unknown as AdvertisedRow[], advertised)
  }

  /** The same for a range, within which all that is given must be. */
  setRange({ source, kind, after, until }: AdvertisedRange, advertised: Iterable<Advertised>): Changed {
    const before = this.#ofRange.all(source, kind, after, until ?? lastKey) as unknown as AdvertisedRow[]
    return this.#replace(source, before, advertised)
  }

  /** The first keys of a range, in the order of their bytes. */
  keys({ source, kind, after }: AdvertisedRange, most: number): readonly string[] {
    return (this.#keys.all(source, kind, after, most) as { key: string }[]).map(({ key }) => key)
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

  /** What is advertised under any name behind this one; the table may change from one call to the next. */
  namesAfter({ kind, key }: Name, most: number): readonly Name[] {
    return this.#names.all(kind, key, most) as unknown as Name[]
  }

  /** All sources in alphabetical order; the table may change meanwhile. */
  *sources(): Generator<string> {
    let source: string | null = ''
    for (;;) {
      source = (this.#sourceAfter.get(source) as { source: string | null }).source
      if (source === null) return
      yield source
    }
  }

  #replace(source: string, rows: readonly AdvertisedRow[], advertised: Iterable<Advertised>): Changed {
    const before = new Map(rows.map((row) => [`${row.kind}\0${row.key}`, row]))
    const changed: Name[] = []
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
}
