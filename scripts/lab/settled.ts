// When a lab that has just started can be used: superusers are known everywhere, and every cluster has found the others.
import { setTimeout as sleep } from 'node:timers/promises'
import type { ClusterClient } from '../cluster-client.ts'
import { ApiProblem, orUndefined } from '../cluster-client.ts'
import type { IlsStatus } from '../../services/ils/api.ts'
import { LabError } from './lab-error.ts'
import { superUserSyncName } from './lab.ts'
import type { Lab } from './lab.ts'

const pollMs = 25

export interface SettledOptions {
  readonly timeoutMs?: number | undefined
  /** Ends the waiting at once; then nothing is known. */
  readonly signal?: AbortSignal
}

/** Resolves when there is nothing left to wait for, or when `signal` aborts. Rejects with LabError at the deadline, saying for what. */
export async function waitUntilSettled(
  lab: Lab,
  clusters: readonly ClusterClient[],
  { timeoutMs = 30_000, signal }: SettledOptions = {},
): Promise<void> {
  const deadline = performance.now() + timeoutMs
  for (const cluster of clusters) {
    for (;;) {
      if (signal?.aborted) return
      const waitingFor = await lacks(lab, cluster, clusters).catch((error: unknown) => (error as Error).message)
      if (waitingFor === undefined) break
      if (performance.now() > deadline) {
        throw new LabError('LAB_PROCESS_START', `${cluster.name} is not settled after ${timeoutMs} ms: ${waitingFor}`)
      }
      await sleep(pollMs)
    }
  }
}

/** What this cluster lacks, in words; undefined when nothing. The lab file says what is to come, the clusters what has become of it since. */
async function lacks(
  lab: Lab,
  cluster: ClusterClient,
  clusters: readonly ClusterClient[],
): Promise<string | undefined> {
  // 503, and so a rejection that says what is being waited for.
  await cluster.get('/health/ready')
  const missing = await missingCluster(lab, cluster, clusters)
  if (missing !== undefined) return `ILS has not told it of ${missing} yet`
  if (superUserSyncName(lab) === undefined || lab.superUserSync?.runOnStart === false) return undefined
  const superuser = await missingSuperuser(lab, cluster, clusters)
  return superuser === undefined ? undefined : `the superuser ${superuser} has not been copied to it yet`
}

/** ILS may have been deactivated, or the network left, here or there: then nobody is waited for. */
async function missingCluster(lab: Lab, cluster: ClusterClient, clusters: readonly ClusterClient[]) {
  const ils = await ilsOf(cluster)
  if (ils === undefined || ils.role === 'standalone') return undefined
  const known = new Set(ils.peers.filter(({ https }) => https !== undefined).map(({ clusterId }) => clusterId))
  for (const { name, role } of lab.clusters) {
    if (name === cluster.name || role === 'standalone' || known.has(name)) continue
    const other = clusters.find((one) => one.name === name)
    if (other === undefined || ((await ilsOf(other))?.role ?? 'standalone') !== 'standalone') return name
  }
  return undefined
}

/** Of the lab file's superusers the first one who still is one at home and has no copy here. */
async function missingSuperuser(lab: Lab, cluster: ClusterClient, clusters: readonly ClusterClient[]) {
  for (const { name, users = [] } of lab.clusters) {
    const home = clusters.find((one) => one.name === name)
    for (const { userId } of users.filter((user) => user.superuser)) {
      if ((await userAt(cluster, userId)) !== undefined || home === undefined) continue
      if ((await userAt(home, userId))?.superuser) return userId
    }
  }
  return undefined
}

/** Undefined while ILS is not active there. */
async function ilsOf(cluster: ClusterClient): Promise<IlsStatus | undefined> {
  try {
    return await cluster.get<IlsStatus>('/api/v1/ils')
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 503) return undefined
    throw error
  }
}

function userAt(cluster: ClusterClient, userId: string) {
  return orUndefined(cluster.get<{ readonly superuser: boolean }>(`/api/v1/users/${encodeURIComponent(userId)}`))
}
