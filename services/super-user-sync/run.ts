// One run: read all clusters at once, plan, send each cluster its part. A slow or dead cluster costs one timeout, never the rest.
import type { SuperUserRecord } from './api.ts'
import { ClusterError } from './cluster-client.ts'
import type { ClusterClient } from './cluster-client.ts'
import { planSync } from './plan.ts'
import type { KnownHome, PlannedStep, PlannedUser } from './plan.ts'
import { countOutcomes } from './report.ts'
import type { ClusterResult, SyncReport, UserAtCluster, UserResult } from './report.ts'

/** What a run found out. */
export interface RunResult extends Pick<SyncReport, 'clusters' | 'users' | 'counts'> {
  /** To be remembered for the next run. */
  readonly homes: readonly KnownHome[]
  /** Clusters that did not get their part for a reason that may pass. */
  readonly incomplete: readonly string[]
}

/** What is known about one cluster while the run lasts. */
interface Reading {
  readonly client: ClusterClient
  superusers?: readonly SuperUserRecord[]
  failure?: ClusterError
  /** A single user was refused for a reason that may pass. */
  incomplete: boolean
}

/** Never rejects because of a cluster; `concurrency` = users sent to one cluster at once. */
export async function runSync(
  clients: readonly ClusterClient[],
  homes: readonly KnownHome[],
  concurrency: number,
): Promise<RunResult> {
  const readings = await Promise.all(clients.map((client) => read(client)))
  const plan = planSync(
    readings.map(({ client, superusers }) => ({
      cluster: client.name,
      ...(superusers === undefined ? {} : { superusers }),
    })),
    homes,
  )
  const results = await Promise.all(readings.map((reading) => send(reading, plan.users, concurrency)))
  const users = plan.users.map((user) => resultOf(user, results))
  return {
    clusters: readings.map((reading) => clusterResult(reading)),
    users,
    counts: countOutcomes(users),
    homes: plan.homes,
    incomplete: readings.filter((one) => one.failure?.transient ?? one.incomplete).map((one) => one.client.name),
  }
}

async function read(client: ClusterClient): Promise<Reading> {
  try {
    return { client, superusers: await client.superusers(), incomplete: false }
  } catch (error) {
    return { client, failure: expectClusterError(error), incomplete: false }
  }
}

type Results = ReadonlyMap<PlannedStep, UserAtCluster>

/** Works off one cluster's steps, a few at once; after the first that gets no answer the rest is skipped. */
async function send(reading: Reading, users: readonly PlannedUser[], concurrency: number): Promise<Results> {
  const steps = users.flatMap((user) =>
    user.steps.filter((step) => step.cluster === reading.client.name).map((step) => ({ step, userId: user.userId })),
  )
  const results = new Map<PlannedStep, UserAtCluster>()
  const queue = steps.values()
  const worker = async () => {
    for (const { step, userId } of queue) results.set(step, await perform(reading, step, userId))
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  return results
}

async function perform(reading: Reading, step: PlannedStep, userId: string): Promise<UserAtCluster> {
  const { cluster } = step
  if (step.action === 'none') {
    const reason = step.outcome === 'unchanged' ? {} : { reason: step.reason }
    return { cluster, outcome: step.outcome, ...reason }
  }
  if (reading.failure !== undefined) return { cluster, outcome: 'skipped', reason: reading.failure.message }
  try {
    if (step.action === 'put') return { cluster, ...(await reading.client.put(step.record)) }
    await reading.client.remove(userId)
    return { cluster, outcome: 'removed', reason: step.reason }
  } catch (error) {
    const failure = expectClusterError(error)
    if (failure.code === 'SUPER_USER_SYNC_UNREACHABLE') {
      reading.failure ??= failure
      return { cluster, outcome: 'skipped', reason: failure.message }
    }
    reading.incomplete ||= failure.transient
    return { cluster, outcome: 'failed', reason: failure.message }
  }
}

function resultOf(user: PlannedUser, results: readonly Results[]): UserResult {
  const { userId, homeCluster } = user
  const clusters = user.steps.flatMap((step) => results.map((one) => one.get(step)).filter((one) => one !== undefined))
  return { userId, ...(homeCluster === undefined ? {} : { homeCluster }), clusters }
}

function clusterResult({ client, superusers, failure }: Reading): ClusterResult {
  const count = superusers === undefined ? {} : { superusers: superusers.length }
  if (failure === undefined) return { name: client.name, state: 'ok', ...count }
  const state = failure.code === 'SUPER_USER_SYNC_UNREACHABLE' ? 'unreachable' : 'refused'
  return { name: client.name, state, reason: failure.message, ...count }
}

function expectClusterError(error: unknown): ClusterError {
  if (error instanceof ClusterError) return error
  throw error
}
