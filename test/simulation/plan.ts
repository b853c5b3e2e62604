// Draws a script from a seed: what is going to happen, and how bad it gets.
import { limits } from '../../ils-sync/core/limits.ts'
import { createStreams } from './random.ts'
import type { Random } from './random.ts'
import type { Action, ActionName, ByHand, NodePlan, Script } from './script.ts'
import { PlannedTopology, drawTopology } from './topology-plan.ts'

export interface PlanOptions {
  readonly seed: number
  /** Things that happen before the network heals. */
  readonly steps: number
  /** 3 to 200, and up to 210 with ten hubs that are no clusters. */
  readonly nodes: number
  /** Actions of these names only; all by default. */
  readonly only?: readonly ActionName[]
  /** 0 = the network loses nothing; drawn from the seed by default. */
  readonly violence?: number
  /** "Synchronize Clusters Every"; drawn from the seed by default. */
  readonly synchronizeEveryMs?: number
}

const usualHeartbeatMs = 1000
const dayMs = 86_400_000

/** The same options give the same script. */
export function drawScript(options: PlanOptions): Script {
  const stream = createStreams(options.seed)
  const random = stream('plan')
  // Calm stories matter too: a fault that comes alone must not be healed by another one.
  const violence = options.violence ?? random.pick([0, 0.3, 1])
  const topology = stream('topology')
  const mayMove = (options.only?.includes('membership') ?? true) && topology.chance(0.5)
  const nodes = drawTopology(topology, options.nodes, mayMove)
  // In slow motion a node may be down for days, at no more cost.
  const pace = random.chance(0.1) ? 60 : 1
  const heartbeatMs = pace * usualHeartbeatMs
  const planner = new Planner({ random, nodes, users: Math.max(3, options.nodes), pace })
  const names = (Object.keys(weights) as DrawnName[]).filter(
    (name) => (options.only?.includes(name) ?? true) && (name !== 'membership' || mayMove),
  )
  const actions: Action[] = []
  let at = random.chance(0.8) ? 3 * heartbeatMs : 0
  for (let step = 0; step < options.steps; step++) {
    actions.push(planner.draw(at, names))
    at += random.pick([0, 1, 5, 20, 100, 1000]) * pace
  }
  return {
    format: 1,
    seed: options.seed >>> 0,
    users: Math.max(3, options.nodes),
    heartbeatMs,
    synchronizeEveryMs: options.synchronizeEveryMs ?? random.pick([0, 20 * heartbeatMs]),
    network: {
      loss: 0.05 * violence * random.next(),
      duplicate: 0.05 * violence,
      slow: 0.03 * violence,
      overtake: 0.5 * violence * random.next(),
      garble: 0.005 * violence,
    },
    limits: random.chance(0.4) ? tight : usual,
    nodes,
    actions,
    endsAt: at,
  }
}

const { pageRecords, pagesPerPull, pushCharacters, tombstones } = limits
const usual: Script['limits'] = { pageRecords, pagesPerPull, pushCharacters, tombstones }
/** So that a handful of records takes several pages, several pulls, and more than a push may carry. */
const tight: Script['limits'] = { pageRecords: 3, pagesPerPull: 2, pushCharacters: 2000, tombstones: 4 }

type DrawnName = Exclude<ActionName, ByHand>

/** How often each thing happens, relative to the others. */
const weights: Readonly<Record<DrawnName, number>> = {
  login: 30,
  logout: 12,
  call: 4,
  note: 8,
  kill: 6,
  wipe: 0.4,
  backup: 2,
  restore: 0.6,
  failWrites: 2,
  stall: 1,
  cut: 4,
  unplug: 2,
  redis: 1.5,
  pause: 3,
  slow: 1,
  clock: 2,
  replay: 2,
  flood: 0.5,
  membership: 1.5,
}

interface PlannerOptions {
  readonly random: Random
  readonly nodes: readonly NodePlan[]
  readonly users: number
  /** How many times longer than usual everything takes. */
  readonly pace: number
}

class Planner {
  readonly #random: Random
  readonly #ids: readonly string[]
  readonly #hubs: readonly string[]
  readonly #clusters: readonly string[]
  readonly #users: number
  readonly #pace: number
  readonly #topology: PlannedTopology

  constructor({ random, nodes, users, pace }: PlannerOptions) {
    this.#random = random
    this.#pace = pace
    this.#topology = new PlannedTopology(nodes)
    this.#ids = nodes.map(({ id }) => id)
    this.#hubs = nodes.filter(({ membership }) => membership.role === 'hub').map(({ id }) => id)
    this.#clusters = nodes.filter(({ cluster }) => cluster).map(({ id }) => id)
    this.#users = users
  }

  draw(at: number, names: readonly DrawnName[]): Action {
    let dice = this.#random.next() * names.reduce((sum, name) => sum + weights[name], 0)
    const name = names.find((one) => (dice -= weights[one]) < 0) ?? (names[0] as DrawnName)
    return { at, ...this.#fill(name) } as Action
  }

  #fill(name: DrawnName): object {
    switch (name) {
      case 'login':
      case 'logout':
      case 'call':
        return { do: name, node: this.#random.pick(this.#clusters), user: this.#random.between(0, this.#users - 1) }
      case 'cut':
        return { do: name, ...this.#cut(), bothWays: this.#random.chance(0.5), ms: this.#span(8000) }
      case 'redis':
        return { do: name, ms: this.#span(4000) }
      case 'membership':
        return { do: name, ...this.#topology.draw(this.#random) }
      default:
        return { do: name, node: this.#random.pick(this.#ids), ...this.#details(name) }
    }
  }

  #details(name: DrawnName): object {
    const random = this.#random
    switch (name) {
      case 'note': {
        const many = random.chance(0.05)
        const count = many ? random.between(20, 120) : random.pick([1, 1, 1, 5])
        return { first: random.between(0, 9), count, value: random.chance(0.2) ? null : random.between(0, 1e6) }
      }
      case 'kill':
        return { effects: random.chance(0.5) ? 0 : random.between(1, 60), downMs: this.#span(10_000) }
      case 'wipe':
      case 'restore':
        return { downMs: this.#span(6000) }
      case 'failWrites':
        return { works: random.between(0, 2), stores: random.between(0, 2), commits: random.between(0, 1) }
      case 'stall':
      case 'unplug':
      case 'pause':
        return { ms: this.#span(10_000) }
      case 'slow':
        return { ms: this.#span(10_000), delayMs: random.between(20, 1500) }
      case 'clock':
        return { byMs: random.chance(0.1) ? random.between(-dayMs, dayMs) : random.between(-3_600_000, 3_600_000) }
      case 'flood':
        return { count: random.between(10, 150) }
      default:
        return name === 'backup' ? {} : { count: random.between(1, 40) }
    }
  }

  /** One node from all others, any two groups, or the hubs from one another. */
  #cut(): { from: readonly string[]; to: readonly string[] } {
    const random = this.#random
    const kind = random.between(0, 2)
    if (kind === 0) {
      const one = random.pick(this.#ids)
      const others = this.#ids.filter((id) => id !== one)
      return random.chance(0.5) ? { from: [one], to: others } : { from: others, to: [one] }
    }
    const all = kind === 1 || this.#hubs.length < 2 ? this.#ids : this.#hubs
    const from = all.filter(() => random.chance(0.4))
    return { from, to: all.filter((id) => !from.includes(id)) }
  }

  /** Mostly short; sometimes much longer than anybody would wait. */
  #span(usualMs: number): number {
    const random = this.#random
    if (!random.chance(0.05)) return random.between(10, usualMs) * this.#pace
    return this.#pace === 1 ? random.between(usualMs, 6 * usualMs) : random.between(dayMs, 3 * dayMs)
  }
}
