import type { Command } from 'commander'
import { connectToLab } from '../lab-client.ts'
import { beliefs } from '../beliefs.ts'
import { LabError } from '../lab/lab-error.ts'
import { printResult, run, talksToLab } from './verb.ts'
import type { CommonOptions } from './verb.ts'

interface WhereOptions extends CommonOptions {
  readonly cluster?: string
}

/** `roamline where <dn>` */
export function addWhere(program: Command): void {
  const command = program
    .command('where')
    .description('where each running cluster believes a number to be')
    .argument('<dn>', 'directory number; 1000-001 and 1000001 are the same')
    .option('--cluster <name>', 'ask this cluster only')
  talksToLab(command, 'npx roamline where 1000-001').action((dn: string, options: WhereOptions) =>
    run(options.json, async () => {
      const clusters = await connectToLab(options).clusters(options.cluster)
      const [found, { beliefTable }] = await Promise.all([beliefs(clusters, dn), import('../tables.ts')])
      if (found.every(({ location }) => location === undefined)) {
        const reasons = found.map(({ asked, problem }) => `${asked}: ${problem ?? 'unknown there'}`)
        throw new LabError('LAB_USAGE', `Nobody knows ${dn} (${reasons.join('; ') || 'no cluster is running'}).`)
      }
      printResult(found, options.json, beliefTable)
    }),
  )
}
