// Where a call to a user ends: each cluster sends it on to where it believes the user to be, as services/callmanager does.
import { newestLogin } from '../../ils-sync/core/data/locations.ts'
import type { Network } from './network.ts'
import { Violation } from './oracle.ts'
import type { SimNode } from './sim-node.ts'

/** How often a call is handed on at most, and never to a cluster that has had it (services/callmanager). */
const mostHandOns = 4

export interface CallOutcome {
  readonly handOns: number
  /** Where it rings; undefined when it fails. */
  readonly endsAt: string | undefined
  readonly why: 'logged in' | 'home' | 'loop' | 'handed on too often' | 'unreachable'
}

export interface CallOptions {
  readonly nodes: ReadonlyMap<string, SimNode>
  readonly network: Network
  readonly from: string
  readonly userId: string
  readonly home: string
}

/** Throws Violation when it rings at a cluster that itself knows the user to be elsewhere. */
export function followCall({ nodes, network, from, userId, home }: CallOptions): CallOutcome {
  const visited = new Set<string>()
  for (let at = from; ;) {
    const here = nodes.get(at) as SimNode
    const newest = newestLogin(here.roaming.sightings(userId))
    const next = newest?.location.loggedIn ? newest.clusterId : home
    const handOns = visited.size
    if (next === at) return end(here, userId, { handOns, loggedIn: newest?.location.loggedIn === true })
    visited.add(at)
    if (visited.has(next)) return { handOns, endsAt: undefined, why: 'loop' }
    if (handOns >= mostHandOns) return { handOns, endsAt: undefined, why: 'handed on too often' }
    const reachable = nodes.get(next)?.driver && !network.isCut(at, next) && !network.isCut(next, at)
    if (!reachable) return { handOns: handOns + 1, endsAt: undefined, why: 'unreachable' }
    at = next
  }
}

function end(here: SimNode, userId: string, facts: { handOns: number; loggedIn: boolean }): CallOutcome {
  const { handOns, loggedIn } = facts
  if (loggedIn && here.roaming.isSuperseded(userId)) {
    throw new Violation(`a call to ${userId} rings at ${here.id}, which knows of a newer login elsewhere`)
  }
  return { handOns, endsAt: here.id, why: loggedIn ? 'logged in' : 'home' }
}
