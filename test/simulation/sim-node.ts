// One simulated cluster: the unmodified driver and core on a simulated disk that commits in groups, with the supersede rule of
// Extension Mobility wired in. It may crash between any two effects.
import { createHybridClock, readingAt } from '../../ils-sync/core/hybrid-clock.ts'
import type { HybridClock } from '../../ils-sync/core/hybrid-clock.ts'
import { asLocation, supersededBy } from '../../ils-sync/core/locations.ts'
import type { LocationValue, Sighting } from '../../ils-sync/core/locations.ts'
import type { Notice } from '../../ils-sync/core/notice.ts'
import type { CoreEvent, CoreOptions } from '../../ils-sync/core/state.ts'
import type { JsonValue, StoreChange } from '../../ils-sync/core/record.ts'
import { Driver, found } from '../../ils-sync/driver.ts'
import { Disk } from './disk.ts'
import type { Network } from './network.ts'
import type { Oracle } from './oracle.ts'
import type { Random } from './random.ts'
import type { Timeline } from './timeline.ts'

export interface World {
  readonly timeline: Timeline
  readonly random: Random
  readonly network: Network
  readonly oracle: Oracle
  /** Probabilities; all 0 while healing. */
  readonly faults: { crash: number; failedWork: number; failedCommit: number }
  /** Rules of this node that are left out on purpose, to show that the simulation would notice. */
  readonly omitted: ReadonlySet<string>
}

class Crash extends Error {}

interface Write {
  readonly work: () => void
  readonly failed: (error: unknown) => void
  /** Part of the commit itself: what the oracle takes for durable. */
  readonly durable: () => void
  /** The host's own work may fail after its ILS change; the driver's fails inside the store only. */
  readonly hosts: boolean
}

export class SimNode {
  readonly id: string
  readonly disk = new Disk()
  /** Wall clock minus true time. */
  clockOffsetMs = 0
  readonly #world: World
  readonly #options: CoreOptions
  #driver: Driver | undefined
  #clock: HybridClock
  #bootedAt = 0
  #life = 0
  #pausedUntil = 0
  #transportUp = true
  #queue: Write[] = []
  #held: (() => void)[] = []
  #afterCommit: (() => void)[] = []
  /** Users whose logout is on its way. */
  readonly #ending = new Set<string>()

  constructor(world: World, options: CoreOptions) {
    this.#world = world
    this.#options = options
    this.id = options.self
    this.#clock = createHybridClock(this.id, () => this.#wall())
    world.network.attach(this.id, (bytes) => this.#handle({ type: 'message', bytes }))
  }

  get driver(): Driver | undefined {
    return this.#driver
  }

  start(): void {
    if (this.#driver) return
    found(
      { ...this.disk.tables.ils, apply: (change) => this.disk.write({ type: 'ils', change }) },
      this.id,
      this.#wall(),
    )
    this.disk.sync()
    this.#life += 1
    this.#bootedAt = this.#world.timeline.now
    this.#pausedUntil = 0
    this.#transportUp = true
    this.#clock = createHybridClock(this.id, () => this.#wall())
    this.#driver = this.#createDriver()
    this.#tellOracle()
    for (const record of this.#driver.records()) this.#observe(record.kind, record.value)
    this.#tick(this.#life)
    this.#handle({ type: 'up' })
    for (const userId of this.disk.tables.loggedIn) this.#now(() => this.#endIfSuperseded(userId))
  }

  crash(): void {
    this.#driver = undefined
    this.#life += 1
    this.#queue = []
    this.#held = []
    this.#ending.clear()
    this.disk.crash()
  }

  /** SIGSTOP: nothing happens for a while, messages wait. */
  pause(ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#world.timeline.now + ms)
  }

  setTransport(up: boolean): void {
    if (this.#transportUp === up) return
    this.#transportUp = up
    this.#handle({ type: up ? 'up' : 'down' })
  }

  login(userId: string): void {
    let reading = ''
    this.#writeAsHost(
      () => {
        reading = this.#omits('hybridClock') ? readingAt(this.#wall(), this.id) : this.#clock.tick()
        this.disk.write({ type: 'login', userId, loggedIn: true })
        this.#changeLocation(userId, { loggedIn: true, loginClock: reading })
      },
      () => this.#world.oracle.loggedIn(userId, this.id, reading),
    )
  }

  logout(userId: string): void {
    let done = false
    this.#writeAsHost(
      () => {
        done = this.disk.tables.loggedIn.has(userId)
        if (done) this.#endLogin(userId)
      },
      () => done && this.#world.oracle.loggedOut(userId, this.id),
    )
  }

  /** Some other own record, so that hubs have something to say as well. */
  note(key: string, value: JsonValue): void {
    this.#writeAsHost(() => this.#driver?.run({ type: 'change', kind: 'note', key, value }))
  }

  sightings(userId: string): Sighting[] {
    const { replica } = (this.#driver as Driver).state
    return [...replica.origins()].flatMap((clusterId) => {
      const location = asLocation(replica.find(clusterId, 'location', userId)?.value ?? null)
      return location ? [{ clusterId, location }] : []
    })
  }

  #createDriver(): Driver {
    return new Driver({
      core: this.#options,
      store: {
        load: () => this.disk.tables.ils.load(),
        version: (origin) => this.disk.tables.ils.version(origin),
        find: (origin, kind, key) => this.disk.tables.ils.find(origin, kind, key),
        records: (origin) => this.disk.tables.ils.records(origin),
        apply: (change) => this.#store(change),
      },
      write: (work, failed) => this.#write({ work, failed, durable: () => {}, hosts: false }),
      afterCommit: (effect) => this.#afterCommit.push(effect),
      send: (to, bytes) => {
        this.#maybeCrash()
        if (this.#transportUp) this.#world.network.send(this.id, to, bytes)
      },
      gather: (action) => this.#later(this.#world.random.between(0, 60), action),
      defer: (action) => this.#later(0, action),
      now: () => this.#world.timeline.now - this.#bootedAt,
      onNotice: (notice) => this.#onNotice(notice),
      onStoreError: () => this.#tellOracle(),
    })
  }

  #store(change: StoreChange): void {
    this.#maybeCrash()
    if (change.origin !== this.id) {
      if (this.#world.random.chance(this.#world.faults.failedWork)) throw new Error('disk full')
      this.#world.oracle.stores(this.id, change)
    }
    this.disk.write({ type: 'ils', change })
  }

  #onNotice(notice: Notice): void {
    this.#maybeCrash()
    if (notice.type !== 'applied') return
    this.#world.oracle.applied(this.id, notice)
    for (const { kind, key, value } of notice.records) {
      this.#observe(kind, value)
      if (kind === 'location') this.#endIfSuperseded(key)
    }
  }

  #observe(kind: string, value: JsonValue): void {
    const location = kind === 'location' ? asLocation(value) : undefined
    if (location) this.#clock.observe(location.loginClock)
  }

  /** The rule of Extension Mobility: a newer login elsewhere ends ours, a little later, unless ours is the newer one by then. */
  #endIfSuperseded(userId: string): void {
    if (this.#ending.has(userId) || this.#omits('supersede') || !this.#isSuperseded(userId)) return
    this.#ending.add(userId)
    this.#later(this.#world.random.between(0, 20), () => {
      const work = () => {
        this.#ending.delete(userId)
        if (this.disk.tables.loggedIn.has(userId) && this.#isSuperseded(userId)) this.#endLogin(userId)
      }
      this.#write({ work, failed: () => this.#endIfSuperseded(userId), durable: () => {}, hosts: true })
    })
  }

  /** With its own login as the running write sees it. */
  #isSuperseded(userId: string): boolean {
    const others = this.sightings(userId).filter(({ clusterId }) => clusterId !== this.id)
    const location = asLocation(this.disk.tables.ils.find(this.id, 'location', userId)?.value ?? null)
    return location !== undefined && supersededBy(this.id, [...others, { clusterId: this.id, location }]) !== undefined
  }

  #endLogin(userId: string): void {
    this.disk.write({ type: 'login', userId, loggedIn: false })
    const own = asLocation(this.disk.tables.ils.find(this.id, 'location', userId)?.value ?? null)
    this.#changeLocation(userId, { loggedIn: false, loginClock: own?.loginClock ?? '' })
  }

  #changeLocation(userId: string, facts: Pick<LocationValue, 'loggedIn' | 'loginClock'>): void {
    const value = { userId, dns: [userId], deviceNames: facts.loggedIn ? ['SEP'] : [], since: '', ...facts }
    this.#driver?.run({ type: 'change', kind: 'location', key: userId, value })
  }

  #writeAsHost(work: () => void, durable: () => void = () => {}): void {
    this.#later(0, () => this.#write({ work, failed: () => {}, durable, hosts: true }))
  }

  /** Group commit: everything of one turn is one transaction. */
  #write(write: Write): void {
    this.#queue.push(write)
    if (this.#queue.length === 1) this.#later(this.#world.random.between(0, 2), () => this.#commit())
  }

  #commit(): void {
    const { random, faults } = this.#world
    const batch = this.#queue.splice(0)
    const start = this.disk.mark()
    const rejected: (() => void)[] = []
    const kept = batch.flatMap((write) => this.#runWork(write, rejected))
    this.#maybeCrash()
    if (random.chance(faults.failedCommit)) {
      this.disk.undo(start)
      this.#tellOracle()
      this.#driver?.reload()
      for (const { failed } of batch) failed(new Error('disk full'))
      return
    }
    // A cluster's commit is on disk (synchronous=FULL); a hub's may lose the last few (NORMAL), but none of its own records.
    const own = kept.some(({ effects }) => effects.length > 0)
    if (own || this.#options.role === 'spoke') this.disk.sync()
    else if (random.chance(0.3)) this.disk.sync(random.between(0, this.disk.mark()))
    for (const { durable } of kept) durable()
    for (const effect of [...kept.flatMap(({ effects }) => effects), ...rejected]) {
      this.#maybeCrash()
      effect()
    }
  }

  #runWork(write: Write, rejected: (() => void)[]): { durable: () => void; effects: (() => void)[] }[] {
    const { random, faults } = this.#world
    const mark = this.disk.mark()
    this.#afterCommit = []
    try {
      write.work()
      if (write.hosts && random.chance(faults.failedWork)) throw new Error('refused after all')
      return [{ durable: write.durable, effects: this.#afterCommit }]
    } catch (error) {
      if (error instanceof Crash) throw error
      this.disk.undo(mark)
      rejected.push(() => write.failed(error))
      return []
    }
  }

  /** What is on disk, and so in memory, from here on. */
  #tellOracle(): void {
    const stored = this.disk.tables.ils.load()
    this.#world.oracle.started(this.id, new Map(stored.map(({ origin, version }) => [origin, version])))
  }

  #tick(life: number): void {
    if (life !== this.#life) return
    this.#handle({ type: 'tick' })
    this.#world.timeline.at(this.#options.heartbeatMs / 2 + this.#world.random.between(0, 5), () => this.#tick(life))
  }

  #handle(event: CoreEvent): void {
    this.#now(() => this.#driver?.run(event))
  }

  #later(delayMs: number, action: () => void): void {
    const life = this.#life
    this.#world.timeline.at(delayMs, () => life === this.#life && this.#now(action))
  }

  #now(action: () => void): void {
    if (!this.#driver) return
    if (this.#pausedUntil > this.#world.timeline.now || this.#held.length > 0) return this.#hold(action)
    this.#perform(action)
  }

  /** A paused process finds everything in the order in which it came. */
  #hold(action: () => void): void {
    if (this.#held.push(action) === 1) this.#resumeLater(this.#life)
  }

  #resumeLater(life: number): void {
    this.#world.timeline.at(this.#pausedUntil - this.#world.timeline.now, () => {
      if (life !== this.#life) return
      if (this.#pausedUntil > this.#world.timeline.now) return this.#resumeLater(life)
      for (const action of this.#held.splice(0)) if (life === this.#life) this.#perform(action)
    })
  }

  #perform(action: () => void): void {
    try {
      action()
    } catch (error) {
      if (!(error instanceof Crash)) throw error
      this.crash()
    }
  }

  #maybeCrash(): void {
    if (this.#world.random.chance(this.#world.faults.crash)) throw new Crash()
  }

  #omits(rule: string): boolean {
    return this.#world.omitted.has(rule)
  }

  #wall(): number {
    return 1_700_000_000_000 + this.#world.timeline.now + this.clockOffsetMs
  }
}
