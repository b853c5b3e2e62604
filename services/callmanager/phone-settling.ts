// After a change of the tables the phones follow. Which phones a change has reached is known by name or by their version stamps, so
// that a change costs what it changed; and it is looked at in slices, because twenty thousand new phones take seconds to register.
import type { ClusterDatabase } from '../database/api.ts'
import { foldName } from '../database/row-memory.ts'

/** How long a slice may keep the event loop, in milliseconds. */
const sliceMs = 8
/** Version stamps that are read at once. */
const pageSize = 500

export interface SettlingOptions {
  readonly database: Pick<ClusterDatabase, 'devices' | 'lines'>
  /** Makes one phone follow what the tables say of it now; also for one that is new or gone. */
  readonly follow: (deviceName: string) => void
  /** With which the phone was compared last; undefined for one that is not known yet. */
  readonly stampOf: (deviceName: string) => string | undefined
  /** All phones that are known. */
  readonly known: () => readonly string[]
  readonly onError: (error: unknown) => void
}

/** Runs through all phones by name. */
interface Sweep {
  after: string
  readonly seen: Set<string>
}

/** What has not been compared with the tables yet. Whoever asks for a phone has it compared first. */
export class Settling {
  readonly #options: SettlingOptions
  /** Folded name → name. */
  readonly #named = new Map<string, string>()
  #sweep: Sweep | undefined
  /** Something changed behind the sweep's back. */
  #sweepAgain = false
  #next: NodeJS.Immediate | undefined

  constructor(options: SettlingOptions) {
    this.#options = options
  }

  /** These phones may have changed, or any. They are looked at soon. */
  changed(deviceNames?: readonly string[]): void {
    if (deviceNames !== undefined) for (const name of deviceNames) this.#named.set(foldName(name), name)
    else if (this.#sweep === undefined) this.#sweep = newSweep()
    else if (this.#sweep.after !== '') this.#sweepAgain = true
    this.#goOnSoon()
  }

  /** Nothing is looked at any more. */
  stop(): void {
    clearImmediate(this.#next)
    this.#next = undefined
    this.#forget()
  }

  one(deviceName: string): void {
    const wasNamed = this.#named.delete(foldName(deviceName))
    if (wasNamed || this.#sweep !== undefined) this.#options.follow(deviceName)
  }

  /** Whoever shows this number now or did before, which are the `showing`. */
  withLine(dn: string, showing: Iterable<string>): void {
    if (!this.#isOpen) return
    for (const name of new Set([...showing, ...this.#options.database.lines.shownOn(dn)])) this.one(name)
  }

  all(): void {
    while (this.#isOpen) this.#slice(Number.POSITIVE_INFINITY)
  }

  get #isOpen(): boolean {
    return this.#sweep !== undefined || this.#named.size > 0
  }

  #goOnSoon(): void {
    if (this.#next !== undefined || !this.#isOpen) return
    this.#next = setImmediate(() => {
      this.#next = undefined
      try {
        this.#slice(performance.now() + sliceMs)
      } catch (error) {
        this.#forget()
        this.#options.onError(error)
      }
      this.#goOnSoon()
    })
  }

  #slice(until: number): void {
    for (const name of this.#named.values()) {
      this.one(name)
      if (performance.now() > until) return
    }
    const sweep = this.#sweep
    if (sweep !== undefined && this.#goThrough(sweep, until)) this.#finish(sweep)
  }

  /** True once every phone of the tables was seen. */
  #goThrough(sweep: Sweep, until: number): boolean {
    const { database, stampOf, follow } = this.#options
    for (;;) {
      const page = database.devices.versionStamps(sweep.after, pageSize)
      for (const { name, versionStamp } of page) {
        sweep.after = name
        sweep.seen.add(foldName(name))
        if (stampOf(name) === versionStamp) continue
        follow(name)
        if (performance.now() > until) return false
      }
      if (page.length < pageSize) return true
      if (performance.now() > until) return false
    }
  }

  #finish({ seen }: Sweep): void {
    this.#sweep = this.#sweepAgain ? newSweep() : undefined
    this.#sweepAgain = false
    for (const name of this.#options.known()) if (!seen.has(foldName(name))) this.#options.follow(name)
  }

  #forget(): void {
    this.#named.clear()
    this.#sweep = undefined
    this.#sweepAgain = false
  }
}

function newSweep(): Sweep {
  return { after: '', seen: new Set() }
}
