// Up to 200 clusters in the simulation of test/simulation/: what no machine of ours could run as processes.
import { fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { sizes } from '../../../test/simulation/large.ts'
import type { GrowthOptions, GrowthRow } from '../../../test/simulation/large.ts'
import type { SimulationRow } from './rows.ts'

export interface SimulationScaleOptions {
  readonly logins: number
  /** The largest network; the vendor's most is 200. */
  readonly clusters?: number
  readonly seed?: number
  readonly signal?: AbortSignal | undefined
  readonly onRow?: (row: SimulationRow) => void
}

/** As many at a time as there are cores, the largest first, since it takes longest; in the end in order of size. */
export async function measureSimulation(options: SimulationScaleOptions): Promise<readonly SimulationRow[]> {
  const { logins, clusters: most = 200, seed = 1, signal, onRow } = options
  const waiting = sizes
    .filter(({ clusters }) => clusters <= most)
    .toReversed()
    .values()
  const rows: SimulationRow[] = []
  const lane = async () => {
    for (const size of waiting) {
      const row = rowOf(await grow({ ...size, logins, seed }, signal))
      rows.push(row)
      onRow?.(row)
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, lane))
  return rows.toSorted((one, other) => one.clusters - other.clusters)
}

async function grow(options: GrowthOptions, signal: AbortSignal | undefined): Promise<GrowthRow> {
  const worker = fork(new URL('simulation-worker.ts', import.meta.url), ['--options', JSON.stringify(options)], {
    ...(signal && { signal }),
  })
  return new Promise((resolve, reject) => {
    worker.once('message', (row) => resolve(row as GrowthRow)).once('error', reject)
    worker.once('exit', (code, name) => reject(new Error(`a simulation died (${name ?? code})`)))
  })
}

function rowOf({ heapBytes, ...row }: GrowthRow): SimulationRow {
  if (heapBytes === undefined) throw new Error('the worker could not collect garbage')
  return { ...row, bytesPerNode: Math.round(heapBytes / (row.hubs + row.clusters)) }
}
