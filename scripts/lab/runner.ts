// A whole lab: its Redis, hubs, clusters and the Super User Synchronization Tool, each a process that is owned here.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { choosePlacement } from './addresses.ts'
import type { Endpoint, Placement } from './addresses.ts'
import { LabError } from './lab-error.ts'
import type { Lab } from './lab.ts'
import { ManagedProcess, ProcessState } from './managed-process.ts'
import type { ProcessSpec } from './managed-process.ts'
import { childEnvironment, nodeArguments, programs, readReadyLine } from './node-child.ts'
import { fingerprintOfSeed, processConfigs, tftpAddress } from './process-config.ts'
import type { ProcessConfig } from './process-config.ts'
import { chooseRedis } from './redis.ts'
import type { LabRedis, RedisProvider } from './redis.ts'
import { startWatchdog } from './watchdog.ts'
import type { Watchdog } from './watchdog.ts'

/** What a lab is started with. */
export interface RunnerOptions {
  readonly lab: Lab
  readonly dataDirectory: string
  /** A Redis URL, or `embedded`; default: a server of this machine, else the embedded one. */
  readonly redis?: string | undefined
  /** Free ports on 127.0.0.1 instead of the lab's own addresses. */
  readonly freePorts?: boolean | undefined
  /** Called at every change of every process; a `crashed` one is the caller's to report, the lab goes on. */
  readonly onState?: (process: ManagedProcess) => void
  /** The programs of the three kinds; tests bring small ones. */
  readonly programs?: Partial<Record<ProcessConfig['kind'], string>>
}

/** One line of `roamline status`. `http` and `https` are base URLs; they stay the same over restarts. */
export interface ProcessStatus {
  readonly name: string
  readonly kind: string
  readonly state: ProcessState
  readonly pid: number | null
  readonly http: string | null
  readonly https: string | null
  /** Where phones get their configuration files, over HTTP and TFTP; clusters only. */
  readonly phoneFiles?: { readonly http: string; readonly tftp: string }
  readonly log: string
  /** Anything worth saying: an address that was not free, data of another lab file, how it died. */
  readonly note?: string
}

export interface RedisStatus {
  readonly url: string
  readonly provider: RedisProvider
  /** `external` when it is not the lab's own. */
  readonly state: ProcessState | 'external'
  readonly pid: number | null
}

export interface LabStatus {
  readonly lab: string
  readonly data: string
  readonly pid: number
  readonly processes: readonly ProcessStatus[]
  readonly redis: RedisStatus
}

/** A running lab. The verbs reject with LabError (`LAB_PROCESS_UNKNOWN`, `LAB_PROCESS_STATE`, `LAB_PROCESS_START`). */
export interface RunningLab {
  readonly lab: Lab
  readonly dataDirectory: string
  status(): LabStatus
  kill(name: string): Promise<void>
  restart(name: string): Promise<void>
  pause(name: string): Promise<void>
  resume(name: string): Promise<void>
  /** Everything, in reverse order; idempotent. */
  stop(): Promise<void>
}

interface Member {
  readonly config: ProcessConfig
  readonly endpoint: Endpoint
  readonly note: string | undefined
  readonly process: ManagedProcess
}

/** Starts everything. Resolves when every process has said that it is ready; when one cannot start, stops the others and rejects with LabError. */
export async function startRunner(options: RunnerOptions): Promise<RunningLab> {
  const { lab, dataDirectory } = options
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 })
  const memory = readMemory(dataDirectory)
  const redis = await chooseRedis({ url: options.redis, dataDirectory, port: memory.redisPort })
  const placement = await choosePlacement(lab, { freePorts: options.freePorts === true, previous: memory.placement })
  writeMemory(dataDirectory, { placement, redisPort: redis.spec ? Number(new URL(redis.url).port) : undefined })
  const watchdog = startWatchdog()
  const members = createMembers({ options, placement, redis, watchdog })
  const redisProcess = redis.spec && new ManagedProcess(redis.spec, watchdog)
  if (options.onState) {
    for (const one of [redisProcess, ...members.map(({ process }) => process)]) one?.on('state', options.onState)
  }
  const running = createRunningLab({ options, redis, redisProcess, members, watchdog })
  try {
    await redisProcess?.start()
    // Hubs and clusters look for one another through Redis in any order; the tool asks the clusters as soon as it is up.
    await startAll(members.filter(({ config }) => config.kind !== 'super-user-sync'))
    await startAll(members.filter(({ config }) => config.kind === 'super-user-sync'))
  } catch (error) {
    await running.stop()
    throw error
  }
  return running
}

async function startAll(members: readonly Member[]): Promise<void> {
  const results = await Promise.allSettled(members.map(({ process }) => process.start()))
  const failed = results.find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
}

interface Parts {
  readonly options: RunnerOptions
  readonly placement: Placement
  readonly redis: LabRedis
  readonly watchdog: Watchdog
}

function createMembers({ options, placement, redis, watchdog }: Parts): Member[] {
  const { lab, dataDirectory } = options
  const endpoint = (name: string) => {
    const place = placement[name]
    if (!place) throw new LabError('LAB_PROCESS_UNKNOWN', `${name} has no place in this lab`)
    return place
  }
  const configs = processConfigs(lab, {
    dataDirectory,
    secretsDirectory: join(dataDirectory, 'secrets'),
    redisUrl: redis.url,
    endpoint,
    clusterUrl: (name) => `https://${endpoint(name).advertise}:${endpoint(name).httpsPort}`,
  })
  return configs.map((config) => {
    const program = options.programs?.[config.kind] ?? programs[config.kind]
    const directory = join(dataDirectory, config.name)
    const spec = nodeSpec(config, { directory, program })
    const cluster = lab.clusters.find(({ name }) => name === config.name)
    const note = cluster && rememberSeed(directory, fingerprintOfSeed(lab, cluster))
    return { config, endpoint: endpoint(config.name), note, process: new ManagedProcess(spec, watchdog) }
  })
}

function nodeSpec(
  { name, kind, config }: ProcessConfig,
  { directory, program }: { directory: string; program: string },
): ProcessSpec {
  const file = join(directory, 'config.json')
  const prepare = () => {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    // It holds passwords.
    writeFileSync(file, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 })
  }
  // The seed's fingerprint is put beside it before the first start.
  prepare()
  return {
    name,
    kind,
    command: process.execPath,
    arguments: [...nodeArguments, program, '--config', file],
    environment: childEnvironment(),
    prepare,
    logFile: join(directory, `${name}.log`),
    ready: async (child) => void (await readReadyLine(child)),
  }
}

/** The lab file fills a new database only; who edits it afterwards has to be told that nothing comes of it. */
function rememberSeed(directory: string, fingerprint: string): string | undefined {
  const file = join(directory, 'seed.sha256')
  if (!existsSync(file)) writeFileSync(file, fingerprint)
  if (readFileSync(file, 'utf8') === fingerprint) return undefined
  return 'its people and phones are those of an earlier lab file, because its data is older; --data DIR makes new ones'
}

interface RunningParts {
  readonly options: RunnerOptions
  readonly redis: LabRedis
  readonly redisProcess: ManagedProcess | undefined
  readonly members: readonly Member[]
  readonly watchdog: Watchdog
}

function createRunningLab({ options, redis, redisProcess, members, watchdog }: RunningParts): RunningLab {
  const { lab, dataDirectory } = options
  const processes = new Map(members.map(({ process }) => [process.name, process]))
  if (redisProcess) processes.set('redis', redisProcess)
  const find = (name: string) => {
    const process = processes.get(name)
    if (process) return process
    if (name === 'redis') throw new LabError('LAB_PROCESS_UNKNOWN', `The Redis at ${redis.url} is not this lab's own`)
    const known = [...processes.keys()].join(', ')
    throw new LabError('LAB_PROCESS_UNKNOWN', `There is no process "${name}"; there are: ${known}`)
  }
  let stopping: Promise<void> | undefined
  const stopAll = async () => {
    const ofKind = (...kinds: string[]) => members.filter(({ config }) => kinds.includes(config.kind))
    for (const group of [ofKind('super-user-sync'), ofKind('cluster'), ofKind('hub')]) {
      await Promise.all(group.map(({ process }) => process.stop()))
    }
    await redisProcess?.stop()
    watchdog.close()
  }
  return {
    lab,
    dataDirectory,
    status: () => ({
      lab: lab.name,
      data: dataDirectory,
      pid: process.pid,
      processes: members.map((member) => describe(member)),
      redis: {
        url: redis.url,
        provider: redis.provider,
        state: redisProcess?.state ?? 'external',
        pid: redisProcess?.pid ?? null,
      },
    }),
    kill: async (name) => find(name).kill(),
    restart: async (name) => find(name).restart(),
    pause: async (name) => find(name).pause(),
    resume: async (name) => find(name).resume(),
    stop: () => (stopping ??= stopAll()),
  }
}

function describe({ config, endpoint, note: remembered, process: managed }: Member): ProcessStatus {
  const { advertise, httpPort, httpsPort, note: placed } = endpoint
  const died = managed.state === ProcessState.crashed ? `died: ${managed.lastExit}` : undefined
  const note = [died, placed, remembered].filter(Boolean).join('; ')
  const phoneFiles = tftpAddress(config)
  return {
    name: config.name,
    kind: config.kind,
    state: managed.state,
    pid: managed.pid ?? null,
    http: `http://${advertise}:${httpPort}`,
    https: httpsPort === undefined ? null : `https://${advertise}:${httpsPort}`,
    ...(phoneFiles === undefined ? {} : { phoneFiles }),
    log: managed.spec.logFile,
    ...(note === '' ? {} : { note }),
  }
}

/** Where everything was the last time: URLs of the lab are written into databases and into people's notes. */
interface Memory {
  readonly placement?: Placement | undefined
  readonly redisPort?: number | undefined
}

function readMemory(dataDirectory: string): Memory {
  try {
    return JSON.parse(readFileSync(join(dataDirectory, 'ports.json'), 'utf8')) as Memory
  } catch {
    return {}
  }
}

function writeMemory(dataDirectory: string, memory: Memory): void {
  writeFileSync(join(dataDirectory, 'ports.json'), `${JSON.stringify(memory, null, 2)}\n`)
}
