// Clusters with real databases and the real ILS service, on a memory network with a real hub; Extension Mobility is played by
// the test, in its own transactions as the real one.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import type { Test } from 'tap'
import { createMemoryNetwork } from '../../../ils-sync/transport/memory.ts'
import type { MemoryNetwork } from '../../../ils-sync/transport/memory.ts'
import { superUsersGroup } from '../../../services/database/api.ts'
import { openClusterDatabase } from '../../../services/database/index.ts'
import type { OpenClusterDatabase } from '../../../services/database/index.ts'
import type { Ils } from '../../../services/ils/api.ts'
import { IlsConfig } from '../../../services/ils/config.ts'
import { parseHubConfig } from '../../../services/ils/hub/config.ts'
import { createHub } from '../../../services/ils/hub/create-hub.ts'
import { IlsService } from '../../../services/ils/ils-service.ts'
import type { RunningService, ServiceContext } from '../../../services/service.ts'
import type { ClusterEvent } from '../../../services/serviceability/api.ts'
import { createEventBus } from '../../../services/serviceability/index.ts'
import { Value } from 'typebox/value'

const log = pino({ level: 'silent' })
const heartbeatMs = 50

export interface LabCluster {
  readonly name: string
  readonly database: OpenClusterDatabase
  readonly events: ClusterEvent[]
  readonly metrics: Registry
  /** The running service; throws while it does not run. */
  readonly ils: Ils
  readonly service: RunningService<Ils>
  /** Milliseconds that its clock is off. */
  clockOffsetMs: number
  /** Becomes known when the cluster listens. */
  address: string | undefined
  start(config?: Partial<IlsConfig>): Promise<void>
  stop(): Promise<void>
  addUser(userId: string, facts?: { readonly home?: boolean; readonly superuser?: boolean }): Promise<void>
  login(userId: string, deviceName?: string): Promise<void>
  logout(userId: string): Promise<void>
  /** Ends superseded logins by itself, as Extension Mobility does. */
  endSuperseded(): void
}

export interface IlsLab {
  readonly network: MemoryNetwork
  readonly hub: { stop(): Promise<void>; start(): Promise<void> }
  cluster(name: string): Promise<LabCluster>
}

/** A hub, and as many clusters as the test asks for. Stopped with the test. */
export async function ilsLab(t: Test): Promise<IlsLab> {
  const network = createMemoryNetwork()
  const directory = t.testdir()
  let running: { stop(): Promise<void> } | undefined
  const hub = {
    async start() {
      const dataDirectory = join(directory, 'hub')
      const ils = { network: 'lab', password: 'secret', heartbeatMs }
      const config = parseHubConfig({ name: 'hub', dataDirectory, ils })
      running = await createHub(config, { log, transport: network.transport('hub') })
    },
    async stop() {
      await running?.stop()
    },
  }
  await hub.start()
  t.teardown(() => hub.stop())
  return {
    network,
    hub,
    async cluster(name) {
      const cluster = createLabCluster({ name, directory: join(directory, name), network })
      t.teardown(async () => {
        await cluster.stop()
        cluster.database.close()
      })
      await furnish(cluster)
      await cluster.start()
      return cluster
    },
  }
}

/** Phones SEP1 and SEP2, profile bob-profile with 1000001 and 1000002. */
async function furnish({ database }: LabCluster): Promise<void> {
  await database.write(() => {
    database.devices.insert({ name: 'SEP1', extensionMobility: true, lines: [{ dn: '9001' }] })
    database.devices.insert({ name: 'SEP2', extensionMobility: true, lines: [{ dn: '9002' }] })
    database.deviceProfiles.insert({ name: 'bob-profile', lines: [{ dn: '1000002' }, { dn: '1000001' }] })
  })
}

function createLabCluster(parts: { name: string; directory: string; network: MemoryNetwork }): LabCluster {
  const { name, directory, network } = parts
  mkdirSync(directory)
  let service: RunningService<Ils> | undefined
  const clock = { now: () => Date.now() + cluster.clockOffsetMs }
  const database = openClusterDatabase({ path: join(directory, 'cluster.sqlite'), clock, log })
  const bus = createEventBus({ cluster: name, clock, log })
  const events: ClusterEvent[] = []
  bus.subscribe((event) => events.push(event))
  const running = () => {
    if (service === undefined) throw new Error('ILS does not run')
    return service
  }
  const cluster: LabCluster = {
    name,
    database,
    events,
    metrics: new Registry(),
    clockOffsetMs: 0,
    address: `https://${name}.lab`,
    get ils() {
      return running().api
    },
    get service() {
      return running()
    },
    async start(config = {}) {
      const full = Value.Parse(IlsConfig, {
        ...Value.Create(IlsConfig),
        role: 'spoke',
        hub: 'hub',
        network: 'lab',
        password: 'secret',
        heartbeatMs,
        ...config,
      })
      const context = createContext(cluster, { database, clock, bus, directory })
      const transport = full.role === 'standalone' ? undefined : network.transport(name)
      service = await new IlsService(context, full, transport).start()
    },
    async stop() {
      await service?.stop()
      service = undefined
    },
    addUser: (userId, { home = true, superuser = true } = {}) =>
      database.write(() => {
        const groups = superuser ? [superUsersGroup] : []
        const profile = { deviceProfiles: ['bob-profile'], primaryExtension: '1000001' }
        database.endUsers.insert({ userId, lastName: userId, homeCluster: home, groups, ...profile })
        service?.api.superuserChanged(userId)
      }),
    login: (userId, deviceName = 'SEP1') =>
      database.write(() => {
        const loginTime = clock.now()
        database.logins.open({ deviceName, userId, deviceProfile: 'bob-profile', loginTime, loginDuration: 0 })
        service?.api.locationChanged(userId, 'login')
      }),
    logout: (userId) => database.write(() => end(cluster, userId, service?.api)),
    endSuperseded() {
      const sweep = () =>
        void database.write(() => {
          for (const { userId } of service?.api.superseded() ?? []) end(cluster, userId, service?.api)
        })
      running().api.onSuperseded(sweep)
      sweep()
    },
  }
  return cluster
}

function end({ database }: LabCluster, userId: string, ils: Ils | undefined): void {
  for (const { deviceName } of database.logins.of(userId)) database.logins.close(deviceName)
  ils?.locationChanged(userId, 'logout')
}

type ContextParts = Pick<ServiceContext, 'clock'> & {
  readonly database: OpenClusterDatabase
  readonly bus: ServiceContext['events']
  readonly directory: string
}

function createContext(cluster: LabCluster, { database, clock, bus, directory }: ContextParts): ServiceContext {
  const apis: Partial<Record<string, unknown>> = { database }
  return {
    clusterId: cluster.name,
    publisher: true,
    dataDirectory: directory,
    log,
    clock,
    events: bus,
    metrics: cluster.metrics,
    identity: { name: cluster.name, caPem: '', certPem: '', keyPem: '', pepper: Buffer.alloc(0) },
    applicationUsers: { authenticate: () => undefined },
    hasher: { hash: () => Promise.reject(new Error('unused')), verify: () => Promise.reject(new Error('unused')) },
    address() {
      if (cluster.address === undefined) throw new Error('does not listen yet')
      return { http: '', https: cluster.address }
    },
    use: (service) => apis[service] as never,
    find: (service) => apis[service] as never,
  }
}
