// What spokes claim to hold of others. A spoke may not hand it over, but the origin must hear of it: if that is more than the origin
// ever let out in this life, then it has lost data (and so has the hub, or it would know), and without a new epoch the spoke would
// never take anything of it again.
import { limits } from '../limits.ts'
import type { Payload } from '../wire/message.ts'
import { compareVersions } from '../data/record.ts'
import type { Vector, Version } from '../data/record.ts'
import type { CoreState, Link } from '../state.ts'

/** Remembers what is news about origins that are known here; returns those. */
export function takeClaims(state: CoreState, link: Link, { vector, seen }: Payload<'pull'>): readonly string[] {
  if (state.membership.role !== 'hub') return []
  forgetSettled(state)
  const news: string[] = []
  for (const [origin, version] of link.role === 'spoke' ? vector : seen) {
    const held = origin === state.options.self || origin === link.peer ? undefined : state.replica.version(origin)
    if (held === undefined || compareVersions(version, held) <= 0) continue
    if (link.role === 'spoke' && version.epoch >= limits.claimedEpoch) continue
    const order = compareVersions(version, state.seen.get(origin))
    // Said again and again while it is so, since it may get lost on the way; but between hubs it would go round in circles.
    if (order < 0 || (order === 0 && link.role === 'hub' && !state.links.has(origin))) continue
    state.seen.set(origin, version)
    news.push(origin)
  }
  return news
}

/** What this neighbour should hear: a spoke about itself, a hub about everybody. */
export function claimsFor(state: CoreState, link: Link): Vector {
  forgetSettled(state)
  if (link.role === 'hub') return state.membership.role === 'hub' ? state.seen : new Map<string, Version>()
  const own = state.seen.get(link.peer)
  return own === undefined ? new Map<string, Version>() : new Map([[link.peer, own]])
}

function forgetSettled({ seen, replica }: CoreState): void {
  for (const [origin, version] of seen) if (compareVersions(version, replica.version(origin)) <= 0) seen.delete(origin)
}
