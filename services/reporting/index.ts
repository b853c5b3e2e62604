import { Type } from 'typebox'
import type { Service } from '../service.ts'
import { registerReportRoutes } from './routes.ts'

const Config = Type.Object({}, { additionalProperties: false })

/** System reports. It keeps nothing between requests. */
export const reporting: Service<'reporting', typeof Config> = {
  name: 'reporting',
  title: 'Cisco Unified Reporting',
  kind: 'network',
  dependsOn: ['database'],
  configSchema: Config,
  routes: registerReportRoutes,
  async start() {
    return { api: {}, async stop() {} }
  },
}
