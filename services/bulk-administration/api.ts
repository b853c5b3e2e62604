import type { Readable } from 'node:stream'
import type { Existing, RecordKindName } from '../administration/api.ts'

/** What the rows of a file can be. */
export const recordKindNames = [
  'users',
  'phones',
  'device-profiles',
  'associations',
  'combined',
] as const satisfies readonly RecordKindName[]

/** The first one is the default. */
export const existingChoices = ['refuse', 'update'] as const satisfies readonly Existing[]

export const JobState = {
  waiting: 'waiting',
  running: 'running',
  /** Every row was looked at; some may have failed. */
  done: 'done',
  /** The rest of the file could not be read or written; `detail` says why. */
  failed: 'failed',
  /** The service stopped, or somebody deleted the job: rows that were written stay. */
  interrupted: 'interrupted',
} as const
export type JobState = (typeof JobState)[keyof typeof JobState]

/** One file of records on its way into the cluster. Times are ISO 8601. */
export interface Job {
  readonly id: string
  readonly kind: RecordKindName
  readonly existing: Existing
  readonly state: JobState
  /** Rows in the file, its header not counted. */
  readonly total: number
  /** Rows looked at so far. */
  readonly done: number
  readonly added: number
  readonly updated: number
  readonly failed: number
  readonly createdAt: string
  readonly endedAt?: string
  /** One sentence, where the state alone does not say it all. */
  readonly detail?: string
}

/** A row that was not written, and nothing of it. */
export interface RowFailure {
  /** Line of the file on which the row begins, from 1. */
  readonly line: number
  /** What the row would have been called; empty if that cannot be said. */
  readonly key: string
  readonly reason: string
}

/** A file that somebody sends. */
export interface Submission {
  readonly kind: RecordKindName
  readonly existing: Existing
  readonly body: Readable
}

/** The bulk jobs of this cluster: one runs, the others wait their turn. */
export interface BulkAdministration {
  /** Resolves when the file is here whole and its header makes sense. Rejects with Problem: 413, 422, 503. */
  submit(submission: Submission): Promise<Job>
  list(): readonly Job[]
  find(id: string): Job | undefined
  failures(id: string): AsyncIterable<RowFailure>
  /** Ends a job that is not over yet, or forgets one that is. */
  remove(id: string): Promise<void>
  /** Every job ends; rows that were written stay. */
  stop(): Promise<void>
}
