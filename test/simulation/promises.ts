// What a script that was made by hand promises at some moment, beside what must always hold.
import { isQuiet } from './judge.ts'
import { Violation } from './oracle.ts'
import type { ActionOf } from './script.ts'
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

function countOf({ world, nodes }: Scene, what: ActionOf<'most'>['of']): number {
  const { messages, handshakes } = world.network
  const sum = (of: (node: SimNode) => number) => [...nodes.values()].reduce((total, node) => total + of(node), 0)
  switch (what) {
    case 'messages':
      return messages
    case 'handshakes':
      return handshakes
    case 'pages':
      return sum(({ driver }) => driver?.state.counters.pagesSent ?? 0)
    case 'waiting':
      return sum(({ waiting }) => waiting)
    case 'losses':
      return sum(({ losses }) => losses)
  }
}
