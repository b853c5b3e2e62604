// What the JSON doors of clusters and hubs say about ILS.
import { Type } from 'typebox'
import type { IlsCluster, IlsConfiguration, IlsConfigured, IlsPeer, IlsStatus, IlsSynchronization } from './api.ts'

const optional = (description: string) => Type.Optional(Type.String({ description }))
const roleOf = <Names extends readonly string[]>(...names: Names) => Type.Enum([...names])

/** Of peer info, the same on both pages. */
const shown = {
  https: optional('HTTPS base URL'),
  description: Type.Optional(Type.String()),
  peerId: optional("Made with the node's store: tells a cluster that was made anew from the one before it"),
  version: optional('Release'),
  hub: optional('The one hub of a spoke'),
  hostNames: Type.Optional(
    Type.Array(Type.String(), { description: 'Of its ILS-activated nodes, the publisher first' }),
  ),
  services: Type.Optional(
    Type.Record(Type.String(), Type.Boolean(), { description: 'By title: whether the service is activated there' }),
  ),
  advertisedRouteString: Type.Optional(Type.String()),
  lastContact: optional('ISO 8601; beyond the hub: when its last change arrived'),
  clockOffsetSeconds: Type.Optional(Type.Number({ description: 'Wall clock there minus here; of neighbours only' })),
}
const status = Type.String({ description: '`Up to Date` as the vendor shows it, or what is the matter' })
const clusterId = Type.String({ description: 'Cluster ID, or the name of a hub that is no cluster' })

const Peer = Type.Object({
  clusterId,
  role: roleOf('hub', 'spoke'),
  status,
  usn: Type.Integer({ description: 'Highest update sequence number held of this cluster' }),
  lag: Type.Optional(
    Type.Object(
      { usns: Type.Integer(), seconds: Type.Number() },
      { description: 'Numbers that it is known to have written and that are not held here, and for how long already' },
    ),
  ),
  direct: Type.Boolean({ description: 'A neighbour; others are learned of through one' }),
  ...shown,
})

/** One line of the Cluster View. */
export const ClusterSchema = Type.Unsafe<IlsCluster>(
  Type.Object({
    clusterId,
    self: Type.Boolean(),
    role: roleOf('standalone', 'hub', 'spoke'),
    status: Type.String({ description: '`Local` for this one, else as in the status' }),
    ...shown,
  }),
)
export const ClustersSchema = Type.Unsafe<readonly IlsCluster[]>(Type.Array(ClusterSchema))

/** The answer of `GET /api/v1/ils`. */
export const StatusSchema = Type.Unsafe<IlsStatus>(
  Type.Object({
    clusterId,
    role: roleOf('standalone', 'hub', 'spoke'),
    hub: optional('The one hub of a spoke'),
    peerId: Type.Optional(Type.String()),
    authentication: Type.Optional(roleOf('password', 'certificates', 'both')),
    peers: Type.Unsafe<readonly IlsPeer[]>(Type.Array(Peer)),
    progress: Type.Optional(
      Type.Object(
        { peer: Type.String(), records: Type.Integer(), of: Type.Integer() },
        { description: 'A full synchronization under way' },
      ),
    ),
    learned: Type.Object({
      superusers: Type.Integer(),
      locations: Type.Integer({ description: 'Superusers logged in elsewhere' }),
      records: Type.Integer(),
      objects: Type.Optional(Type.Integer({ description: 'Learned objects of the global dial plan' })),
      maximumObjects: Type.Optional(Type.Integer({ description: 'ILS Max Number of Learned Objects in Database' })),
      refusedObjects: Type.Optional(Type.Integer({ description: 'Not written because of the maximum' })),
      duplicates: Type.Optional(Type.Integer({ description: 'Hidden by an earlier one of another cluster' })),
    }),
    warnings: Type.Optional(Type.Array(Type.String(), { description: 'What somebody should look at' })),
  }),
)

const configuration = {
  role: Type.Enum(['standalone', 'hub', 'spoke'], {
    description: 'Standalone Cluster, Hub Cluster, Spoke Cluster; the first cluster of a network is a hub',
    examples: ['spoke'],
  }),
  registrationServer: Type.String({
    maxLength: 50,
    description:
      'Cluster ID, or name of a hub process: the one hub of a spoke, or the hub that a new hub names; blank for the first hub',
    examples: ['hub'],
  }),
  exchangeGlobalDialPlan: Type.Boolean({
    description: 'Exchange Global Dial Plan Replication Data with Remote Clusters',
  }),
  advertisedRouteString: Type.String({
    maxLength: 253,
    description: 'Advertised Route String; set to blank it is the Cluster ID',
    examples: ['cluster1.lab'],
  }),
  synchronizeClustersEveryMinutes: Type.Integer({
    minimum: 1,
    maximum: 1440,
    description: 'Synchronize Clusters Every (minutes)',
    examples: [10],
  }),
}

export const ConfigurationSchema = Type.Unsafe<IlsConfiguration>(Type.Object(configuration))
export const ConfiguredSchema = Type.Unsafe<IlsConfigured>(
  Type.Object({
    ...configuration,
    untold: Type.Optional(
      Type.Array(Type.String(), {
        description: 'Neighbours that could not be told that this cluster has left; they show it as Unreachable',
      }),
    ),
  }),
)
/** What is left out stays as it is. */
export const ConfigurationChanges = Type.Unsafe<Partial<IlsConfiguration>>(
  Type.Partial(Type.Object(configuration), { additionalProperties: false, minProperties: 1 }),
)

export const SynchronizationSchema = Type.Unsafe<IlsSynchronization>(
  Type.Object({
    asked: Type.Array(Type.String(), { description: 'Neighbours that were asked for what is lacking' }),
    unreachable: Type.Array(Type.String(), { description: 'Neighbours that cannot be asked now' }),
  }),
)
