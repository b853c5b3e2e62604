import { Type } from 'typebox'
import type { Static } from 'typebox'
import { nodeIdPattern } from '../../ils-sync/core/record.ts'
import { IlsError } from './errors.ts'

/** What a node needs to take part in an ILS network; shared by clusters and hubs that are no clusters. */
export const networkSettings = {
  network: Type.String({
    default: 'ils',
    minLength: 1,
    maxLength: 64,
    description: 'Networks of different names never meet',
  }),
  password: Type.String({
    default: '',
    maxLength: 256,
    description: 'Use Password: the same at every cluster of the network',
  }),
  redisUrl: Type.String({ default: 'redis://127.0.0.1:6379' }),
  hubs: Type.Array(Type.String(), { default: [], description: 'Fellow hubs of a hub; each lists all others' }),
  heartbeatMs: Type.Integer({ default: 1000, minimum: 50, maximum: 60_000 }),
  synchronizeClustersEveryMinutes: Type.Integer({
    default: 10,
    minimum: 1,
    maximum: 1440,
    description: 'Synchronize Clusters Every (minutes)',
  }),
}

/** The settings of the Intercluster Lookup Service. */
export const IlsConfig = Type.Object(
  {
    role: Type.Union([Type.Literal('standalone'), Type.Literal('hub'), Type.Literal('spoke')], {
      default: 'standalone',
    }),
    hub: Type.Optional(Type.String({ description: "A spoke's one hub: a Cluster ID, or the name of a hub process" })),
    description: Type.String({ default: '', maxLength: 128, description: 'Shown to other clusters' }),
    catchUpGraceMs: Type.Integer({
      default: 5000,
      minimum: 0,
      maximum: 600_000,
      description: 'How long a starting spoke waits for its hub before it routes calls by what it knew last',
    }),
    ...networkSettings,
  },
  { additionalProperties: false },
)
export type IlsConfig = Static<typeof IlsConfig>

const unsetClusterId = 'StandAloneCluster'

/** Rules that no schema can say. Throws IlsError ILS_CONFIG with one sentence for people. */
export function checkConfig(
  clusterId: string,
  { role, hub, hubs, password }: Omit<IlsConfig, 'description' | 'catchUpGraceMs'>,
): void {
  // System Configuration Guide, Configure Intercluster Lookup Service: the ID is unique, and not the default one.
  if (clusterId === unsetClusterId) throw refused(`the Cluster ID is still ${unsetClusterId}; ILS needs a unique one`)
  for (const id of [clusterId, ...hubs, ...(hub === undefined ? [] : [hub])]) {
    if (!nodeIdPattern.test(id))
      throw refused(`"${id}" cannot be a Cluster ID: up to 50 alphanumerics, dots and dashes`)
  }
  if (role === 'standalone') return
  if (password === '') throw refused('ILS needs a password, the same at every cluster of the network')
  if (role === 'hub') return
  if (hub === undefined) throw refused('a spoke needs the name of its hub')
  if (hub === clusterId) throw refused('a spoke cannot be its own hub')
}

function refused(sentence: string): IlsError {
  return new IlsError('ILS_CONFIG', sentence)
}
