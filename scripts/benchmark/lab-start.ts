// Time from nothing to a lab that is ready, against one bare Fastify process that listens.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadLab } from '../lab/lab-file.ts'
import { startBenchmarkLab } from './bench-lab.ts'
import { startFloor } from './child.ts'
import { compare } from './measure.ts'
import type { Comparison } from './measure.ts'

const defaultLab = fileURLToPath(new URL('../../labs/three-clusters.yaml', import.meta.url))

/** The default lab is started `rounds` times on data that exists (after a first start that makes it), in turn with the floor. */
export async function benchmarkLabStart(options: { rounds: number; redis?: string | undefined }): Promise<Comparison> {
  const { rounds, redis } = options
  const data = await mkdtemp(join(tmpdir(), 'roamline-benchmark-'))
  const lab = loadLab(defaultLab)
  const ours: number[] = []
  const floor: number[] = []
  let firstMs = 0
  try {
    for (let round = -1; round < rounds; round++) {
      const world = await startBenchmarkLab(lab, { redis, data })
      await world[Symbol.asyncDispose]()
      const bare = await startFloor('floor-process.ts')
      await bare[Symbol.asyncDispose]()
      if (round < 0) firstMs = world.startMs
      else {
        ours.push(world.startMs)
        floor.push(bare.startMs)
      }
    }
  } finally {
    await rm(data, { recursive: true, force: true })
  }
  return compare(
    {
      name: 'lab-start',
      what: 'the default lab (Redis, hub, three clusters, Super User Synchronization Tool), from nothing to all ready, on data that exists',
      floorWhat: 'one bare Fastify process until it listens',
      unit: 'ms',
      aim: { ratio: 3, better: 'lower' },
      notes: [
        `the very first start, which also makes certificates, databases and PIN hashes: ${firstMs.toFixed(0)} ms`,
      ],
    },
    ours,
    floor,
  )
}
