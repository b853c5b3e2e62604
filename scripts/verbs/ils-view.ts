import type { Command } from 'commander'
import { clustersAsSeen } from '../ils-answers.ts'
import { printResult, run, talksToLab } from './verb.ts'
import type { CommonOptions } from './verb.ts'

interface ViewOptions extends CommonOptions {
  readonly at?: string
}

/** `roamline ils view` */
export function addIlsView(ils: Command): void {
  const command = ils
    .command('view')
    .description('Cluster View: every cluster and hub of the network, and which services are activated there')
    .option('--at <process>', 'as this cluster or hub sees it; default: the first cluster that runs')
  talksToLab(command, 'npx roamline ils view --at cluster2').action((options: ViewOptions) =>
    run(options.json, async () => {
      const [seen, { clusterViewTable }] = await Promise.all([clustersAsSeen(options), import('../ils-tables.ts')])
      printResult(seen, options.json, clusterViewTable)
    }),
  )
}
