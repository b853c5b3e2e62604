// Who believes what about where a number is.
import { ClusterUnreachable } from './cluster-client.ts'
import type { ClusterClient } from './cluster-client.ts'
import type { LearnedLocation } from '../services/ils/api.ts'
import { LabError } from './lab/lab-error.ts'

/** What one cluster answered. `location` is absent where the number is unknown; `problem` says why there was no answer. */
export interface Belief {
  readonly asked: string
  readonly location?: LearnedLocation
  readonly problem?: string
}

/** Asks all at once; a cluster that does not answer is part of the answer. */
export function beliefs(clusters: readonly ClusterClient[], dn: string): Promise<Belief[]> {
  return Promise.all(
    clusters.map(async (cluster) => {
      try {
        const location = await cluster.where(dn)
        return { asked: cluster.name, ...(location === undefined ? {} : { location }) }
      } catch (error) {
        if (!(error instanceof ClusterUnreachable)) throw error
        return { asked: cluster.name, problem: error.message }
      }
    }),
  )
}

/** The cluster at which a phone shows this number now. Rejects with LabError when none of these does. */
export async function clusterOfNumber(clusters: readonly ClusterClient[], dn: string): Promise<ClusterClient> {
  const found = await beliefs(clusters, dn)
  const local = found.find(({ asked, location }) => location?.cluster === asked && location.deviceNames.length > 0)
  // A number at home has no phone in ILS; the cluster that it is at home at has one all the same.
  const home = local ?? found.find(({ asked, location }) => location?.cluster === asked)
  const cluster = clusters.find(({ name }) => name === home?.asked)
  if (cluster) return cluster
  const names = clusters.map(({ name }) => name).join(', ') || 'none'
  throw new LabError('LAB_USAGE', `No phone with the number ${dn} is at a running cluster (${names}).`)
}
