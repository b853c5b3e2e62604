// Real clusters, more and more of them, until their memory reaches a budget: what they cost, and how soon everybody knows of a login.
import { availableParallelism } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { IlsStatus } from '../../../services/ils/api.ts'
import { cpuSeconds } from '../child.ts'
import { median, quantile } from '../measure.ts'
import { startRawHops } from '../raw-hops.ts'
import type { RawHops } from '../raw-hops.ts'
import { startGrowingLab } from './growing-lab.ts'
import type { Grown, GrowingLab } from './growing-lab.ts'
import { phoneOf, pin, scaleLab, travellers } from './lab.ts'
import type { ProcessRow } from './rows.ts'
import { Witness } from './witness.ts'

export interface ProcessScaleOptions {
  readonly hubs: number
  /** Numbers of clusters at which everything is measured; after the last one, or as soon as the memory is used up, it ends. */
  readonly steps: readonly number[]
  readonly memoryMiB: number
  /** Logins, each with its logout, at each step. */
  readonly logins: number
  readonly redis?: string | undefined
  readonly signal?: AbortSignal | undefined
  /** Not beyond this many minutes is another step begun. */
  readonly minutes: number
  /** How long nobody does anything, at each step; default 3 s. */
  readonly idleMs?: number
  readonly onRow?: (row: ProcessRow) => void
}

export interface ProcessScale {
  readonly rows: readonly ProcessRow[]
  /** Why it did not grow on. */
  readonly limit: 'memory' | 'steps' | 'time'
}

const superuserEvery = 10
/** A cluster of which nothing is known yet; only the first step is planned with it. */
const assumedMiB = 100
/** Somebody else has to see a login. */
const fewestClusters = 2
/** So many raw hops, then so many logins. */
const inTurn = 20
const settleMs = 250
const deadlineMs = 120_000

/** Stops every process and removes its data whatever happens. Rejects when the memory is too little to measure anything. */
export async function measureProcesses(options: ProcessScaleOptions): Promise<ProcessScale> {
  const { hubs, steps, signal } = options
  const most = Math.max(...steps)
  const lab = scaleLab({ hubs, clusters: most, superuserEvery })
  const startedAt = performance.now()
  await using world = await startGrowingLab(lab, { redis: options.redis, atOnce: availableParallelism(), signal })
  const measurement = new Measurement(world, options)
  const rows: ProcessRow[] = []
  try {
    for (const step of steps) {
      if (performance.now() - startedAt > options.minutes * 60_000) return { rows, limit: 'time' }
      const isFull = await measurement.growTo(step)
      if (world.clusters.length < fewestClusters) throw new Error(tooLittle(options))
      const row = await measurement.row()
      rows.push(row)
      options.onRow?.(row)
      if (isFull) return { rows, limit: 'memory' }
    }
    return { rows, limit: 'steps' }
  } finally {
    measurement.stop()
  }
}

function tooLittle({ memoryMiB, hubs }: ProcessScaleOptions): string {
  return `${memoryMiB} MiB are too little for ${fewestClusters} clusters and the hubs (${hubs}): give more memory, or ask for fewer hubs`
}

class Measurement {
  readonly #world: GrowingLab
  readonly #options: ProcessScaleOptions
  readonly #witness = new Witness()
  #joinMs = 0

  constructor(world: GrowingLab, options: ProcessScaleOptions) {
    this.#world = world
    this.#options = options
  }

  stop(): void {
    this.#witness.stop()
  }

  /** True when the memory ends it before `target`. All of them are Up to Date everywhere, and watched, when it resolves. */
  async growTo(target: number): Promise<boolean> {
    const { clusters } = this.#world
    const startedAt = performance.now()
    let isFull = false
    while (clusters.length < target && !isFull) {
      const room = await this.#room()
      const count = Math.min(target - clusters.length, room)
      isFull = count < 1
      const before = clusters.length
      if (!isFull) await this.#world.grow(count)
      for (const { door } of clusters.slice(before)) await this.#witness.watch(door)
      await this.#upToDate()
    }
    this.#joinMs = performance.now() - startedAt
    return isFull
  }

  async row(): Promise<ProcessRow> {
    const { hubs, clusters } = this.#world
    const idleCpu = await this.#idleCpu()
    const changes = await this.#logins()
    const restart = await this.#hubRestart()
    const memory = await this.#world.memory()
    return {
      hubs: hubs.length,
      clusters: clusters.length,
      memoryMiB: memory.hubs + memory.clusters + memory.redis,
      clusterMiB: memory.clusters / clusters.length,
      hubMiB: memory.hubs / hubs.length,
      startMs: median(clusters.map(({ startMs }) => startMs)),
      joinMs: this.#joinMs,
      idleCpu,
      ...changes,
      ...restart,
    }
  }

  /** How many more clusters fit. */
  async #room(): Promise<number> {
    const { clusters } = this.#world
    const memory = await this.#world.memory()
    const left = this.#options.memoryMiB - memory.hubs - memory.clusters - memory.redis
    return Math.floor(left / (clusters.length === 0 ? assumedMiB : memory.clusters / clusters.length))
  }

  /** Every hub and cluster says of every other that it has all of it. */
  async #upToDate(): Promise<void> {
    const all = this.#nodes()
    for (const { name, door } of all) {
      await this.#until(`${name} is Up to Date`, async () => {
        const { peers } = await door.get<IlsStatus>('/api/v1/ils')
        const known = new Set(peers.flatMap(({ clusterId, status }) => (status === 'Up to Date' ? [clusterId] : [])))
        return all.every((other) => other.name === name || known.has(other.name))
      })
    }
  }

  /** Cores that are busy while nobody does anything. */
  async #idleCpu(): Promise<number> {
    const used = async () => {
      const each = await Promise.all(this.#nodes().map(({ process }) => cpuSeconds(process.pid!)))
      return each.reduce((sum, one) => sum + one, 0)
    }
    const [before, startedAt] = [await used(), performance.now()]
    await sleep(this.#options.idleMs ?? 3000)
    return ((await used()) - before) / ((performance.now() - startedAt) / 1000)
  }

  /** One login after another, at a random cluster, each seen everywhere and ended again; raw hops to as many processes in turn with some of them. */
  async #logins() {
    const { clusters, redisUrl } = this.#world
    await using hops = await startRawHops(redisUrl, clusters.length)
    const ours: number[] = []
    const raw: number[] = []
    // The first pays for compiled code.
    await this.#loginAndOut()
    await hops.once()
    const before = await this.#pushes()
    while (ours.length < this.#options.logins) {
      const block = Math.min(inTurn, this.#options.logins - ours.length)
      // What a logout leaves to do, disks for one, must not be what the raw hops wait for.
      await sleep(settleMs)
      for (let hop = 0; hop < block; hop++) raw.push(await this.#once(hops))
      for (let login = 0; login < block; login++) ours.push(await this.#loginAndOut())
    }
    // A logout is a change of the same record and goes the same way.
    const messages = ((await this.#pushes()) - before) / (2 * this.#options.logins)
    const spread = (values: readonly number[]) => ({ median: median(values), p99: quantile(values, 0.99) })
    return { logins: this.#options.logins, messagesPerLogin: messages, visibleMs: spread(ours), rawMs: spread(raw) }
  }

  async #once(hops: RawHops): Promise<number> {
    this.#options.signal?.throwIfAborted()
    return hops.once()
  }

  /** Milliseconds from the login on disk until the last cluster knew. */
  async #loginAndOut(): Promise<number> {
    const { clusters } = this.#world
    const people = travellers(clusters.length, superuserEvery)
    const { userId } = people[Math.floor(Math.random() * people.length)]!
    const index = Math.floor(Math.random() * clusters.length)
    const visible = await this.#login(userId, index)
    await this.#logout(userId, index)
    return visible
  }

  async #login(userId: string, index: number): Promise<number> {
    const { name, door } = this.#world.clusters[index]!
    const onDisk = this.#witness.loggedIn(userId)
    const seen = this.#witness.seenEverywhere(userId, { by: name, at: name })
    await door.login({ deviceName: phoneOf(index), userId, pin })
    return (await this.#soon(seen)) - (await onDisk)
  }

  async #logout(userId: string, index: number): Promise<void> {
    const { name, door } = this.#world.clusters[index]!
    const gone = this.#witness.seenEverywhere(userId, { by: name, at: null })
    await door.logout(phoneOf(index))
    await this.#soon(gone)
  }

  /** One hub is killed, people log in below it and elsewhere, it is started again, and in the end everybody knows everything. */
  async #hubRestart() {
    const { hubs, clusters } = this.#world
    const people = travellers(clusters.length, superuserEvery).slice(0, 4)
    const hub = hubs[0]!
    // By turns at a cluster below this hub and at one below the next.
    const places = people.map((_, nth) => (Math.floor(nth / 2) * hubs.length + (nth % 2)) % clusters.length)
    await hub.process.kill()
    const seen = people.map(async ({ userId }, nth) => {
      const { name, door } = clusters[places[nth]!]!
      const everywhere = this.#witness.seenEverywhere(userId, { by: name, at: name })
      await door.login({ deviceName: phoneOf(places[nth]!), userId, pin })
      return () => everywhere
    })
    const awaited = await Promise.all(seen)
    const startedAt = monotonicMs()
    await hub.process.start()
    const hubStartMs = monotonicMs() - startedAt
    const times = await this.#soon(Promise.all(awaited.map((everywhere) => everywhere())))
    await this.#upToDate()
    for (const [nth, { userId }] of people.entries()) await this.#logout(userId, places[nth]!)
    return { hubStartMs, hubConvergedMs: Math.max(...times) - startedAt }
  }

  /** Messages with changes that all of them together have sent so far; heartbeats are none. */
  async #pushes(): Promise<number> {
    const each = await Promise.all(
      this.#nodes().map(async ({ door }) => {
        const metrics = await (await fetch(new URL('/metrics', door.http))).text()
        return Number(/^ils_pushes_sent_total (\d+)/mu.exec(metrics)?.[1] ?? Number.NaN)
      }),
    )
    return each.reduce((sum, one) => sum + one, 0)
  }

  #nodes(): readonly Grown[] {
    return [...this.#world.hubs, ...this.#world.clusters]
  }

  /** Rejects when it takes too long, and says who did not see it. */
  async #soon<T>(awaited: Promise<T>): Promise<T> {
    const late = new AbortController()
    const signal = AbortSignal.any([late.signal, ...(this.#options.signal ? [this.#options.signal] : [])])
    const deadline = sleep(deadlineMs, undefined, { signal }).then(() => {
      throw new Error(`not seen everywhere within ${deadlineMs / 1000} s: ${this.#witness.waitingFor()}`)
    })
    try {
      return await Promise.race([awaited, deadline])
    } finally {
      late.abort()
      deadline.catch(() => {})
    }
  }

  async #until(what: string, holds: () => Promise<boolean>): Promise<void> {
    const startedAt = performance.now()
    while (!(await holds().catch(() => false))) {
      this.#options.signal?.throwIfAborted()
      if (performance.now() - startedAt > deadlineMs) throw new Error(`not within ${deadlineMs / 1000} s: ${what}`)
      await sleep(25)
    }
  }
}

const monotonicMs = () => Number(process.hrtime.bigint()) / 1e6
