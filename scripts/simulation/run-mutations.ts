// `npm run simulate:mutations`: takes out one repair rule after the other, and shows which seed notices.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { caughtFile, investigate, readCaught, renderTable } from '../../test/simulation/caught.ts'
import type { Caught } from '../../test/simulation/caught.ts'
import { mutations } from '../../test/simulation/mutations.ts'
import { projectRoot } from '../lab/node-child.ts'

export interface MutationRunOptions {
  readonly jobs: number
  /** Write what was found to test/simulation/caught.json and docs/simulation.md. */
  readonly write: boolean
  /** Leave out what is written down already. */
  readonly missing: boolean
  readonly print: (line: string) => void
}

const page = join(projectRoot, 'docs', 'simulation.md')
const table = /(<!-- rules: .* -->\n)[\s\S]*?(\n<!-- end of rules -->)/u

/** The exit code: 1 when some rule does not show what the list says. */
export async function runMutations({ jobs, write, missing, print }: MutationRunOptions): Promise<number> {
  const known = missing ? readCaught().filter(({ proven }) => proven) : []
  const caught = new Map<string, Caught>(known.map((one) => [one.rule, one]))
  const queue = [...mutations.entries()].filter(([, { rule }]) => !caught.has(rule))
  const work = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [place, mutation] = next
      const one = await investigate(mutation, join(projectRoot, '.roamline', 'mutations', `${process.pid}-${place}`))
      caught.set(mutation.rule, one)
      print(tell(one))
    }
  }
  await Promise.all(Array.from({ length: jobs }, work))
  const ordered = mutations.map(({ rule }) => caught.get(rule) as Caught)
  if (write) {
    writeFileSync(caughtFile, `${JSON.stringify(ordered, undefined, 2)}\n`)
    const text = readFileSync(page, 'utf8')
    writeFileSync(
      page,
      text.replace(table, (_, head: string, tail: string) => head + renderTable(mutations, ordered) + tail),
    )
  }
  const missed = ordered.filter(({ proven }) => !proven)
  const byTest = mutations.filter(({ test }) => test !== undefined).length
  print(
    `${ordered.length} rules: ${ordered.length - missed.length} are missed, ${byTest} of them by a test of one core only; ${missed.length} did not show`,
  )
  return missed.length === 0 ? 0 : 1
}

function tell({ rule, seed, violation, proven }: Caught): string {
  return `${proven ? 'ok' : 'NOT SHOWN'}  ${rule}  ${seed === undefined ? '' : `seed ${seed}: `}${violation ?? ''}`
}
