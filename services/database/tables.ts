import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import { DatabaseError, outsideWrite, sqliteCode } from './errors.ts'
import type { RowMemory } from './row-memory.ts'

const constraintViolated = 19

/** How repositories reach the tables: prepared statements are kept by their text, changes only happen inside `write`. */
export class Tables {
  readonly memory: RowMemory
  readonly #sql: DatabaseSync
  readonly #writing: () => boolean
  readonly #statements = new Map<string, StatementSync>()
  #changing = false

  constructor(sql: DatabaseSync, memory: RowMemory, writing: () => boolean) {
    this.#sql = sql
    this.memory = memory
    this.#writing = writing
  }

  /** First row or undefined. */
  one<Row>(text: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#statement(text).get(...values) as Row | undefined
  }

  all<Row>(text: string, ...values: SQLInputValue[]): Row[] {
    return this.#statement(text).all(...values) as Row[]
  }

  /** Rows one at a time, of a statement of its own, so that walks may overlap. */
  iterate<Row>(text: string, ...values: SQLInputValue[]): IterableIterator<Row> {
    return this.#sql.prepare(text).iterate(...values) as unknown as IterableIterator<Row>
  }

  /** Number of changed rows. Outside `change` the caller answers for what RowMemory holds. */
  run(text: string, ...values: SQLInputValue[]): number {
    if (!this.#writing()) throw outsideWrite('A change')
    const { changes } = this.#statement(text).run(...values)
    if (this.#changing) this.memory.forgetAll()
    return Number(changes)
  }

  /** An administrative change of `what`: all or nothing even where the caller carries on after an error, and nothing stays remembered. */
  change<T>(what: string, work: () => T): T {
    if (!this.#writing()) throw outsideWrite(`A change of ${what}`)
    this.#statement('SAVEPOINT change').run()
    this.#changing = true
    try {
      const value = work()
      this.#statement('RELEASE change').run()
      return value
    } catch (error) {
      this.#undoChange()
      throw translate(error, what)
    } finally {
      this.#changing = false
    }
  }

  #undoChange(): void {
    if (this.#sql.isTransaction) {
      this.#statement('ROLLBACK TO change').run()
      this.#statement('RELEASE change').run()
    }
    this.memory.forgetAll()
  }

  #statement(text: string): StatementSync {
    const known = this.#statements.get(text)
    if (known) return known
    const statement = this.#sql.prepare(text)
    this.#statements.set(text, statement)
    return statement
  }
}

function translate(error: unknown, what: string): unknown {
  if (sqliteCode(error) !== constraintViolated || !(error instanceof Error)) return error
  if (error.message.startsWith('FOREIGN KEY')) {
    return new DatabaseError('DATABASE_REFERENCED', `${what} is in use: something else names it`, { cause: error })
  }
  const code = error.message.startsWith('UNIQUE') ? 'DATABASE_DUPLICATE' : 'DATABASE_INVALID'
  return new DatabaseError(code, `${what}: ${error.message}`, { cause: error })
}

/** Rows in the order of `device`, as frozen lists. */
export function grouped<Row extends { readonly device: string }, V>(
  rows: readonly Row[],
  value: (row: Row) => V,
): ReadonlyMap<string, readonly V[]> {
  const lists = new Map<string, V[]>()
  for (const row of rows) {
    const list = lists.get(row.device)
    if (list) list.push(value(row))
    else lists.set(row.device, [value(row)])
  }
  for (const list of lists.values()) Object.freeze(list)
  return lists
}
