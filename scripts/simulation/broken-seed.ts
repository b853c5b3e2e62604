// What is said about a seed that broke a promise: its script made short, the story of that, and how to see it again.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { drawScript } from '../../test/simulation/plan.ts'
import { serializeScript } from '../../test/simulation/script.ts'
import type { Script } from '../../test/simulation/script.ts'
import { shrink } from '../../test/simulation/shrink.ts'
import { runScript } from '../../test/simulation/simulator.ts'
import type { SimulationResult } from '../../test/simulation/simulator.ts'
import { projectRoot } from '../lab/node-child.ts'
import type { SeedTask } from './worker.ts'

const storyLines = 60

/** The violation of a script; an exception of the core is one, too. */
export function violationOf(script: Script): string | undefined {
  try {
    return runScript(script).violation
  } catch (error) {
    return `threw ${(error as Error).stack ?? String(error)}`
  }
}

/** Shrinks, writes the script to a file, and returns what people read. */
export function explainBrokenSeed(task: SeedTask, runs: number): { readonly text: string; readonly script: Script } {
  const long = drawScript(task)
  const script = shrink(long, { breaks: (one) => violationOf(one) !== undefined, runs })
  const folder = join(projectRoot, '.roamline', 'simulation')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `seed-${task.seed}.json`)
  writeFileSync(file, serializeScript(script))
  const text = [
    `seed ${task.seed}: ${violationOf(long)}`,
    `shrunk from ${long.actions.length} actions among ${long.nodes.length} nodes to ${script.actions.length} among ${script.nodes.length}: ${violationOf(script)}`,
    ...tellStory(script),
    '',
    serializeScript(script),
    `the script again: npm run simulate -- --replay ${relative(process.cwd(), file)}`,
    `the whole seed again: npm run simulate -- --seed ${task.seed} --steps ${task.steps} --nodes ${task.nodes}`,
  ]
  return { text: text.join('\n'), script }
}

/** The last lines of what a script does; all of them on request. */
export function tellStory(script: Script, all = false): readonly string[] {
  let result: SimulationResult
  try {
    result = runScript(script)
  } catch {
    return []
  }
  return (all ? result.story : result.story.slice(-storyLines)).map((line) => `  ${line}`)
}
