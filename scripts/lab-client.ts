// The running lab as the CLI sees it: its control door, and the JSON doors of its clusters.
import { ApiProblem, ClusterUnreachable, createClusterClient, orUndefined } from './cluster-client.ts'
import type { ClusterClient } from './cluster-client.ts'
import { LabError } from './lab/lab-error.ts'
import { findRunningLab, runningLabAt } from './lab/lab-facts.ts'
import type { ControlVerb } from './lab/control.ts'
import type { LabStatus } from './lab/runner.ts'

/** How to find the lab and its administrator. */
export interface LabClientOptions {
  /** Default: the only one that runs. */
  readonly data?: string | undefined
  readonly user?: string | undefined
  readonly password?: string | undefined
}

/** Rejects with LabError, ApiProblem or ClusterUnreachable. */
export interface LabClient {
  status(): Promise<LabStatus>
  control(verb: ControlVerb, processName: string): Promise<LabStatus>
  down(): Promise<LabStatus>
  /** Those that run now; `name` alone if it is given. Rejects with LabError when there is none of that name. */
  clusters(name?: string): Promise<ClusterClient[]>
  /** As `clusters`, with the hubs that are no clusters: everybody who speaks ILS. */
  ilsNodes(name?: string): Promise<ClusterClient[]>
}

/** Throws LabError (`LAB_NOT_RUNNING`) when there is no lab to talk to. */
export function connectToLab({ data, user, password }: LabClientOptions): LabClient {
  const facts = runningLabAt(data ?? findRunningLab())
  const ask = async (method: string, path: string): Promise<LabStatus> => {
    const response = await fetch(new URL(path, facts.url), {
      method,
      headers: { authorization: `Bearer ${facts.token}` },
    })
    const body = (await response.json()) as LabStatus & { code: never; detail: string }
    if (!response.ok) throw new LabError(body.code, body.detail)
    return body
  }
  const status = () => ask('GET', '/status')
  return {
    status,
    control: (verb, name) => ask('POST', `/processes/${encodeURIComponent(name)}/${verb}`),
    down: () => ask('POST', '/down'),
    clusters: async (name) => choose({ all: await status(), kinds: ['cluster'], name }, { user, password }),
    ilsNodes: async (name) => choose({ all: await status(), kinds: ['cluster', 'hub'], name }, { user, password }),
  }
}

interface Choice {
  readonly all: LabStatus
  readonly kinds: readonly string[]
  readonly name: string | undefined
}

function choose({ all, kinds, name }: Choice, { user, password }: LabClientOptions): ClusterClient[] {
  const candidates = all.processes.filter(({ kind }) => kinds.includes(kind))
  const chosen = candidates.filter((one) => (name === undefined ? one.state === 'running' : one.name === name))
  if (name !== undefined && chosen.length === 0) {
    const known = candidates.map((one) => one.name).join(', ')
    throw new LabError('LAB_PROCESS_UNKNOWN', `There is no ${kinds.join(' or ')} "${name}"; there are: ${known}`)
  }
  return chosen.map((one) =>
    createClusterClient({
      name: one.name,
      http: one.http ?? '',
      userId: user ?? 'administrator',
      password: password ?? 'roamline',
    }),
  )
}

/** The cluster to write to: the one that is named, else the only one that runs. Rejects with LabError when that is not one. */
export async function oneCluster({
  cluster,
  ...options
}: LabClientOptions & { readonly cluster?: string }): Promise<ClusterClient> {
  const clusters = await connectToLab(options).clusters(cluster)
  const [only] = clusters
  if (only && clusters.length === 1) return only
  throw new LabError('LAB_USAGE', `Say which cluster with --cluster; there are: ${namesOf(clusters)}.`)
}

/** The cluster that has this phone. Rejects with LabError when none of them that answer has. */
export async function clusterOfDevice(clusters: readonly ClusterClient[], deviceName: string): Promise<ClusterClient> {
  const found = await firstWith(clusters, (cluster) =>
    orUndefined(cluster.get(`/api/v1/devices/${encodeURIComponent(deviceName)}`)),
  )
  if (found) return found
  throw new LabError('LAB_USAGE', `No running cluster (${namesOf(clusters)}) has a phone "${deviceName}".`)
}

/** The first for which `ask` finds something. A cluster that does not answer counts as one that has nothing, unless all are so. */
async function firstWith(
  clusters: readonly ClusterClient[],
  ask: (cluster: ClusterClient) => Promise<unknown>,
): Promise<ClusterClient | undefined> {
  const answers = await Promise.allSettled(clusters.map((cluster) => ask(cluster)))
  const wrong = answers.find((answer) => answer.status === 'rejected' && !(answer.reason instanceof ClusterUnreachable))
  const at = answers.findIndex((answer) => answer.status === 'fulfilled' && answer.value !== undefined)
  if (at < 0 && wrong?.status === 'rejected') throw wrong.reason
  return clusters[at]
}

/** Names for a sentence. */
function namesOf(clusters: readonly ClusterClient[]): string {
  return clusters.map(({ name }) => name).join(', ') || 'none'
}

export { ApiProblem, ClusterUnreachable }
