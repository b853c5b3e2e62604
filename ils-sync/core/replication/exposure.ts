// How much of us others can know, whose word about it counts, and who may hear of us.
import type { Version } from '../data/record.ts'
import { heartbeatsPerPoll } from '../limits.ts'
import type { CoreState, Link, Turn } from '../state.ts'

/**
 * Whose word about us counts: beside a mesh of hubs theirs. A spoke may have been away when we wrote what a restored backup lacks. Where
 * there is no other hub, that of anybody.
 */
export function isOfMesh(state: CoreState, { role }: Link): boolean {
  return role === 'hub' || !hasMesh(state)
}

/** Whether anybody whose word counts takes what we say. */
export function isMeshListening(state: CoreState): boolean {
  const others = hasMesh(state)
  for (const link of state.links.values()) if (isListening(link) && (link.role === 'hub' || !others)) return true
  return false
}

/**
 * Whether a neighbour may be told of us. Not while an epoch above is needed; and where its word does not count, nothing that is new
 * in this life before somebody's does: other hubs could know the same numbers for something else.
 */
export function mayHear(state: CoreState, link: Link): boolean {
  const { own } = state
  if (own.lost !== undefined) return false
  return own.met || !hasNews(state) || isOfMesh(state, link)
}

/** Beside other hubs of which none speaks to us within a poll: under a new epoch no number can be one that they know. */
export function goOnAlone(state: CoreState, turn: Turn): void {
  const { own, options, links, startedAt } = state
  if (own.met || own.lost !== undefined || startedAt === undefined || !hasNews(state)) return
  if (turn.now - startedAt < heartbeatsPerPoll * options.heartbeatMs) return
  const isAwaited = [...links.values()].some((link) => isListening(link) && !isOfMesh(state, link))
  if (isAwaited && !isMeshListening(state))
    turn.effects.push({ type: 'renumber', seen: own.epoch, why: { type: 'wentOnAlone' } })
}

/** Whatever is sent of the own origin reaches up to here. */
export function expose(state: CoreState): void {
  state.own.exposed = Math.max(state.own.exposed, visible(state))
}

function hasMesh({ links }: CoreState): boolean {
  for (const { role } of links.values()) if (role === 'hub') return true
  return false
}

function hasNews(state: CoreState): boolean {
  return visible(state) > state.own.exposed
}

function visible({ replica, options }: CoreState): number {
  return (replica.version(options.self) as Version).usn
}

function isListening({ live, synced }: Link): boolean {
  return live !== undefined && synced
}
