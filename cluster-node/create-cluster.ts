// One cluster: config → identity → database → doors → services. A process may hold many; nothing here is global.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import type { DestinationStream } from 'pino'
import { Registry } from 'prom-client'
import packageFacts from '../package.json' with { type: 'json' }
import type { Identity } from '../services/certificates/api.ts'
import { loadIdentity } from '../services/certificates/index.ts'
import type { ClusterDatabase } from '../services/database/api.ts'
import type { Clock, Logger, Service, ServiceApis, ServiceName } from '../services/service.ts'
import type { EventBus, ServiceControl } from '../services/serviceability/api.ts'
import { createEventBus } from '../services/serviceability/index.ts'
import { buildApp } from './app.ts'
import { createApplicationUsers } from './application-users.ts'
import { parseClusterConfig } from './config.ts'
import type { ClusterConfig } from './config.ts'
import { createContext } from './contexts.ts'
import type { Learned } from './contexts.ts'
import { documentationRoutes } from './documentation.ts'
import { createDoors } from './doors.ts'
import type { Addresses, Doors } from './doors.ts'
import { healthRoutes, registerProcessMetrics } from './health.ts'
import { refuseInsecureDefaults } from './insecure-defaults.ts'
import { createLog } from './log.ts'
import { standardParts } from './parts.ts'
import type { ClusterParts } from './parts.ts'
import { createServiceRuntime } from './service-runtime.ts'
import type { ServiceRuntime } from './service-runtime.ts'

/** A cluster in this process. */
export interface Cluster extends AsyncDisposable {
  readonly config: ClusterConfig
  readonly log: Logger
  /** For `inject`; closing it closes the cluster. */
  readonly app: FastifyInstance
  readonly events: EventBus
  readonly services: ServiceControl
  /** The API of a running service. */
  find<Name extends ServiceName>(name: Name): ServiceApis[Name] | undefined
  /** Resolves when both doors are open and the services run; to be called once. When it rejects, the cluster is closed. */
  start(): Promise<Addresses>
  /** Clean, within seconds, idempotent: answers what was asked, stops services in reverse order, closes the doors. */
  close(): Promise<void>
}

/** What tests and scale runs replace. */
export interface ClusterOptions {
  readonly parts?: ClusterParts
  readonly clock?: Clock
  /** Where log lines go instead of stderr. */
  readonly logDestination?: DestinationStream
  /** Compile every route's schema at the start instead of at first use. */
  readonly eagerSchemas?: boolean
}

/** How long a stop waits for answers that are being prepared, then for connections that are being written to. */
const answerGraceMs = 1500
const connectionGraceMs = 250

/** Checks `input` (StartupRefusal) and builds the cluster; nothing is opened and nothing runs before `start`. */
export function createCluster(input: unknown, options: ClusterOptions = {}): Cluster {
  const parts = options.parts ?? standardParts
  const house = furnish(parseClusterConfig(input, parts), parts, options)
  const { config, log, app, events, runtime } = house
  const phase: { now: keyof typeof phaseReason } = { now: 'starting' }
  registerRoutes(house, parts.catalogue, () => [...phaseReason[phase.now], ...runtime.waitingFor()])
  const doors = createDoors(app, config.listen)
  stopInOrder(house, doors, () => (phase.now = 'stopping'))

  async function open(): Promise<Addresses> {
    const addresses = await startInOrder(house, doors, parts)
    phase.now = 'running'
    return addresses
  }

  let opening: Promise<Addresses> | undefined
  const close = async (): Promise<void> => {
    await opening?.catch(() => {})
    await app.close()
  }
  const start = (): Promise<Addresses> => {
    opening ??= open()
    return opening.catch(async (error: unknown) => {
      await app.close()
      throw error
    })
  }
  return { config, log, app, events, services: runtime, find: runtime.find, start, close, [Symbol.asyncDispose]: close }
}

async function startInOrder(house: House, doors: Doors, parts: ClusterParts): Promise<Addresses> {
  const { config, app, clock, learned, runtime, database } = house
  const identity = await identityBeside(app.ready(), config)
  learned.identity = identity
  learned.hasher = parts.createHasher(identity)
  await runtime.startFirst('database')
  await parts.seed(database(), learned.hasher, config.seed, clock.now())
  await refuseInsecureDefaults(config, database(), learned.hasher)
  // The doors before the services, because these tell other clusters where to reach this one; until they run they answer 503.
  learned.addresses = await doors.open(identity)
  await runtime.startAll()
  return learned.addresses
}

/** Both to their end, whichever fails: files that are still being made would outlive a cluster that says that it is closed. */
async function identityBeside(ready: PromiseLike<unknown>, config: ClusterConfig): Promise<Identity> {
  const [identity, boot] = await Promise.allSettled([loadIdentity(identityPlace(config)), ready])
  if (identity.status === 'rejected') throw identity.reason
  if (boot.status === 'rejected') throw boot.reason
  return identity.value
}

/** New requests get 503 as soon as the app closes; what was asked before is still answered, by services that still run. */
function stopInOrder({ app, requests, runtime }: House, doors: Doors, onStopping: () => void): void {
  app.addHook('preClose', async () => {
    onStopping()
    await requests.answered(answerGraceMs)
    await runtime.stopAll()
    doors.close(connectionGraceMs)
  })
}

const phaseReason = {
  starting: ['the services are starting'],
  running: [],
  stopping: ['the cluster is stopping'],
} as const

/** Everything of a cluster that does not depend on its routes. */
interface House extends ReturnType<typeof buildApp> {
  readonly config: ClusterConfig
  readonly log: Logger
  readonly clock: Clock
  readonly events: EventBus
  readonly metrics: Registry
  readonly learned: Learned
  readonly runtime: ServiceRuntime
  contextOf(service: Service): ReturnType<typeof createContext>
  /** Throws the 503 problem while the database does not run. */
  database(): ClusterDatabase
}

function furnish(config: ClusterConfig, { catalogue }: ClusterParts, options: ClusterOptions): House {
  const { clock = Date, logDestination, eagerSchemas } = options
  const log = createLog({ cluster: config.name, level: config.log.level, destination: logDestination })
  const events = createEventBus({ cluster: config.name, clock, log })
  const metrics = new Registry()
  const learned: Learned = {}
  const database = (): ClusterDatabase => {
    const api = runtime.find('database')
    if (!api) throw runtime.inactive('database') ?? new Error('the database is not in the catalogue')
    return api
  }
  const users = createApplicationUsers({ database, hasher: () => learned.hasher as NonNullable<Learned['hasher']> })
  const contextOf = (service: Service): ReturnType<typeof createContext> =>
    createContext(service, {
      config,
      clock,
      log,
      events,
      metrics,
      learned,
      applicationUsers: users,
      runtime: () => runtime,
    })
  const runtime: ServiceRuntime = createServiceRuntime({
    cluster: config.name,
    publisher: config.publisher,
    catalogue,
    configs: config.services,
    activation: {
      get: (title) => database().serviceActivation.get(title),
      set: (title, active) => database().write(() => database().serviceActivation.set(title, active)),
    },
    events,
    log,
    context: contextOf,
  })
  const app = buildApp({ log, users, eagerSchemas })
  return { config, log, clock, events, metrics, learned, runtime, contextOf, database, ...app }
}

function registerRoutes(house: House, catalogue: readonly Service[], waitingFor: () => readonly string[]): void {
  const { app, routes, runtime, metrics, config } = house
  const { version } = packageFacts
  registerProcessMetrics(metrics, { cluster: config.name, version })
  app.register(async (scope) => {
    healthRoutes(scope, { metrics, waitingFor })
    documentationRoutes(scope, { cluster: config.name, version, routes })
  })
  for (const service of catalogue) {
    app.register(async (scope) => {
      // Fastify takes no routes once it listens, so those of a deactivated service stay and say that it is not active.
      scope.addHook('onRequest', (_request, _reply, done) => done(runtime.inactive(service.name)))
      const api = (): ServiceApis[ServiceName] => runtime.find(service.name) as ServiceApis[ServiceName]
      service.routes?.(scope.withTypeProvider<TypeBoxTypeProvider>(), { api, context: house.contextOf(service) })
    })
  }
}

/** The certificate names every address at which somebody may reach the cluster. */
function identityPlace({ name, dataDirectory, secretsDirectory, listen }: ClusterConfig) {
  const anywhere = new Set(['0.0.0.0', '::'])
  const hosts = [listen.host, listen.advertise ?? listen.host, 'localhost'].filter((host) => !anywhere.has(host))
  return { name, dataDirectory, secretsDirectory, hosts }
}
