// What clusters and hubs say about ILS, asked one by one.
import type { IlsCluster } from '../services/ils/api.ts'
import { ApiProblem, ClusterUnreachable } from './cluster-client.ts'
import type { ClusterClient } from './cluster-client.ts'
import { LabError } from './lab/lab-error.ts'
import { connectToLab } from './lab-client.ts'
import type { LabClientOptions } from './lab-client.ts'

/** What one of them said, or why it said nothing. */
export interface IlsAnswer<T> {
  readonly asked: string
  readonly answer?: T
  readonly problem?: string
}

/** Asks all. Rejects with LabError when none has an answer; the reason of a single one is its own. */
export async function answersOf<T>(
  nodes: readonly ClusterClient[],
  ask: (node: ClusterClient) => Promise<T>,
): Promise<readonly IlsAnswer<T>[]> {
  if (nodes.length === 0) throw new LabError('LAB_USAGE', 'No cluster and no hub of the lab is running.')
  const [only] = nodes
  if (only && nodes.length === 1) return [{ asked: only.name, answer: await ask(only) }]
  const answers = await Promise.all(nodes.map((node) => answerOf(node, ask)))
  if (answers.some(({ answer }) => answer !== undefined)) return answers
  const reasons = answers.map(({ asked, problem }) => `${asked}: ${problem}`)
  throw new LabError('LAB_USAGE', `Nobody answers (${reasons.join('; ')}).`)
}

async function answerOf<T>(node: ClusterClient, ask: (node: ClusterClient) => Promise<T>): Promise<IlsAnswer<T>> {
  try {
    return { asked: node.name, answer: await ask(node) }
  } catch (error) {
    if (error instanceof ApiProblem || error instanceof ClusterUnreachable)
      return { asked: node.name, problem: error.message }
    throw error
  }
}

export interface AtOptions extends LabClientOptions {
  /** Whom to ask. */
  readonly at?: string | undefined
}

/** The one that the options name, else the first cluster that runs, else the first hub. Rejects with LabError. */
export async function ilsNodeAt({ at, ...options }: AtOptions): Promise<ClusterClient> {
  const lab = connectToLab(options)
  const [first] = at === undefined ? await lab.clusters() : await lab.ilsNodes(at)
  const [any] = first ? [first] : await lab.ilsNodes()
  if (any) return any
  throw new LabError('LAB_USAGE', 'No cluster and no hub of the lab is running.')
}

/** Cluster View of one of them. */
export interface SeenClusters {
  readonly asked: string
  readonly clusters: readonly IlsCluster[]
}

export async function clustersAsSeen(options: AtOptions): Promise<SeenClusters> {
  const node = await ilsNodeAt(options)
  return { asked: node.name, clusters: await node.get<readonly IlsCluster[]>('/api/v1/ils/clusters') }
}
