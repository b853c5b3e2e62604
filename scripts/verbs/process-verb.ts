import type { Command } from 'commander'
import { connectToLab } from '../lab-client.ts'
import type { ControlVerb } from '../lab/control.ts'
import { printResult, run, talksToLab } from './verb.ts'
import type { CommonOptions } from './verb.ts'

/** What a verb on one process says. */
export interface ProcessVerb {
  readonly verb: ControlVerb
  readonly description: string
  /** After the fact: `cluster1 is killed`. */
  readonly participle: string
  readonly example: string
}

/** Adds a verb that the runner carries out: kill, restart, pause or resume. */
export function addProcessVerb(program: Command, { verb, description, participle, example }: ProcessVerb): void {
  const command = program.command(verb).description(description).argument('<process>', 'e.g. cluster1, hub, redis')
  talksToLab(command, example).action((name: string, options: CommonOptions) =>
    run(options.json, async () => {
      const status = await connectToLab(options).control(verb, name)
      const process_ = name === 'redis' ? { name, ...status.redis } : status.processes.find((one) => one.name === name)
      printResult(process_, options.json, (one) => {
        const pid = one?.pid === null || one?.pid === undefined ? '' : ` (process ${one.pid})`
        return `${name} is ${participle}${pid}`
      })
    }),
  )
}
