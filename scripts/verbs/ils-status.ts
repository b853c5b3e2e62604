import type { Command } from 'commander'
import type { IlsStatus } from '../../services/ils/api.ts'
import { answersOf } from '../ils-answers.ts'
import { connectToLab } from '../lab-client.ts'
import { printResult, run, talksToLab } from './verb.ts'
import type { CommonOptions } from './verb.ts'

/** `roamline ils status [process]` */
export function addIlsStatus(ils: Command): void {
  const command = ils
    .command('status')
    .description('ILS Clusters and Global Dial Plan Imported Catalogs, as every running cluster and hub sees them')
    .argument('[process]', 'ask this cluster or hub only')
  talksToLab(command, 'npx roamline ils status cluster1').action((name: string | undefined, options: CommonOptions) =>
    run(options.json, async () => {
      const nodes = await connectToLab(options).ilsNodes(name)
      const [answers, { ilsStatusTable }] = await Promise.all([
        answersOf(nodes, (node) => node.get<IlsStatus>('/api/v1/ils')),
        import('../ils-tables.ts'),
      ])
      printResult(answers, options.json, ilsStatusTable)
    }),
  )
}
