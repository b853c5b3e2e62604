import { Type } from 'typebox'
import type { Static } from 'typebox'
import type { RunningService, Service, ServiceContext } from '../service.ts'
import type { ExtensionMobility, LoginRequest } from './api.ts'
import { createCredentialCache } from './credential-cache.ts'
import { createCredentials } from './credentials.ts'
import { login } from './login.ts'
import { logout } from './logout.ts'
import { createEmMetrics } from './metrics.ts'
import { EmRefusal } from './refusals.ts'
import { createRequests } from './requests.ts'
import { watchSuperseded } from './roaming.ts'
import { registerLoginRoutes } from './routes.ts'
import { createSessions } from './sessions.ts'

const Config = Type.Object(
  {
    credentialCacheMs: Type.Integer({
      default: 120_000,
      minimum: 0,
      maximum: 3_600_000,
      description: 'How long a PIN that was right stays known (documented: 2 minutes); 0 turns the cache off',
    }),
    credentialCacheUsers: Type.Integer({
      default: 10_000,
      minimum: 1,
      maximum: 1_000_000,
      description: 'Users in that cache at most',
    }),
  },
  { additionalProperties: false },
)

/** Extension Mobility: users borrow phones of this cluster. */
export const extensionMobility: Service<'extension-mobility', typeof Config> = {
  name: 'extension-mobility',
  title: 'Cisco Extension Mobility',
  kind: 'feature',
  dependsOn: ['database'],
  configSchema: Config,
  routes: registerLoginRoutes,
  start,
}

async function start(
  context: ServiceContext,
  config: Static<typeof Config>,
): Promise<RunningService<ExtensionMobility>> {
  const database = context.use('database')
  const metrics = createEmMetrics(context.metrics)
  const cache = createCredentialCache({
    clock: context.clock,
    keepMs: config.credentialCacheMs,
    maxUsers: config.credentialCacheUsers,
  })
  const credentials = createCredentials({ hasher: context.hasher, stored: database.credentials, cache })
  const sessions = createSessions({ context, database, metrics })
  const requests = createRequests(metrics, context.log)
  const roaming = watchSuperseded({ context, database, sessions })

  return {
    api: {
      login: (request) =>
        requests
          .run('login', () => login({ database, credentials, sessions }, request))
          .catch((error: unknown) => {
            reportRefusal(context, request, error)
            throw error
          }),
      logout: (deviceName, reason) => requests.run('logout', () => logout({ database, sessions }, deviceName, reason)),
      logins: () => database.logins.list(),
    },
    async stop() {
      await Promise.all([roaming.stop(), requests.settled()])
    },
  }
}

function reportRefusal(context: ServiceContext, { deviceName, userId }: LoginRequest, error: unknown): void {
  if (error instanceof EmRefusal) context.events.publish('loginRefused', { deviceName, userId, code: error.code })
}
