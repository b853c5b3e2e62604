import type { Registry } from 'prom-client'
import type { Identity } from '../services/certificates/api.ts'
import type { CredentialHasher } from '../services/database/api.ts'
import type {
  ApplicationUserDirectory,
  Clock,
  ControlContext,
  Logger,
  Service,
  ServiceName,
} from '../services/service.ts'
import type { EventBus } from '../services/serviceability/api.ts'
import type { ClusterConfig } from './config.ts'
import type { Addresses } from './doors.ts'
import type { ServiceRuntime } from './service-runtime.ts'

/** What a cluster learns while it starts, in this order. */
export interface Learned {
  identity?: Identity
  hasher?: CredentialHasher
  addresses?: Addresses
}

/** What contexts are made of. */
export interface ContextParts {
  readonly config: ClusterConfig
  readonly clock: Clock
  readonly log: Logger
  readonly events: EventBus
  readonly metrics: Registry
  readonly learned: Learned
  readonly applicationUsers: ApplicationUserDirectory
  runtime(): ServiceRuntime
}

/** What one service sees of its cluster. Asking for what is not learned yet, or not declared, is a bug and throws. */
export function createContext({ name, dependsOn }: Service, parts: ContextParts): ControlContext {
  const { config, learned, runtime } = parts
  return {
    clusterId: config.name,
    publisher: config.publisher,
    dataDirectory: config.dataDirectory,
    log: parts.log.child({ service: name }),
    clock: parts.clock,
    events: parts.events,
    metrics: parts.metrics,
    applicationUsers: parts.applicationUsers,
    get identity() {
      return present(learned.identity, 'identity')
    },
    get hasher() {
      return present(learned.hasher, 'hasher')
    },
    get services() {
      return runtime()
    },
    address: () => present(learned.addresses, 'address'),
    use(wanted) {
      if (!dependsOn.includes(wanted)) throw new Error(`${name} uses ${wanted} without declaring it in dependsOn`)
      return present(runtime().find(wanted), wanted)
    },
    find: (wanted) => runtime().find(wanted),
  }
}

function present<T>(value: T | undefined, what: ServiceName | keyof Learned | 'address'): T {
  if (value === undefined) throw new Error(`${what} was asked for before it was there`)
  return value
}
