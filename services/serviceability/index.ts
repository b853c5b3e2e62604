import { Type } from 'typebox'
import type { Service } from '../service.ts'
import { createEventStreams } from './event-streams.ts'
import { eventRoutes, serviceRoutes } from './routes.ts'
export { createEventBus } from './event-bus.ts'

const streamLimits = { heartbeatMs: 15_000, maxUnreadBytes: 1_048_576, maxReaders: 64 }

/** Service Activation and the events of the cluster. What it steers is handed to it by the host, which owns the services. */
export const serviceability: Service<'serviceability'> = {
  name: 'serviceability',
  title: 'Cisco CallManager Serviceability',
  kind: 'network',
  dependsOn: [],
  configSchema: Type.Object({}, { additionalProperties: false }),
  routes(app, door) {
    serviceRoutes(app, door)
    eventRoutes(app, door)
  },
  async start({ events, services }) {
    const streams = createEventStreams(events, streamLimits)
    return {
      api: { list: services.list, setActive: services.setActive, stream: streams.add },
      stop: async () => streams.close(),
    }
  },
}
