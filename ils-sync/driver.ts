// Carries the core's effects out, in order. What is asynchronous about it is injected, so that the simulation runs this very code.
import { createCore, handle } from './core/core.ts'
import { limits } from './core/limits.ts'
import type { Notice } from './core/notice.ts'
import { hasOutgoing } from './core/replication/outbox.ts'
import { abandonEpoch } from './core/replication/own-changes.ts'
import { isLearning } from './core/replication/synchronization.ts'
import type { IlsRecord, StoreChange } from './core/data/record.ts'
import type { CoreEvent, CoreOptions, CoreState, Effect, Membership } from './core/state.ts'
import type { IlsStore } from './store/api.ts'

export interface DriverOptions {
  readonly core: CoreOptions
  readonly store: IlsStore
  /** Queues `work` for the host's next transaction; `failed` runs when nothing of it was kept. */
  readonly write: (work: () => void, failed: (error: unknown) => void) => void
  /**
   * Runs `action` after a while: what others wrote meanwhile goes to disk with it. A replica that dies first pulls it again, so
   * nobody waits for these writes, and they need not compete with those that somebody does wait for. `soon`: there is more to
   * store than one write takes, so only others' turns are waited for.
   */
  readonly gather: (action: () => void, soon: boolean) => void
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

/** About a tenth of a second of a disk's time. */
const recordsPerWrite = 20_000
/** In times that are gathered. */
const longestPostponement = 40

export class Driver {
  readonly state: CoreState
  readonly #options: DriverOptions
  /** Changes of other origins, on their way to the disk. */
  #unstored: StoreChange[] = []
  #storing = false
  #postponed = 0
  /** Between a failed write and the reload: what memory holds must not reach the disk any more. */
  #failed = false
  /** The reload failed as well. Each tick tries again. */
  #unread = false
  #flushing = false
  #stopped = false

  /** The store must hold the own origin, see `found`; `stored` is all that it holds. */
  constructor(options: DriverOptions, stored = options.store.load()) {
    this.#options = options
    this.state = createCore(options.core, stored)
  }

  run(event: CoreEvent): void {
    if (this.#stopped && event.type !== 'change' && event.type !== 'committed') return
    if (this.#unread && event.type === 'tick') this.reload()
    for (const effect of handle(this.state, event, this.#options.now())) this.#carryOut(effect)
    this.#flushSoon()
  }

  /**
   * Forgets what is not on disk. Holes on disk would never be found again, so nothing that was queued is kept. Where the disk cannot even
   * be read, that is told once and tried again with every tick; until then memory goes on, and nothing of others is stored.
   */
  reload(): void {
    this.#unstored = []
    this.#failed = true
    let stored
    try {
      stored = this.#options.store.load()
    } catch (error) {
      if (!this.#unread) this.#options.onStoreError(error)
      this.#unread = true
      return
    }
    this.#failed = false
    this.#unread = false
    this.run({ type: 'reload', stored })
  }

  /** Inside the host's write: another place in the network, taken once the write is on disk. */
  changeMembership(membership: Membership): void {
    const { store, core } = this.#options
    const before = { ...this.state.own }
    try {
      this.run({ type: 'membership', membership, records: store.records(core.self) })
    } catch (error) {
      abandonEpoch(this.state, before)
      throw error
    }
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
      case 'renumber':
        this.#adoptEpoch(effect)
        break
      case 'raise':
        this.#keep(() => this.run({ type: 'raise' }))
        break
      case 'send':
        if (!this.#stopped) send(effect.to, effect.bytes)
        break
      case 'notify':
        onNotice(effect.notice)
    }
  }

  #storeSoon(change: StoreChange): void {
    if (this.#failed) return
    this.#unstored.push(change)
    if (this.#storing) return
    this.#storing = true
    this.#gather(false)
  }

  #gather(soon: boolean): void {
    this.#options.gather(() => this.#storeGathered(), soon)
  }

  /** One write for all that waits; of very much, one for each part, so that others get their turns in between. */
  #storeGathered(): void {
    // Pages that follow on one another are more urgent. Memory has them already, so what waits costs next to nothing.
    if (isLearning(this.state) && ++this.#postponed < longestPostponement && !this.#stopped) return this.#gather(false)
    this.#postponed = 0
    this.state.replica.index(limits.indexedPerTick)
    this.#keep(() => {
      const most = this.#stopped ? Number.POSITIVE_INFINITY : recordsPerWrite
      for (const one of takeChanges(this.#unstored, most)) this.#options.store.apply(one)
      this.#storing = this.#unstored.length > 0
      if (this.#storing) this.#gather(true)
    })
  }

  #flushSoon(): void {
    if (this.#flushing || this.#stopped || !hasOutgoing(this.state)) return
    this.#flushing = true
    this.#options.defer(() => {
      this.#flushing = false
      this.run({ type: 'flush' })
    })
  }

  #adoptEpoch({ seen, why }: Extract<Effect, { type: 'renumber' }>): void {
    const { store, core, onNotice } = this.#options
    this.#keep(() => {
      const before = { ...this.state.own }
      if (this.#stopped || before.epoch > seen) return
      try {
        this.run({ type: 'adoptEpoch', seen, records: store.records(core.self) })
        const { epoch, adoptions } = this.state.own
        // Later ones are told as what they are, a duplicate Cluster ID.
        if (why.type !== 'lostData' || adoptions < 2) onNotice({ ...why, epoch })
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

/**
 * Takes changes with so many records in all off the queue. What is cut in two is as if it had come in two messages; of a new epoch the
 * first part is put aside, since on the disk as well the older one stays until the newer one is complete.
 */
function takeChanges(queue: StoreChange[], most: number): readonly StoreChange[] {
  let count = 0
  let place = 0
  for (; place < queue.length && count < most; place++) count += (queue[place] as StoreChange).records.length
  const taken = queue.splice(0, place)
  const last = taken.at(-1)
  if (count <= most || last === undefined) return taken
  const records = last.records.slice(0, last.records.length - (count - most))
  const rest = last.records.slice(records.length)
  const { origin, version } = last
  const until = { epoch: version.epoch, usn: (records.at(-1) as IlsRecord).usn }
  queue.unshift({ ...last, records: rest } as StoreChange)
  return [
    ...taken.slice(0, -1),
    { type: last.type === 'replace' ? 'stage' : 'records', origin, version: until, records },
  ]
}
