// What a script that was made by hand promises at some moment, beside what must always hold.
import { isQuiet } from './members.ts'
import { Violation } from './oracle.ts'
import type { ActionOf, Counted } from './script.ts'
import type { SimNode, World } from './sim-node.ts'

interface Scene {
  readonly world: World
  readonly nodes: ReadonlyMap<string, SimNode>
}

/** Throws Violation. */
export function checkPromise({ world, nodes }: Scene, action: ActionOf<'agree' | 'shows' | 'most'>): void {
  const { now } = world.timeline
  if (action.do === 'agree') {
    if (!isQuiet(nodes)) throw new Violation(`at ${now} ms replicas are not equal yet`)
    return
  }
  if (action.do === 'shows') {
    const { node, peer, status } = action
    const shown = nodes.get(node)?.driver?.state.links.get(peer)?.status ?? 'no link'
    if (shown !== status) throw new Violation(`at ${now} ms ${node} shows ${peer} as "${shown}", not "${status}"`)
    return
  }
  const count = countOf({ world, nodes }, action.of)
  if (count > action.count) throw new Violation(`${count} ${action.of} by ${now} ms, more than ${action.count}`)
}

function countOf({ world, nodes }: Scene, what: Counted): number {
  const { messages, handshakes } = world.network
  if (what === 'messages') return messages
  if (what === 'handshakes') return handshakes
  return [...nodes.values()].reduce((sum, node) => sum + countAt(node, what), 0)
}

function countAt(node: SimNode, what: Exclude<Counted, 'messages' | 'handshakes'>): number {
  const { replica, counters } = node.driver?.state ?? {}
  switch (what) {
    case 'pages':
      return counters?.pagesSent ?? 0
    case 'alarms':
    case 'losses':
    case 'refusals':
      return node.said[what]
    case 'waiting':
      return node.waiting
    case 'tombstones':
      return replica?.count(node.id).tombstones ?? 0
    case 'origins':
      return [...(replica?.origins() ?? [])].length
  }
}
