// Clusters with real databases and the real ILS service, on a memory network with a real hub; Extension Mobility is played by
// the test, in its own transactions as the real one.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import type { Test } from 'tap'
import { createMemoryNetwork } from '../../../ils-sync/transport/memory.ts'
import type { MemoryNetwork } from '../../../ils-sync/transport/memory.ts'
import { superUsersGroup } from '../../../services/database/api.ts'
import { openClusterDatabase } from '../../../services/database/index.ts'
import type { OpenClusterDatabase } from '../../../services/database/index.ts'
import type { Identity } from '../../../services/certificates/api.ts'
import type { Ils } from '../../../services/ils/api.ts'
import { loadAuthentication } from '../../../services/ils/authentication.ts'
import { IlsConfig, checkConfig } from '../../../services/ils/config.ts'
import { parseHubConfig } from '../../../services/ils/hub/config.ts'
import type { HubConfig } from '../../../services/ils/hub/config.ts'
import { createHub } from '../../../services/ils/hub/create-hub.ts'
import type { Hub } from '../../../services/ils/hub/create-hub.ts'
import { IlsService } from '../../../services/ils/ils-service.ts'
import type { RunningService, ServiceContext } from '../../../services/service.ts'
import type { ClusterEvent } from '../../../services/serviceability/api.ts'
import { createEventBus } from '../../../services/serviceability/index.ts'
import { Value } from 'typebox/value'

const log = pino({ level: 'silent' })
const heartbeatMs = 50

export interface Alarm {
  readonly ms: number
  wake(): void
}

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
  /** What its clock is asked to wake for; tests wake, time does not. */
  readonly alarms: readonly Alarm[]
  /** How often ILS has asked for a transport. */
  readonly connections: number
  /** Service Activation; Cisco Extension Mobility and Cisco Tftp are there, activated. */
  activate(title: string, active: boolean): Promise<void>
  start(config?: Partial<IlsConfig>): Promise<void>
  stop(): Promise<void>
  addUser(userId: string, facts?: { readonly home?: boolean; readonly superuser?: boolean }): Promise<void>
  login(userId: string, deviceName?: string): Promise<void>
  logout(userId: string): Promise<void>
  /** Ends superseded logins by itself, as Extension Mobility does. */
  endSuperseded(): void
}

export interface LabHub {
  readonly name: string
  /** The running one; throws while it does not run. */
  readonly hub: Hub
  /** What its door answers. */
  ask<T>(path: string): Promise<T>
  start(): Promise<void>
  stop(): Promise<void>
}

export interface IlsLab {
  readonly network: MemoryNetwork
  readonly hub: LabHub
  /** One more, started; `settings` are those of `ils` in its configuration file. */
  addHub(name: string, settings?: Partial<HubConfig['ils']>): Promise<LabHub>
  /** Started, as a spoke of `hub` unless `config` says otherwise. `furnish` makes a database file before the cluster opens its own. */
  cluster(
    name: string,
    config?: Partial<IlsConfig>,
    identity?: Identity,
    furnish?: (path: string) => void,
  ): Promise<LabCluster>
}

/** A hub, and as many clusters and further hubs as the test asks for. Stopped with the test. */
export async function ilsLab(t: Test, settings: Partial<HubConfig['ils']> = {}, identity?: Identity): Promise<IlsLab> {
  const network = createMemoryNetwork()
  // Beside what the test keeps in its directory: asking tap for that again would empty it.
  const directory = mkdtempSync(join(tmpdir(), 'roamline-ils-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  const addHub: IlsLab['addHub'] = async (name, own = {}) => {
    const hub = createLabHub({ name, directory: join(directory, name), network, settings: own, identity })
    t.teardown(() => hub.stop())
    await hub.start()
    return hub
  }
  return {
    network,
    hub: await addHub('hub', settings),
    addHub,
    async cluster(name, config, own, furnishFile) {
      const home = join(directory, name)
      mkdirSync(home)
      furnishFile?.(join(home, 'cluster.sqlite'))
      const cluster = createLabCluster({ name, directory: home, network, identity: own })
      t.teardown(async () => {
        await cluster.stop()
        cluster.database.close()
      })
      if (furnishFile === undefined) await furnish(cluster)
      await cluster.start(config)
      return cluster
    },
  }
}

interface HubParts {
  readonly name: string
  readonly directory: string
  readonly network: MemoryNetwork
  readonly settings: Partial<HubConfig['ils']>
  readonly identity: Identity | undefined
}

function createLabHub({ name, directory, network, settings, identity }: HubParts): LabHub {
  let running: Hub | undefined
  const hub = () => {
    if (running === undefined) throw new Error('the hub does not run')
    return running
  }
  return {
    name,
    get hub() {
      return hub()
    },
    async ask(path) {
      return (await (await fetch(new URL(path, hub().http))).json()) as never
    },
    async start() {
      const ils = { network: 'lab', password: 'secret', heartbeatMs, ...settings }
      const facts = { name, description: `Hub ${name}`, dataDirectory: directory }
      const config = parseHubConfig({
        ...facts,
        ils,
        ...(identity === undefined ? {} : { secretsDirectory: directory }),
      })
      const transport = network.transport(name)
      running = await createHub(config, { log, transport, ...(identity === undefined ? {} : { identity }) })
    },
    async stop() {
      await running?.stop()
      running = undefined
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

function createLabCluster(parts: Omit<HubParts, 'settings'>): LabCluster {
  const { name, directory, network, identity = noIdentity(name) } = parts
  let service: RunningService<Ils> | undefined
  let connections = 0
  const alarms: Alarm[] = []
  const clock = {
    now: () => Date.now() + cluster.clockOffsetMs,
    after(ms: number, wake: () => void) {
      const callOff = () => void alarms.splice(0, alarms.length, ...alarms.filter((one) => one !== alarm))
      const alarm: Alarm = {
        ms,
        wake() {
          callOff()
          wake()
        },
      }
      alarms.push(alarm)
      return callOff
    },
  }
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
    alarms,
    get connections() {
      return connections
    },
    async activate(title, active) {
      await database.write(() => database.serviceActivation.set(title, active))
      bus.publish(active ? 'serviceActivated' : 'serviceDeactivated', { service: title })
    },
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
      const context = createContext(cluster, { database, clock, bus, directory, identity })
      checkConfig(name, full)
      const authentication = await loadAuthentication({ self: name, settings: full, identity: () => identity, clock })
      const connect = async () => {
        connections += 1
        return network.transport(name)
      }
      service = await new IlsService(context, { config: full, authentication, connect }).start()
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

function noIdentity(name: string): Identity {
  return { name, caPem: '', certPem: '', keyPem: '', pepper: Buffer.alloc(0) }
}

type ContextParts = Pick<ServiceContext, 'clock' | 'identity'> & {
  readonly database: OpenClusterDatabase
  readonly bus: ServiceContext['events']
  readonly directory: string
}

function createContext(
  cluster: LabCluster,
  { database, clock, bus, directory, identity }: ContextParts,
): ServiceContext {
  const titles = ['Cisco Extension Mobility', 'Cisco Tftp']
  const list = () => titles.map((title) => ({ title, kind: 'feature', active: true }))
  const apis: Partial<Record<string, unknown>> = { database, serviceability: { list } }
  return {
    clusterId: cluster.name,
    publisher: true,
    dataDirectory: directory,
    log,
    clock,
    events: bus,
    metrics: cluster.metrics,
    identity,
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
