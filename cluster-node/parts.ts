import type { TSchema } from 'typebox'
import type { Identity } from '../services/certificates/api.ts'
import type { ClusterDatabase, CredentialHasher } from '../services/database/api.ts'
import { ClusterSeed, applySeed, createCredentialHasher, followSeededUrls, isNew } from '../services/database/index.ts'
import { catalogue } from '../services/index.ts'
import type { Service } from '../services/service.ts'

/** The services that a cluster is made of, and how its database is filled. Tests of the host bring their own. */
export interface ClusterParts {
  readonly catalogue: readonly Service[]
  readonly seedSchema: TSchema
  createHasher(identity: Identity): CredentialHasher
  /** Fills a new database; in any other, URLs of the cluster's own follow it to another address. `now` in milliseconds since the epoch. */
  seed(database: ClusterDatabase, hasher: CredentialHasher, seed: unknown, now: number): Promise<void>
}

/** What a real cluster is made of. */
export const standardParts: ClusterParts = {
  catalogue,
  seedSchema: ClusterSeed,
  createHasher: ({ pepper }) => createCredentialHasher({ pepper }),
  async seed(database, hasher, seed, now) {
    // The configuration's schema has checked it.
    const given = (seed ?? {}) as ClusterSeed
    await (isNew(database) ? applySeed(database, hasher, given, now) : followSeededUrls(database, given))
  },
}
