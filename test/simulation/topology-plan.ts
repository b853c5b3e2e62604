// How many hubs a simulated network has, who is whose spoke, and how that changes.
import type { Random } from './random.ts'
import type { NodePlan } from './script.ts'

type MembershipPlan = NodePlan['membership']

/** As many as the vendor recommends at most. */
const mostHubs = 10
const spokesPerHub = 20

/**
 * Hubs know one another beforehand, or each names one that was there before it. Hubs may be clusters themselves. Some nodes
 * are not in the network yet.
 */
export function drawTopology(random: Random, count: number, mayMove: boolean): NodePlan[] {
  const hubCount = Math.min(mostHubs, Math.max(Math.ceil(count / (spokesPerHub + 1)), drawHubCount(random, count)))
  const hubs = Array.from({ length: hubCount }, (_, index) => `hub${index + 1}`)
  const hubsAreClusters = random.chance(0.3)
  const named = random.chance(0.5)
  const clockOffsetMs = () => (random.chance(0.3) ? random.between(-600_000, 600_000) : 0)
  const hubPlans = hubs.map((id, index): NodePlan => {
    const first = random.pick(hubs.slice(0, Math.max(1, index)))
    const membership: MembershipPlan = named
      ? { role: 'hub', hubs }
      : { role: 'hub', ...(index > 0 && { registrationServer: first }) }
    return { id, membership, cluster: hubsAreClusters, clockOffsetMs: clockOffsetMs() }
  })
  const spokePlans = Array.from({ length: count - hubCount }, (_, index): NodePlan => {
    const outside = mayMove && index > 0 && random.chance(0.1)
    const membership: MembershipPlan = outside
      ? { role: 'standalone' }
      : { role: 'spoke', hub: hubs[index % hubCount] as string }
    return { id: `cluster${index + 1}`, membership, cluster: true, clockOffsetMs: clockOffsetMs() }
  })
  return [...hubPlans, ...spokePlans]
}

function drawHubCount(random: Random, count: number): number {
  if (count < 6) return 1
  return count < 12 ? random.between(1, 2) : random.between(2, Math.min(mostHubs, Math.floor(count / 3)))
}

/** Follows the plan through its role changes, so that each next one makes sense. */
export class PlannedTopology {
  readonly #places: Map<string, MembershipPlan>

  constructor(nodes: readonly NodePlan[]) {
    this.#places = new Map(nodes.map(({ id, membership }) => [id, membership]))
  }

  /**
   * A spoke moves to another hub or becomes a hub, a cluster leaves or joins, a hub without spokes becomes a spoke. Always leaves a
   * hub, and never a spoke without one.
   */
  draw(random: Random): { readonly node: string; readonly membership: MembershipPlan } {
    const node = random.pick([...this.#places.keys()])
    const membership = this.#next(random, node, this.#places.get(node) as MembershipPlan)
    this.#places.set(node, membership)
    return { node, membership }
  }

  #next(random: Random, node: string, now: MembershipPlan): MembershipPlan {
    const otherHubs = this.#hubs().filter((id) => id !== node)
    const [first, ...rest] = otherHubs
    const busy = [...this.#places.values()].some(
      ({ role, ...place }) => role === 'spoke' && 'hub' in place && place.hub === node,
    )
    if (first === undefined || busy) return now
    const hub = random.pick([first, ...rest])
    const choices: MembershipPlan[] = [
      { role: 'spoke', hub },
      { role: 'spoke', hub },
      { role: 'hub', registrationServer: hub },
    ]
    if (now.role !== 'standalone') choices.push({ role: 'standalone' })
    return random.pick(choices)
  }

  #hubs(): readonly string[] {
    return [...this.#places].filter(([, { role }]) => role === 'hub').map(([id]) => id)
  }
}
