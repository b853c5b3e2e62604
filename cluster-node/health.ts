// For whoever supervises the process: is it alive, is it ready, what does it count.
import type { FastifyInstance } from 'fastify'
import { Gauge } from 'prom-client'
import type { Metric, Registry } from 'prom-client'
import { Type } from 'typebox'
import { Role } from '../services/service.ts'

/** What the health routes report on. */
export interface HealthParts {
  readonly metrics: Registry
  /** One sentence for each thing that is being waited for; empty when ready. */
  waitingFor(): readonly string[]
}

const readiness = Type.Object({
  status: Type.Union([Type.Literal('ready'), Type.Literal('waiting')]),
  waitingFor: Type.Array(Type.String()),
})

/** `/health/live`, `/health/ready` and `/metrics`. */
export function healthRoutes(app: FastifyInstance, { metrics, waitingFor }: HealthParts): void {
  const tags = ['health']
  app.get(
    '/health/live',
    {
      config: { access: 'open' },
      schema: {
        tags,
        summary: 'Answers as long as the process lives',
        response: { 200: Type.Object({ status: Type.Literal('alive') }) },
      },
    },
    () => Promise.resolve({ status: 'alive' }),
  )
  app.get(
    '/health/ready',
    {
      config: { access: 'open' },
      schema: {
        tags,
        summary: 'Whether everything that is to be active is at work',
        response: { 200: readiness, 503: readiness },
      },
    },
    async (_request, reply) => {
      const reasons = waitingFor()
      if (reasons.length === 0) return { status: 'ready', waitingFor: reasons }
      return reply.status(503).send({ status: 'waiting', waitingFor: reasons })
    },
  )
  app.get(
    '/metrics',
    {
      config: { access: 'role', role: Role.readOnly, openOnLoopback: true },
      schema: { tags, summary: 'Prometheus metrics', produces: ['text/plain'] },
    },
    async (_request, reply) => reply.type(metrics.contentType).send(await metrics.metrics()),
  )
}

/** What the process itself counts; read at each scrape, nothing runs in between. */
export function registerProcessMetrics(registry: Registry, build: { cluster: string; version: string }): void {
  const info = new Gauge({
    name: 'roamline_build_info',
    help: 'Always 1; which build runs as which cluster',
    labelNames: ['cluster', 'version', 'node'],
    registers: [],
  })
  info.set({ ...build, node: process.version }, 1)
  const memory = new Gauge({
    name: 'process_resident_memory_bytes',
    help: 'Resident memory of the process',
    registers: [],
    collect() {
      this.set(process.memoryUsage.rss())
    },
  })
  const processorTime = new Gauge({
    name: 'process_cpu_seconds_total',
    help: 'User and system CPU time of the process',
    registers: [],
    collect() {
      const { user, system } = process.cpuUsage()
      this.set((user + system) / 1e6)
    },
  })
  for (const gauge of [info, memory, processorTime]) registry.registerMetric(gauge as Metric)
}
