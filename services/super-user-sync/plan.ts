// Which superuser goes where: the rules of the Super User Synchronization Tool, without I/O (docs/fidelity.md lists them as ours).
import { isDeepStrictEqual } from 'node:util'
import type { SuperUserRecord } from './api.ts'

/** What one configured cluster said. `superusers` is absent when it could not be read. */
export interface ClusterExport {
  readonly cluster: string
  readonly superusers?: readonly SuperUserRecord[]
}

/** Remembered from earlier runs: this cluster had Home Cluster checked for this user when it was last read. */
export interface KnownHome {
  readonly userId: string
  readonly cluster: string
}

export type PlannedStep =
  | { readonly action: 'put'; readonly cluster: string; readonly record: SuperUserRecord }
  | { readonly action: 'remove'; readonly cluster: string; readonly reason: string }
  | { readonly action: 'none'; readonly cluster: string; readonly outcome: 'unchanged' }
  | {
      readonly action: 'none'
      readonly cluster: string
      readonly outcome: 'conflicting' | 'skipped'
      readonly reason: string
    }

export interface PlannedUser {
  readonly userId: string
  readonly homeCluster?: string
  readonly steps: readonly PlannedStep[]
}

export interface SyncPlan {
  /** Sorted by user ID. */
  readonly users: readonly PlannedUser[]
  /** What the next run has to know, provided that every step of this one succeeds. */
  readonly homes: readonly KnownHome[]
}

/** Everything that is known about one user before deciding. */
interface Situation {
  readonly userId: string
  /** Who says to be the home cluster, or said so when last heard and is away now. */
  readonly claimants: readonly string[]
  /** Read just now, was the home, does not know the user any more. */
  readonly former: readonly string[]
  readonly records: ReadonlyMap<string, SuperUserRecord>
}

/**
 * Decides what happens to every superuser at every configured cluster. The cluster with Home Cluster checked wins. Two of them
 * (an unreachable one counts as it was last heard) are a conflict in which nothing changes. A copy goes only when its home cluster
 * was read in this run and has no such superuser; never when the home is away or unknown. User IDs compare without regard to case.
 */
export function planSync(exports: readonly ClusterExport[], knownHomes: readonly KnownHome[]): SyncPlan {
  const situations = describe(exports, knownHomes)
  const users = situations.map((situation) => planUser(situation, exports))
  const allRead = exports.every((one) => one.superusers !== undefined)
  return {
    // A user whose last copy is gone has nothing left to tell.
    users: users.filter((user) => user.steps.length > 0 || user.homeCluster !== undefined),
    homes: situations.flatMap((situation) => remember(situation, allRead)),
  }
}

function describe(exports: readonly ClusterExport[], knownHomes: readonly KnownHome[]): Situation[] {
  const records = new Map<string, Map<string, SuperUserRecord>>()
  for (const { cluster, superusers } of exports) {
    for (const record of superusers ?? []) entry(records, record.userId.toLowerCase()).set(cluster, record)
  }
  const known = new Map<string, Map<string, string>>()
  for (const { userId, cluster } of knownHomes) entry(known, userId.toLowerCase()).set(cluster, userId)
  const keys = [...new Set([...records.keys(), ...known.keys()])].sort()
  const read = new Set(exports.filter((one) => one.superusers !== undefined).map((one) => one.cluster))
  return keys.map((key) => {
    const exported = records.get(key) ?? new Map<string, SuperUserRecord>()
    const remembered = known.get(key) ?? new Map<string, string>()
    const claims = (cluster: string) =>
      read.has(cluster) ? exported.get(cluster)?.homeCluster === true : remembered.has(cluster)
    const names = exports.map((one) => one.cluster)
    const claimants = names.filter(claims)
    return {
      userId: nameOf(claimants, exported, remembered) ?? key,
      claimants,
      former: names.filter((name) => remembered.has(name) && read.has(name) && !exported.has(name)),
      records: exported,
    }
  })
}

/** The spelling of the home cluster, if it is heard; else anybody's. */
function nameOf(
  claimants: readonly string[],
  exported: ReadonlyMap<string, SuperUserRecord>,
  remembered: ReadonlyMap<string, string>,
): string | undefined {
  const home = claimants.map((cluster) => exported.get(cluster)?.userId).find((userId) => userId !== undefined)
  return home ?? exported.values().next().value?.userId ?? remembered.values().next().value
}

function planUser(situation: Situation, exports: readonly ClusterExport[]): PlannedUser {
  const { userId, claimants } = situation
  const homeCluster = claimants.length === 1 ? claimants[0] : undefined
  const steps = exports
    .filter(({ cluster }) => cluster !== homeCluster || !situation.records.has(cluster))
    .map((one) => planStep(one, situation))
    .filter((step) => step !== undefined)
  return { userId, ...(homeCluster === undefined ? {} : { homeCluster }), steps }
}

function planStep({ cluster, superusers }: ClusterExport, situation: Situation): PlannedStep | undefined {
  if (superusers === undefined) return skipped(cluster, `${cluster} could not be read`)
  const { claimants, former, records } = situation
  if (claimants.length > 1) {
    const reason = `Home Cluster is checked at ${claimants.join(' and ')}; uncheck it at all but one`
    return { action: 'none', cluster, outcome: 'conflicting', reason }
  }
  const [home] = claimants
  if (home !== undefined) return copyStep(cluster, home, records)
  const copy = records.get(cluster)
  if (copy === undefined) return undefined
  if (former.length === 0) return skipped(cluster, 'no cluster has Home Cluster checked for this user')
  return { action: 'remove', cluster, reason: `no longer a superuser at the home cluster ${former.join(', ')}` }
}

function copyStep(cluster: string, home: string, records: ReadonlyMap<string, SuperUserRecord>): PlannedStep {
  const source = records.get(home)
  if (source === undefined) return skipped(cluster, `the home cluster ${home} could not be read`)
  const record = { ...source, homeCluster: false }
  if (isDeepStrictEqual(records.get(cluster), record)) return { action: 'none', cluster, outcome: 'unchanged' }
  return { action: 'put', cluster, record }
}

function skipped(cluster: string, reason: string): PlannedStep {
  return { action: 'none', cluster, outcome: 'skipped', reason }
}

/** Claims as they are; of former homes those whose copies may still have to go, because a removal fails or a cluster is away. */
function remember({ userId, claimants, former, records }: Situation, allRead: boolean): KnownHome[] {
  const copiesMayBeLeft = records.size > 0 || !allRead
  const clusters = claimants.length > 0 || !copiesMayBeLeft ? claimants : former
  return clusters.map((cluster) => ({ userId, cluster }))
}

function entry<Value>(map: Map<string, Map<string, Value>>, key: string): Map<string, Value> {
  const found = map.get(key) ?? new Map<string, Value>()
  map.set(key, found)
  return found
}
