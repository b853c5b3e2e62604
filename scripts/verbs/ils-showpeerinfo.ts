import type { Command } from 'commander'
import type { IlsCluster } from '../../services/ils/api.ts'
import { clustersAsSeen, ilsNodeAt } from '../ils-answers.ts'
import { printResult, run, talksToLab } from './verb.ts'
import type { CommonOptions } from './verb.ts'

interface ShowOptions extends CommonOptions {
  readonly at?: string
}

/** `roamline ils showpeerinfo [cluster]`, the vendor's `utils ils showpeerinfo` */
export function addIlsShowPeerInfo(ils: Command): void {
  const command = ils
    .command('showpeerinfo')
    .description('the peer info vector of one cluster or of all (the vendor’s `utils ils showpeerinfo`)')
    .argument('[cluster]', 'Cluster ID, or host name of its publisher')
    .option('--at <process>', 'as this cluster or hub knows it; default: the first cluster that runs')
  talksToLab(command, 'npx roamline ils showpeerinfo cluster2').action(
    (wanted: string | undefined, options: ShowOptions) =>
      run(options.json, async () => {
        const [found, { peerInfoText }] = await Promise.all([peerInfo(wanted, options), import('../ils-tables.ts')])
        printResult(found, options.json, peerInfoText)
      }),
  )
}

async function peerInfo(wanted: string | undefined, options: ShowOptions): Promise<readonly IlsCluster[]> {
  if (wanted === undefined) return (await clustersAsSeen(options)).clusters
  const node = await ilsNodeAt(options)
  return [await node.get<IlsCluster>(`/api/v1/ils/clusters/${encodeURIComponent(wanted)}`)]
}
