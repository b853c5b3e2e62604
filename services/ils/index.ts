import type { RunningService, Service, ServiceContext } from '../service.ts'
import type { Ils } from './api.ts'
import { IlsConfig, checkConfig } from './config.ts'
import { IlsError } from './errors.ts'
import { IlsService } from './ils-service.ts'
import { registerIlsRoutes } from './routes.ts'

/** Cisco Intercluster Lookup Service: clusters tell one another where superusers are. */
export const ils: Service<'ils', typeof IlsConfig> = {
  name: 'ils',
  title: 'Cisco Intercluster Lookup Service',
  kind: 'feature',
  publisherOnly: true,
  dependsOn: ['database'],
  configSchema: IlsConfig,
  routes: registerIlsRoutes,
  start,
}

async function start(context: ServiceContext, config: IlsConfig): Promise<RunningService<Ils>> {
  checkConfig(context.clusterId, config)
  const service = new IlsService(context, config, await createTransport(context.clusterId, config))
  return service.start()
}

async function createTransport(nodeId: string, { role, redisUrl, network }: IlsConfig) {
  if (role === 'standalone') return undefined
  // A standalone cluster does without a Redis client.
  const { createRedisTransport } = await import('../../ils-sync/transport/redis.ts')
  try {
    return createRedisTransport({ url: redisUrl, network, nodeId })
  } catch (error) {
    throw new IlsError('ILS_CONFIG', `redisUrl: ${(error as Error).message}`, { cause: error })
  }
}
