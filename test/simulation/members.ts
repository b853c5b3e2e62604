// Who is of the network, seen from above: hubs that know of one another, and their spokes.
import { compareVersions } from '../../ils-sync/core/data/record.ts'
import { namedBy, peerInfoOf } from '../../ils-sync/core/network/topology.ts'
import type { SimNode } from './sim-node.ts'

/**
 * The nodes that must agree after healing. Hubs that nobody has told of one another are networks of their own; of several the
 * largest counts. A spoke of a node that is no hub belongs to none.
 */
export function inNetwork(nodes: ReadonlyMap<string, SimNode>): readonly SimNode[] {
  const hubs = [...nodes.values()].filter(({ membership }) => membership.role === 'hub')
  const groups = groupsOf(hubs).map((group) => {
    const ids = new Set(group.map(({ id }) => id))
    const spokes = [...nodes.values()].filter(
      ({ membership }) => membership.role === 'spoke' && ids.has(membership.hub),
    )
    return [...group, ...spokes]
  })
  return groups.toSorted((a, b) => b.length - a.length)[0] ?? []
}

function groupsOf(hubs: readonly SimNode[]): readonly SimNode[][] {
  const left = new Set(hubs)
  const groups: SimNode[][] = []
  for (const first of hubs) {
    if (!left.delete(first)) continue
    const group = [first]
    for (const hub of group) {
      for (const other of left) if (knows(hub, other) || knows(other, hub)) group.push(other)
      for (const member of group) left.delete(member)
    }
    groups.push(group)
  }
  return groups
}

/** By its administrator, or by what the other one says of itself. */
function knows({ driver, membership }: SimNode, { id }: SimNode): boolean {
  return namedBy(membership).includes(id) || (driver !== undefined && peerInfoOf(driver.state, id)?.role === 'hub')
}

/** Whether it is worth judging: all replicas of the network hold equally much. Cheap. */
export function isQuiet(nodes: ReadonlyMap<string, SimNode>): boolean {
  const members = inNetwork(nodes)
  const versionOf = ({ driver }: SimNode, origin: string) => driver?.state.replica.version(origin)
  return members.every(({ id: origin }) => {
    const [first, ...others] = members.map((node) => versionOf(node, origin))
    return first !== undefined && others.every((other) => compareVersions(first, other) === 0)
  })
}

/** Whether the two would talk to each other as they are configured. */
export function areNeighbours(
  { id, membership: mine }: SimNode,
  { id: otherId, membership: theirs }: SimNode,
): boolean {
  if (id === otherId) return false
  if (mine.role === 'spoke') return mine.hub === otherId
  if (mine.role === 'standalone') return false
  return theirs.role === 'spoke' ? theirs.hub === id : theirs.role === 'hub'
}
