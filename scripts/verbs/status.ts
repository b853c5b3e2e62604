import type { Command } from 'commander'
import { connectToLab } from '../lab-client.ts'
import { printResult, run, talksToLab } from './verb.ts'
import type { CommonOptions } from './verb.ts'

/** `roamline status` */
export function addStatus(program: Command): void {
  const command = program.command('status').description('which processes the lab has, where they are and how they are')
  talksToLab(command, 'npx roamline status --json').action((options: CommonOptions) =>
    run(options.json, async () => {
      const [status, { statusTable }] = await Promise.all([connectToLab(options).status(), import('../tables.ts')])
      printResult(status, options.json, statusTable)
    }),
  )
}
