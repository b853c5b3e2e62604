import { Type } from 'typebox'
import type { Static } from 'typebox'
import type { Membership } from '../../ils-sync/core/state.ts'
import type { IlsConfiguration } from './api.ts'
import { IlsError } from './errors.ts'
import { breachOf } from './rules.ts'
import type { Breach } from './rules.ts'

/** What a node needs to take part in an ILS network; shared by clusters and hubs that are no clusters. */
export const networkSettings = {
  network: Type.String({
    default: 'ils',
    minLength: 1,
    maxLength: 64,
    description: 'Networks of different names never meet',
  }),
  authentication: Type.Union([Type.Literal('password'), Type.Literal('certificates'), Type.Literal('both')], {
    default: 'password',
    description: 'ILS Authentication, the same at every cluster: Use Password, Use TLS Certificates, or both at once',
  }),
  password: Type.String({
    default: '',
    maxLength: 256,
    description: 'Use Password: the same at every cluster of the network',
  }),
  trustedCertificates: Type.Array(Type.String({ minLength: 1 }), {
    default: [],
    description: 'PEM files of certificates that were exchanged: each vouches for the one name in it',
  }),
  trustedAuthorities: Type.Array(Type.String({ minLength: 1 }), {
    default: [],
    description: 'PEM files of CAs, each of which vouches for any name; the CA of the lab is trusted anyway',
  }),
  redisUrl: Type.String({ default: 'redis://127.0.0.1:6379' }),
  registrationServer: Type.Optional(
    Type.String({ description: 'The one hub that a new hub names; the mesh with all others follows by itself' }),
  ),
  hubs: Type.Array(Type.String(), { default: [], description: 'Fellow hubs that a hub is told of beforehand' }),
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
      description: 'Rules, as the next four, until ILS Configuration is changed at run time',
    }),
    hub: Type.Optional(Type.String({ description: "A spoke's one hub: a Cluster ID, or the name of a hub process" })),
    exchangeGlobalDialPlan: Type.Boolean({
      default: true,
      description: 'Exchange Global Dial Plan Replication Data with Remote Clusters',
    }),
    advertisedRouteString: Type.String({
      default: '',
      maxLength: 253,
      description: 'Advertised Route String; empty: the Cluster ID',
    }),
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

/** Of the file, what ILS Configuration may change at run time. */
export function configurationOf(clusterId: string, config: IlsConfig): IlsConfiguration {
  const { role, exchangeGlobalDialPlan, advertisedRouteString, synchronizeClustersEveryMinutes } = config
  return {
    role,
    registrationServer: (role === 'hub' ? config.registrationServer : (config.hub ?? config.registrationServer)) ?? '',
    exchangeGlobalDialPlan,
    advertisedRouteString: routeStringOf(clusterId, advertisedRouteString),
    synchronizeClustersEveryMinutes,
  }
}

/** As it is kept: in lower case, and never blank. Trunks to a cluster are found by its ID, so that is what stands where nothing was said. */
export function routeStringOf(clusterId: string, given: string): string {
  return (given.trim() === '' ? clusterId : given.trim()).toLowerCase()
}

/** What a configuration means to the ILS node. `hubs` are those of the file; `breachOf` has seen to it that a spoke names its hub. */
export function membershipOf(
  { role, registrationServer }: Pick<IlsConfiguration, 'role' | 'registrationServer'>,
  hubs: readonly string[],
): Membership {
  if (role === 'standalone') return { role }
  if (role === 'spoke') return { role, hub: registrationServer }
  return registrationServer === '' ? { role, hubs } : { role, registrationServer, hubs }
}

/** Rules that no schema can say. Throws IlsError ILS_CONFIG with one sentence for people. */
export function checkConfig(clusterId: string, config: IlsConfig): void {
  const breach = breachOf(configurationOf(clusterId, config), { clusterId, ...config }) ?? excess(config)
  if (breach) throw new IlsError('ILS_CONFIG', breach.sentence)
}

/** In the file a spoke's hub and a hub's registration server have names of their own; a hub without one looks at neither. */
function excess({ role, hub, registrationServer }: IlsConfig): Pick<Breach, 'sentence'> | undefined {
  if (role !== 'spoke' || hub === undefined || registrationServer === undefined || hub === registrationServer)
    return undefined
  return { sentence: 'a spoke has exactly one hub, but hub and registrationServer name two' }
}
