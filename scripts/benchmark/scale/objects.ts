// One replica with more and more learned objects: what it costs to get them, to keep them and to find one.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { childEnvironment, projectRoot } from '../../lab/node-child.ts'
import { fullSync } from '../ils-full-sync.ts'
import type { FullSync } from '../ils-full-sync.ts'
import { median } from '../measure.ts'
import type { Comparison } from '../measure.ts'
import type { ObjectRow } from './rows.ts'

export interface ObjectScaleOptions {
  readonly sizes: readonly number[]
  /** Full synchronizations of each size. */
  readonly rounds: number
  readonly quick: boolean
  readonly redis?: string | undefined
  readonly signal?: AbortSignal | undefined
  readonly onRow?: (row: ObjectRow) => void
}

export async function measureObjects(options: ObjectScaleOptions): Promise<readonly ObjectRow[]> {
  const rows: ObjectRow[] = []
  for (const objects of options.sizes) {
    const row = await rowOf(objects, options)
    rows.push(row)
    options.onRow?.(row)
  }
  return rows
}

async function rowOf(objects: number, options: ObjectScaleOptions): Promise<ObjectRow> {
  const { rounds, redis, signal } = options
  const runs: FullSync[] = []
  for (let round = 0; round < rounds; round++) {
    signal?.throwIfAborted()
    runs.push(await fullSync({ objects, redis }))
  }
  const middle = (pick: (run: FullSync) => number) => median(runs.map(pick))
  const [number, pattern] = await lookups(objects, options)
  return {
    objects,
    rounds,
    knownMs: middle(({ knownMs }) => knownMs),
    storedMs: middle(({ storedMs }) => storedMs),
    rawMs: middle(({ rawMs }) => rawMs),
    unaskedMs: middle(({ unaskedMs }) => unaskedMs),
    ratio: middle(({ knownMs, rawMs }) => knownMs / rawMs),
    messages: middle(({ messages }) => messages),
    wireBytes: middle(({ bytes }) => bytes / objects),
    memory: middle(({ memory }) => memory),
    disk: middle(({ disk }) => disk),
    blockedMs: middle(({ blockedMs }) => blockedMs),
    restartMs: middle(({ restartMs }) => restartMs),
    number,
    pattern,
  }
}

/** As anybody would measure them, each in a process of its own: what one leaves in memory must not slow the other down. */
async function lookups(objects: number, { quick, signal }: ObjectScaleOptions) {
  const one = async (name: string): Promise<ObjectRow['number']> => {
    const script = join(projectRoot, 'scripts', 'benchmark.ts')
    const flags = ['--only', name, '--objects', String(objects), '--json', ...(quick ? ['--quick'] : [])]
    const run = promisify(execFile)(process.execPath, [script, ...flags], { env: childEnvironment(), signal })
    // It ends by itself; the pipe that a lab's processes watch is not for it.
    run.child.stdin?.end()
    const { results } = JSON.parse((await run).stdout) as { results: readonly Comparison[] }
    const [{ ours, floor, ratio, figures } = fail(name)] = results
    const { learnMs = Number.NaN, bytesPerObject = Number.NaN } = figures ?? {}
    return { perSecond: ours, floorPerSecond: floor, ratio, learnMs, bytesPerObject }
  }
  return [await one('ils-number-lookup'), await one('ils-pattern-lookup')] as const
}

function fail(name: string): never {
  throw new Error(`the benchmark ${name} printed no result`)
}
