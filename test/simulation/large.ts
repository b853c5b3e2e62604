// A calm network of any size up to the vendor's 200 clusters, in which people log in: what a login costs, and how soon everybody
// knows. Plain rows, for benchmarks and pictures.
import { Network, noFaults } from './network.ts'
import { Oracle } from './oracle.ts'
import { createRandom, createStreams } from './random.ts'
import { SimNode } from './sim-node.ts'
import type { World } from './sim-node.ts'
import { createTimeline } from './timeline.ts'

export interface GrowthOptions {
  /** Hubs that are no clusters. */
  readonly hubs: number
  /** Spokes, spread over the hubs. */
  readonly clusters: number
  readonly logins: number
  readonly seed: number
  /**
   * How many people log in, each again and again at one cluster. Default 1000: what 210 nodes hold of 10,000 people is more memory than
   * a process has.
   */
  readonly users?: number
  /** Simulated milliseconds between two logins. Default 5. */
  readonly everyMs?: number
  /** Share of messages that is lost while people log in. Default 0. */
  readonly loss?: number
}

export interface Spread {
  readonly mean: number
  readonly median: number
  readonly p99: number
  readonly most: number
}

/** One point of the curve: cost against the number of clusters. */
export interface GrowthRow {
  readonly hubs: number
  readonly clusters: number
  readonly logins: number
  /** Sent by anybody, heartbeats not counted. */
  readonly messagesPerLogin: number
  readonly bytesPerLogin: number
  /** Heartbeats of the whole network, per simulated second. */
  readonly idleMessagesPerSecond: number
  /** Records that one node holds at the end. */
  readonly records: number
  /** Simulated time from a login's commit until every node has it. */
  readonly visibleMs: Spread
  /** Until a spoke that lost its disk holds everything of all others again. */
  readonly fullSyncMs: number
  readonly wallMs: number
  /** Of the whole simulated network; undefined unless garbage can be collected on demand (`--expose-gc`). */
  readonly heapBytes: number | undefined
}

const heartbeatMs = 1000

/** The recommended most: 10 hubs × 20 spokes. */
export const sizes: readonly { readonly hubs: number; readonly clusters: number }[] = [
  { hubs: 1, clusters: 3 },
  { hubs: 1, clusters: 10 },
  { hubs: 2, clusters: 25 },
  { hubs: 3, clusters: 50 },
  { hubs: 5, clusters: 100 },
  { hubs: 10, clusters: 200 },
]

/** The whole curve, smallest first. */
export function* growthCurve(logins: number, seed = 1): Generator<GrowthRow> {
  for (const { hubs, clusters } of sizes) yield growNetwork({ hubs, clusters, logins, seed })
}

/** The same options give the same row, wall time and memory apart. Throws when not everybody got everything. */
export function growNetwork(options: GrowthOptions): GrowthRow {
  const started = performance.now()
  const heapBefore = settledHeap()
  const growth = new Growth(options)
  growth.settle()
  const idleMessagesPerSecond = growth.idle(10)
  const before = growth.sent()
  growth.logIn()
  const { messages, bytes } = growth.sent()
  const heartbeats = (growth.loginSeconds * idleMessagesPerSecond) / options.logins
  const heapBytes = heapBefore === undefined ? undefined : (settledHeap() as number) - heapBefore
  return {
    hubs: options.hubs,
    clusters: options.clusters,
    logins: options.logins,
    messagesPerLogin: (messages - before.messages) / options.logins - heartbeats,
    bytesPerLogin: (bytes - before.bytes) / options.logins,
    idleMessagesPerSecond,
    records: growth.records(),
    visibleMs: spreadOf(growth.visible),
    fullSyncMs: growth.fullSync(),
    wallMs: performance.now() - started,
    heapBytes,
  }
}

class Growth {
  /** Per login, in order of the logins. */
  readonly visible: number[] = []
  loginSeconds = 0
  readonly #options: GrowthOptions
  readonly #world: World
  readonly #nodes: readonly SimNode[]
  readonly #spokes: readonly SimNode[]
  /** `origin usn` → when it was committed, and at how many nodes it is still missing. */
  readonly #underWay = new Map<string, { readonly at: number; missing: number }>()

  constructor(options: GrowthOptions) {
    this.#options = options
    const timeline = createTimeline()
    const stream = createStreams(options.seed)
    const seen = (node: string, origin: string, usn: number) => this.#seen(node, origin, usn)
    const oracle = new (class extends Oracle {
      override applied(node: string, { origin, records }: Parameters<Oracle['applied']>[1]): void {
        for (const record of records) if (record.kind === 'location') seen(node, origin, record.usn)
      }
      override stores(): void {}
      override shows(): void {}
    })()
    this.#world = { timeline, stream, network: new Network(timeline, stream), oracle, omitted: new Set() }
    this.#nodes = createNodes(this.#world, options)
    this.#spokes = this.#nodes.filter(({ cluster }) => cluster)
  }

  settle(): void {
    const { timeline } = this.#world
    for (const node of this.#nodes) node.start()
    for (const node of this.#nodes) node.roaming.note(['about'], 1)
    for (let waited = 0; !this.#agree(); waited++) {
      if (waited > 100) throw new Error('the calm network does not become one')
      timeline.runUntil(timeline.now + heartbeatMs)
    }
    timeline.runUntil(timeline.now + 5 * heartbeatMs)
  }

  /** Messages per second when nobody does anything. */
  idle(seconds: number): number {
    const { timeline, network } = this.#world
    const before = network.messages
    timeline.runUntil(timeline.now + seconds * 1000)
    return (network.messages - before) / seconds
  }

  logIn(): void {
    const { timeline, network } = this.#world
    const { logins, users = 1000, everyMs = 5, seed, loss = 0 } = this.#options
    network.faults = { ...noFaults, loss }
    const random = createRandom(seed)
    const places = Array.from({ length: Math.min(users, logins) }, () => random.pick(this.#spokes))
    const from = timeline.now
    for (let login = 0; login < logins; login++) {
      const user = login % places.length
      places[user]?.roaming.login(`user${user}`)
      timeline.runUntil(timeline.now + everyMs)
    }
    for (let waited = 0; this.#underWay.size > 0; waited++) {
      if (waited > 100) throw new Error(`${this.#underWay.size} logins did not get everywhere`)
      timeline.runUntil(timeline.now + 100)
    }
    this.loginSeconds = (timeline.now - from) / 1000
    if (this.visible.length !== logins) throw new Error(`${this.visible.length} of ${logins} logins were recorded`)
  }

  /** The last spoke loses its disk. */
  fullSync(): number {
    const { timeline } = this.#world
    const spoke = this.#spokes.at(-1) as SimNode
    const goal = recordsOf(spoke, spoke.id)
    spoke.crash()
    spoke.replaceDisk(undefined)
    const from = timeline.now
    spoke.start()
    while (recordsOf(spoke, spoke.id) < goal) {
      if (timeline.now - from > 1000 * heartbeatMs) throw new Error('a full synchronization does not end')
      timeline.runUntil(timeline.now + 1)
    }
    return timeline.now - from
  }

  sent(): { readonly messages: number; readonly bytes: number } {
    const { messages, bytes } = this.#world.network
    return { messages, bytes }
  }

  records(): number {
    return recordsOf(this.#nodes[0] as SimNode)
  }

  #seen(node: string, origin: string, usn: number): void {
    const { timeline } = this.#world
    const id = `${origin} ${usn}`
    if (node === origin) {
      this.#underWay.set(id, { at: timeline.now, missing: this.#nodes.length - 1 })
      return
    }
    const login = this.#underWay.get(id)
    if (login === undefined || --login.missing > 0) return
    this.#underWay.delete(id)
    this.visible.push(timeline.now - login.at)
  }

  #agree(): boolean {
    const [first, ...others] = this.#nodes.map(({ driver }) => driver?.state.replica)
    const everybody = [...(first?.origins() ?? [])].length === this.#nodes.length
    return everybody && others.every((replica) => replica?.digest() === first?.digest())
  }
}

function createNodes(world: World, { hubs, clusters }: GrowthOptions): readonly SimNode[] {
  const hubIds = Array.from({ length: hubs }, (_, index) => `hub${index + 1}`)
  const base = {
    network: 'simulation',
    authentication: { mode: 'password', key: Buffer.from('the key of the simulation') } as const,
    heartbeatMs,
    synchronizeEveryMs: 0,
  }
  return [
    ...hubIds.map(
      (self) => new SimNode(world, { ...base, self, cluster: false, membership: { role: 'hub', hubs: hubIds } }),
    ),
    ...Array.from({ length: clusters }, (_, index) => {
      const membership = { role: 'spoke', hub: hubIds[index % hubs] as string } as const
      return new SimNode(world, { ...base, self: `cluster${index + 1}`, cluster: true, membership })
    }),
  ]
}

function recordsOf({ driver }: SimNode, except?: string): number {
  let count = 0
  for (const { origin } of driver?.records() ?? []) if (origin !== except) count += 1
  return count
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return { mean, median: at(0.5), p99: at(0.99), most: sorted.at(-1) ?? 0 }
}

function settledHeap(): number | undefined {
  const collect = (globalThis as { gc?: () => void }).gc
  if (collect === undefined) return undefined
  collect()
  return process.memoryUsage().heapUsed
}
