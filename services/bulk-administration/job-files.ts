// What is kept of jobs, so that a report survives a restart: one JSON file for the job, one line of JSON for each row that failed.
import { createReadStream } from 'node:fs'
import { appendFile, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Logger } from '../service.ts'
import type { Job, RowFailure } from './api.ts'

/** The folder of all jobs. */
export interface JobFiles {
  /** Jobs of earlier runs, oldest first; what cannot be read is left alone and logged. */
  load(): Promise<readonly Job[]>
  save(job: Job): Promise<void>
  addFailures(id: string, failures: readonly RowFailure[]): Promise<void>
  failures(id: string): AsyncIterable<RowFailure>
  /** Where the file of this job waits. */
  spool(id: string): string
  remove(id: string): Promise<void>
}

/** Makes the folder if there is none, and takes away what a killed process left unfinished. */
export async function openJobFiles(directory: string, log: Logger): Promise<JobFiles> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  for (const file of await readdir(directory)) {
    if (/\.(?:spool|new)$/u.test(file)) await rm(join(directory, file), { force: true })
  }
  const path = (id: string, ending: string): string => join(directory, `${id}.${ending}`)
  return {
    async load() {
      const files = (await readdir(directory)).filter((file) => file.endsWith('.job.json'))
      const jobs = await Promise.all(files.map((file) => readJob(join(directory, file), log)))
      return jobs.filter((job) => job !== undefined).sort((one, other) => order(one.createdAt, other.createdAt))
    },
    async save(job) {
      await writeFile(path(job.id, 'new'), JSON.stringify(job), { mode: 0o600 })
      await rename(path(job.id, 'new'), path(job.id, 'job.json'))
    },
    async addFailures(id, failures) {
      const lines = failures.map((failure) => `${JSON.stringify(failure)}\n`)
      await appendFile(path(id, 'failures'), lines.join(''), { mode: 0o600 })
    },
    failures: (id) => readFailures(path(id, 'failures')),
    spool: (id) => path(id, 'spool'),
    async remove(id) {
      for (const ending of ['job.json', 'failures']) await rm(path(id, ending), { force: true })
    },
  }
}

async function readJob(path: string, log: Logger): Promise<Job | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Job
  } catch (error) {
    log.warn({ err: error, path }, 'a bulk job of an earlier run could not be read')
    return undefined
  }
}

async function* readFailures(path: string): AsyncGenerator<RowFailure> {
  const input = createReadStream(path)
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })
  try {
    for await (const line of lines) yield JSON.parse(line) as RowFailure
  } catch (error) {
    // A job none of whose rows failed has no such file.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  } finally {
    // Whoever reads the report may have left in the middle of it.
    input.destroy()
  }
}

function order(one: string, other: string): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}
