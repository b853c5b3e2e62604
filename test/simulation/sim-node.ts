// One simulated cluster or hub: the unmodified driver and core on a simulated process, clock and disk.
import { asPeerInfo } from '../../ils-sync/core/data/locations.ts'
import type { Notice } from '../../ils-sync/core/notice.ts'
import type { CoreEvent, CoreOptions, Membership } from '../../ils-sync/core/state.ts'
import type { StoreChange } from '../../ils-sync/core/data/record.ts'
import { isSettled } from '../../ils-sync/core/network/moving.ts'
import { Driver, found } from '../../ils-sync/driver.ts'
import { Disk, DiskFailure } from './disk.ts'
import type { Tables } from './disk.ts'
import { GroupCommit } from './group-commit.ts'
import type { Network } from './network.ts'
import type { Oracle } from './oracle.ts'
import { Process } from './process.ts'
import type { Random } from './random.ts'
import { Roaming } from './roaming.ts'
import type { Timeline } from './timeline.ts'

export interface World {
  readonly timeline: Timeline
  /** A random stream per name. */
  readonly stream: (name: string) => Random
  readonly network: Network
  readonly oracle: Oracle
  /** Rules that are left out on purpose, to show that the simulation would notice. */
  readonly omitted: ReadonlySet<string>
}

/** What a process finds on its own disk and clock is not among its settings. */
export type SimNodeOptions = Omit<CoreOptions, 'peerId' | 'wall' | 'random'> & {
  /** Whether people log in there; a hub need not be a cluster. */
  readonly cluster: boolean
}

const wallStart = 1_700_000_000_000

export class SimNode {
  readonly id: string
  readonly cluster: boolean
  readonly disk: Disk
  readonly commits: GroupCommit
  readonly roaming: Roaming
  /** As its administrator last set it; what a restart begins with. */
  membership: Membership
  /** Wall clock minus true time. */
  clockOffsetMs = 0
  crashes = 0
  /** Name of an alarm and peer → when the last one was raised. */
  readonly alarms = new Map<string, number>()
  /** Most changes of others that waited for the disk together. */
  mostGathered = 0
  /** How often it has raised an alarm, found that its store is not what it was, and turned away what spoke for others. */
  readonly said = { alarms: 0, losses: 0, refusals: 0 }
  /** Runs once after the next death of its doom. */
  onDoom: (() => void) | undefined
  readonly #world: World
  readonly #options: SimNodeOptions
  readonly #process: Process
  readonly #random: Random
  #driver: Driver | undefined
  #bootedAt = 0
  #transportUp = true
  #isOpen = false
  #gathered = 0

  constructor(world: World, options: SimNodeOptions) {
    this.#world = world
    this.#options = options
    this.id = options.self
    this.cluster = options.cluster
    this.membership = options.membership
    this.#random = world.stream(`node ${this.id}`)
    this.disk = new Disk(this.id)
    this.#process = new Process(world.timeline, () => this.#fell())
    this.commits = new GroupCommit({
      disk: this.disk,
      process: this.#process,
      random: this.#random,
      synchronous: options.cluster,
      now: () => world.timeline.now,
      rolledBack: () => {
        this.#tellOracle()
        this.#driver?.reload()
      },
    })
    this.roaming = this.#createRoaming()
    world.network.attach(this.id, (bytes) => {
      if (this.#transportUp && this.#isOpen) this.#process.receive(() => this.#driver?.run({ type: 'message', bytes }))
    })
  }

  /** Undefined while it is down. */
  get driver(): Driver | undefined {
    return this.#driver
  }

  /** Messages for a process that is stopped. */
  get waiting(): number {
    return this.#process.waiting
  }

  start(): void {
    if (this.#driver) return
    const { ils } = this.disk.tables
    found({ ...ils, apply: (change) => this.disk.write({ type: 'ils', change }) }, this.id, this.#wall())
    this.disk.sync()
    this.#process.start()
    this.#bootedAt = this.#world.timeline.now
    this.#transportUp = this.#world.network.reaches(this.id)
    this.#isOpen = false
    this.#driver = this.#createDriver()
    this.#tellOracle()
    this.roaming.resume(this.#driver.records())
    this.#settle()
  }

  /** Another place in the network, as its administrator wants it. */
  move(membership: Membership): void {
    this.#writeMembership(
      () => this.#driver?.changeMembership(membership),
      () => (this.membership = membership),
      () => this.#driver?.reload(),
    )
  }

  crash(): void {
    if (!this.#driver) return
    this.crashes += 1
    this.#driver = undefined
    this.#process.stop()
    this.commits.crash()
    this.#tellOracle()
  }

  /** Dies between two effects, that many from now. */
  doom(effects: number): void {
    this.#process.doom(effects)
  }

  pause(ms: number): void {
    this.#process.pause(ms)
  }

  slow(ms: number, delayMs: number): void {
    this.#process.slow(ms, delayMs)
  }

  /** Its transport looks whether it reaches Redis. */
  lookAtTransport(): void {
    const up = this.#world.network.reaches(this.id)
    if (!this.#driver || this.#transportUp === up) return
    this.#transportUp = up
    if (this.#isOpen) this.#handle({ type: up ? 'up' : 'down' })
  }

  /** Goes on undisturbed from here; is started if it is down. */
  heal(): void {
    this.commits.forgive()
    this.onDoom = undefined
    this.#process.heal()
    this.lookAtTransport()
    this.start()
  }

  /** Another disk is put in: an older image, or none. The process must be down. */
  replaceDisk(image: Tables | undefined): void {
    if (image === undefined) this.disk.wipe()
    else this.disk.restore(image)
  }

  /** Before it opens to the network a node writes down what it is there, as `createIlsNode` does. */
  #settle(): void {
    const driver = this.#driver as Driver
    if (isSettled(driver.state)) return this.#open()
    this.#writeMembership(
      () => driver.changeMembership(this.membership),
      () => this.#process.later(0, () => this.#open()),
      () => this.crash(),
    )
  }

  /** As `createIlsNode` does: there is nothing in the write that could fail after the driver's part. */
  #writeMembership(work: () => void, durable: () => void, failed: () => void): void {
    this.#process.later(0, () => this.commits.write({ work, failed, durable, hosts: false }))
  }

  #open(): void {
    this.#tick()
    if (this.#transportUp) this.#handle({ type: 'up' })
    this.#isOpen = true
  }

  #createRoaming(): Roaming {
    const { oracle, omitted } = this.#world
    return new Roaming({
      id: this.id,
      disk: this.disk,
      process: this.#process,
      commits: this.commits,
      random: this.#random,
      oracle,
      omitted,
      driver: () => this.#driver,
      wall: () => this.#wall(),
    })
  }

  #createDriver(): Driver {
    const { cluster: _, ...options } = this.#options
    const ils = () => this.disk.tables.ils
    const peerId = ils().peerId()
    const random = (size: number) => this.#random.bytes(size)
    return new Driver({
      core: { ...options, membership: this.membership, peerId, random, wall: () => this.#wall() },
      store: {
        peerId: () => peerId,
        load: () => ils().load(),
        origins: () => ils().origins(),
        version: (origin) => ils().version(origin),
        find: (origin, kind, key) => ils().find(origin, kind, key),
        records: (origin) => ils().records(origin),
        apply: (change) => this.#store(change),
      },
      write: (work, failed) => this.commits.write({ work, failed, durable: () => {}, hosts: false }),
      afterCommit: (effect) => this.commits.afterCommit(effect),
      send: (to, bytes) => {
        this.#process.boundary()
        if (this.#transportUp) this.#world.network.send(this.id, to, bytes)
      },
      gather: (action, soon) => this.#process.later(soon ? 0 : this.#random.between(0, 60), () => this.#gather(action)),
      defer: (action) => this.#process.later(0, action),
      now: () => this.#world.timeline.now - this.#bootedAt,
      onNotice: (notice) => this.#onNotice(notice),
      onStoreError: () => this.#tellOracle(),
    })
  }

  #gather(action: () => void): void {
    this.#gathered = 0
    action()
  }

  #store(change: StoreChange): void {
    this.#process.boundary()
    // Of the node's own, only what the driver writes by itself: a new epoch.
    if ((change.origin !== this.id || change.type === 'replace') && this.commits.failStores > 0) {
      this.commits.failStores -= 1
      throw new DiskFailure('disk full')
    }
    if (change.origin !== this.id) {
      this.#world.oracle.stores(this.id, change)
      this.mostGathered = Math.max(this.mostGathered, ++this.#gathered)
    }
    this.disk.write({ type: 'ils', change })
  }

  #onNotice(notice: Notice): void {
    this.#process.boundary()
    if (notice.type === 'alarm') this.alarms.set(`${notice.alarm.name} ${notice.alarm.peer}`, this.#world.timeline.now)
    if (notice.type === 'alarm') this.said.alarms += 1
    if (notice.type === 'lostData') this.said.losses += 1
    if (notice.type === 'refused' && notice.reason === 'origin') this.said.refusals += 1
    if (notice.type === 'reloaded') {
      this.#tellOracle()
      this.roaming.reread(this.#driver?.records() ?? [])
    }
    if (notice.type !== 'applied') return
    this.#tellApplied(notice)
    this.roaming.applied(notice)
  }

  #tellApplied(notice: Extract<Notice, { type: 'applied' }>): void {
    const { oracle } = this.#world
    const { origin, records } = notice
    const version = this.#driver?.state.replica.version(origin)
    if (version === undefined) return oracle.forgot(this.id, origin)
    const [only] = records
    const left = version.usn === 1 && only?.kind === 'peer-info' && asPeerInfo(only.value)?.role === 'standalone'
    oracle.shows(this.id, origin, { epoch: version.epoch, usn: version.usn }, left)
    oracle.applied(this.id, notice)
  }

  /** What is on disk, and so in memory, from here on. */
  #tellOracle(): void {
    const stored = this.disk.tables.ils.load()
    this.#world.oracle.started(this.id, new Map(stored.map(({ origin, version }) => [origin, version])))
  }

  #tick(): void {
    this.#handle({ type: 'tick' })
    this.#process.later(this.#options.heartbeatMs / 2 + this.#random.between(0, 5), () => this.#tick())
  }

  #handle(event: CoreEvent): void {
    this.#process.now(() => this.#driver?.run(event))
  }

  #fell(): void {
    this.crash()
    const { onDoom } = this
    this.onDoom = undefined
    onDoom?.()
  }

  #wall(): number {
    return wallStart + this.#world.timeline.now + this.clockOffsetMs
  }
}
