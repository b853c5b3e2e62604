// The hub's HTTP: health for whoever supervises it, metrics and ILS status for whoever sits on the same machine.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import Fastify, { LogController } from 'fastify'
import type { FastifyRequest } from 'fastify'
import type { Registry } from 'prom-client'
import { Type } from 'typebox'
import type { TSchema } from 'typebox'
import { Problem } from '../../problem.ts'
import type { Logger } from '../../service.ts'
import type { IlsCluster, IlsConfiguration, IlsStatus, IlsSynchronization } from '../api.ts'
import { STATUS_CODES } from '../../wire/status-codes.ts'
import { findCluster } from '../routes.ts'
import { ClusterSchema, ClustersSchema, ConfigurationSchema, StatusSchema, SynchronizationSchema } from '../schemas.ts'

export interface HubDoorsOptions {
  readonly log: Logger
  readonly metrics: Registry
  readonly status: () => IlsStatus
  readonly clusters: () => readonly IlsCluster[]
  readonly configuration: () => IlsConfiguration
  readonly synchronize: () => IlsSynchronization
  /** One sentence for each thing that is being waited for. */
  readonly waitingFor: () => readonly string[]
}

/** Registered, not listening. */
export function buildHubApp(options: HubDoorsOptions) {
  const { log, metrics, waitingFor } = options
  const app = createApp(log)
  const readiness = Type.Object({ status: Type.String(), waitingFor: Type.Array(Type.String()) })

  app.get('/health/live', () => ({ status: 'alive' }))
  app.get('/health/ready', { schema: { response: { 200: readiness, 503: readiness } } }, async (_request, reply) => {
    const reasons = [...waitingFor()]
    return reply.code(reasons.length === 0 ? 200 : 503).send({
      status: reasons.length === 0 ? 'ready' : 'waiting',
      waitingFor: reasons,
    })
  })
  app.get('/metrics', { onRequest: loopbackOnly }, async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.metrics()),
  )
  registerIlsDoors(app, options)
  answerErrors(app)
  return app
}

function createApp(log: Logger) {
  const app = Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: 16_384,
    forceCloseConnections: true,
  }).withTypeProvider<TypeBoxTypeProvider>()
  // No door here reads a body, and many clients name the content type of what they do not send.
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, _body, done) => done(null))
  return app
}

type HubApp = ReturnType<typeof createApp>

/** As a cluster's door, but for what needs an administrator: a hub process is configured by its file. */
function registerIlsDoors(app: HubApp, { status, clusters, configuration, synchronize }: HubDoorsOptions): void {
  const onRequest = loopbackOnly
  const answers = <Schema extends TSchema>(schema: Schema) => ({ onRequest, schema: { response: { 200: schema } } })
  app.get('/api/v1/ils', answers(StatusSchema), () => status())
  app.get('/api/v1/ils/clusters', answers(ClustersSchema), () => clusters())
  app.get('/api/v1/ils/configuration', answers(ConfigurationSchema), () => configuration())
  const params = Type.Object({ clusterId: Type.String({ maxLength: 253 }) })
  app.get(
    '/api/v1/ils/clusters/:clusterId',
    { onRequest, schema: { params, response: { 200: ClusterSchema } } },
    (request) => findCluster(clusters(), request.params.clusterId),
  )
  const response = { 202: SynchronizationSchema }
  app.post('/api/v1/ils/synchronize', { onRequest, schema: { response } }, async (_request, reply) =>
    reply.code(202).send(synchronize()),
  )
}

function answerErrors(app: HubApp): void {
  app.setNotFoundHandler((request, reply) => {
    const detail = `There is no ${request.method} ${request.url.split('?')[0]}.`
    return reply.code(404).type(problemType).send({ type: 'about:blank', status: 404, title: 'Not Found', detail })
  })
  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const facts = error instanceof Problem ? error.facts : factsOf(error)
    if (facts.status >= 500) request.log.error(error, 'request failed')
    return reply
      .code(facts.status)
      .type(problemType)
      .send({ type: 'about:blank', ...facts })
  })
}

function factsOf({ statusCode = 500, message }: Error & { statusCode?: number }) {
  if (statusCode >= 500) return { status: 500, title: 'Internal Server Error', detail: 'The log says more.' }
  return { status: statusCode, title: STATUS_CODES[statusCode] ?? 'Error', detail: message }
}

const problemType = 'application/problem+json'

/** A hub keeps no users whom it could ask for a password. */
async function loopbackOnly(request: FastifyRequest): Promise<void> {
  if (/^(?:127\.|::1$|::ffff:127\.)/u.test(request.ip)) return
  throw new Problem({
    status: 403,
    title: 'Forbidden',
    detail: 'Only programs on the same machine may ask a hub this.',
  })
}
