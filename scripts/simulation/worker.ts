// One worker of `npm run simulate`: a seed comes in, what became of it goes out.
import { runSimulation } from '../../test/simulation/simulator.ts'
import type { SimulationResult } from '../../test/simulation/simulator.ts'

export interface SeedTask {
  readonly seed: number
  readonly steps: number
  readonly nodes: number
}

/** Without the story, which is told again by whoever wants to read it. */
export type SeedAnswer = Omit<SimulationResult, 'story'>

process.on('message', (task: SeedTask) => {
  const { story: _story, ...answer } = runOrBreak(task)
  process.send?.(answer satisfies SeedAnswer)
})

/** An exception of the core is a broken promise, too: it says that it throws for nothing. */
function runOrBreak(task: SeedTask): SimulationResult {
  try {
    return runSimulation(task)
  } catch (error) {
    const violation = `threw ${(error as Error).stack ?? String(error)}`
    const nothing = { story: [], steps: task.steps, crashes: 0, logins: 0, appliedRecords: 0, messages: 0, calls: {} }
    return { violation, healedAfter: undefined, ...nothing }
  }
}
