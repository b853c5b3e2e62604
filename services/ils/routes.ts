// ILS for administrators: the status page, Cluster View and ILS Configuration.
import { Type } from 'typebox'
import { Problem } from '../problem.ts'
import { Role } from '../service.ts'
import type { Access, Door, ServiceApp } from '../service.ts'
import type { Ils, IlsCluster } from './api.ts'
import {
  ClusterSchema,
  ClustersSchema,
  ConfigurationChanges,
  ConfigurationSchema,
  ConfiguredSchema,
  StatusSchema,
  SynchronizationSchema,
} from './schemas.ts'

const tags = ['ils']
const read: Access = { access: 'role', role: Role.readOnly }
const write: Access = { access: 'role', role: Role.administer }

/** `/api/v1/ils` and what is below it. */
export function registerIlsRoutes(app: ServiceApp, door: Door<Ils>): void {
  app.get(
    '/api/v1/ils',
    {
      config: read,
      schema: {
        tags,
        summary: 'ILS Clusters: this cluster, its neighbours, and all others that it has learned of',
        response: { 200: StatusSchema },
      },
    },
    () => door.api().status(),
  )
  registerClusterView(app, door)
  registerConfiguration(app, door)
}

function registerClusterView(app: ServiceApp, door: Door<Ils>): void {
  app.get(
    '/api/v1/ils/clusters',
    {
      config: read,
      schema: {
        tags,
        summary: 'Cluster View: what every cluster and hub of the network tells of itself',
        response: { 200: ClustersSchema },
      },
    },
    () => door.api().clusters(),
  )
  app.get(
    '/api/v1/ils/clusters/:clusterId',
    {
      config: read,
      schema: {
        tags,
        summary: 'The peer info of one cluster or hub (utils ils showpeerinfo)',
        params: Type.Object({
          clusterId: Type.String({ maxLength: 253, description: 'Cluster ID, or host name of its publisher' }),
        }),
        response: { 200: ClusterSchema },
      },
    },
    (request) => findCluster(door.api().clusters(), request.params.clusterId),
  )
}

function registerConfiguration(app: ServiceApp, door: Door<Ils>): void {
  app.get(
    '/api/v1/ils/configuration',
    { config: read, schema: { tags, summary: 'ILS Configuration', response: { 200: ConfigurationSchema } } },
    () => door.api().configuration(),
  )
  app.patch(
    '/api/v1/ils/configuration',
    {
      config: write,
      schema: {
        tags,
        summary: 'Change ILS Configuration: join or leave a network, or change place in it',
        description:
          'Kept over restarts, and from then on instead of what the configuration file says; in effect without a restart. A role of `standalone` removes the cluster from its network.',
        body: ConfigurationChanges,
        response: { 200: ConfiguredSchema },
      },
    },
    (request) => door.api().configure(request.body),
  )
  app.post(
    '/api/v1/ils/synchronize',
    {
      config: write,
      schema: {
        tags,
        summary: 'Pull from every neighbour now, as at the end of Synchronize Clusters Every',
        response: { 202: SynchronizationSchema },
      },
    },
    async (_request, reply) => reply.code(202).send(door.api().synchronize()),
  )
}

/** By Cluster ID, else by the host name of its publisher, as the vendor's command takes it. Throws a Problem (404). */
export function findCluster(clusters: readonly IlsCluster[], wanted: string): IlsCluster {
  const host = wanted.toLowerCase()
  const found =
    clusters.find(({ clusterId }) => clusterId === wanted) ??
    clusters.find(({ hostNames }) => hostNames?.[0]?.toLowerCase() === host)
  if (found) return found
  const known = clusters.map(({ clusterId }) => clusterId).join(', ')
  const detail = `ILS knows of no cluster ${JSON.stringify(wanted)}; it knows of ${known}.`
  throw new Problem({ status: 404, title: 'Not found', detail })
}
