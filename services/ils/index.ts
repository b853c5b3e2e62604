import type { RunningService, Service, ServiceContext } from '../service.ts'
import type { Ils } from './api.ts'
import { loadAuthentication } from './authentication.ts'
import { IlsConfig, checkConfig } from './config.ts'
import { ilsTitle } from './configuration.ts'
import { registerLearnedRoutes } from './dial-plan/routes.ts'
import { IlsError } from './errors.ts'
import { IlsService } from './ils-service.ts'
import { registerIlsRoutes } from './routes.ts'

/** Cisco Intercluster Lookup Service: clusters tell one another where superusers are. */
export const ils: Service<'ils', typeof IlsConfig> = {
  name: 'ils',
  title: ilsTitle,
  kind: 'feature',
  publisherOnly: true,
  dependsOn: ['database'],
  configSchema: IlsConfig,
  routes(app, door) {
    registerIlsRoutes(app, door)
    registerLearnedRoutes(app, door)
  },
  start,
}

async function start(context: ServiceContext, config: IlsConfig): Promise<RunningService<Ils>> {
  const { clusterId: self, clock } = context
  checkConfig(self, config)
  const authentication = await loadAuthentication({ self, settings: config, identity: () => context.identity, clock })
  return new IlsService(context, { config, authentication, connect: () => connectRedis(self, config) }).start()
}

async function connectRedis(nodeId: string, { redisUrl, network }: IlsConfig) {
  // A standalone cluster does without a Redis client.
  const { createRedisTransport } = await import('../../ils-sync/transport/redis.ts')
  try {
    return createRedisTransport({ url: redisUrl, network, nodeId })
  } catch (error) {
    throw new IlsError('ILS_CONFIG', `redisUrl: ${(error as Error).message}`, { cause: error })
  }
}
