import type { Command } from 'commander'
import type { IlsSynchronization } from '../../services/ils/api.ts'
import { answersOf } from '../ils-answers.ts'
import type { IlsAnswer } from '../ils-answers.ts'
import { connectToLab } from '../lab-client.ts'
import { plain } from '../plain.ts'
import { paint, printResult, run, talksToLab } from './verb.ts'
import type { CommonOptions } from './verb.ts'

/** `roamline ils synchronize [process]` */
export function addIlsSynchronize(ils: Command): void {
  const command = ils
    .command('synchronize')
    .description('pull from all neighbours now, as at the end of Synchronize Clusters Every')
    .argument('[process]', 'this cluster or hub only')
  talksToLab(command, 'npx roamline ils synchronize cluster1').action(
    (name: string | undefined, options: CommonOptions) =>
      run(options.json, async () => {
        const nodes = await connectToLab(options).ilsNodes(name)
        const answers = await answersOf(nodes, (node) => node.post<IlsSynchronization>('/api/v1/ils/synchronize', {}))
        printResult(answers, options.json, (all) => all.map((one) => describeSynchronization(one)).join('\n'))
        // Nobody could be asked by anybody: that is no synchronization.
        if (!answers.some(({ answer }) => answer && answer.asked.length > 0)) process.exitCode = 1
      }),
  )
}

/** Whom one of them asks. */
export function describeSynchronization({ asked, answer, problem }: IlsAnswer<IlsSynchronization>): string {
  if (answer === undefined) return paint('red', plain(`${asked}: ${problem}`))
  const whom = answer.asked.length === 0 ? 'nobody' : answer.asked.join(', ')
  const away = answer.unreachable.length === 0 ? '' : `; unreachable: ${answer.unreachable.join(', ')}`
  return paint(
    answer.unreachable.length === 0 && answer.asked.length > 0 ? 'green' : 'yellow',
    plain(`${asked} asks ${whom}${away}`),
  )
}
