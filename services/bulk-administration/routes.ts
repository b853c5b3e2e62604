import { Readable } from 'node:stream'
import { Type } from 'typebox'
import { Problem } from '../problem.ts'
import { Role } from '../service.ts'
import type { Door, ServiceApp } from '../service.ts'
import { JobState, existingChoices, recordKindNames } from './api.ts'
import type { BulkAdministration, Job } from './api.ts'
import { describeColumns } from './columns.ts'
import type { ColumnDescription } from './columns.ts'
import { largestFile } from './jobs.ts'
import { csvReport, jsonReport } from './report.ts'

const path = '/api/v1/bulk'
const tags = ['bulk']

const kind = Type.Enum(recordKindNames, { description: 'What the rows are' })
const existing = Type.Enum(existingChoices, {
  default: existingChoices[0],
  description: 'What happens to a record that is there already: its row fails, or it is changed by what the row says',
})
const count = (description: string) => Type.Integer({ description })
const JobView = Type.Unsafe<Job & { readonly report: string }>(
  Type.Object({
    id: Type.String(),
    kind,
    existing,
    state: Type.Enum(Object.values(JobState)),
    total: count('Rows of the file'),
    done: count('Rows looked at so far'),
    added: count('Records that were not there'),
    updated: count('Records that were'),
    failed: count('Rows of which nothing was written'),
    createdAt: Type.String({ format: 'date-time' }),
    endedAt: Type.Optional(Type.String({ format: 'date-time' })),
    detail: Type.Optional(Type.String()),
    report: Type.String({ description: 'Path of the report' }),
  }),
)
const ColumnView = Type.Unsafe<readonly ColumnDescription[]>(
  Type.Array(Type.Object({ name: Type.String(), description: Type.String(), required: Type.Boolean() })),
)
const OneKind = Type.Object({ kind })
const OneJob = Type.Object({ id: Type.String({ format: 'uuid', description: 'Job' }) })
const How = Type.Object({ existing: Type.Optional(existing) }, { additionalProperties: false })

/** Users, phones, device profiles and associations from CSV; the counterpart of the vendor's Bulk Administration menu. */
export function registerBulkRoutes(app: ServiceApp, { api, context }: Door<BulkAdministration>): void {
  const read = { access: 'role', role: Role.readOnly } as const
  const write = { access: 'role', role: Role.administer } as const

  // The stream itself: nobody holds 64 MiB for a file that is read row by row.
  app.addContentTypeParser('text/csv', (_request, payload, done) => done(null, payload))
  app.get(
    `${path}/:kind`,
    { config: read, schema: { tags, summary: 'Columns of a file', params: OneKind, response: { 200: ColumnView } } },
    async (request) => describeColumns(context.use('administration').kinds[request.params.kind].schema),
  )
  app.post(
    `${path}/:kind`,
    {
      config: write,
      bodyLimit: largestFile,
      schema: {
        tags,
        summary: 'Write every row of a CSV file, each whole or not at all',
        consumes: ['text/csv'],
        params: OneKind,
        querystring: How,
        body: Type.Unsafe<unknown>({
          description: 'CSV (RFC 4180) in UTF-8, at most 64 MiB; the first row names columns',
        }),
        response: { 202: JobView },
      },
    },
    async (request, reply) => {
      const body = request.body
      if (!(body instanceof Readable)) throw notCsv()
      const { existing: onExisting = existingChoices[0] } = request.query
      const job = await api().submit({ kind: request.params.kind, existing: onExisting, body })
      reply.code(202).header('location', `${path}/jobs/${job.id}`)
      return view(job)
    },
  )
  registerJobRoutes(app, api)
}

function registerJobRoutes(app: ServiceApp, api: () => BulkAdministration): void {
  const read = { access: 'role', role: Role.readOnly } as const
  const write = { access: 'role', role: Role.administer } as const

  app.get(
    `${path}/jobs`,
    { config: read, schema: { tags, summary: 'All jobs', response: { 200: Type.Array(JobView) } } },
    async () => api().list().map(view),
  )
  app.get(
    `${path}/jobs/:id`,
    { config: read, schema: { tags, summary: 'How a job goes', params: OneJob, response: { 200: JobView } } },
    async (request) => view(findJob(api(), request.params.id)),
  )
  app.get(
    `${path}/jobs/:id/report`,
    {
      config: read,
      schema: { tags, summary: 'Which rows failed and why; as CSV for `Accept: text/csv`', params: OneJob },
    },
    async (request, reply) => {
      const job = findJob(api(), request.params.id)
      const failures = api().failures(job.id)
      const isCsv = request.headers.accept?.includes('text/csv') ?? false
      reply.type(isCsv ? 'text/csv; charset=utf-8; header=present' : 'application/json; charset=utf-8')
      return reply.send(Readable.from(isCsv ? csvReport(failures) : jsonReport(job, failures)))
    },
  )
  app.delete(
    `${path}/jobs/:id`,
    {
      config: write,
      schema: {
        tags,
        summary: 'End a job that is not over, or forget one that is; rows that were written stay',
        params: OneJob,
        response: { 204: Type.Null({ description: 'Done' }) },
      },
    },
    async (request, reply) => {
      await api().remove(findJob(api(), request.params.id).id)
      return reply.code(204).send(null)
    },
  )
}

function view(job: Job): Job & { readonly report: string } {
  return { ...job, report: `${path}/jobs/${job.id}/report` }
}

function findJob(jobs: BulkAdministration, id: string): Job {
  const job = jobs.find(id)
  if (job !== undefined) return job
  throw new Problem({ status: 404, title: 'Not found', detail: `There is no bulk job ${id} in this cluster.` })
}

function notCsv(): Problem {
  return new Problem({ status: 415, title: 'Unsupported Media Type', detail: 'Send the file as text/csv.' })
}
