// Makes one action of a script happen.
import { MessageClass, protocolVersion } from '../../ils-sync/core/wire/envelope.ts'
import type { Membership } from '../../ils-sync/core/state.ts'
import { followCall } from './calls.ts'
import { checkPromise } from './promises.ts'
import type { Disasters } from './disasters.ts'
import type { Random } from './random.ts'
import type { Action, ActionOf } from './script.ts'
import type { SimNode, World } from './sim-node.ts'

export interface Stage {
  readonly world: World
  readonly nodes: ReadonlyMap<string, SimNode>
  readonly clusters: readonly SimNode[]
  readonly disasters: Disasters
  readonly random: Random
  /** How calls ended, for people. */
  readonly calls: Map<string, number>
  readonly tell: (line: string) => void
}

/** Throws Violation. */
export function perform(stage: Stage, action: Action): void {
  if (action.do === 'cut') return cut(stage, action)
  if (action.do === 'redis') return killRedis(stage, action)
  if (action.do === 'lose') return lose(stage, action)
  if (action.do === 'agree' || action.do === 'shows' || action.do === 'most') return checkPromise(stage, action)
  const node = stage.nodes.get(action.node) as SimNode
  switch (action.do) {
    case 'login':
      stage.tell(`${userName(action.user)} logs in at ${node.id}`)
      return node.roaming.login(userName(action.user))
    case 'logout':
      stage.tell(`${userName(action.user)} logs out of ${node.id}`)
      return node.roaming.logout(userName(action.user))
    case 'call':
      return call(stage, node, userName(action.user))
    case 'note':
      return note(stage, node, action)
    case 'kill':
    case 'wipe':
    case 'restore':
    case 'backup':
    case 'membership':
      return changeLife(stage, node, action)
    case 'unplug':
      return unplug(stage, node, action)
    case 'flood':
      return flood(stage, node, action)
    default:
      return disturb(stage, node, action)
  }
}

export const userName = (user: number): string => `user${user}`

/** Users belong to the clusters in turn. */
export function homeOf(user: string, clusters: readonly SimNode[]): string {
  return (clusters[Number(user.slice('user'.length)) % clusters.length] as SimNode).id
}

function call({ nodes, world, clusters, calls, tell }: Stage, node: SimNode, userId: string): void {
  if (!node.driver) return
  const { network } = world
  const outcome = followCall({ nodes, network, from: node.id, userId, home: homeOf(userId, clusters) })
  calls.set(outcome.why, (calls.get(outcome.why) ?? 0) + 1)
  tell(`${node.id} calls ${userId}: ${outcome.why} ${outcome.endsAt ?? ''} after ${outcome.handOns}`)
}

function note({ tell }: Stage, node: SimNode, { first, count, value }: ActionOf<'note'>): void {
  tell(`${node.id} notes ${count}`)
  const keys = Array.from({ length: count }, (_, index) => `n${first + index}`)
  node.roaming.note(keys, value)
}

function changeLife(
  stage: Stage,
  node: SimNode,
  action: ActionOf<'kill' | 'wipe' | 'restore' | 'backup' | 'membership'>,
): void {
  const { disasters, world, tell } = stage
  const startLater = (ms: number) =>
    world.timeline.at(ms, () => {
      if (!node.driver) tell(`${node.id} starts`)
      node.start()
    })
  if (action.do === 'backup') return disasters.backup(node)
  if (action.do === 'wipe' || action.do === 'restore') {
    const done = action.do === 'wipe' ? disasters.wipe(node) : disasters.restore(node)
    if (!done) return
    tell(`${node.id} ${action.do === 'wipe' ? 'loses its disk' : 'gets the disk of its backup'}`)
    return startLater(action.downMs)
  }
  if (!node.driver) return
  if (action.do === 'membership') {
    if (!disasters.mayMove(node)) return
    tell(`${node.id} becomes ${JSON.stringify(action.membership)}`)
    return node.move(action.membership as Membership)
  }
  const { effects, downMs } = action
  tell(`${node.id} is killed${effects > 0 ? ` ${effects} effects from now` : ''}`)
  if (effects > 0) {
    node.onDoom = () => startLater(downMs)
    return node.doom(effects)
  }
  node.crash()
  startLater(downMs)
}

function disturb(
  { world, random, tell }: Stage,
  node: SimNode,
  action: ActionOf<'failWrites' | 'stall' | 'pause' | 'slow' | 'clock' | 'replay'>,
): void {
  const { at: _at, do: name, node: _node, ...facts } = action
  tell(`${node.id} ${name} ${JSON.stringify(facts)}`)
  switch (action.do) {
    case 'failWrites':
      node.commits.failWorks += action.works
      node.commits.failStores += action.stores
      node.commits.failCommits += action.commits
      return
    case 'stall':
      return node.commits.stall(action.ms)
    case 'pause':
      return node.pause(action.ms)
    case 'slow':
      return node.slow(action.ms, action.delayMs)
    case 'clock':
      node.clockOffsetMs += action.byMs
      return
    case 'replay':
      return world.network.replay(node.id, random, action)
  }
}

function cut({ world, tell }: Stage, { from, to, bothWays, ms }: ActionOf<'cut'>): void {
  const { network, timeline } = world
  tell(`nothing gets from ${from.join(' ')} to ${to.join(' ')}${bothWays ? ' or back' : ''} for ${ms} ms`)
  const each = (change: (a: string, b: string) => void) => {
    for (const a of from) {
      for (const b of to) {
        change(a, b)
        if (bothWays) change(b, a)
      }
    }
  }
  each((a, b) => network.cut(a, b))
  timeline.at(ms, () => each((a, b) => network.mend(a, b)))
}

function lose({ world, tell }: Stage, { from, to, ...which }: ActionOf<'lose'>): void {
  tell(`${which.count} messages from ${from.join(' ')} to ${to.join(' ')} will be lost: ${which.holding}`)
  for (const a of from) for (const b of to) world.network.lose(a, b, which)
}

function unplug({ world, tell }: Stage, node: SimNode, { ms }: ActionOf<'unplug'>): void {
  const { network, timeline } = world
  tell(`${node.id} is off the network for ${ms} ms`)
  network.unplug(node.id)
  node.lookAtTransport()
  timeline.at(ms, () => {
    network.plug(node.id)
    node.lookAtTransport()
  })
}

/** Everything under way is lost; each node notices at a time of its own that it is back. */
function killRedis({ world, nodes, random, tell }: Stage, { ms }: ActionOf<'redis'>): void {
  const { network, timeline } = world
  tell(`redis is killed for ${ms} ms`)
  network.dropAll()
  for (const node of nodes.values()) {
    network.unplug(node.id)
    node.lookAtTransport()
    timeline.at(ms + random.between(0, 500), () => {
      network.plug(node.id)
      node.lookAtTransport()
    })
  }
}

/** From somebody who does not know the password, under ever new names. */
function flood({ world, random, tell }: Stage, node: SimNode, { count }: ActionOf<'flood'>): void {
  tell(`${node.id} is flooded with ${count} forged messages`)
  const classes = Object.values(MessageClass)
  for (let i = 0; i < count; i++) {
    const signature = random.bytes(32).toString('base64url')
    const messageClass = random.pick(classes)
    const session = messageClass === MessageClass.session ? random.bytes(12).toString('base64url') : '-'
    const sender = `stranger${random.between(0, 1e6)}`
    const line = `ILS/${protocolVersion} ${messageClass} ${sender} ${session} ${signature}`
    world.network.inject(node.id, Buffer.from(`${line}\n{}`), random.between(0, 500))
  }
}
