import { CatalogEntryType } from '../dial-plan-api.ts'
import type { Catalog, CatalogEntry, PatternFailover } from '../dial-plan-api.ts'
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
}

const select = 'SELECT id, name, description, routestring AS routeString, entries FROM rl_catalog'

/** Imported Global Dial Plan Catalogs. */
export class Catalogs {
  readonly #tables: Tables
  constructor(tables: Tables) {
    this.#tables = tables
  }

  list(): readonly Catalog[] {
    return this.#tables.all<CatalogRow>(`${select} ORDER BY name`).map(catalogOf)
  }

  /** By type and pattern; nothing for an unknown catalog. */
  *entries(name: string): Generator<CatalogEntry> {
    const catalog = this.#find(name)
    if (!catalog) return
    const text = `SELECT type, pattern, failover, stripdigits AS stripDigits FROM rl_catalogentry WHERE catalog = ?
      ORDER BY type, pattern`
    for (const row of this.#tables.iterate<EntryRow>(text, catalog.id)) yield entryOf(row)
  }

  insert({ name, description, routeString }: Omit<Catalog, 'entries'>): Catalog {
    const where = `catalog ${name}`
    return this.#tables.change(where, () => {
      if (name === '' || name.length > longestName) {
        throw new DatabaseError('DATABASE_INVALID', `A catalog has a name of 1 to ${longestName} characters`)
      }
      if (this.#find(name)) throw new DatabaseError('DATABASE_DUPLICATE', `There is a ${where} already`)
      const text = 'INSERT INTO rl_catalog (name, description, routestring) VALUES (?, ?, ?)'
      this.#tables.run(text, name, description, storedRouteString(routeString, `route string of ${where}`))
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
    const where = `catalog ${name}`
    return this.#tables.change(where, () => {
      const { id } = this.#existing(name)
      this.#tables.run('DELETE FROM rl_catalogentry WHERE catalog = ?', id)
      let count = 0
      for (const entry of entries) {
        this.#insertEntry(id, storedCatalogEntry(entry, where), where)
        count++
      }
      this.#tables.run('UPDATE rl_catalog SET entries = ? WHERE id = ?', count, id)
      return catalogOf(this.#existing(name))
    })
  }

  remove(name: string): boolean {
    const text = 'DELETE FROM rl_catalog WHERE name = ?'
    return this.#tables.change(`catalog ${name}`, () => this.#tables.run(text, name) > 0)
  }

  #insertEntry(catalog: number, { type, pattern, failover }: CatalogEntry, where: string): void {
    const isNew = this.#tables.run(
      `INSERT INTO rl_catalogentry (catalog, type, pattern, failover, stripdigits) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO NOTHING`,
      catalog,
      types.indexOf(type) + 1,
      pattern,
      typeof failover === 'string' ? failover : prependedBy(failover),
      typeof failover === 'string' ? null : strippedBy(failover),
    )
    if (isNew === 0) throw new DatabaseError('DATABASE_DUPLICATE', `${where}: the ${type} ${pattern} is there twice`)
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
