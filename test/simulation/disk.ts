// A simulated disk: what a running process sees, and what is left of it after a crash.
import type { StoreChange, Version } from '../../ils-sync/core/data/record.ts'
import { createMemoryStore } from '../../ils-sync/store/memory.ts'
import type { MemoryStore } from '../../ils-sync/store/memory.ts'

/** One write to the tables of a cluster: ILS records, or the logins that Extension Mobility keeps beside them. */
export type DiskWrite =
  | { readonly type: 'ils'; readonly change: StoreChange }
  | { readonly type: 'login'; readonly userId: string; readonly loggedIn: boolean }

/** What the simulated disk does on purpose. Anything else that a write throws is a fault of the core, or a broken promise. */
export class DiskFailure extends Error {}

export class Tables {
  readonly ils: MemoryStore
  readonly loggedIn: Set<string>

  constructor(ils: MemoryStore, loggedIn: Iterable<string> = []) {
    this.ils = ils
    this.loggedIn = new Set(loggedIn)
  }

  apply(write: DiskWrite): void {
    if (write.type === 'ils') this.ils.apply(write.change)
    else if (write.loggedIn) this.loggedIn.add(write.userId)
    else this.loggedIn.delete(write.userId)
  }

  copy(): Tables {
    return new Tables(this.ils.fork(), this.loggedIn)
  }
}

export class Disk {
  /** As the process sees it: with what is not yet synced, and not yet committed. */
  tables: Tables
  readonly #id: string
  #stores = 0
  #durable: Tables
  #journal: DiskWrite[] = []

  /** Of the node with that ID. */
  constructor(id: string) {
    this.#id = id
    this.#durable = this.#empty()
    this.tables = this.#durable.copy()
  }

  write(write: DiskWrite): void {
    this.#journal.push(write)
    this.tables.apply(write)
  }

  /** A savepoint to undo to: how many writes are not yet synced. */
  mark(): number {
    return this.#journal.length
  }

  undo(mark: number): void {
    if (mark === this.#journal.length) return
    this.#journal.length = mark
    this.#rebuild()
  }

  /** All that was written survives a crash from here on. */
  sync(): void {
    for (const write of this.#journal) this.#durable.apply(write)
    this.#journal = []
  }

  /** Of what was not synced, the first `kept` writes had reached the platter. */
  crash(kept: number): void {
    this.#journal.length = Math.min(kept, this.#journal.length)
    this.sync()
    this.#rebuild()
  }

  /** How much of an origin would survive. */
  durableVersion(origin: string): Version | undefined {
    return this.#durable.ils.version(origin)
  }

  /** What a backup would hold. */
  image(): Tables {
    return this.#durable.copy()
  }

  /** The process must be down. */
  restore(image: Tables): void {
    this.#durable = image.copy()
    this.#journal = []
    this.#rebuild()
  }

  /** Another disk, with nothing on it. */
  wipe(): void {
    this.restore(this.#empty())
  }

  #empty(): Tables {
    this.#stores += 1
    return new Tables(createMemoryStore([], `${this.#id}-store${this.#stores}`))
  }

  #rebuild(): void {
    this.tables = this.#durable.copy()
    for (const write of this.#journal) this.tables.apply(write)
  }
}
