import { join } from 'node:path'
import { Type } from 'typebox'
import type { Service } from '../service.ts'
import { openJobFiles } from './job-files.ts'
import { createJobs } from './jobs.ts'
import { registerBulkRoutes } from './routes.ts'

const Config = Type.Object({}, { additionalProperties: false })

/** Bulk administration: CSV in, a report of what failed and why out. */
export const bulkAdministration: Service<'bulk-administration', typeof Config> = {
  name: 'bulk-administration',
  title: 'Cisco Bulk Provisioning Service',
  kind: 'feature',
  dependsOn: ['database', 'administration'],
  configSchema: Config,
  routes: registerBulkRoutes,
  async start(context) {
    const jobs = await createJobs(context, await openJobFiles(join(context.dataDirectory, 'bulk'), context.log))
    return { api: jobs, stop: () => jobs.stop() }
  },
}
