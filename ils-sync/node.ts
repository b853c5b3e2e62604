// A node of the network: feeds the core with time, messages and the host's changes.
import { randomBytes } from 'node:crypto'
import type { Notice, PeerStatus } from './core/notice.ts'
import { nodeIdPattern } from './core/record.ts'
import type { IlsRecord, JsonValue, Vector } from './core/record.ts'
import type { CoreOptions, Counters, Role } from './core/state.ts'
import { Driver, found } from './driver.ts'
import { deriveKey } from './key.ts'
import type { IlsHost, IlsStore } from './store/api.ts'
import type { Transport, TransportError } from './transport/api.ts'

export interface IlsNodeOptions {
  /** Cluster ID, or the name of a hub that is no cluster. */
  readonly self: string
  readonly role: Role
  /** A spoke's one hub. */
  readonly hub?: string
  /** A hub's fellow hubs. */
  readonly hubs?: readonly string[]
  readonly network: string
  readonly password: string
  /** Absent: standalone. */
  readonly transport?: Transport
  readonly store: IlsStore
  readonly host: IlsHost
  readonly heartbeatMs: number
  /** "Synchronize Clusters Every"; 0 = never. */
  readonly synchronizeEveryMs: number
  /** Wall clock, for the first epoch and for times that people see. */
  readonly clock: { now(): number }
  /** Milliseconds that never jump. Default `performance.now`. */
  readonly monotonic?: () => number
  readonly random?: (size: number) => Buffer
  /** Runs synchronously; must not throw. */
  readonly onNotice: (notice: Notice) => void
  /** The wire went up (undefined) or down. */
  readonly onWire?: (error: TransportError | undefined) => void
  /** The store could not keep something; memory was read again from it. */
  readonly onStoreError?: (error: unknown) => void
}

/** A direct neighbour, for people. */
export interface LinkStatus {
  readonly peer: string
  readonly role: 'hub' | 'spoke'
  readonly status: PeerStatus
  /** Wall clock milliseconds; absent if it was never heard. */
  readonly lastContact?: number
}

export interface IlsNode {
  /** Reads the store, and founds the own origin in a new one. Rejects when the store cannot be read or written. */
  start(): Promise<void>
  /** Opens the inbox: from here on the network is heard and told. After `start`. */
  open(): void
  /** Idempotent. Changes are still recorded afterwards, and sent by the next start. */
  stop(): Promise<void>
  /** Inside the host's write: records a change of this node's own, sent after the commit. RangeError when it is too big. */
  change(kind: string, key: string, value: JsonValue): void
  /** The own record as the running write sees it. */
  own(kind: string, key: string): IlsRecord | undefined
  /** Own records as the running write sees them. */
  ownRecords(): readonly IlsRecord[]
  /** A visible record of any origin. */
  find(origin: string, kind: string, key: string): IlsRecord | undefined
  /** All visible records of all origins. */
  records(): Iterable<IlsRecord>
  vector(): Vector
  links(): readonly LinkStatus[]
  /** Undefined before the start. */
  counters(): Readonly<Counters> | undefined
  /** A commit failed: forget what is not on disk and pull it again. */
  reload(): void
  /** Pulls from all neighbours now, as the "Synchronize Clusters Every" timer does. */
  synchronize(): void
}

/** Throws RangeError for IDs that cannot be node IDs. Nothing runs until `start`. */
export function createIlsNode(options: IlsNodeOptions): IlsNode {
  for (const id of [options.self, options.hub ?? 'hub', ...(options.hubs ?? [])]) {
    if (!nodeIdPattern.test(id)) throw new RangeError(`"${id}" cannot be a cluster ID: 1 to 50 of A-Z a-z 0-9 . -`)
  }
  const node = new RunningNode(options)
  const { store, self } = options
  return {
    start: () => node.start(),
    open: () => node.open(),
    stop: () => node.stop(),
    change: (kind, key, value) => node.driver.run({ type: 'change', kind, key, value }),
    own: (kind, key) => store.find(self, kind, key),
    ownRecords: () => store.records(self),
    find: (origin, kind, key) => node.driver.state.replica.find(origin, kind, key),
    records: () => node.driver.records(),
    vector: () => node.driver.state.replica.vector(),
    links: () => node.links(),
    counters: () => node.counters(),
    reload: () => node.reload(),
    synchronize: () => node.driver.run({ type: 'synchronize' }),
  }
}

/** How long changes of others wait for one another on their way to the disk. */
const gatherMs = 50

class RunningNode {
  readonly #options: IlsNodeOptions
  readonly #now: () => number
  #driver: Driver | undefined
  #timer: NodeJS.Timeout | undefined
  #gathering: { readonly timer: NodeJS.Timeout; readonly action: () => void } | undefined

  constructor(options: IlsNodeOptions) {
    this.#options = options
    this.#now = options.monotonic ?? (() => performance.now())
  }

  get driver(): Driver {
    if (this.#driver === undefined) throw new Error('the ILS node has not started')
    return this.#driver
  }

  async start(): Promise<void> {
    const { store, host, self, clock, password, network } = this.#options
    const founded = host.write(() => found(store, self, clock.now()))
    const [key] = await Promise.all([deriveKey(password, network), founded])
    this.#driver = this.#createDriver(key)
  }

  open(): void {
    const { transport, onWire, heartbeatMs } = this.#options
    const { driver } = this
    driver.run({ type: 'tick' })
    this.#timer = setInterval(() => driver.run({ type: 'tick' }), Math.max(10, heartbeatMs / 2))
    transport?.start({
      onMessage: (bytes) => driver.run({ type: 'message', bytes }),
      onUp() {
        onWire?.(undefined)
        driver.run({ type: 'up' })
      },
      onDown(error) {
        driver.run({ type: 'down' })
        onWire?.(error)
      },
    })
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#driver?.stop()
    this.#storeGathered()
    await this.#options.transport?.stop()
  }

  /** Before the start there is nothing to forget. */
  reload(): void {
    this.#driver?.reload()
  }

  counters(): Readonly<Counters> | undefined {
    return this.#driver?.state.counters
  }

  links(): readonly LinkStatus[] {
    const offset = this.#options.clock.now() - this.#now()
    return [...this.driver.state.links.values()].map(({ peer, role, status, lastHeard }) =>
      lastHeard === undefined ? { peer, role, status } : { peer, role, status, lastContact: lastHeard + offset },
    )
  }

  /** The host commits it with its last writes, when it closes after this node has stopped. */
  #storeGathered(): void {
    const gathered = this.#gathering
    this.#gathering = undefined
    clearTimeout(gathered?.timer)
    gathered?.action()
  }

  #createDriver(key: Buffer): Driver {
    const { store, host, transport, onNotice, onStoreError } = this.#options
    return new Driver({
      core: coreOptions(this.#options, key),
      store,
      write: (work, failed) => void host.write(work).catch(failed),
      gather: (action) => {
        this.#gathering = { action, timer: setTimeout(() => this.#storeGathered(), gatherMs) }
      },
      afterCommit: (effect) => host.afterCommit(effect),
      send: (to, bytes) => transport?.send(to, bytes),
      defer: queueMicrotask,
      now: this.#now,
      onNotice,
      onStoreError: (error) => onStoreError?.(error),
    })
  }
}

function coreOptions(options: IlsNodeOptions, key: Buffer): CoreOptions {
  const { self, role, hub, hubs = [], network, heartbeatMs, synchronizeEveryMs } = options
  return {
    self,
    role,
    ...(hub === undefined ? {} : { hub }),
    hubs,
    network,
    key,
    heartbeatMs,
    synchronizeEveryMs,
    random: options.random ?? randomBytes,
  }
}
