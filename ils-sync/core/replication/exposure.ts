// How much of us others can know, who has to show it, and when we may be heard.
import type { Version } from '../data/record.ts'
import { heartbeatsPerPoll } from '../limits.ts'
import { neighboursOf } from '../network/topology.ts'
import type { CoreState, Link, Turn } from '../state.ts'

/** The neighbour shows what it holds of us. Its first word in this life counts: later ones may be what we have told it since. */
export function noteShown({ own }: CoreState, { peer }: Link, version: Version | undefined): void {
  if (own.met || own.shown.has(peer)) return
  const held = version !== undefined && version.epoch === own.epoch ? version.usn : 0
  own.shown.set(peer, held >= own.exposed)
}

/**
 * Whether it is proven that nobody holds more of us than we let out. A spoke has only its hub to tell anything. Of a hub all must have
 * shown it who could have heard directly, and one of them that it was there for all that our disk knows of: the others may have been away
 * when we wrote what a restored backup lacks.
 */
export function isProven(state: CoreState): boolean {
  const { own, links, membership } = state
  for (const id of neighboursOf(state)) if (!own.shown.has(id)) return false
  for (const { live, peer } of links.values()) if (live !== undefined && !own.shown.has(peer)) return false
  return membership.role === 'spoke' || [...own.shown.values()].includes(true)
}

/**
 * Whether anybody may be told of us. Not while an epoch above is needed; and nothing that is new in this life before it is proven that
 * nobody knows the same numbers for something else.
 */
export function mayBeHeard(state: CoreState): boolean {
  const { own } = state
  return own.lost === undefined && (own.met || !hasNews(state))
}

/** Without that proof within a poll: under a new epoch no number can be one that they know. */
export function goOnAlone(state: CoreState, turn: Turn): void {
  const { own, options, links, startedAt } = state
  if (own.met || own.lost !== undefined || startedAt === undefined || !hasNews(state)) return
  if (turn.now - startedAt < heartbeatsPerPoll * options.heartbeatMs) return
  if ([...links.values()].some(({ live, synced }) => live !== undefined && synced))
    turn.effects.push({ type: 'renumber', seen: own.epoch, why: { type: 'wentOnAlone' } })
}

/** Whatever is sent of the own origin reaches up to here. */
export function expose(state: CoreState): void {
  state.own.exposed = Math.max(state.own.exposed, visible(state))
}

/** Whether there is anything of our own that nobody was told yet. */
export function hasNews(state: CoreState): boolean {
  return visible(state) > state.own.exposed
}

/** The last own number that is on disk. */
export function visible({ replica, options }: Pick<CoreState, 'replica' | 'options'>): number {
  return (replica.version(options.self) as Version).usn
}
