// Work that is too much for one write: the first piece in the write that asks for it, the rest in writes of their own, between which
// others have their turns.
import { setTimeout } from 'node:timers/promises'
import type { ClusterDatabase } from '../../database/api.ts'
import type { Logger } from '../../service.ts'

/**
 * What brings the tables from whatever they are to what they should be. Yields how many rows it has looked at since it last did, between
 * steps that hold nothing over: others may write there, and it may begin again from the start.
 */
export type Pieces = () => Generator<number, void>

export interface PiecewiseOptions {
  readonly database: Pick<ClusterDatabase, 'write' | 'afterCommit'>
  readonly log: Pick<Logger, 'error'>
}

interface Job {
  readonly pieces: Pieces
  rest: Generator<number, void>
}

/** Of one write: some 20 ms of it. */
const pieceRows = 1000
/** After a write that failed; the disk may be full for long. */
const retryMs = 1000

export class Piecewise {
  readonly #options: PiecewiseOptions
  readonly #jobs = new Map<string, Job>()
  readonly #stopping = new AbortController()
  #running: Promise<void> | undefined

  constructor(options: PiecewiseOptions) {
    this.#options = options
  }

  /** Inside a write. It takes the place of what is under way by that name. */
  run(name: string, pieces: Pieces): void {
    const rest = pieces()
    const isDone = advance(rest)
    this.#options.database.afterCommit(() => {
      if (isDone) this.#jobs.delete(name)
      else this.#goOn(name, { pieces, rest })
    })
  }

  /** Outside of a write: all of it in writes of its own. */
  later(name: string, pieces: Pieces): void {
    this.#goOn(name, { pieces, rest: pieces() })
  }

  /** Resolves when the last write is through. What is not done by then is left to the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }

  #goOn(name: string, job: Job): void {
    this.#jobs.set(name, job)
    this.#running ??= this.#work().finally(() => (this.#running = undefined))
  }

  async #work(): Promise<void> {
    const { database, log } = this.#options
    for (;;) {
      const [entry] = this.#jobs
      if (entry === undefined || this.#stopping.signal.aborted) return
      const [name, job] = entry
      try {
        const isDone = await database.write(() => this.#stopping.signal.aborted || advance(job.rest))
        if (isDone && this.#jobs.get(name) === job) this.#jobs.delete(name)
      } catch (err) {
        if (this.#stopping.signal.aborted) return
        log.error({ err }, 'a part of what ILS advertises could not be written')
        // What it believed written is not.
        job.rest = job.pieces()
        await setTimeout(retryMs, undefined, { signal: this.#stopping.signal, ref: false }).catch(() => {})
      }
    }
  }
}

/** One piece; true when it was the last. */
function advance(rest: Generator<number, void>): boolean {
  for (let rows = 0; rows < pieceRows;) {
    const step = rest.next()
    if (step.done) return true
    rows += step.value
  }
  return false
}
