// A node of the network: feeds the core with time, messages and the host's changes.
import { randomBytes } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { lagOf } from './core/replication/lag.ts'
import { isSettled } from './core/network/moving.ts'
import type { Notice, PeerStatus } from './core/notice.ts'
import { openKey } from './core/session/open-key.ts'
import { nodeIdPattern } from './core/data/record.ts'
import type { IlsRecord, JsonValue, StoredOrigin, Vector } from './core/data/record.ts'
import type { Authentication, CoreOptions, Counters, Membership, PeerCertificates } from './core/state.ts'
import { namedBy } from './core/network/topology.ts'
import { Driver, found } from './driver.ts'
import type { DriverOptions } from './driver.ts'
import { deriveKey } from './key.ts'
import type { IlsHost, IlsStore } from './store/api.ts'
import type { Transport, TransportError } from './transport/api.ts'

/** ILS Authentication: all nodes of a network do it in the same way. */
export interface NodeAuthentication {
  readonly mode: Authentication['mode']
  /** Needed unless the mode is `certificates`, which does not use it. */
  readonly password?: string
  /** Needed unless the mode is `password`, which does not use them. */
  readonly certificates?: PeerCertificates
}

export interface IlsNodeOptions {
  /** Cluster ID, or the name of a hub that is no cluster. */
  readonly self: string
  readonly membership: Membership
  readonly network: string
  readonly authentication: NodeAuthentication
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
  /** While more than a page is being learned from it: records so far, and in all. */
  readonly progress?: { readonly records: number; readonly of: number }
  /** Of the store that the live session is with. */
  readonly peerId?: string
  /** Wall clock there minus ours, as of its last heartbeat. */
  readonly clockOffsetMs?: number
}

/** How far this node is behind an origin. */
export interface OriginLag {
  readonly origin: string
  /** Update sequence numbers that are known to exist, and are not held. */
  readonly usns: number
  /** For how long that has been so. */
  readonly seconds: number
}

/** What became of a change of place. Of a node that left: which neighbours have confirmed that they know, and which have not. */
export interface MembershipChange {
  readonly told: readonly string[]
  /** They show it as Unreachable, and keep what it said, until it is back. */
  readonly untold: readonly string[]
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
  /** How many records of an origin are visible; tombstones are among them. */
  count(origin: string): { readonly records: number; readonly tombstones: number }
  vector(): Vector
  links(): readonly LinkStatus[]
  /** Origins of which this node knows that something is missing here. */
  lag(): readonly OriginLag[]
  /**
   * Outside of a write, after the start: joins, moves to another hub, changes role, or leaves (standalone). Resolves when the new place
   * is on disk and taken, and for one that leaves when its neighbours have confirmed, or a poll has passed. A standalone node keeps
   * nothing that others said. RangeError for IDs that cannot be node IDs; any rejection means that nothing has changed.
   */
  setMembership(membership: Membership): Promise<MembershipChange>
  /** Undefined before the start. */
  counters(): Readonly<Counters> | undefined
  /** A commit failed: forget what is not on disk and pull it again. */
  reload(): void
  /** Pulls from all neighbours now, as the "Synchronize Clusters Every" timer does. */
  synchronize(): void
}

/** Throws RangeError for IDs that cannot be node IDs, and for authentication that lacks what its mode needs. Nothing runs until `start`. */
export function createIlsNode(options: IlsNodeOptions): IlsNode {
  checkIds(options.self, options.membership)
  const { mode, password, certificates } = options.authentication
  // Never less than what was asked for, not even by a mistake of the host's.
  if (mode !== 'certificates' && password === undefined)
    throw new RangeError(`ILS authentication by ${mode} needs a password`)
  if (mode !== 'password' && certificates === undefined)
    throw new RangeError(`ILS authentication by ${mode} needs a certificate`)
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
    count: (origin) => node.driver.state.replica.count(origin),
    vector: () => node.driver.state.replica.vector(),
    links: () => node.links(),
    lag: () => node.lag(),
    setMembership: (membership) => node.setMembership(membership),
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
  #stopped = false
  /** Changes of place, one after the other. */
  #moves: Promise<unknown> = Promise.resolve()
  #moved: ((change: MembershipChange) => void) | undefined

  constructor(options: IlsNodeOptions) {
    this.#options = options
    this.#now = options.monotonic ?? (() => performance.now())
  }

  get driver(): Driver {
    if (this.#driver === undefined) throw new Error('the ILS node has not started')
    return this.#driver
  }

  async start(): Promise<void> {
    const { store, host, self, clock } = this.#options
    const founded = host.write(() => found(store, self, clock.now()))
    const [key] = await Promise.all([networkKey(this.#options), founded])
    const stored: StoredOrigin[] = []
    // A million records take more than a second, in which others want their turns; nobody gets to see a part of them.
    for (const origin of store.origins()) {
      stored.push(origin)
      await setImmediate()
    }
    const driver = this.#createDriver(key, stored)
    this.#driver = driver
    if (!isSettled(driver.state)) await host.write(() => driver.changeMembership(driver.state.membership))
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

  async setMembership(membership: Membership): Promise<MembershipChange> {
    checkIds(this.#options.self, membership)
    const change = this.#moves.then(() => this.#move(membership))
    this.#moves = change.catch(() => {})
    return change
  }

  async #move(membership: Membership): Promise<MembershipChange> {
    if (this.#stopped) throw new Error('the ILS node has stopped')
    const { driver } = this
    const { promise, resolve } = Promise.withResolvers<MembershipChange>()
    this.#moved = resolve
    try {
      await this.#options.host.write(() => driver.changeMembership(membership))
    } catch (error) {
      this.#moved = undefined
      this.reload()
      throw error
    }
    return promise
  }

  #onNotice(notice: Notice): void {
    this.#options.onNotice(notice)
    if (notice.type === 'membership') this.#endMove({ told: notice.told, untold: notice.untold })
  }

  #endMove(change: MembershipChange): void {
    const moved = this.#moved
    this.#moved = undefined
    moved?.(change)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    clearInterval(this.#timer)
    this.#endMove({ told: [], untold: [...(this.#driver?.state.links.keys() ?? [])] })
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
    return [...this.driver.state.links.values()].map(({ peer, role, status, lastHeard, live, standing, learning }) => ({
      peer,
      role,
      status,
      ...(lastHeard === undefined ? {} : { lastContact: lastHeard + offset }),
      ...(live === undefined ? {} : { peerId: live.peerId }),
      ...(standing.clockOffsetMs === undefined ? {} : { clockOffsetMs: standing.clockOffsetMs }),
      ...(learning === undefined ? {} : { progress: { records: learning.records, of: learning.of } }),
    }))
  }

  lag(): readonly OriginLag[] {
    return lagOf(this.driver.state, this.#now()).map(({ origin, usns, ms }) => ({ origin, usns, seconds: ms / 1000 }))
  }

  /** The host commits it with its last writes, when it closes after this node has stopped. */
  #storeGathered(): void {
    const gathered = this.#gathering
    this.#gathering = undefined
    clearTimeout(gathered?.timer)
    gathered?.action()
  }

  #createDriver(key: Uint8Array, stored: readonly StoredOrigin[]): Driver {
    const { store, host, transport, onStoreError } = this.#options
    const options: DriverOptions = {
      core: coreOptions(this.#options, key),
      store,
      write: (work, failed) => void host.write(work).catch(failed),
      gather: (action, soon) => {
        this.#gathering = { action, timer: setTimeout(() => this.#storeGathered(), soon ? 0 : gatherMs) }
      },
      afterCommit: (effect) => host.afterCommit(effect),
      send: (to, bytes) => transport?.send(to, bytes),
      defer: queueMicrotask,
      now: this.#now,
      onNotice: (notice) => this.#onNotice(notice),
      onStoreError: (error) => onStoreError?.(error),
    }
    return new Driver(options, stored)
  }
}

/** Slow where a password is in it, and off the event loop. */
async function networkKey({ authentication, network }: IlsNodeOptions): Promise<Uint8Array> {
  return authentication.mode === 'certificates' ? openKey(network) : deriveKey(authentication.password ?? '', network)
}

function checkIds(self: string, membership: Membership): void {
  for (const id of [self, ...namedBy(membership)]) {
    if (!nodeIdPattern.test(id)) throw new RangeError(`"${id}" cannot be a cluster ID: 1 to 50 of A-Z a-z 0-9 . -`)
  }
  if (membership.role === 'spoke' && membership.hub === self) throw new RangeError('a spoke cannot be its own hub')
}

function coreOptions(options: IlsNodeOptions, key: Uint8Array): CoreOptions {
  const { mode, certificates } = options.authentication
  const { self, membership, network, heartbeatMs, synchronizeEveryMs, store, clock } = options
  return {
    self,
    peerId: store.peerId(),
    membership,
    network,
    authentication: mode === 'password' || certificates === undefined ? { mode, key } : { mode, key, certificates },
    heartbeatMs,
    synchronizeEveryMs,
    random: options.random ?? randomBytes,
    wall: () => clock.now(),
  }
}
