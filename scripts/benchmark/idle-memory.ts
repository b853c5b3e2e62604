// Resident memory of an idle cluster, against a process with a bare Fastify and two ioredis connections.
import { setTimeout as settle } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { loadLab } from '../lab/lab-file.ts'
import { startBenchmarkLab } from './bench-lab.ts'
import { residentMiB, startFloor } from './child.ts'
import { compare } from './measure.ts'
import type { Comparison } from './measure.ts'

const defaultLab = fileURLToPath(new URL('../../labs/three-clusters.yaml', import.meta.url))
/** Long enough for start-up garbage to be collected; memory at a moment is what is measured, so there is no event to await. */
const settleMs = 5000

/** The three clusters of the default lab beside three bare processes, all idle for a while. */
export async function benchmarkIdleMemory(options: { redis?: string | undefined }): Promise<Comparison> {
  await using world = await startBenchmarkLab(loadLab(defaultLab), { redis: options.redis })
  const url = world.lab.status().redis.url
  const bare = await Promise.all([1, 2, 3].map(() => startFloor('floor-process.ts', ['--redis', url])))
  try {
    await settle(settleMs)
    const clusters = ['cluster1', 'cluster2', 'cluster3'].map((name) => world.find(name).pid)
    const ours = await Promise.all(clusters.map((pid) => residentMiB(pid)))
    const floor = await Promise.all(bare.map((one) => residentMiB(one.process.pid!)))
    return compare(
      {
        name: 'idle-memory',
        what: 'resident memory of an idle cluster of the default lab',
        floorWhat: 'a process with a bare Fastify and two ioredis connections, same Node flags',
        unit: 'MiB',
        aim: { ratio: 1.4, better: 'lower' },
        notes: [`hub ${(await residentMiB(world.find('hub').pid)).toFixed(0)} MiB`],
      },
      ours,
      floor,
    )
  } finally {
    await Promise.all(bare.map((one) => one[Symbol.asyncDispose]()))
  }
}
