// A simulated disk: what a running process sees, and what is left of it after a crash.
import type { StoreChange } from '../../ils-sync/core/record.ts'
import { createMemoryStore } from '../../ils-sync/store/memory.ts'
import type { MemoryStore } from '../../ils-sync/store/memory.ts'

/** One write to the tables of a cluster: ILS records, or the logins that Extension Mobility keeps beside them. */
export type DiskWrite =
  | { readonly type: 'ils'; readonly change: StoreChange }
  | { readonly type: 'login'; readonly userId: string; readonly loggedIn: boolean }

class Tables {
  ils: MemoryStore = createMemoryStore()
  readonly loggedIn = new Set<string>()

  apply(write: DiskWrite): void {
    if (write.type === 'ils') this.ils.apply(write.change)
    else if (write.loggedIn) this.loggedIn.add(write.userId)
    else this.loggedIn.delete(write.userId)
  }

  copy(): Tables {
    const copy = new Tables()
    copy.ils = this.ils.fork()
    for (const userId of this.loggedIn) copy.loggedIn.add(userId)
    return copy
  }
}

export class Disk {
  /** As the process sees it: with what is not yet synced, and not yet committed. */
  tables = new Tables()
  #durable = new Tables()
  #journal: DiskWrite[] = []

  write(write: DiskWrite): void {
    this.#journal.push(write)
    this.tables.apply(write)
  }

  /** A savepoint to undo to. */
  mark(): number {
    return this.#journal.length
  }

  undo(mark: number): void {
    this.#journal.length = mark
    this.#rebuild()
  }

  /** Makes the first `count` unsynced writes survive a crash; all by default. */
  sync(count = this.#journal.length): void {
    for (const write of this.#journal.splice(0, count)) this.#durable.apply(write)
  }

  /** What was not synced is gone. */
  crash(): void {
    this.#journal = []
    this.#rebuild()
  }

  wipe(): void {
    this.#durable = new Tables()
    this.crash()
  }

  #rebuild(): void {
    this.tables = this.#durable.copy()
    for (const write of this.#journal) this.tables.apply(write)
  }
}
