import type { Command } from 'commander'
import { setTimeout as sleep } from 'node:timers/promises'
import { connectToLab } from '../lab-client.ts'
import { LabError } from '../lab/lab-error.ts'
import { printResult, run, talksToLab } from './verb.ts'
import type { CommonOptions } from './verb.ts'

const deadlineMs = 20_000

/** `roamline down` */
export function addDown(program: Command): void {
  const command = program.command('down').description('end the running lab; its data stays')
  talksToLab(command, 'npx roamline down').action((options: CommonOptions) =>
    run(options.json, async () => {
      const { lab, pid } = await connectToLab(options).down()
      await gone(pid)
      printResult({ lab, state: 'down' }, options.json, () => `The lab ${lab} is down.`)
    }),
  )
}

async function gone(pid: number): Promise<void> {
  const deadline = Date.now() + deadlineMs
  while (isAlive(pid)) {
    if (Date.now() > deadline) throw new LabError('LAB_PROCESS_STATE', `The lab (process ${pid}) does not end.`)
    await sleep(50)
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
