// The lab that the benchmarks run on: one hub, three clusters, and in cluster2 a crowd of superusers, each with a phone of their own,
// so that every login is stored and published.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Lab } from '../lab/lab.ts'
import { startRunner } from '../lab/runner.ts'
import type { RunningLab } from '../lab/runner.ts'
import type { Station } from './load.ts'

export const pin = '12345'

/** The stations of cluster2: user `user7` logs in on `SEP000000020007`. */
export function stations(count: number): Station[] {
  return Array.from({ length: count }, (_, index) => ({
    deviceName: `SEP${String(20_000 + index).padStart(12, '0')}`,
    userId: `user${index}`,
    pin,
  }))
}

/** A lab without trunks and patterns; `crowd` superusers at cluster2. */
export function benchmarkLab(crowd: number): Lab {
  const people = stations(crowd)
  return {
    name: 'benchmark',
    ils: { network: `benchmark-${process.pid}`, password: 'benchmark' },
    hubs: [{ name: 'hub' }],
    clusters: ['cluster1', 'cluster2', 'cluster3'].map((name) => ({
      name,
      role: 'spoke' as const,
      hub: 'hub',
      // As many as there are connections: what is measured is not the refusal of the sixth.
      serviceParameters: [{ service: 'Cisco Extension Mobility', name: 'Maximum Concurrent Requests', value: '100' }],
      ...(name === 'cluster2' ? crowdOf(people) : {}),
    })),
  }
}

function crowdOf(people: readonly Station[]) {
  return {
    deviceProfiles: people.map(({ userId }, index) => ({
      name: `${userId}-profile`,
      lines: [{ dn: String(2_000_000 + index) }],
    })),
    users: people.map(({ userId }, index) => ({
      userId,
      pin,
      lastName: userId,
      primaryExtension: String(2_000_000 + index),
      deviceProfiles: [`${userId}-profile`],
      superuser: true,
    })),
    phones: people.map(({ deviceName }, index) => ({
      name: deviceName,
      extensionMobility: true,
      lines: [{ dn: String(2_500_000 + index) }],
    })),
  }
}

/** A running lab in a folder of its own that goes with it. */
export interface BenchmarkLab extends AsyncDisposable {
  readonly lab: RunningLab
  /** Milliseconds from nothing to everything ready. */
  readonly startMs: number
  /** Base URL of a process's HTTP door, its process id. */
  find(name: string): { readonly http: string; readonly pid: number }
  /** Every process of ours that runs; Redis is none. */
  processes(): readonly { readonly name: string; readonly pid: number }[]
}

/** Starts it on free ports. `redis`: a URL, or undefined for the lab's own. */
export async function startBenchmarkLab(
  lab: Lab,
  options: { redis?: string | undefined; data?: string } = {},
): Promise<BenchmarkLab> {
  const data = options.data ?? (await mkdtemp(join(tmpdir(), 'roamline-benchmark-')))
  const startedAt = performance.now()
  const running = await startRunner({ lab, dataDirectory: data, redis: options.redis, freePorts: true })
  const startMs = performance.now() - startedAt
  return {
    lab: running,
    startMs,
    find(name) {
      const one = running.status().processes.find((process) => process.name === name)
      if (one === undefined || one.http === null || one.pid === null) throw new Error(`${name} is not running`)
      return { http: one.http, pid: one.pid }
    },
    processes: () => running.status().processes.flatMap(({ name, pid }) => (pid === null ? [] : [{ name, pid }])),
    async [Symbol.asyncDispose]() {
      await running.stop()
      if (options.data === undefined) await rm(data, { recursive: true, force: true })
    },
  }
}
