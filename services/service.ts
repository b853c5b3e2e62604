// The contract that every service of a cluster fulfils, and everything a service may ask of its host.
// The catalogue (index.ts) lists the services; cluster-node starts and stops them in the order of `dependsOn`.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import type { Registry } from 'prom-client'
import type { Static, TSchema } from 'typebox'
import type { Administration } from './administration/api.ts'
import type { BulkAdministration } from './bulk-administration/api.ts'
import type { CallManager } from './callmanager/api.ts'
import type { Identity } from './certificates/api.ts'
import type { ApplicationUser, ClusterDatabase, CredentialHasher } from './database/api.ts'
import type { EmApp } from './emapp/api.ts'
import type { ExtensionMobility } from './extension-mobility/api.ts'
import type { Ils } from './ils/api.ts'
import type { PhoneServicesApi } from './phone-services/api.ts'
import type { EventBus, Serviceability, ServiceControl } from './serviceability/api.ts'
import type { Tftp } from './tftp/api.ts'

/** The APIs that services offer one another, by folder name. Only types cross between sibling folders. */
export interface ServiceApis {
  database: ClusterDatabase
  callmanager: CallManager
  'extension-mobility': ExtensionMobility
  ils: Ils
  administration: Administration
  serviceability: Serviceability
  /** The phone's pages of Extension Mobility (EMApp). */
  emapp: EmApp
  'change-credential': object
  /** What the phone's Services button asks for. */
  'phone-services': PhoneServicesApi
  tftp: Tftp
  reporting: object
  'bulk-administration': BulkAdministration
}

export type ServiceName = keyof ServiceApis

export type Logger = FastifyBaseLogger

/** Wall-clock milliseconds since the epoch; injected, so that tests never wait. */
export interface Clock {
  now(): number
  /** Calls `wake` once, when so many milliseconds of this clock have passed; returns what calls it off. Absent: the machine's timers tell. */
  after?(ms: number, wake: () => void): () => void
}

/** Checks application users' passwords, for doors that carry them elsewhere than in HTTP Basic. */
export interface ApplicationUserDirectory {
  /** Undefined if user or password is wrong. Throws or rejects with a Problem (503) when too many are being checked. */
  authenticate(userId: string, password: string): ApplicationUser | undefined | Promise<ApplicationUser | undefined>
}

/** What a running service can reach. Everything else it must bring itself. */
export interface ServiceContext {
  /** The Cluster ID, e.g. `cluster1`. */
  readonly clusterId: string
  readonly publisher: boolean
  /** The cluster's own folder; every file that a service writes is below it. */
  readonly dataDirectory: string
  readonly log: Logger
  readonly clock: Clock
  readonly events: EventBus
  /** Prometheus registry of this cluster (a process may hold several clusters). */
  readonly metrics: Registry
  /** Certificate, key and lab CA of this cluster. */
  readonly identity: Identity
  /** Who an application user's ID and password belong to; at once for a password seen lately. */
  readonly applicationUsers: ApplicationUserDirectory
  /** Slow salted hashing off the event loop, shared so that its concurrency is bounded once. */
  readonly hasher: CredentialHasher
  /** Base URLs at which other processes reach this cluster, known once it listens (routes may ask, `start` may not). */
  address(): { readonly http: string; readonly https: string }
  /** A service named in `dependsOn`. Throws when it is not running, which then is a bug. */
  use<Name extends ServiceName>(name: Name): ServiceApis[Name]
  /** A service that may be deactivated at any moment: ask at each use, never keep the answer. */
  find<Name extends ServiceName>(name: Name): ServiceApis[Name] | undefined
}

/** What Serviceability is started with: it alone sees and steers its siblings, and offers that as its API. */
export interface ControlContext extends ServiceContext {
  readonly services: ServiceControl
}

/** The context that the host starts a service with. */
export type ContextOf<Name extends ServiceName> = Name extends 'serviceability' ? ControlContext : ServiceContext

/** A Fastify scope whose schemas are TypeBox. */
export type ServiceApp = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

/** What routes hold: they are registered once, at boot, and look the running service up at each request. */
export interface Door<Api> {
  /** The running service. While it is deactivated the host answers 503 before a handler runs. */
  api(): Api
  readonly context: ServiceContext
}

export interface RunningService<Api> {
  readonly api: Api
  /** Undefined when ready, else one sentence for people: what is being waited for. */
  notReady?(): string | undefined
  /** Ordered, idempotent. Resolves when nothing of the service runs any more. */
  stop(): Promise<void>
}

/** One line of the Service Activation page: name and title as the vendor's Serviceability shows them. */
export interface Service<Name extends ServiceName = ServiceName, Config extends TSchema = TSchema> {
  readonly name: Name
  /** e.g. `Cisco Extension Mobility` */
  readonly title: string
  /** Network services run from the start; feature services are activated and deactivated at run time. */
  readonly kind: 'network' | 'feature'
  /**
   * A network service that Control Center - Network Services may stop and start. Not kept: it runs again after a restart. Feature
   * services leave it out.
   */
  readonly stoppable?: boolean
  /** ILS runs on publishers only (System Configuration Guide, Configure Intercluster Lookup Service). */
  readonly publisherOnly?: boolean
  /** Started before this one, stopped after it; these cannot be deactivated while this one runs. */
  readonly dependsOn: readonly ServiceName[]
  readonly configSchema: Config
  /** Registered at boot, whether active or not. Paths are absolute (`/api/v1/logins`). */
  routes?(app: ServiceApp, door: Door<ServiceApis[Name]>): void
  start(context: ContextOf<Name>, config: Static<Config>): Promise<RunningService<ServiceApis[Name]>>
}

/** Fastify's `config` of a route: who may call it. Every route must say. */
export type Access =
  | { readonly access: 'open' }
  /** HTTP Basic, an application user that holds the role; `Standard CCM Super Users` hold all of them. */
  | { readonly access: 'role'; readonly role: Role }
  /** A client certificate of the lab's CA that names a cluster or tool. HTTPS listener only. */
  | { readonly access: 'peer' }

/** Roles of application users, named as the vendor names them; the last is ours (docs/fidelity.md). */
export const Role = {
  administer: 'Standard CCM Admin Users',
  readOnly: 'Standard CCM Read Only',
  emProxy: 'Standard EM Authentication Proxy Rights',
  superUserSync: 'Roamline Super User Synchronization',
} as const
export type Role = (typeof Role)[keyof typeof Role]

declare module 'fastify' {
  // The members of `Access`, so that a misspelt one in a route's `config` does not compile.
  interface FastifyContextConfig {
    access?: Access['access']
    role?: Role
  }
  interface FastifyRequest {
    /** Common name of the caller's client certificate on a route with `access: 'peer'`; empty elsewhere. */
    peer: string
    /** User ID of the application user on a route with `access: 'role'`; empty elsewhere. */
    applicationUser: string
  }
}
