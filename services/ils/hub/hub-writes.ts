// How a hub that is no cluster writes: one transaction for everything of one turn of the event loop, as a cluster's database does.
import { closeSync, fdatasyncSync, openSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import type { IlsHost } from '../../../ils-sync/store/api.ts'

interface Queued {
  readonly work: () => unknown
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

export class HubWrites implements IlsHost {
  readonly #sql: DatabaseSync
  readonly #walPath: string
  #queue: Queued[] = []
  /** Of the work that is running. */
  #effects: (() => void)[] | undefined
  #closed = false

  /** `path` is the file that `sql` has open, in WAL mode. */
  constructor(sql: DatabaseSync, path: string) {
    this.#sql = sql
    this.#walPath = `${path}-wal`
  }

  write<T>(work: () => T): Promise<T> {
    if (this.#closed) return Promise.reject(new Error('the hub has stopped'))
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    if (this.#queue.length === 0) setImmediate(() => this.#commit())
    this.#queue.push({ work, resolve, reject })
    return promise as Promise<T>
  }

  afterCommit(effect: () => void): void {
    if (this.#effects === undefined) throw new Error('afterCommit outside of a write')
    this.#effects.push(effect)
  }

  /** Commits what is queued; later writes are rejected. Idempotent. */
  close(): void {
    if (this.#closed) return
    this.#commit()
    this.#closed = true
    this.#sql.close()
  }

  #commit(): void {
    const batch = this.#queue.splice(0)
    if (batch.length === 0 || this.#closed) return
    const effects: (() => void)[] = []
    const answers: (() => void)[] = []
    try {
      this.#sql.exec('BEGIN IMMEDIATE')
      for (const queued of batch) answers.push(this.#run(queued, effects))
      this.#sql.exec('COMMIT')
      if (effects.length > 0) this.#sync()
    } catch (error) {
      if (this.#sql.isTransaction) this.#sql.exec('ROLLBACK')
      for (const { reject } of batch) reject(error)
      return
    }
    for (const effect of effects) effect()
    for (const answer of answers) answer()
  }

  #run({ work, resolve, reject }: Queued, effects: (() => void)[]): () => void {
    const mine: (() => void)[] = []
    this.#effects = mine
    this.#sql.exec('SAVEPOINT work')
    try {
      const value = work()
      this.#sql.exec('RELEASE work')
      effects.push(...mine)
      return () => resolve(value)
    } catch (error) {
      // A full disk rolls back the whole transaction.
      if (!this.#sql.isTransaction) throw error
      this.#sql.exec('ROLLBACK TO work; RELEASE work')
      return () => reject(error)
    } finally {
      this.#effects = undefined
    }
  }

  /** With synchronous=NORMAL a commit outlives the process, but not the power. What effects send must outlive both. */
  #sync(): void {
    const wal = openSync(this.#walPath, 'r+')
    try {
      fdatasyncSync(wal)
    } finally {
      closeSync(wal)
    }
  }
}
