// How a simulated host writes: everything of one turn is one transaction, which may fail as a whole or in parts, and may take long.
import { DiskFailure } from './disk.ts'
import type { Disk } from './disk.ts'
import type { Process } from './process.ts'
import type { Random } from './random.ts'

export interface Write {
  readonly work: () => void
  readonly failed: (error: unknown) => void
  /** Part of the commit itself: what the oracle takes for durable. */
  readonly durable: () => void
  /** The host's own work may fail after its ILS change; the driver's fails inside the store only. */
  readonly hosts: boolean
}

interface Kept {
  readonly durable: () => void
  readonly effects: readonly (() => void)[]
}

/** After so long a stalled disk is asked again, which may have healed early. */
const longestWaitMs = 500

export interface GroupCommitOptions {
  readonly disk: Disk
  readonly process: Process
  readonly random: Random
  /** A cluster's commit is on disk (synchronous=FULL); a hub's may lose the last few (NORMAL), but none of its own records. */
  readonly synchronous: boolean
  readonly now: () => number
  /** The whole transaction was rolled back. */
  readonly rolledBack: () => void
}

export class GroupCommit {
  /** The next so many writes of the host, changes of others, and commits fail. */
  failWorks = 0
  failStores = 0
  failCommits = 0
  readonly #options: GroupCommitOptions
  #stalledUntil = 0
  #queue: Write[] = []
  #afterCommit: (() => void)[] = []
  /** Writes on the disk that belong to finished transactions: only those may outlive a crash. */
  #committed = 0

  constructor(options: GroupCommitOptions) {
    this.#options = options
  }

  get queued(): number {
    return this.#queue.length
  }

  write(write: Write): void {
    this.#queue.push(write)
    if (this.#queue.length === 1) this.#commitSoon()
  }

  afterCommit(effect: () => void): void {
    this.#afterCommit.push(effect)
  }

  /** No commit is finished for a while. */
  stall(ms: number): void {
    this.#stalledUntil = Math.max(this.#stalledUntil, this.#options.now() + ms)
  }

  /** The process died. A prefix of what was committed but not synced had reached the platter, perhaps not all of a transaction. */
  crash(): void {
    const { disk, random } = this.#options
    disk.crash(random.between(0, this.#committed))
    this.#committed = 0
    this.#queue = []
    this.forgive()
  }

  /** Nothing fails or waits any more. */
  forgive(): void {
    this.failWorks = 0
    this.failStores = 0
    this.failCommits = 0
    this.#stalledUntil = 0
  }

  #commitSoon(): void {
    const { process, random, now } = this.#options
    const stalledMs = Math.min(longestWaitMs, Math.max(0, this.#stalledUntil - now()))
    process.later(stalledMs + random.between(0, 2), () => {
      if (this.#stalledUntil > now()) this.#commitSoon()
      else this.#commit()
    })
  }

  #commit(): void {
    const { disk, process, synchronous, rolledBack } = this.#options
    const batch = this.#queue.splice(0)
    const start = disk.mark()
    const rejected: (() => void)[] = []
    const kept = batch.flatMap((write) => this.#runWork(write, rejected))
    process.boundary()
    if (this.failCommits > 0) {
      this.failCommits -= 1
      disk.undo(start)
      rolledBack()
      for (const { failed } of batch) failed(new DiskFailure('disk full'))
      return
    }
    const own = kept.some(({ effects }) => effects.length > 0)
    if (own || synchronous) disk.sync()
    this.#committed = disk.mark()
    for (const { durable } of kept) durable()
    for (const effect of [...kept.flatMap(({ effects }) => effects), ...rejected]) {
      process.boundary()
      effect()
    }
  }

  #runWork(write: Write, rejected: (() => void)[]): Kept[] {
    const { disk } = this.#options
    const mark = disk.mark()
    this.#afterCommit = []
    try {
      write.work()
      if (write.hosts && this.failWorks > 0) {
        this.failWorks -= 1
        throw new DiskFailure('refused after all')
      }
      return [{ durable: write.durable, effects: this.#afterCommit }]
    } catch (error) {
      if (!(error instanceof DiskFailure)) throw error
      disk.undo(mark)
      rejected.push(() => write.failed(error))
      return []
    }
  }
}
