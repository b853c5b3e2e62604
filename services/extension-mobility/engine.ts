// The parts of the engine put together; each knows only what it is given.
import type { ClusterDatabase } from '../database/api.ts'
import { maximumConcurrentRequests, parameterNumber } from '../database/service-parameters.ts'
import { createIdentityManagement } from '../identity-management/index.ts'
import type { RunningService, ServiceContext } from '../service.ts'
import type { ExtensionMobility, LoginRequest, RequestOrigin } from './api.ts'
import { createAutoLogoutList } from './auto-logout/auto-logout-list.ts'
import { startAutoLogout } from './auto-logout/auto-logout.ts'
import type { AutoLogout } from './auto-logout/auto-logout.ts'
import { startAutomaticLogin } from './automatic-login.ts'
import { createCredentialCache } from './proof/credential-cache.ts'
import { createCredentials } from './proof/credentials.ts'
import { createFaults } from './faults.ts'
import { lookUpHost } from './origin/host-lookup.ts'
import { createIpValidation } from './origin/ip-validation.ts'
import { authenticate, login } from './login.ts'
import type { LoginParts } from './login.ts'
import { logout, logoutAll } from './logout.ts'
import { createEmMetrics } from './metrics.ts'
import { Property, readProperty, writeProperty } from './property.ts'
import { deviceProfiles, deviceUsers, userDevices } from './queries.ts'
import { EmRefusal } from '../refusals.ts'
import { asked, createRequests, inside, query, step } from './requests.ts'
import type { RequestKind, Requests } from './requests.ts'
import { watchSuperseded } from './roaming.ts'
import { createSessions } from './sessions.ts'
import { createSeams } from './trouble.ts'
import { createUpgrade } from './upgrade.ts'
import type { Upgrade } from './upgrade.ts'

/** How long and for how many users a PIN that was right stays known. */
export interface EngineConfig {
  readonly credentialCacheMs: number
  readonly credentialCacheUsers: number
}

/** What the engine's own doors see: more than its siblings do. */
export interface Engine extends ExtensionMobility {
  readonly upgrade: Upgrade
}

/** `title`: as in Service Activation, which says at the end whether the service was deactivated or the cluster stops. */
export function startEngine(context: ServiceContext, config: EngineConfig, title: string): RunningService<Engine> {
  const { log, clock } = context
  const database = context.use('database')
  const metrics = createEmMetrics(context.metrics)
  const faults = createFaults()
  const stoppedAt = readProperty(database, Property.stoppedAt)
  let autoLogout: AutoLogout | undefined
  const autoLogouts = createAutoLogoutList(stoppedAt, () => autoLogout?.reconsider())
  const sessions = createSessions({ context, database, metrics, autoLogouts })
  const limit = () => parameterNumber(database.serviceParameters, maximumConcurrentRequests)
  const requests = createRequests({ metrics, log, limit })
  const parts: LoginParts = {
    database,
    sessions,
    log,
    seams: createSeams(faults, log),
    credentials: buildCredentials(context, database, config),
    ipValidation: createIpValidation({ context, database, lookup: lookUpHost }),
  }
  const roaming = watchSuperseded({ context, database, sessions })
  autoLogout = startAutoLogout({ clock, log, database, sessions, list: autoLogouts, stoppedAt })
  // Trouble on purpose is for requests: what the cluster does by itself neither meets nor uses it up.
  const automaticLogin = startAutomaticLogin({ context, database, sessions, seams: createSeams(createFaults(), log) })

  let stopping: Promise<void> | undefined
  async function stop(): Promise<void> {
    await Promise.all([roaming.stop(), autoLogout?.stop(), requests.settled(), automaticLogin.stop()])
    // A cluster that ends is not meant: it takes its decisions of Service Activation with it.
    if (database.serviceActivation.get(title) !== false) return
    await database.write(() => writeProperty(database, Property.stoppedAt, clock.now()))
  }

  return {
    api: { ...createApi(context, parts, requests), faults, upgrade: createUpgrade({ context, database, sessions }) },
    stop: () => (stopping ??= stop()),
  }
}

function buildCredentials({ clock, hasher, events }: ServiceContext, database: ClusterDatabase, config: EngineConfig) {
  const { credentialCacheMs: keepMs, credentialCacheUsers: maxUsers } = config
  return createCredentials({
    identityManagement: createIdentityManagement({ database, hasher, clock, events }),
    database,
    cache: createCredentialCache({ clock, keepMs, maxUsers }),
    clock,
  })
}

function createApi(context: ServiceContext, parts: LoginParts, requests: Requests): Omit<ExtensionMobility, 'faults'> {
  const { run } = requests
  const told = <T>(work: Promise<T>, request: Pick<LoginRequest, 'userId'> & { readonly deviceName?: string }) =>
    work.catch((error: unknown) => {
      reportRefusal(context, request, error)
      throw error
    })
  return {
    login: (request) =>
      told(
        run(kindOf(request.origin), 'login', () => login(parts, request)),
        request,
      ),
    logout: (deviceName, reason, origin, onlyUser) =>
      run(kindOf(origin), 'logout', () => logout(parts, { deviceName, reason, origin, onlyUser })),
    logoutAll: (reason, origin) => run(kindOf(origin), 'logout', () => logoutAll(parts, reason, origin)),
    authenticate: (request) =>
      told(
        run(step, 'login', () => authenticate(parts, request)),
        request,
      ),
    deviceUsers: (deviceNames, origin) => run(query, 'login', () => deviceUsers(parts, deviceNames, origin)),
    userDevices: (userIds, origin) => run(query, 'login', () => userDevices(parts, userIds, origin)),
    deviceProfiles: (userIds, origin) => run(query, 'login', () => deviceProfiles(parts, userIds, origin)),
    logins: () => parts.database.logins.list(),
  }
}

/** What comes from inside the cluster is never one too many. */
function kindOf(origin: RequestOrigin | undefined): RequestKind {
  return origin === undefined ? inside : asked
}

function reportRefusal(
  context: ServiceContext,
  { deviceName, userId }: Pick<LoginRequest, 'userId'> & { readonly deviceName?: string },
  error: unknown,
): void {
  if (!(error instanceof EmRefusal)) return
  context.events.publish('loginRefused', { ...(deviceName !== undefined && { deviceName }), userId, code: error.code })
}
