import { randomUUID } from 'node:crypto'
import type { PhoneService, PhoneServiceRepository } from '../api.ts'
import { DatabaseError } from '../errors.ts'
import { flag } from '../references.ts'
import type { Tables } from '../tables.ts'

type Row = Omit<PhoneService, 'enabled'> & { readonly enabled: 't' | 'f' }

const select = 'SELECT name, urltemplate AS url, secureurltemplate AS secureUrl, enabled FROM telecasterservice'

/** IP phone services: `telecasterservice`. */
export class PhoneServices implements PhoneServiceRepository {
  readonly #tables: Tables
  constructor(tables: Tables) {
    this.#tables = tables
  }

  find(name: string): PhoneService | undefined {
    const row = this.#tables.one<Row>(`${select} WHERE name = ?`, name)
    return row && phoneService(row)
  }

  list(): readonly PhoneService[] {
    return this.#tables.all<Row>(`${select} ORDER BY name`).map(phoneService)
  }

  /** Throws DATABASE_DUPLICATE. */
  insert({ name, url, secureUrl, enabled }: PhoneService): void {
    this.#tables.change(`phone service ${name}`, () => {
      if (this.find(name)) throw new DatabaseError('DATABASE_DUPLICATE', `There is a phone service ${name} already`)
      this.#tables.run(
        'INSERT INTO telecasterservice (pkid, name, urltemplate, secureurltemplate, enabled) VALUES (?, ?, ?, ?, ?)',
        randomUUID(),
        name,
        url,
        secureUrl,
        flag(enabled),
      )
    })
  }
}

function phoneService(row: Row): PhoneService {
  return { ...row, enabled: row.enabled === 't' }
}
