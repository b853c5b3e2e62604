import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Logger } from '../service.ts'
import { DatabaseError, outsideWrite } from './errors.ts'
import type { RowMemory } from './row-memory.ts'

interface Queued {
  readonly work: () => unknown
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

/** A work that ran; it is answered only when the whole batch is on disk. */
interface Ran {
  readonly queued: Queued
  readonly effects: readonly (() => void)[]
  readonly value?: unknown
  readonly failure?: { readonly error: unknown }
}

/** What the write queue stands on. */
export interface GroupCommitParts {
  readonly sql: DatabaseSync
  readonly memory: RowMemory
  readonly log: Pick<Logger, 'error'>
}

/**
 * The queue behind `ClusterDatabase.write`: all works of one turn of the event loop share one transaction, and so one
 * fsync; where there are several, each has a savepoint of its own, so that one that throws takes only itself back.
 */
export class GroupCommit {
  readonly #sql: DatabaseSync
  readonly #memory: RowMemory
  readonly #log: Pick<Logger, 'error'>
  readonly #begin: StatementSync
  readonly #commit: StatementSync
  readonly #savepoint: StatementSync
  readonly #release: StatementSync
  readonly #undo: StatementSync
  readonly #rollback: StatementSync
  readonly #rollbackListeners = new Set<() => void>()
  #queue: Queued[] = []
  /** Effects of the work that is running; undefined between works. */
  #effects: (() => void)[] | undefined
  #closed = false

  constructor({ sql, memory, log }: GroupCommitParts) {
    this.#sql = sql
    this.#memory = memory
    this.#log = log
    this.#begin = sql.prepare('BEGIN IMMEDIATE')
    this.#commit = sql.prepare('COMMIT')
    this.#savepoint = sql.prepare('SAVEPOINT work')
    this.#release = sql.prepare('RELEASE work')
    this.#rollback = sql.prepare('ROLLBACK')
    this.#undo = sql.prepare('ROLLBACK TO work')
  }

  /** True while a work runs. */
  get writing(): boolean {
    return this.#effects !== undefined
  }

  write<T>(work: () => T): Promise<T> {
    if (this.writing) {
      throw new DatabaseError('DATABASE_NESTED_WRITE', 'write() was called inside a work: do it all in the one work')
    }
    if (this.#closed) return Promise.reject(new DatabaseError('DATABASE_CLOSED', 'The database is closed'))
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    if (this.#queue.length === 0) setImmediate(() => this.flush())
    this.#queue.push({ work, resolve, reject })
    return promise as Promise<T>
  }

  afterCommit(effect: () => void): void {
    if (!this.#effects) throw outsideWrite('afterCommit()')
    this.#effects.push(effect)
  }

  onRollback(listener: () => void): () => void {
    this.#rollbackListeners.add(listener)
    return () => this.#rollbackListeners.delete(listener)
  }

  /** Commits what is queued, now. */
  flush(): void {
    const batch = this.#queue
    if (batch.length === 0) return
    this.#queue = []
    let ran: readonly Ran[]
    try {
      this.#begin.run()
      ran = batch.map((queued) => this.#run(queued, batch.length === 1))
      if (!this.#isUndone(ran)) this.#commit.run()
    } catch (error) {
      this.#failBatch(batch, error)
      return
    }
    this.#answer(ran)
  }

  /** Commits what is queued and takes no more. */
  close(): void {
    this.flush()
    this.#closed = true
  }

  /**
   * A work that is alone in its batch needs no savepoint: it is undone with the transaction. Beside the two statements this spares a
   * large one, such as a seed, SQLite's record of every page it touches, which each change inside it would walk through.
   */
  #run(queued: Queued, alone: boolean): Ran {
    const effects: (() => void)[] = []
    if (!alone) this.#savepoint.run()
    this.#memory.workStarted()
    this.#effects = effects
    try {
      const value = queued.work()
      refuseThenable(value)
      if (!alone) this.#release.run()
      return { queued, effects, value }
    } catch (error) {
      return this.#undoWork(queued, alone, error)
    } finally {
      this.#effects = undefined
    }
  }

  #undoWork(queued: Queued, alone: boolean, error: unknown): Ran {
    // A full disk or an I/O error makes SQLite roll back the whole transaction, works that were fine included.
    if (!this.#sql.isTransaction) throw error
    if (alone) this.#rollback.run()
    else {
      this.#undo.run()
      this.#release.run()
    }
    this.#memory.workUndone()
    return { queued, effects: [], failure: { error } }
  }

  /** The one work of the batch took the transaction back with it. */
  #isUndone(ran: readonly Ran[]): boolean {
    return ran.length === 1 && ran[0]?.failure !== undefined
  }

  #answer(ran: readonly Ran[]): void {
    for (const { effects } of ran) for (const effect of effects) this.#guarded('An effect after a commit', effect)
    for (const { queued, value, failure } of ran) {
      if (failure) queued.reject(failure.error)
      else queued.resolve(value)
    }
  }

  #failBatch(batch: readonly Queued[], cause: unknown): void {
    if (this.#sql.isTransaction) this.#guarded('Rolling back', () => this.#sql.exec('ROLLBACK'))
    this.#memory.forgetAll()
    this.#log.error({ err: cause, works: batch.length }, 'a batch of writes could not be committed')
    for (const listener of this.#rollbackListeners) this.#guarded('A listener of onRollback', listener)
    const reason = cause instanceof Error ? cause.message : String(cause)
    for (const { reject } of batch) {
      reject(new DatabaseError('DATABASE_WRITE_FAILED', `Nothing was written: ${reason}`, { cause }))
    }
  }

  #guarded(what: string, act: () => void): void {
    try {
      act()
    } catch (error) {
      this.#log.error({ err: error }, `${what} failed`)
    }
  }
}

/** An asynchronous work would run on after its transaction is over. */
function refuseThenable(value: unknown): void {
  if (typeof value !== 'object' || value === null || !('then' in value)) return
  Promise.resolve(value).catch(() => {})
  throw new TypeError('A work given to write() must be synchronous, this one returned a promise')
}
