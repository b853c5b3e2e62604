// A whole ILS network on a simulated network, clock and disk, tormented as a seed says, then healed and judged.
import { createRandom } from './random.ts'
import type { Random } from './random.ts'
import { judge } from './judge.ts'
import { Network, noFaults } from './network.ts'
import { Oracle, Violation } from './oracle.ts'
import { SimNode } from './sim-node.ts'
import type { World } from './sim-node.ts'
import { createTimeline } from './timeline.ts'

export interface SimulationOptions {
  readonly seed: number
  /** Things that happen before the network heals. */
  readonly steps: number
  /** 3 to 200; from 6 on there are two hubs, from 12 on three. */
  readonly nodes: number
  /** Rules that the simulated hosts leave out on purpose: `supersede`, `hybridClock`. */
  readonly omitted?: readonly string[]
}

export interface SimulationResult {
  readonly seed: number
  /** Undefined when everything held. */
  readonly violation: string | undefined
  /** What was done, for people; the last lines of it come before the violation. */
  readonly story: readonly string[]
  readonly crashes: number
  readonly logins: number
  readonly appliedRecords: number
}

const heartbeatMs = 1000
/** Long enough for an unreachable hub to be called again, a pull to be repeated and relayed twice, and logouts to travel. */
const healingMs = 40 * heartbeatMs

/** Never throws for a violation; the same options give the same result. */
export function runSimulation(options: SimulationOptions): SimulationResult {
  const simulation = new Simulation(options)
  let violation: string | undefined
  try {
    simulation.torment(options.steps)
    simulation.heal()
    judge(simulation.nodes, simulation.users, simulation.world.oracle)
  } catch (error) {
    if (!(error instanceof Violation)) throw error
    violation = error.message
  }
  const { story, crashes, logins, nodes } = simulation
  const appliedRecords = nodes.reduce((sum, node) => sum + (node.driver?.state.counters.applied ?? 0), 0)
  return { seed: options.seed, violation, story, crashes, logins, appliedRecords }
}

class Simulation {
  readonly world: World
  readonly nodes: readonly SimNode[]
  readonly users: readonly string[]
  readonly story: string[] = []
  crashes = 0
  logins = 0
  readonly #spokes: readonly SimNode[]
  readonly #random: Random

  constructor({ seed, nodes, omitted = [] }: SimulationOptions) {
    const random = createRandom(seed)
    const timeline = createTimeline()
    const network = new Network(timeline, random)
    const faults = { crash: 0, failedWork: 0, failedCommit: 0 }
    this.world = { timeline, random, network, oracle: new Oracle(), faults, omitted: new Set(omitted) }
    this.#random = random
    this.nodes = createNodes(this.world, nodes)
    this.#spokes = this.nodes.filter((node) => !node.id.startsWith('hub'))
    this.users = Array.from({ length: Math.max(3, nodes) }, (_, index) => `user${index}`)
    for (const node of this.nodes) node.clockOffsetMs = random.chance(0.3) ? random.between(-600_000, 600_000) : 0
  }

  torment(steps: number): void {
    const random = this.#random
    const { timeline, network, faults } = this.world
    // Calm stories matter too: a fault that comes alone must not be healed by another one.
    const violence = random.pick([0, 0.3, 1])
    network.faults = {
      loss: 0.05 * violence * random.next(),
      duplicate: 0.05 * violence,
      slow: 0.03 * violence,
      garble: 0.005 * violence,
    }
    Object.assign(faults, { crash: 0.0003 * violence, failedWork: 0.01 * violence, failedCommit: 0.003 * violence })
    for (const node of this.nodes) node.start()
    timeline.runUntil(timeline.now + (random.chance(0.8) ? 3 * heartbeatMs : 0))
    for (let step = 0; step < steps; step++) {
      this.#act()
      timeline.runUntil(timeline.now + random.pick([0, 1, 5, 20, 100, 1000]))
    }
  }

  heal(): void {
    const { timeline, network, faults } = this.world
    Object.assign(faults, { crash: 0, failedWork: 0, failedCommit: 0 })
    network.faults = noFaults
    network.mendAll()
    this.#tell('heal')
    for (const node of this.nodes) {
      node.setTransport(true)
      node.start()
    }
    timeline.runUntil(timeline.now + healingMs)
  }

  #act(): void {
    const random = this.#random
    const node = random.pick(this.nodes)
    const spoke = random.pick(this.#spokes)
    const user = random.pick(this.users)
    const actions: readonly (readonly [number, () => void])[] = [
      [30, () => this.#login(spoke, user)],
      [12, () => this.#do(`${user} logs out of ${spoke.id}`, () => spoke.logout(user))],
      [8, () => this.#do(`${node.id} notes`, () => node.note(`n${random.between(0, 3)}`, random.between(0, 1e6)))],
      [4, () => this.#crash(node)],
      [8, () => this.#restartOne()],
      [4, () => this.#cut(node)],
      [3, () => this.#pause(node)],
      [2, () => this.#redisRestarts()],
      [
        2,
        () =>
          this.#do(
            `the clock of ${node.id} jumps`,
            () => (node.clockOffsetMs += random.between(-3_600_000, 3_600_000)),
          ),
      ],
      [0.4, () => this.#wipe(node)],
    ]
    let dice = random.next() * actions.reduce((sum, [weight]) => sum + weight, 0)
    for (const [weight, action] of actions) {
      dice -= weight
      if (dice < 0) return action()
    }
  }

  #login(spoke: SimNode, user: string): void {
    this.logins += 1
    this.#do(`${user} logs in at ${spoke.id}`, () => spoke.login(user))
  }

  #crash(node: SimNode): void {
    if (!node.driver) return
    this.crashes += 1
    this.#do(`${node.id} is killed`, () => node.crash())
  }

  #restartOne(): void {
    const dead = this.nodes.filter((node) => !node.driver)
    if (dead.length === 0) return
    const node = this.#random.pick(dead)
    this.#do(`${node.id} starts`, () => node.start())
  }

  /** Off the network, one way or both; the node is told in half of the cases. */
  #cut(node: SimNode): void {
    const random = this.#random
    const { network, timeline } = this.world
    const told = random.chance(0.5)
    const [out, into] = random.pick([
      [true, true],
      [true, false],
      [false, true],
    ] as const)
    this.#tell(`${node.id} is cut off${told ? ', told' : ''}${out ? ' out' : ''}${into ? ' in' : ''}`)
    for (const other of this.nodes) {
      if (out) network.cut(node.id, other.id)
      if (into) network.cut(other.id, node.id)
    }
    if (told) node.setTransport(false)
    timeline.at(random.between(10, 8000), () => {
      this.#tell(`${node.id} is back on the network`)
      for (const other of this.nodes) {
        network.mend(node.id, other.id)
        network.mend(other.id, node.id)
      }
      node.setTransport(true)
    })
  }

  #pause(node: SimNode): void {
    const ms = this.#random.between(100, 10_000)
    this.#do(`${node.id} is paused for ${ms} ms`, () => node.pause(ms))
  }

  #redisRestarts(): void {
    this.#tell('redis is killed')
    for (const node of this.nodes) node.setTransport(false)
    this.world.timeline.at(this.#random.between(100, 4000), () => {
      this.#tell('redis is back, empty')
      for (const node of this.nodes) node.setTransport(true)
    })
  }

  #wipe(node: SimNode): void {
    this.#tell(`${node.id} loses its disk`)
    node.crash()
    node.disk.wipe()
    this.world.oracle.wiped(node.id)
  }

  #do(line: string, action: () => void): void {
    this.#tell(line)
    action()
  }

  #tell(line: string): void {
    this.story.push(`${(this.world.timeline.now / 1000).toFixed(3)} ${line}`)
  }
}

function createNodes(world: World, count: number): readonly SimNode[] {
  const hubCount = count >= 12 ? 3 : count >= 6 ? 2 : 1
  const hubs = Array.from({ length: hubCount }, (_, index) => `hub${index + 1}`)
  const base = {
    network: 'simulation',
    key: Buffer.from('key'),
    heartbeatMs,
    random: (size: number) => world.random.bytes(size),
  }
  const synchronizeEveryMs = world.random.pick([0, 20_000])
  const hubNodes = hubs.map((self) => new SimNode(world, { ...base, self, role: 'hub', hubs, synchronizeEveryMs }))
  const spokes = Array.from({ length: count - hubCount }, (_, index) => {
    const hub = hubs[index % hubCount] as string
    return new SimNode(world, { ...base, self: `cluster${index + 1}`, role: 'spoke', hub, synchronizeEveryMs })
  })
  return [...hubNodes, ...spokes]
}
