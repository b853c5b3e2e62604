// A lone cluster that takes CSV.
import type { Test } from 'tap'
import type { Job, RowFailure } from '../../../services/bulk-administration/api.ts'
import { bulkAdministration } from '../../../services/bulk-administration/index.ts'
import { loneCluster } from '../../fixtures/lone-cluster.ts'
import type { LoneCluster, LoneClusterOptions } from '../../fixtures/lone-cluster.ts'
import { waitFor } from '../../fixtures/wait-for.ts'

export interface Report extends Omit<Job, 'failed'> {
  readonly failed: readonly RowFailure[]
}

/** Closed with the test. */
export async function bulkCluster(t: Test, options: LoneClusterOptions = {}) {
  const cluster = await loneCluster(t, { ...options, also: [[bulkAdministration as never, {}]] })
  return { ...cluster, ...senders(cluster) }
}

function senders({ app, ask }: LoneCluster) {
  const authorization = `Basic ${Buffer.from('administrator:a-password-of-the-tests').toString('base64')}`
  const send = async (path: string, csv: string | Buffer, type = 'text/csv') => {
    const headers = { authorization, 'content-type': type }
    const reply = await app.inject({ method: 'POST', url: `/api/v1/bulk/${path}`, headers, payload: csv })
    return {
      status: reply.statusCode,
      headers: reply.headers,
      body: reply.json() as Job & { readonly detail?: string },
    }
  }
  const report = async (id: string) => (await ask(`GET /api/v1/bulk/jobs/${id}/report`)).body as Report
  return {
    send,
    report,
    /** Sends a file that is taken, waits until its job is over, and reads its report. */
    async write(path: string, csv: string): Promise<Report> {
      const { body } = await send(path, csv)
      await waitFor(`the job of ${path}`, async () => {
        const { state } = (await ask(`GET /api/v1/bulk/jobs/${body.id}`)).body as Job
        return state !== 'waiting' && state !== 'running'
      })
      return report(body.id)
    },
    async csvReport(id: string): Promise<string> {
      const headers = { authorization, accept: 'text/csv' }
      return (await app.inject({ method: 'GET', url: `/api/v1/bulk/jobs/${id}/report`, headers })).body
    },
  }
}
