// Extension Mobility as far as ILS concerns it: logins and logouts with their location records, and the rule that a newer login
// elsewhere ends the one here.
import { createHybridClock, readingAt } from '../../ils-sync/core/data/hybrid-clock.ts'
import type { HybridClock } from '../../ils-sync/core/data/hybrid-clock.ts'
import { asLocation, supersededBy } from '../../ils-sync/core/data/locations.ts'
import type { LocationValue, Sighting } from '../../ils-sync/core/data/locations.ts'
import type { Notice } from '../../ils-sync/core/notice.ts'
import type { IlsRecord, JsonValue } from '../../ils-sync/core/data/record.ts'
import type { Driver } from '../../ils-sync/driver.ts'
import type { Disk } from './disk.ts'
import type { GroupCommit } from './group-commit.ts'
import type { Oracle } from './oracle.ts'
import type { Process } from './process.ts'
import type { Random } from './random.ts'

/** Rules of this file that a simulation may leave out on purpose, to show that it would notice. */
export type HostRule = 'supersede' | 'hybridClock'

export interface RoamingOptions {
  readonly id: string
  readonly disk: Disk
  readonly process: Process
  readonly commits: GroupCommit
  readonly random: Random
  readonly oracle: Oracle
  readonly omitted: ReadonlySet<string>
  readonly driver: () => Driver | undefined
  /** Wall clock of this node. */
  readonly wall: () => number
}

export class Roaming {
  readonly #options: RoamingOptions
  #clock: HybridClock
  /** User → cluster → what is visible here of what that cluster says. */
  readonly #locations = new Map<string, Map<string, LocationValue>>()
  /** Users whose logout is on its way. */
  readonly #ending = new Set<string>()

  constructor(options: RoamingOptions) {
    this.#options = options
    this.#clock = createHybridClock(options.id, options.wall)
  }

  /** After a start: what is on disk is what has been seen. */
  resume(records: Iterable<IlsRecord>): void {
    const { id, wall } = this.#options
    this.#ending.clear()
    this.#clock = createHybridClock(id, wall)
    this.reread(records)
  }

  /** What was said of records before does not count any more. */
  reread(records: Iterable<IlsRecord>): void {
    const { disk, process } = this.#options
    this.#locations.clear()
    for (const record of records) this.#take(record)
    for (const userId of disk.tables.loggedIn) process.now(() => this.#endIfSuperseded(userId))
  }

  applied({ records, removed }: Pick<Extract<Notice, { type: 'applied' }>, 'records' | 'removed'>): void {
    for (const { origin, kind, key } of removed) if (kind === 'location') this.#locations.get(key)?.delete(origin)
    for (const record of records) {
      this.#take(record)
      if (record.kind === 'location') this.#endIfSuperseded(record.key)
    }
  }

  login(userId: string): void {
    const { id, disk, oracle, wall, omitted } = this.#options
    let reading = ''
    this.write(
      () => {
        reading = omitted.has('hybridClock') ? readingAt(wall(), id) : this.#clock.tick()
        disk.write({ type: 'login', userId, loggedIn: true })
        this.#changeLocation(userId, { loggedIn: true, loginClock: reading })
      },
      () => oracle.loggedIn(userId, id, reading),
    )
  }

  logout(userId: string): void {
    const { id, disk, oracle } = this.#options
    let done = false
    this.write(
      () => {
        done = disk.tables.loggedIn.has(userId)
        if (done) this.#endLogin(userId)
      },
      () => done && oracle.loggedOut(userId, id),
    )
  }

  /** Other own records, so that hubs have something to say as well, and more than fits into a page. */
  note(keys: readonly string[], value: JsonValue): void {
    this.write(() => {
      for (const key of keys) this.#options.driver()?.run({ type: 'change', kind: 'note', key, value })
    })
  }

  /** What every cluster says about a user, as far as it is visible here. */
  sightings(userId: string): Sighting[] {
    return [...(this.#locations.get(userId) ?? [])].map(([clusterId, location]) => ({ clusterId, location }))
  }

  /** With its own login as the running write sees it. */
  isSuperseded(userId: string): boolean {
    const { id, disk } = this.#options
    const others = this.sightings(userId).filter(({ clusterId }) => clusterId !== id)
    const location = asLocation(disk.tables.ils.find(id, 'location', userId)?.value ?? null)
    return location !== undefined && supersededBy(id, [...others, { clusterId: id, location }]) !== undefined
  }

  /** The host's own write, in its next transaction. */
  write(work: () => void, durable: () => void = () => {}, failed: () => void = () => {}): void {
    const { process, commits } = this.#options
    process.later(0, () => commits.write({ work, failed, durable, hosts: true }))
  }

  #take({ origin, kind, key, value }: IlsRecord): void {
    if (kind !== 'location') return
    const location = asLocation(value)
    const known = this.#locations.get(key) ?? new Map<string, LocationValue>()
    this.#locations.set(key, known)
    if (location === undefined) known.delete(origin)
    else known.set(origin, location)
    if (location) this.#clock.observe(location.loginClock)
  }

  /** A newer login elsewhere ends ours, a little later, unless ours is the newer one by then. */
  #endIfSuperseded(userId: string): void {
    const { omitted, process, commits, random, disk } = this.#options
    // Cheap, for what is said about users who are elsewhere anyway.
    if (!disk.tables.loggedIn.has(userId)) return
    if (this.#ending.has(userId) || omitted.has('supersede') || !this.isSuperseded(userId)) return
    this.#ending.add(userId)
    process.later(random.between(0, 20), () => {
      const work = () => {
        this.#ending.delete(userId)
        if (disk.tables.loggedIn.has(userId) && this.isSuperseded(userId)) this.#endLogin(userId)
      }
      commits.write({ work, failed: () => this.#endIfSuperseded(userId), durable: () => {}, hosts: true })
    })
  }

  #endLogin(userId: string): void {
    const { id, disk } = this.#options
    disk.write({ type: 'login', userId, loggedIn: false })
    const own = asLocation(disk.tables.ils.find(id, 'location', userId)?.value ?? null)
    this.#changeLocation(userId, { loggedIn: false, loginClock: own?.loginClock ?? '' })
  }

  #changeLocation(userId: string, facts: Pick<LocationValue, 'loggedIn' | 'loginClock'>): void {
    const value = { userId, dns: [userId], deviceNames: facts.loggedIn ? ['SEP'] : [], since: '', ...facts }
    this.#options.driver()?.run({ type: 'change', kind: 'location', key: userId, value })
  }
}
