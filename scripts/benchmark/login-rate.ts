// Logins and logouts per second over the JSON door, each on disk before it is answered and published to the ILS network.
import { cpuSeconds, startFloor } from './child.ts'
import { benchmarkLab, startBenchmarkLab, stations } from './bench-lab.ts'
import { runLoad } from './load.ts'
import type { LoadResult } from './load.ts'
import { compare, median } from './measure.ts'
import type { Comparison } from './measure.ts'

const authorization = `Basic ${btoa('administrator:roamline')}`

/** `rounds` pairs of `seconds` each, the cluster and the floor in turn, with `connections` users at once. */
export async function benchmarkLoginRate(options: {
  rounds: number
  seconds: number
  connections: number
  redis?: string | undefined
}): Promise<Comparison> {
  const { rounds, seconds, connections, redis } = options
  const people = stations(connections)
  await using world = await startBenchmarkLab(benchmarkLab(connections), { redis })
  await using floor = await startFloor('floor-login.ts')
  const cluster = world.find('cluster2')
  const floorUrl = String(floor.ready['http'])
  const load = (url: string, time: number) => runLoad({ url, stations: people, seconds: time, authorization })
  // Warms both up; in the cluster it also fills the documented 2-minute credential cache.
  await load(cluster.http, 2)
  await load(floorUrl, 1)
  const ours: LoadResult[] = []
  const bare: LoadResult[] = []
  const cpuPerRequest: number[] = []
  for (let round = 0; round < rounds; round++) {
    const before = await cpuSeconds(cluster.pid)
    const one = await load(cluster.http, seconds)
    cpuPerRequest.push(((await cpuSeconds(cluster.pid)) - before) / (one.perSecond * seconds))
    ours.push(one)
    bare.push(await load(floorUrl, seconds))
  }
  const failed = ours.reduce((sum, one) => sum + one.failed, 0)
  if (failed > 0) throw new Error(`${failed} of the cluster's requests failed: the figure would mean nothing`)
  return compare(
    {
      name: 'login-rate',
      what: `logins and logouts over the JSON door, on disk and published, ${connections} users at once, credentials warm`,
      floorWhat: 'a bare Fastify that parses the same requests and answers the same bytes',
      unit: 'requests/s',
      aim: { ratio: 0.8, better: 'higher' },
      notes: [
        `cluster p50 ${median(ours.map((one) => one.p50))} ms, p99 ${median(ours.map((one) => one.p99))} ms; floor p50 ${median(bare.map((one) => one.p50))} ms, p99 ${median(bare.map((one) => one.p99))} ms`,
        `cluster CPU per request ${(median(cpuPerRequest) * 1e6).toFixed(0)} µs; load generator, Redis, hub and two more clusters share the machine's cores`,
      ],
    },
    ours.map((one) => one.perSecond),
    bare.map((one) => one.perSecond),
  )
}
