// When a lab that has just started can be used: superusers are known everywhere, and every cluster has found the others.
import { setTimeout as sleep } from 'node:timers/promises'
import type { ClusterClient } from '../cluster-client.ts'
import { orUndefined } from '../cluster-client.ts'
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
      const waitingFor = await lacks(lab, cluster).catch((error: unknown) => (error as Error).message)
      if (waitingFor === undefined) break
      if (performance.now() > deadline) {
        throw new LabError('LAB_PROCESS_START', `${cluster.name} is not settled after ${timeoutMs} ms: ${waitingFor}`)
      }
      await sleep(pollMs)
    }
  }
}

/** What this cluster lacks, in words; undefined when nothing. */
async function lacks(lab: Lab, cluster: ClusterClient): Promise<string | undefined> {
  // 503, and so a rejection that says what is being waited for.
  await cluster.get('/health/ready')
  const ils = await cluster.get<IlsStatus>('/api/v1/ils')
  const known = new Map(ils.peers.map((peer) => [peer.clusterId, peer]))
  const others = lab.clusters.filter(({ name, role }) => name !== cluster.name && role !== 'standalone')
  const missing =
    ils.role === 'standalone' ? undefined : others.find(({ name }) => known.get(name)?.https === undefined)
  if (missing) return `ILS has not told it of ${missing.name} yet`
  if (superUserSyncName(lab) === undefined || lab.superUserSync?.runOnStart === false) return undefined
  for (const userId of superusersOf(lab)) {
    const user = await orUndefined(cluster.get(`/api/v1/users/${encodeURIComponent(userId)}`))
    if (user === undefined) return `the superuser ${userId} has not been copied to it yet`
  }
  return undefined
}

function superusersOf(lab: Lab): string[] {
  return lab.clusters.flatMap(({ users }) => (users ?? []).filter((user) => user.superuser).map(({ userId }) => userId))
}
