// What one run tells people: facts and user IDs, never a credential, its hash or a cluster's password.
import type { SyncOutcome } from './api.ts'

/** What made a run start. `retry`: a cluster that had failed answers again. */
export const Trigger = { start: 'start', schedule: 'schedule', manual: 'manual', retry: 'retry' } as const
export type Trigger = (typeof Trigger)[keyof typeof Trigger]

/**
 * What became of one user at one cluster: the answers of the cluster itself (`SyncOutcome`), or
 * `skipped`: not asked, because that cluster or the home cluster is away; `failed`: asked, and it said no.
 */
export type Outcome = SyncOutcome | 'skipped' | 'failed'

/** The order in which counts are printed. */
export const outcomes: readonly Outcome[] = [
  'created',
  'updated',
  'unchanged',
  'conflicting',
  'removed',
  'skipped',
  'failed',
]

export interface ClusterResult {
  readonly name: string
  /** `unreachable`: no answer in time. `refused`: an answer that is not the list of superusers. */
  readonly state: 'ok' | 'unreachable' | 'refused'
  /** One sentence, where the state is not `ok`. */
  readonly reason?: string
  /** How many superusers it exported, its own and copies. */
  readonly superusers?: number
}

export interface UserAtCluster {
  readonly cluster: string
  readonly outcome: Outcome
  /** One sentence, where nothing was copied. */
  readonly reason?: string
}

export interface UserResult {
  readonly userId: string
  /** Absent while no cluster, or more than one, has Home Cluster checked. */
  readonly homeCluster?: string
  /** The home cluster itself is not listed, as nothing is done there, except in a conflict. */
  readonly clusters: readonly UserAtCluster[]
}

/** One finished run. */
export interface SyncReport {
  readonly id: number
  readonly trigger: Trigger
  /** ISO 8601. */
  readonly startedAt: string
  readonly finishedAt: string
  readonly clusters: readonly ClusterResult[]
  readonly users: readonly UserResult[]
  /** Users times clusters, by outcome. */
  readonly counts: Readonly<Record<Outcome, number>>
}

/** A run without its users, for lists. */
export type SyncSummary = Omit<SyncReport, 'users'>

/** Counts what happened to each user at each cluster. */
export function countOutcomes(users: readonly UserResult[]): Record<Outcome, number> {
  const counts = Object.fromEntries(outcomes.map((outcome) => [outcome, 0])) as Record<Outcome, number>
  for (const user of users) for (const { outcome } of user.clusters) counts[outcome]++
  return counts
}
