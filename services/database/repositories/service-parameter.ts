import { randomUUID } from 'node:crypto'
import type { ServiceActivationRepository, ServiceParameterRepository } from '../api.ts'
import { flag } from '../references.ts'
import type { RowCache } from '../row-memory.ts'
import type { Tables } from '../tables.ts'

/** The one key under which the whole table is kept. */
const all = ''

/** Service parameters that are not at their default: `processconfig`. Few, and read at every login, so all are kept. */
export class ServiceParameters implements ServiceParameterRepository {
  readonly #tables: Tables
  readonly #kept: RowCache<ReadonlyMap<string, string>>
  readonly #changed: () => void
  /** `changed` runs inside each change, after it. */
  constructor(tables: Tables, changed: () => void) {
    this.#tables = tables
    this.#kept = tables.memory.cache()
    this.#changed = changed
  }

  get(service: string, name: string): string | undefined {
    return (this.#kept.get(all) ?? this.#read()).get(key(service, name))
  }

  set(service: string, name: string, value: string): void {
    this.#tables.change(`service parameter ${name}`, () => {
      this.#tables.run(
        `INSERT INTO processconfig (pkid, rl_service, paramname, paramvalue) VALUES (?, ?, ?, ?)
         ON CONFLICT (rl_service, paramname) DO UPDATE SET paramvalue = excluded.paramvalue`,
        randomUUID(),
        service,
        name,
        value,
      )
      this.#changed()
    })
  }

  #read(): ReadonlyMap<string, string> {
    const rows = this.#tables.all<{ rl_service: string; paramname: string; paramvalue: string }>(
      'SELECT rl_service, paramname, paramvalue FROM processconfig',
    )
    const values = new Map(rows.map((row) => [key(row.rl_service, row.paramname), row.paramvalue]))
    this.#kept.set(all, values)
    return values
  }
}

/** Which services an administrator switched on or off. */
export class ServiceActivation implements ServiceActivationRepository {
  readonly #tables: Tables
  constructor(tables: Tables) {
    this.#tables = tables
  }

  get(title: string): boolean | undefined {
    const row = this.#tables.one<{ active: 't' | 'f' }>(
      'SELECT active FROM rl_serviceactivation WHERE title = ?',
      title,
    )
    return row && row.active === 't'
  }

  set(title: string, active: boolean): void {
    this.#tables.change(`activation of ${title}`, () => {
      this.#tables.run(
        'INSERT INTO rl_serviceactivation (title, active) VALUES (?, ?) ON CONFLICT (title) DO UPDATE SET active = excluded.active',
        title,
        flag(active),
      )
    })
  }
}

function key(service: string, name: string): string {
  return `${service}\0${name}`
}
