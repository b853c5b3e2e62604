// Wires the Super User Synchronization Tool: store, clients, schedule, HTTP door. Callable many times in one process.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import Fastify, { LogController } from 'fastify'
import type { FastifyError } from 'fastify'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { Problem } from '../problem.ts'
import type { Clock, Logger, ServiceApp } from '../service.ts'
import { STATUS_CODES } from '../wire/status-codes.ts'
import { createClusterClient } from './cluster-client.ts'
import type { SuperUserSyncConfig } from './config.ts'
import { Trigger } from './report.ts'
import { registerRoutes } from './routes.ts'
import { createSchedule } from './schedule.ts'
import { openStore } from './store.ts'
import { createSynchronizer } from './synchronizer.ts'
import type { Synchronizer } from './synchronizer.ts'

/** What the tool needs beside its configuration. */
export interface Surroundings {
  /** PEM of the lab's CA. */
  readonly caPem: string
  readonly log: Logger
  readonly clock?: Clock
}

export interface SuperUserSync {
  /** Base URL at which others reach it. */
  readonly http: string
  readonly synchronizer: Synchronizer
  /** Ordered, idempotent; resolves when nothing runs any more. */
  stop(): Promise<void>
}

/** Opens the store, listens, starts the schedule and, if configured, the first run. Throws `StoreError` or the error of `listen`. */
export async function createSuperUserSync(config: SuperUserSyncConfig, around: Surroundings): Promise<SuperUserSync> {
  const { log, clock = Date } = around
  mkdirSync(config.dataDirectory, { recursive: true })
  const store = openStore(join(config.dataDirectory, 'super-user-sync.sqlite'))
  const { caPem } = around
  const clients = config.clusters.map((cluster) => createClusterClient(cluster, { ...config, caPem }))
  const synchronizer = createSynchronizer({ ...config, clients, store, clock, log })
  const run = (trigger: Trigger) => synchronizer.run(trigger).catch((error: unknown) => reportFailure(log, error))
  const schedule = createSchedule(store, config.schedule, () => void run(Trigger.schedule))
  let waitingFor = config.runOnStart ? 'The first run has not finished yet.' : undefined

  const app = buildApp(log)
  registerRoutes(app, { ...config, store, schedule, synchronizer, notReady: () => waitingFor })
  const stop = async () => {
    schedule.stop()
    await synchronizer.stop()
    await app.close()
  }
  app.addHook('onClose', () => store.close())
  try {
    await app.listen({ host: config.listen.host, port: config.listen.httpPort })
  } catch (error) {
    await stop()
    throw error
  }
  if (config.runOnStart) void run(Trigger.start).then(() => (waitingFor = undefined))
  return { http: addressOf(app, config.listen), synchronizer, stop: once(stop) }
}

function buildApp(log: Logger): ServiceApp {
  const app = Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: 16_384,
    // What is sent is what is meant: '' is not null, an unknown member is a mistake.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false } },
    forceCloseConnections: true,
  }).withTypeProvider<TypeBoxTypeProvider>()
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const facts = error instanceof Problem ? error.facts : factsOf(error)
    if (facts.status >= 500 && !(error instanceof Problem)) request.log.error(error, 'request failed')
    return reply
      .code(facts.status)
      .type('application/problem+json')
      .send({ type: 'about:blank', ...facts })
  })
  app.setNotFoundHandler((request, reply) => {
    const detail = `There is no ${request.method} ${request.url.split('?')[0]}.`
    const facts = { type: 'about:blank', status: 404, title: 'Not Found', detail }
    return reply.code(404).type('application/problem+json').send(facts)
  })
  return app
}

/** Fastify's own refusals (validation, size, media type) carry a status below 500; anything else stays inside. */
function factsOf(error: FastifyError): Problem['facts'] {
  const status = error.statusCode ?? 500
  const title = STATUS_CODES[status] ?? 'Error'
  return { status, title, detail: status < 500 ? error.message : 'Something failed here; the log says what.' }
}

/** That the tool stopped in the middle of a run is no failure. */
function reportFailure(log: Logger, error: unknown): void {
  if (!(error instanceof Problem)) log.error(error, 'run failed')
}

function addressOf(app: ServiceApp, { host, advertise }: SuperUserSyncConfig['listen']): string {
  const bound = app.server.address()
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0
  const name = advertise ?? host
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined
  return () => (done ??= work())
}
