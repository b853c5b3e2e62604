// Which seed notices that a rule is gone: found by `npm run simulate:mutations -- --write`, kept in caught.json and on the page.
import { readFileSync } from 'node:fs'
import { searchWithout } from './mutate.ts'
import { editsOf, runsOf } from './mutations.ts'
import type { Mutation } from './mutations.ts'
import { nodesOf } from './search.ts'

export interface Caught {
  readonly rule: string
  /** The first seed that breaks. */
  readonly seed?: number
  readonly nodes?: number
  readonly violation?: string
  /** How many times more, where nothing breaks. */
  readonly ratio?: number
  /** Whether it showed what it should. */
  readonly proven: boolean
}

const file = new URL('caught.json', import.meta.url)

export function readCaught(): readonly Caught[] {
  return JSON.parse(readFileSync(file, 'utf8')) as readonly Caught[]
}

export const caughtFile = file.pathname

/** How much more it must cost to count. */
const leastRatio = 1.05
const measuredSeeds = 24

/** Takes the rule out, in copies below `folder`, and finds out how that shows. */
export async function investigate(mutation: Mutation, folder: string): Promise<Caught> {
  try {
    return await lookFor(mutation, folder)
  } catch (error) {
    return { rule: mutation.rule, violation: `could not be run: ${(error as Error).message}`, proven: false }
  }
}

async function lookFor(mutation: Mutation, folder: string): Promise<Caught> {
  const { rule, shows = 'breaks', standIns = [] } = mutation
  const options = runsOf(mutation)
  if (shows !== 'breaks') return measure(mutation, folder)
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

async function measure(mutation: Mutation, folder: string): Promise<Caught> {
  const { rule, shows } = mutation
  const options = { ...runsOf(mutation), seeds: measuredSeeds, measure: true }
  const without = await searchWithout(folder, editsOf(mutation), options)
  if (without.broken !== undefined)
    return { rule, ...without.broken, violation: firstWords(without.broken.violation), proven: false }
  if (shows === 'nothing') return { rule, proven: true }
  const usual = await searchWithout(folder, [], options)
  const of = (result: typeof usual) =>
    shows === 'visible' ? (result.visibleMs ?? 0) : result[shows === 'messages' ? 'messages' : 'healing']
  const ratio = Number((of(without) / of(usual)).toFixed(2))
  return { rule, ratio, proven: ratio >= leastRatio }
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

function describe({ shows = 'breaks', runs }: Mutation, caught: Caught | undefined): string {
  if (caught?.proven !== true) return 'not shown'
  const measures = {
    messages: 'messages',
    healing: 'heartbeats until healed',
    visible: 'time until a login is visible everywhere',
  }
  if (shows === 'breaks' && runs?.script !== undefined) return `the script found/${runs.script}: ${caught.violation}`
  if (shows === 'breaks')
    return `seed ${caught.seed}, ${caught.nodes} nodes: ${caught.violation?.replaceAll('|', '\\|')}`
  if (shows === 'nothing') return 'not caught'
  return `nothing breaks; ${caught.ratio} × the ${measures[shows]}`
}

/** Without the particulars of the seed. */
function firstWords(violation: string): string {
  const [line = ''] = violation.split('\n')
  return line.replace(/:$/u, '').slice(0, 90)
}
