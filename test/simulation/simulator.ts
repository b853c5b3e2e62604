// A whole ILS network on a simulated network, clock and disk: does what a script says, then everything heals, and it is judged.
import { limits } from '../../ils-sync/core/limits.ts'
import { AlarmName } from '../../ils-sync/core/notice.ts'
import { checkBounds } from './bounds.ts'
import { Disasters } from './disasters.ts'
import { judge, judgeAlarms } from './judge.ts'
import { isQuiet } from './members.ts'
import { Network, noFaults } from './network.ts'
import { Oracle, Violation } from './oracle.ts'
import { perform, userName } from './perform.ts'
import { drawScript } from './plan.ts'
import type { PlanOptions } from './plan.ts'
import { createStreams } from './random.ts'
import type { Random } from './random.ts'
import type { Action, Script } from './script.ts'
import { SimNode } from './sim-node.ts'
import type { HostRule } from './roaming.ts'
import type { World } from './sim-node.ts'
import { createTimeline } from './timeline.ts'

export interface RunOptions {
  /** Rules that the simulated hosts leave out on purpose. */
  readonly omitted?: readonly HostRule[]
}

export interface SimulationResult {
  /** Undefined when everything held. */
  readonly violation: string | undefined
  /** What was done, for people; its last lines come before the violation. */
  readonly story: readonly string[]
  readonly steps: number
  readonly crashes: number
  readonly logins: number
  readonly appliedRecords: number
  readonly messages: number
  /** How the calls ended. */
  readonly calls: Readonly<Record<string, number>>
  /** From the end of all faults until everybody agreed, in heartbeats. */
  readonly healedAfter: number | undefined
}

/** Long enough for an unreachable hub to be called again, a pull to be repeated and relayed twice, and logouts to travel. */
const healingHeartbeats = 40
/** Afterwards it must stay as it is, without an alarm. */
const quietHeartbeats = 8

/** What a seed brings. Never throws for a violation; the same options give the same result. */
export function runSimulation({ omitted, ...plan }: PlanOptions & RunOptions): SimulationResult {
  return runScript(drawScript(plan), omitted === undefined ? {} : { omitted })
}

/** Never throws for a violation; the same script gives the same result. */
export function runScript(script: Script, options: RunOptions = {}): SimulationResult {
  const before = { ...limits }
  Object.assign(limits, script.limits)
  const simulation = new Simulation(script, options)
  let violation: string | undefined
  try {
    simulation.torment()
    simulation.heal()
  } catch (error) {
    if (!(error instanceof Violation)) throw error
    violation = error.message
  } finally {
    Object.assign(limits, before)
  }
  return simulation.result(violation)
}

/** Heartbeats that a new epoch takes to every disk, when its origin begins with it as the verdict is due. */
const mostTidying = 2

class Simulation {
  readonly #script: Script
  readonly #world: World
  readonly #nodes: ReadonlyMap<string, SimNode>
  readonly #clusters: readonly SimNode[]
  readonly #random: Random
  readonly #disasters: Disasters
  readonly #story: string[] = []
  readonly #calls = new Map<string, number>()
  #healedAfter: number | undefined

  constructor(script: Script, { omitted = [] }: RunOptions) {
    const stream = createStreams(script.seed)
    const timeline = createTimeline()
    const oracle = new Oracle()
    this.#script = script
    this.#random = stream('stage')
    this.#world = { timeline, stream, network: new Network(timeline, stream), oracle, omitted: new Set(omitted) }
    const nodes = script.nodes.map((plan) => createNode(this.#world, script, plan))
    this.#nodes = new Map(nodes.map((node) => [node.id, node]))
    this.#clusters = nodes.filter(({ cluster }) => cluster)
    this.#disasters = new Disasters(this.#nodes, oracle)
  }

  torment(): void {
    const { timeline, network } = this.#world
    const { actions, endsAt } = this.#script
    network.faults = this.#script.network
    for (const node of this.#nodes.values()) node.start()
    for (const action of actions) {
      timeline.runUntil(action.at)
      this.#act(action)
    }
    timeline.runUntil(Math.max(endsAt, timeline.now))
  }

  heal(): void {
    const { timeline, network } = this.#world
    const { heartbeatMs } = this.#script
    network.faults = noFaults
    network.mendAll()
    this.#tell('everything heals')
    for (const node of this.#nodes.values()) node.heal()
    const looks = this.#nodes.size > 30 ? 1 : 10
    for (let look = 1; this.#healedAfter === undefined; look++) {
      timeline.runUntil(timeline.now + heartbeatMs / looks)
      if (look >= healingHeartbeats * looks) this.#judge()
      if (this.#looksHealed()) this.#healedAfter = look / looks
    }
    const quietFrom = timeline.now
    timeline.runUntil(quietFrom + quietHeartbeats * heartbeatMs)
    // What somebody tidies up just now is on its way to the disks.
    for (let more = 0; more < mostTidying && !this.#looksHealed(); more++) timeline.runUntil(timeline.now + heartbeatMs)
    this.#judge()
    for (const name of Object.values(AlarmName)) {
      // The next heartbeat ends a silence. Of a store that was made anew and then stopped, its hub may say once that it is another one.
      const patience = name === AlarmName.hubUnreachable ? 1.5 : quietHeartbeats / 2
      judgeAlarms(this.#nodes, name, quietFrom + patience * heartbeatMs)
    }
    for (const node of this.#nodes.values()) checkBounds(node, { nodes: this.#nodes.size })
    this.#judgeLosses()
  }

  result(violation: string | undefined): SimulationResult {
    const nodes = [...this.#nodes.values()]
    const { actions } = this.#script
    return {
      violation,
      story: this.#story,
      steps: actions.length,
      crashes: nodes.reduce((sum, { crashes }) => sum + crashes, 0),
      logins: actions.filter((action) => action.do === 'login').length,
      appliedRecords: nodes.reduce((sum, { driver }) => sum + (driver?.state.counters.applied ?? 0), 0),
      messages: this.#world.network.messages,
      calls: Object.fromEntries(this.#calls),
      healedAfter: this.#healedAfter,
    }
  }

  #act(action: Action): void {
    perform(
      {
        world: this.#world,
        nodes: this.#nodes,
        clusters: this.#clusters,
        disasters: this.#disasters,
        random: this.#random,
        calls: this.#calls,
        tell: (line) => this.#tell(line),
      },
      action,
    )
    for (const node of this.#nodes.values()) checkBounds(node, { nodes: this.#nodes.size })
  }

  #looksHealed(): boolean {
    if (!isQuiet(this.#nodes)) return false
    try {
      this.#judge()
      return true
    } catch (error) {
      if (error instanceof Violation) return false
      throw error
    }
  }

  /** Only a disk that was lost or set back has lost anything. */
  #judgeLosses(): void {
    const innocent = this.#script.actions.every((action) => action.do !== 'wipe' && action.do !== 'restore')
    const mistaken = innocent && [...this.#nodes.values()].find(({ said }) => said.losses > 0)
    if (mistaken) throw new Violation(`${mistaken.id} says that it has lost data, and has not`)
  }

  #judge(): void {
    const users = Array.from({ length: this.#script.users }, (_, user) => userName(user))
    const { network, oracle } = this.#world
    judge({ nodes: this.#nodes, clusters: this.#clusters, users, oracle, network })
  }

  #tell(line: string): void {
    this.#story.push(`${(this.#world.timeline.now / 1000).toFixed(3)} ${line}`)
  }
}

function createNode(world: World, script: Script, plan: Script['nodes'][number]): SimNode {
  const { heartbeatMs, synchronizeEveryMs } = script
  const node = new SimNode(world, {
    self: plan.id,
    membership: plan.membership,
    cluster: plan.cluster,
    network: 'simulation',
    authentication: { mode: 'password', key: Buffer.from('the key of the simulation') },
    heartbeatMs,
    synchronizeEveryMs,
  })
  node.clockOffsetMs = plan.clockOffsetMs
  return node
}
