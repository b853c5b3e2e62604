// Nodes that take their places in a network and leave them, in a conversation that a test carries by hand.
import type { MemoryStore } from '../../ils-sync/store/memory.ts'
import type { Membership } from '../../ils-sync/core/state.ts'
import { Conversation, heartbeatMs } from './conversation.ts'
import type { NodeSettings, TalkingNode } from './conversation.ts'

export const pollMs = 3 * heartbeatMs

/** The host's write that takes another place, with what is said at once. */
export function move(node: TalkingNode, membership: Membership): void {
  node.write(() => node.driver.changeMembership(membership))
  node.endTurn()
}

/** A write that is undone: its host reads everything again. */
export function failingMove(node: TalkingNode, membership: Membership): void {
  const before = node.store.fork()
  try {
    node.write(() => {
      node.driver.changeMembership(membership)
      throw new Error('disk full')
    })
  } catch {
    for (const { origin, version, records } of before.load())
      node.store.apply({ type: 'replace', origin, version, records })
    node.driver.reload()
    node.endTurn()
  }
}

/** Joins as a started node does: it has described itself before it says anything. */
export function enter(talk: Conversation, settings: NodeSettings, store?: MemoryStore): TalkingNode {
  const node = talk.join(settings, store)
  move(node, settings.membership)
  return node
}

/** Enough for whatever a step leads to. */
export function calm(talk: Conversation, ms = 4 * pollMs): void {
  talk.settle()
  talk.pass(ms)
}

/** Two hubs, each named to the other, with a spoke each; they know everything of one another. */
export function twoHubs() {
  const talk = new Conversation()
  const hubA = enter(talk, { self: 'huba', membership: { role: 'hub' } })
  const hubB = enter(talk, { self: 'hubb', membership: { role: 'hub', registrationServer: 'huba' } })
  const one = enter(talk, { self: 'cluster1', membership: { role: 'spoke', hub: 'huba' } })
  const two = enter(talk, { self: 'cluster2', membership: { role: 'spoke', hub: 'hubb' } })
  calm(talk)
  return { talk, hubA, hubB, one, two }
}

/** The neighbours of a node with the state of the link to each. */
export function neighbours({ driver }: TalkingNode): Record<string, string> {
  const links = [...driver.state.links.values()].map(({ peer, role, status }) => [peer, `${role}: ${status}`] as const)
  return Object.fromEntries(links.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

export function digests(nodes: readonly TalkingNode[]): readonly string[] {
  return [...new Set(nodes.map(({ driver }) => driver.state.replica.digest()))]
}

/** Pub/sub knows one inbox per ID: what is meant for one of two namesakes reaches both. */
export function shareInbox(talk: Conversation, first: TalkingNode, second: TalkingNode): void {
  const inbox = Object.create(second) as TalkingNode
  inbox.tick = () => second.tick()
  inbox.receive = (bytes) => {
    first.receive(bytes)
    second.receive(bytes)
  }
  talk.nodes.set(second.id, inbox)
  // Only for its ticks: nobody writes to this name.
  talk.nodes.set(`${first.id}, the other one`, first)
}
