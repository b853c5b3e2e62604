import { join } from 'node:path'
import { Type } from 'typebox'
import type { Service } from '../service.ts'
import { openClusterDatabase } from './cluster-database.ts'

export { openClusterDatabase } from './cluster-database.ts'
export type { ClusterDatabaseOptions, OpenClusterDatabase } from './cluster-database.ts'
export { createCredentialHasher, CredentialHasherBusy } from './credential-hasher.ts'
export { DatabaseError, DatabaseErrorCode } from './errors.ts'
export { applySeed, defaultApplicationUsers, isNew } from './seed.ts'
export { followSeededUrls } from './seed-addresses.ts'
export { ClusterSeed } from './seed-schema.ts'

const configSchema = Type.Object({}, { additionalProperties: false })

/** The cluster's one SQLite file, `cluster.sqlite` in its data folder. */
export const database: Service<'database', typeof configSchema> = {
  name: 'database',
  title: 'A Cisco DB',
  kind: 'network',
  dependsOn: [],
  configSchema,
  async start({ dataDirectory, clock, log }) {
    const open = openClusterDatabase({ path: join(dataDirectory, 'cluster.sqlite'), clock, log })
    return {
      api: open,
      async stop() {
        open.close()
      },
    }
  },
}
