// Real processes, more and more of them: Redis and all hubs first, then as many clusters as are asked for, each with data of its own in
// a folder that goes when all of it is stopped.
import { mkdirSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClusterClient } from '../../cluster-client.ts'
import type { ClusterClient } from '../../cluster-client.ts'
import { choosePlacement } from '../../lab/addresses.ts'
import type { Endpoint, Placement } from '../../lab/addresses.ts'
import { LabError } from '../../lab/lab-error.ts'
import type { Lab } from '../../lab/lab.ts'
import { ManagedProcess } from '../../lab/managed-process.ts'
import type { ProcessSpec } from '../../lab/managed-process.ts'
import { childEnvironment, nodeArguments, programs, readReadyLine } from '../../lab/node-child.ts'
import { processConfigs } from '../../lab/process-config.ts'
import type { ProcessConfig } from '../../lab/process-config.ts'
import { chooseRedis } from '../../lab/redis.ts'
import type { LabRedis } from '../../lab/redis.ts'
import { startWatchdog } from '../../lab/watchdog.ts'
import { proportionalMiB } from '../child.ts'

/** A hub or cluster that was started. */
export interface Grown {
  readonly name: string
  readonly process: ManagedProcess
  readonly door: ClusterClient
  /** Milliseconds from its first spawn until it was ready: database, certificates and PIN hashes included. */
  readonly startMs: number
}

/** MiB; of hubs, clusters and Redis (0 for one that is not ours) together. */
export interface ScaleMemory {
  readonly hubs: number
  readonly clusters: number
  readonly redis: number
}

export interface GrowingLabOptions {
  readonly redis?: string | undefined
  /** How many start at the same time. */
  readonly atOnce: number
  /** Ends everything, whatever is going on. */
  readonly signal?: AbortSignal | undefined
}

/** Redis and the hubs run when it resolves. */
export async function startGrowingLab(lab: Lab, options: GrowingLabOptions): Promise<GrowingLab> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'roamline-scale-'))
  try {
    const redis = await chooseRedis({ url: options.redis, dataDirectory })
    const placement = await choosePlacement(lab, { freePorts: true })
    const growing = new GrowingLab({ lab, dataDirectory, redis, placement, options })
    await growing.start()
    return growing
  } catch (error) {
    await rm(dataDirectory, { recursive: true, force: true })
    throw error
  }
}

interface Parts {
  readonly lab: Lab
  readonly dataDirectory: string
  readonly redis: LabRedis
  readonly placement: Placement
  readonly options: GrowingLabOptions
}

export class GrowingLab implements AsyncDisposable {
  readonly redisUrl: string
  readonly hubs: Grown[] = []
  /** In the order of the lab. */
  readonly clusters: Grown[] = []
  readonly #parts: Parts
  readonly #configs: readonly ProcessConfig[]
  readonly #watchdog = startWatchdog()
  readonly #redis: ManagedProcess | undefined
  readonly #processes: ManagedProcess[] = []
  #stopping: Promise<void> | undefined

  constructor(parts: Parts) {
    const { lab, dataDirectory, redis, options } = parts
    this.#parts = parts
    this.redisUrl = redis.url
    this.#redis = redis.spec && new ManagedProcess(redis.spec, this.#watchdog)
    this.#configs = processConfigs(lab, {
      dataDirectory,
      secretsDirectory: join(dataDirectory, 'secrets'),
      redisUrl: redis.url,
      endpoint: (name) => this.#endpoint(name),
      clusterUrl: (name) => `https://${this.#endpoint(name).advertise}:${this.#endpoint(name).httpsPort}`,
    })
    options.signal?.addEventListener('abort', () => void this[Symbol.asyncDispose](), { once: true })
  }

  /** Redis and all hubs. Stops what it has started when one cannot start. */
  async start(): Promise<void> {
    try {
      await this.#redis?.start()
      this.hubs.push(...(await this.#startAll(this.#ofKind('hub'))))
    } catch (error) {
      await this[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Starts the next `count` clusters. Rejects with LabError when one of them cannot start or there are no more. */
  async grow(count: number): Promise<void> {
    const all = this.#ofKind('cluster')
    const next = all.slice(this.clusters.length, this.clusters.length + count)
    if (next.length < count) throw new LabError('LAB_USAGE', `the lab has no more than ${all.length} clusters`)
    this.clusters.push(...(await this.#startAll(next)))
  }

  async memory(): Promise<ScaleMemory> {
    const of = async (processes: readonly ManagedProcess[]) => {
      const each = await Promise.all(processes.flatMap(({ pid }) => (pid === undefined ? [] : [proportionalMiB(pid)])))
      return each.reduce((sum, one) => sum + one, 0)
    }
    return {
      hubs: await of(this.hubs.map(({ process }) => process)),
      clusters: await of(this.clusters.map(({ process }) => process)),
      redis: await of(this.#redis ? [this.#redis] : []),
    }
  }

  /** Clusters first, then hubs, then Redis. */
  [Symbol.asyncDispose](): Promise<void> {
    return (this.#stopping ??= this.#stop())
  }

  async #stop(): Promise<void> {
    const ofKind = (kind: ProcessConfig['kind']) => this.#processes.filter(({ spec }) => spec.kind === kind)
    for (const kind of ['cluster', 'hub'] as const) await Promise.all(ofKind(kind).map((one) => one.stop()))
    await this.#redis?.stop()
    this.#watchdog.close()
    await rm(this.#parts.dataDirectory, { recursive: true, force: true })
  }

  /** A few at a time, in the order given. */
  async #startAll(configs: readonly ProcessConfig[]): Promise<Grown[]> {
    const { atOnce, signal } = this.#parts.options
    const waiting = configs.entries()
    const started: Grown[] = []
    const lanes = Array.from({ length: atOnce }, async () => {
      for (const [index, config] of waiting) {
        signal?.throwIfAborted()
        started[index] = await this.#startOne(config)
      }
    })
    const results = await Promise.allSettled(lanes)
    const failed = results.find((result) => result.status === 'rejected')
    if (failed) throw failed.reason
    return started
  }

  async #startOne({ name, kind, config }: ProcessConfig): Promise<Grown> {
    const directory = join(this.#parts.dataDirectory, name)
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    const file = join(directory, 'config.json')
    writeFileSync(file, JSON.stringify(config), { mode: 0o600 })
    const spec: ProcessSpec = {
      name,
      kind,
      command: process.execPath,
      arguments: [...nodeArguments, programs[kind], '--config', file],
      environment: childEnvironment(),
      logFile: join(directory, `${name}.log`),
      ready: async (child) => void (await readReadyLine(child)),
      readyTimeoutMs: 60_000,
    }
    const managed = new ManagedProcess(spec, this.#watchdog)
    this.#processes.push(managed)
    const startedAt = performance.now()
    await managed.start()
    const { advertise, httpPort } = this.#endpoint(name)
    const door = createClusterClient({ name, http: `http://${advertise}:${httpPort}` })
    return { name, process: managed, door, startMs: performance.now() - startedAt }
  }

  #ofKind(kind: ProcessConfig['kind']): readonly ProcessConfig[] {
    return this.#configs.filter((config) => config.kind === kind)
  }

  #endpoint(name: string): Endpoint {
    const place = this.#parts.placement[name]
    if (!place) throw new LabError('LAB_PROCESS_UNKNOWN', `${name} has no place in this lab`)
    return place
  }
}
