// Carries the core's effects out, in order. What is asynchronous about it is injected, so that the simulation runs this very code.
import { createCore, handle } from './core/core.ts'
import type { Notice } from './core/notice.ts'
import { hasOutgoing } from './core/outbox.ts'
import { abandonEpoch } from './core/own-changes.ts'
import type { IlsRecord, StoreChange } from './core/record.ts'
import type { CoreEvent, CoreOptions, CoreState, Effect } from './core/state.ts'
import type { IlsStore } from './store/api.ts'

export interface DriverOptions {
  readonly core: CoreOptions
  readonly store: IlsStore
  /** Queues `work` for the host's next transaction; `failed` runs when nothing of it was kept. */
  readonly write: (work: () => void, failed: (error: unknown) => void) => void
  /**
   * Runs `action` after a while: what others wrote meanwhile goes to disk with it. A replica that dies first pulls it again, so
   * nobody waits for these writes, and they need not compete with those that somebody does wait for.
   */
  readonly gather: (action: () => void) => void
  /** Inside a write: runs `effect` once it is on disk, not at all if it fails. */
  readonly afterCommit: (effect: () => void) => void
  readonly send: (to: string, bytes: Buffer) => void
  /** Runs `action` at the end of the turn: what arrived together leaves together. */
  readonly defer: (action: () => void) => void
  /** Monotonic milliseconds. */
  readonly now: () => number
  readonly onNotice: (notice: Notice) => void
  readonly onStoreError: (error: unknown) => void
}

export class Driver {
  readonly state: CoreState
  readonly #options: DriverOptions
  /** Changes of other origins, on their way to the disk. */
  #unstored: StoreChange[] = []
  #storing = false
  /** Between a failed write and the reload: what memory holds must not reach the disk any more. */
  #failed = false
  #flushing = false
  #stopped = false

  /** The store must hold the own origin, see `found`. */
  constructor(options: DriverOptions) {
    this.#options = options
    this.state = createCore(options.core, options.store.load())
  }

  run(event: CoreEvent): void {
    if (this.#stopped && event.type !== 'change' && event.type !== 'committed') return
    for (const effect of handle(this.state, event, this.#options.now())) this.#carryOut(effect)
    this.#flushSoon()
  }

  /** Forgets what is not on disk. Holes on disk would never be found again, so nothing that was queued is kept. */
  reload(): void {
    this.#unstored = []
    this.#failed = false
    this.run({ type: 'reload', stored: this.#options.store.load() })
  }

  /** No messages and no sending any more. Own changes are still numbered and stored, and go out after the next start. */
  stop(): void {
    this.#stopped = true
  }

  *records(): Generator<IlsRecord> {
    const { replica } = this.state
    for (const origin of replica.origins()) yield* replica.records(origin)
  }

  #carryOut(effect: Effect): void {
    const { store, afterCommit, send, onNotice } = this.#options
    switch (effect.type) {
      case 'own':
        store.apply(effect.change)
        afterCommit(() => this.run({ type: 'committed', token: effect.token }))
        break
      case 'store':
        this.#storeSoon(effect.change)
        break
      case 'lostData':
        this.#adoptEpoch(effect)
        break
      case 'send':
        if (!this.#stopped) send(effect.to, effect.bytes)
        break
      case 'notify':
        onNotice(effect.notice)
    }
  }

  /** One write for all that waits. */
  #storeSoon(change: StoreChange): void {
    if (this.#failed) return
    this.#unstored.push(change)
    if (this.#storing) return
    this.#storing = true
    this.#options.gather(() =>
      this.#keep(() => {
        this.#storing = false
        for (const one of this.#unstored.splice(0)) this.#options.store.apply(one)
      }),
    )
  }

  #flushSoon(): void {
    if (this.#flushing || this.#stopped || !hasOutgoing(this.state)) return
    this.#flushing = true
    this.#options.defer(() => {
      this.#flushing = false
      this.run({ type: 'flush' })
    })
  }

  #adoptEpoch({ seen, peer }: { seen: number; peer: string }): void {
    const { store, core, onNotice } = this.#options
    this.#keep(() => {
      const before = { ...this.state.own }
      if (before.epoch > seen) return
      try {
        this.run({ type: 'adoptEpoch', seen, records: store.records(core.self) })
        onNotice({ type: 'lostData', peer, epoch: this.state.own.epoch })
      } catch (error) {
        abandonEpoch(this.state, before)
        throw error
      }
    })
  }

  #keep(work: () => void): void {
    const { write, onStoreError } = this.#options
    const guarded = () => {
      try {
        work()
      } catch (error) {
        this.#failed = true
        throw error
      }
    }
    write(guarded, (error) => {
      this.#storing = false
      onStoreError(error)
      if (!this.#stopped) this.reload()
    })
  }
}

/** Inside a write: gives a new store its own origin. The epoch rises from one store to the next, unless the clock was set back. */
export function found(store: IlsStore, self: string, wallMs: number): void {
  if (store.version(self) !== undefined) return
  store.apply({
    type: 'replace',
    origin: self,
    version: { epoch: Math.max(1, Math.floor(wallMs)), usn: 0 },
    records: [],
  })
}
