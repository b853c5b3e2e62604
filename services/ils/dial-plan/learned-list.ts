// Learned Numbers, Learned Patterns, Learned Directory URIs: what an administrator sees of what was learned.
import type { LearnedObject, LearnedPage, LearnedQuery } from '../api.ts'
import { valueOf } from './learned-record.ts'
import type { ObjectRecord } from './learned-record.ts'
import type { LearnedRoutes } from './learned-routes.ts'
import type { Learning } from './learning.ts'

/** A page of what fits the query, as it was learned. Looks at all objects of the kinds asked for. */
export function listLearned(
  learning: Pick<Learning, 'objects'>,
  routes: Pick<LearnedRoutes, 'route' | 'isBlocked'>,
  query: LearnedQuery,
): LearnedPage {
  const { kinds, cluster, contains = '', offset, limit } = query
  const needle = contains.toLowerCase()
  const objects: LearnedObject[] = []
  let total = 0
  for (const kind of kinds) {
    for (const [key, claimants] of learning.objects.ofKind(kind)) {
      if (needle !== '' && !key.toLowerCase().includes(needle)) continue
      if (cluster !== undefined && !claimants.some(({ origin }) => origin === cluster)) continue
      if (total >= offset && objects.length < limit) objects.push(describe(routes, claimants))
      total += 1
    }
  }
  return { total, objects }
}

/** The cluster is the one that calls go to, unless all who claim it are blocked. */
function describe(
  routes: Pick<LearnedRoutes, 'route' | 'isBlocked'>,
  claimants: readonly ObjectRecord[],
): LearnedObject {
  const used = claimants.find((record) => !routes.isBlocked(record))
  const shown = used ?? (claimants[0] as ObjectRecord)
  const { pstnFailover: _, ...route } = routes.route(shown, '')
  const { f: failover } = valueOf(shown)
  const rule = typeof failover === 'object' ? { stripDigits: failover.s, prependDigits: failover.p } : failover
  return {
    ...route,
    ...(rule === undefined ? {} : { pstnFailover: rule }),
    duplicates: claimants.filter((record) => record !== shown).map(({ origin }) => origin),
    blocked: used === undefined,
  }
}
