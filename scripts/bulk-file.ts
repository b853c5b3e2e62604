// Sends one CSV file to a cluster, waits until its rows are written, and leaves those that failed beside it.
import { openAsBlob } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import type { Job, RowFailure } from '../services/bulk-administration/api.ts'
import { createBulkProgress } from './bulk-progress.ts'
import type { ClusterClient } from './cluster-client.ts'
import { writeFailedRows } from './failed-rows.ts'
import { LabError } from './lab/lab-error.ts'

/** A file, and what its rows are. */
export interface FileToSend {
  readonly file: string
  readonly kind: string
  /** Change records that are there already. */
  readonly update: boolean
  /** Show no progress. */
  readonly quiet: boolean
}

/** What a person or program is told at the end. */
export interface BulkReport extends Omit<Job, 'failed'> {
  readonly failed: readonly RowFailure[]
}

export interface SentFile {
  readonly report: BulkReport
  /** `<file>.failed.csv`; undefined when no row failed. */
  readonly failedFile?: string
}

/** Milliseconds between two looks at a job. */
const lookMs = 200

/** Rejects with LabError for a file that cannot be read, with ApiProblem for one that the cluster refuses. */
export async function sendFile(cluster: ClusterClient, { file, kind, update, quiet }: FileToSend): Promise<SentFile> {
  const query = update ? '?existing=update' : ''
  const job = await cluster.postCsv<Job>(`/api/v1/bulk/${encodeURIComponent(kind)}${query}`, await openCsv(file))
  const ended = await watch(cluster, job, quiet)
  const report = await cluster.get<BulkReport>(`/api/v1/bulk/jobs/${ended.id}/report`)
  if (report.failed.length === 0) return { report }
  const failedFile = `${file}.failed.csv`
  await writeFailedRows(file, failedFile, report.failed)
  return { report, failedFile }
}

/** Rejects with LabError for a file that cannot be read. */
export async function openCsv(file: string): Promise<Blob> {
  try {
    const blob = await openAsBlob(file)
    // A folder is opened like a file, and found out only when it is read.
    await blob.slice(0, 1).arrayBuffer()
    return blob
  } catch {
    throw new LabError('LAB_USAGE', `${file} cannot be read.`)
  }
}

/** Until the job is over. */
async function watch(cluster: ClusterClient, first: Job, quiet: boolean): Promise<Job> {
  const progress = await createBulkProgress(first.total, quiet)
  let job = first
  while (job.state === 'waiting' || job.state === 'running') {
    await wait(lookMs)
    job = await cluster.get<Job>(`/api/v1/bulk/jobs/${first.id}`)
    progress.show(job)
  }
  progress.end(job)
  return job
}
