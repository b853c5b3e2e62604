// Pairs of login and logout per second over the EM API, each on disk before it is answered and published to the ILS network; and beside
// them what a PIN costs that has to be hashed.
import { cpus } from 'node:os'
import autocannon from 'autocannon'
import { createCredentialHasher } from '../../services/database/index.ts'
import type { Lab } from '../lab/lab.ts'
import { benchmarkLab, pin, startBenchmarkLab, stations } from './bench-lab.ts'
import { cpuSeconds, startFloor } from './child.ts'
import { formType, loginForm, logoutForm, servlet, success } from './em-api-documents.ts'
import { runLoad } from './load.ts'
import type { LoadResult, Station } from './load.ts'
import { compare, median } from './measure.ts'
import type { Comparison } from './measure.ts'

/** Users of cluster3, whose PINs are never known: as many as hash at once without being refused. */
const coldUsers = 8

/** `rounds` pairs of `seconds` each, the cluster and the floor in turn, with `connections` users at once. */
export async function benchmarkEmApi(options: {
  rounds: number
  seconds: number
  connections: number
  redis?: string | undefined
}): Promise<Comparison> {
  const { rounds, seconds, connections, redis } = options
  const people = stations(connections)
  await using world = await startBenchmarkLab(withColdUsers(benchmarkLab(connections)), { redis })
  await using floor = await startFloor('floor-em-api.ts')
  const cluster = world.find('cluster2')
  const floorUrl = String(floor.ready['http'])
  await runEmApiLoad({ url: cluster.http, stations: people, seconds: 2 })
  await runEmApiLoad({ url: floorUrl, stations: people, seconds: 1 })
  const ours: LoadResult[] = []
  const bare: LoadResult[] = []
  const shares: CpuShare[][] = []
  const floorShares: CpuShare[][] = []
  const floorPids = [{ name: 'floor', pid: floor.process.pid! }, generator]
  for (let round = 0; round < rounds; round++) {
    const measured = await withCpu([...world.processes(), generator], () =>
      runEmApiLoad({ url: cluster.http, stations: people, seconds }),
    )
    ours.push(measured.load)
    shares.push(measured.shares)
    const floored = await withCpu(floorPids, () => runEmApiLoad({ url: floorUrl, stations: people, seconds }))
    bare.push(floored.load)
    floorShares.push(floored.shares)
  }
  const failed = [...ours, ...bare].reduce((sum, one) => sum + one.failed, 0)
  if (failed > 0) throw new Error(`${failed} requests were not answered with success: the figure would mean nothing`)
  const cold = await coldLogins(world.find('cluster3').http, seconds)
  return compare(
    {
      name: 'em-api',
      what: `logins with their logouts over the EM API, on disk and published, ${connections} users at once, application password warm, Maximum Concurrent Requests 100`,
      floorWhat: 'a bare Fastify that reads the same forms and XML and answers the same bytes',
      unit: 'pairs/s',
      aim: { ratio: 0.8, better: 'higher' },
      notes: [
        `cluster p50 ${median(ours.map((one) => one.p50))} ms, p99 ${median(ours.map((one) => one.p99))} ms; floor p50 ${median(bare.map((one) => one.p50))} ms, p99 ${median(bare.map((one) => one.p99))} ms`,
        `CPU per pair, all of which share the machine's ${cpus().length} cores: ${describeShares(shares)}`,
        `CPU per pair at the floor: ${describeShares(floorShares)}`,
        ...cold,
      ],
    },
    ours.map((one) => one.perSecond / 2),
    bare.map((one) => one.perSecond / 2),
  )
}

const generator = { name: 'load generator', pid: process.pid }

/** What one process spent on one pair. */
interface CpuShare {
  readonly name: string
  readonly microseconds: number
}

async function withCpu(
  processes: readonly { readonly name: string; readonly pid: number }[],
  work: () => Promise<LoadResult>,
): Promise<{ load: LoadResult; shares: CpuShare[] }> {
  const spent = () => Promise.all(processes.map(({ pid }) => cpuSeconds(pid)))
  const before = await spent()
  const load = await work()
  const after = await spent()
  const microseconds = (index: number) => ((after[index]! - before[index]!) * 1e6) / (load.answered / 2)
  return { load, shares: processes.map(({ name }, index) => ({ name, microseconds: microseconds(index) })) }
}

/** Medians of the rounds, whose processes are the same. */
function describeShares(rounds: readonly (readonly CpuShare[])[]): string {
  return (rounds[0] ?? [])
    .map(({ name }, index) => `${name} ${median(rounds.map((round) => round[index]!.microseconds)).toFixed(0)} µs`)
    .join(', ')
}

/** Closed-loop load: each connection logs its own user in to its own phone and out again, one request at a time. */
async function runEmApiLoad(options: {
  readonly url: string
  readonly stations: readonly Station[]
  readonly seconds: number
}): Promise<LoadResult> {
  const { url, stations: people, seconds } = options
  const headers = { 'content-type': formType }
  const common = { method: 'POST', path: servlet, headers } as const
  let next = 0
  const result = await autocannon({
    url,
    connections: people.length,
    duration: seconds,
    // The EM API says in the XML alone whether it was done.
    expectBody: success,
    setupClient: (client) => {
      const station = people[next++ % people.length]!
      client.setRequests([
        { ...common, body: loginForm(station) },
        { ...common, body: logoutForm(station.deviceName) },
      ])
    },
  })
  return {
    perSecond: result.requests.average,
    answered: result.requests.total,
    p50: result.latency.p50,
    p99: result.latency.p99,
    failed: result.non2xx + result.errors + result.mismatches,
  }
}

function withColdUsers(lab: Lab): Lab {
  const people = coldStations()
  return {
    ...lab,
    clusters: lab.clusters.map((cluster) =>
      cluster.name === 'cluster3'
        ? {
            ...cluster,
            services: { 'extension-mobility': { credentialCacheMs: 0 } },
            deviceProfiles: people.map(({ userId }, index) => ({
              name: `${userId}-profile`,
              lines: [{ dn: String(3_000_000 + index) }],
            })),
            users: people.map(({ userId }) => ({
              userId,
              pin,
              lastName: userId,
              deviceProfiles: [`${userId}-profile`],
            })),
            phones: people.map(({ deviceName }) => ({ name: deviceName, extensionMobility: true })),
          }
        : cluster,
    ),
  }
}

function coldStations(): readonly Station[] {
  return Array.from({ length: coldUsers }, (_, index) => ({
    deviceName: `SEP${String(30_000 + index).padStart(12, '0')}`,
    userId: `cold${index}`,
    pin,
  }))
}

/** Logins per second that each cost a hash, and what one costs alone. */
async function coldLogins(url: string, seconds: number): Promise<readonly string[]> {
  const authorization = `Basic ${btoa('administrator:roamline')}`
  const cold = await runLoad({ url, stations: coldStations(), seconds, authorization })
  const hasher = createCredentialHasher({ pepper: Buffer.from('benchmark') })
  const stored = await hasher.hash(pin)
  const costs: number[] = []
  for (let attempt = 0; attempt < 20; attempt++) {
    const startedAt = performance.now()
    await hasher.verify(pin, stored)
    costs.push(performance.now() - startedAt)
  }
  return [
    `cold: ${(cold.perSecond / 2).toFixed(0)} logins/s with their logouts over the JSON door by PINs that are not in the 2-minute cache, ${coldUsers} users at once, ${cold.failed} refused; one PIN hash takes ${median(costs).toFixed(1)} ms alone`,
  ]
}
