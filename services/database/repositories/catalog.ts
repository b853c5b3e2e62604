import { randomInt } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { CatalogEntryType } from '../dial-plan-api.ts'
import type { Catalog, CatalogEntry, CatalogPart, PatternFailover } from '../dial-plan-api.ts'
import { isPatternType, storedCatalogEntry, storedRouteString } from '../dial-plan-rules.ts'
import { DatabaseError } from '../errors.ts'
import type { Tables } from '../tables.ts'

/** `type` in the table is the place in this list, from 1. */
const types = Object.values(CatalogEntryType)

const longestName = 128

/** In `stripdigits`: the pattern itself is dialled. */
const usePattern = -1

interface EntryRow {
  readonly type: number
  readonly pattern: string
  readonly failover: string
  readonly stripDigits: number | null
}

interface CatalogRow extends Catalog {
  readonly id: number
  readonly content: number
}

const select = 'SELECT id, name, description, routestring AS routeString, content, entries FROM rl_catalog'

/** Contents of no catalog. */
const unnamed = 'SELECT id FROM rl_catalogcontent WHERE id NOT IN (SELECT content FROM rl_catalog)'

/** Read at a time, each page by a statement of its own: none stays open while others write. */
const pageEntries = 1000

/** Contents are never numbered alike: who reads one by pages would take another for it. */
const highestContent = 2 ** 48 - 1

/** Before anybody looks: what a process that died left of an import or a removal. */
export function clearLeftoverEntries(sql: DatabaseSync): void {
  sql.exec(`BEGIN; DELETE FROM rl_catalogentry WHERE content IN (${unnamed});
    DELETE FROM rl_catalogcontent WHERE id IN (${unnamed}); COMMIT`)
}

/** Imported Global Dial Plan Catalogs. */
export class Catalogs {
  readonly #tables: Tables
  /** Contents that are coming in, with the ID of the catalog that each is for. */
  readonly #importing = new Map<number, number>()
  constructor(tables: Tables) {
    this.#tables = tables
  }

  list(): readonly Catalog[] {
    return this.#tables.all<CatalogRow>(`${select} ORDER BY name`).map(catalogOf)
  }

  /** By type and pattern; nothing for an unknown catalog. Throws DATABASE_CHANGED when an import has replaced what was being read. */
  *entries(name: string): Generator<CatalogEntry> {
    const content = this.#find(name)?.content
    if (content === undefined) return
    for (const type of types) {
      let page: readonly CatalogEntry[] = []
      do {
        const after = page.at(-1)?.pattern ?? ''
        if (this.#find(name)?.content !== content) {
          throw new DatabaseError('DATABASE_CHANGED', `catalog ${name} was replaced while it was read: read it again`)
        }
        page = this.#page(content, { type, after, most: pageEntries })
        yield* page
      } while (page.length === pageEntries)
    }
  }

  page(name: string, part: CatalogPart): readonly CatalogEntry[] {
    const content = this.#find(name)?.content
    return content === undefined ? [] : this.#page(content, part)
  }

  insert({ name, description, routeString }: Omit<Catalog, 'entries'>): Catalog {
    const where = `catalog ${name}`
    return this.#tables.change(where, () => {
      if (name === '' || name.length > longestName) {
        throw new DatabaseError('DATABASE_INVALID', `A catalog has a name of 1 to ${longestName} characters`)
      }
      if (this.#find(name)) throw new DatabaseError('DATABASE_DUPLICATE', `There is a ${where} already`)
      const stored = storedRouteString(routeString, `route string of ${where}`)
      const text = 'INSERT INTO rl_catalog (name, description, routestring, content) VALUES (?, ?, ?, ?)'
      this.#tables.run(text, name, description, stored, this.#insertContent())
      return catalogOf(this.#existing(name))
    })
  }

  update(name: string, changes: Partial<Pick<Catalog, 'description' | 'routeString'>>): Catalog {
    const where = `catalog ${name}`
    return this.#tables.change(where, () => {
      const { id, description, routeString } = { ...this.#existing(name), ...changes }
      const text = 'UPDATE rl_catalog SET description = ?, routestring = ? WHERE id = ?'
      this.#tables.run(text, description, storedRouteString(routeString, `route string of ${where}`), id)
      return catalogOf(this.#existing(name))
    })
  }

  /** Throws DATABASE_INVALID for an entry that cannot be, DATABASE_DUPLICATE for one that is there twice. */
  replaceEntries(name: string, entries: Iterable<CatalogEntry>): Catalog {
    return this.#tables.change(`catalog ${name}`, () => {
      const content = this.beginImport(name)
      try {
        this.stage(content, entries)
        return this.finishImport(name, content)
      } finally {
        this.endImport(content)
        this.clear(Number.MAX_SAFE_INTEGER)
      }
    })
  }

  beginImport(name: string): number {
    const { id } = this.#existing(name)
    const content = this.#insertContent()
    this.#importing.set(content, id)
    return content
  }

  /** Outside `change`: nothing that RowMemory holds is made of what does not count yet. */
  stage(content: number, entries: Iterable<CatalogEntry>): void {
    for (const entry of entries) this.#insertEntry(content, storedCatalogEntry(entry, 'the catalog'))
  }

  finishImport(name: string, content: number): Catalog {
    const { id } = this.#existing(name)
    if (this.#importing.get(content) !== id) {
      throw new DatabaseError('DATABASE_NOT_FOUND', `catalog ${name} was removed while it was imported`)
    }
    const text = `UPDATE rl_catalog SET content = ?1,
      entries = (SELECT count(*) FROM rl_catalogentry WHERE content = ?1) WHERE id = ?2`
    this.#tables.run(text, content, id)
    return catalogOf(this.#existing(name))
  }

  endImport(content: number): void {
    this.#importing.delete(content)
  }

  /** False when nothing is left over. */
  clear(most: number): boolean {
    const left = this.#tables.all<{ id: number }>(unnamed).filter(({ id }) => !this.#importing.has(id))
    const [first, ...more] = left
    if (!first) return false
    const text = `DELETE FROM rl_catalogentry WHERE (content, type, pattern) IN
      (SELECT content, type, pattern FROM rl_catalogentry WHERE content = ? LIMIT ?)`
    if (this.#tables.run(text, first.id, most) === most) return true
    this.#tables.run('DELETE FROM rl_catalogcontent WHERE id = ?', first.id)
    return more.length > 0
  }

  /** What was in it is left over. */
  remove(name: string): boolean {
    const text = 'DELETE FROM rl_catalog WHERE name = ?'
    return this.#tables.change(`catalog ${name}`, () => this.#tables.run(text, name) > 0)
  }

  #page(content: number, { type, after, most }: CatalogPart): readonly CatalogEntry[] {
    const text = `SELECT type, pattern, failover, stripdigits AS stripDigits FROM rl_catalogentry
      WHERE content = ? AND type = ? AND pattern > ? ORDER BY pattern LIMIT ?`
    return this.#tables.all<EntryRow>(text, content, numberOf(type), after, most).map(entryOf)
  }

  #insertContent(): number {
    const content = randomInt(highestContent)
    this.#tables.run('INSERT INTO rl_catalogcontent (id) VALUES (?)', content)
    return content
  }

  #insertEntry(content: number, { type, pattern, failover }: CatalogEntry): void {
    const isNew = this.#tables.run(
      `INSERT INTO rl_catalogentry (content, type, pattern, failover, stripdigits) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO NOTHING`,
      content,
      numberOf(type),
      pattern,
      typeof failover === 'string' ? failover : prependedBy(failover),
      typeof failover === 'string' ? null : strippedBy(failover),
    )
    if (isNew === 0) throw new DatabaseError('DATABASE_DUPLICATE', `the catalog has the ${type} ${pattern} twice`)
  }

  #find(name: string): CatalogRow | undefined {
    return this.#tables.one<CatalogRow>(`${select} WHERE name = ?`, name)
  }

  #existing(name: string): CatalogRow {
    const found = this.#find(name)
    if (!found) throw new DatabaseError('DATABASE_NOT_FOUND', `There is no catalog ${name}`)
    return found
  }
}

function numberOf(type: CatalogEntryType): number {
  return types.indexOf(type) + 1
}

function catalogOf({ name, description, routeString, entries }: CatalogRow): Catalog {
  return Object.freeze({ name, description, routeString, entries })
}

function prependedBy(failover: PatternFailover): string {
  return failover.use === 'Strip Digits and Prepend Digits' ? failover.prependDigits : ''
}

function strippedBy(failover: PatternFailover): number | null {
  if (failover.use === 'Strip Digits and Prepend Digits') return failover.stripDigits
  return failover.use === 'Use Pattern as PSTN Failover' ? usePattern : null
}

function entryOf({ type: number, pattern, failover, stripDigits }: EntryRow): CatalogEntry {
  const type = types[number - 1] ?? CatalogEntryType.directoryUri
  return { type, pattern, failover: isPatternType(type) ? ruleOf(failover, stripDigits) : failover }
}

function ruleOf(prependDigits: string, stripDigits: number | null): PatternFailover {
  if (stripDigits === null) return { use: "Don't Use PSTN Failover" }
  if (stripDigits === usePattern) return { use: 'Use Pattern as PSTN Failover' }
  return { use: 'Strip Digits and Prepend Digits', stripDigits, prependDigits }
}
