// Which seed notices that a rule is gone: found by `npm run simulate:mutations -- --write`, kept in caught.json and on the page.
import { readFileSync } from 'node:fs'
import { searchWithout, testWithout } from './mutate.ts'
import { editsOf, runsOf } from './mutations.ts'
import type { Mutation } from './mutations.ts'
import { nodesOf } from './search.ts'

export interface Caught {
  readonly rule: string
  /** The first seed that breaks. */
  readonly seed?: number
  readonly nodes?: number
  readonly violation?: string
  /** Whether it showed what it should. */
  readonly proven: boolean
}

const file = new URL('caught.json', import.meta.url)

export function readCaught(): readonly Caught[] {
  return JSON.parse(readFileSync(file, 'utf8')) as readonly Caught[]
}

export const caughtFile = file.pathname

/** Takes the rule out, in copies below `folder`, and finds out how that shows. */
export async function investigate(mutation: Mutation, folder: string): Promise<Caught> {
  try {
    return await lookFor(mutation, folder)
  } catch (error) {
    return { rule: mutation.rule, violation: `could not be run: ${(error as Error).message}`, proven: false }
  }
}

async function lookFor(mutation: Mutation, folder: string): Promise<Caught> {
  const { rule, standIns = [], test } = mutation
  if (test !== undefined) {
    const failed = await testWithout(folder, editsOf(mutation), test)
    return { rule, ...(failed === undefined ? {} : { violation: failed }), proven: failed !== undefined }
  }
  const options = runsOf(mutation)
  const { broken } = await searchWithout(folder, editsOf(mutation), options)
  if (broken === undefined) return { rule, proven: false }
  const { seed, violation } = broken
  const found = { rule, seed, nodes: options.nodes ?? nodesOf(seed), violation: firstWords(violation) }
  if (standIns.length === 0) return { ...found, proven: true }
  // The stand-ins alone are not missed: it is this rule that makes the difference.
  const alone = await searchWithout(folder, editsOf(mutation, false), {
    ...options,
    seeds: seed - options.firstSeed + 1,
  })
  return { ...found, proven: alone.broken === undefined }
}

/** The table of docs/simulation.md. */
export function renderTable(mutations: readonly Mutation[], caught: readonly Caught[]): string {
  const rows = mutations.map((mutation) => {
    const one = caught.find(({ rule }) => rule === mutation.rule)
    const { rule, standIns = [], because } = mutation
    const also = standIns.length > 0 ? ` (and: ${standIns.join('; ')})` : ''
    return `| ${rule}${also} | ${describe(mutation, one)}${because === undefined ? '' : `: ${because}`} |`
  })
  return ['| taken out | what notices |', '|---|---|', ...rows].join('\n')
}

function describe({ runs, test }: Mutation, caught: Caught | undefined): string {
  if (caught?.proven !== true) return 'not shown'
  const { seed, nodes, violation = '' } = caught
  const shown = violation.replaceAll('|', '\\|')
  if (test !== undefined) return `not the simulation, but test/ils-sync/${test}, "${shown}"`
  if (runs?.script !== undefined) return `the script ${runs.script}: ${shown}`
  return `seed ${seed}, ${nodes} nodes: ${shown}`
}

/** Without the particulars of the seed. */
function firstWords(violation: string): string {
  const [line = ''] = violation.split('\n')
  return line.replace(/:$/u, '').slice(0, 90)
}
