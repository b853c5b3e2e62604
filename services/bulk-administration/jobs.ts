import { randomUUID } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { RecordKind } from '../administration/api.ts'
import { Problem } from '../problem.ts'
import type { ServiceContext } from '../service.ts'
import type { BulkAdministration, Job, JobState, RowFailure, Submission } from './api.ts'
import type { JobFiles } from './job-files.ts'
import type { Spool } from './spool.ts'
import type { Progress } from './write-rows.ts'

/** Bytes of one file at most. */
export const largestFile = 64 * 1024 * 1024
/** Jobs that may wait beside the one that runs. */
const mostWaiting = 4
/** Jobs of which anything is kept. */
const mostKept = 50
/** Milliseconds between two notes of a running job on disk. */
const noteMs = 1000

interface Received {
  readonly spool: Spool
  readonly total: number
}

interface Waiting {
  readonly id: string
  readonly kind: RecordKind
  readonly spool: Spool
  readonly abort: AbortController
  /** Phones that were written so far; undefined where any may have changed. */
  phones?: Set<string> | undefined
}

/** Jobs of an earlier run that were not over then never will be. */
export async function createJobs(context: ServiceContext, files: JobFiles): Promise<BulkAdministration> {
  return new JobQueue(context, files, await interruptedNow(files, context))
}

class JobQueue implements BulkAdministration {
  readonly #context: ServiceContext
  readonly #files: JobFiles
  readonly #jobs: Map<string, Job>
  readonly #open = new Map<string, Waiting>()
  #receiving = 0
  #last: Promise<void> = Promise.resolve()
  #notedAt = 0
  #isStopped = false

  constructor(context: ServiceContext, files: JobFiles, jobs: readonly Job[]) {
    this.#context = context
    this.#files = files
    this.#jobs = new Map(jobs.map((job) => [job.id, job]))
  }

  async submit({ kind: name, existing, body }: Submission): Promise<Job> {
    if (this.#isStopped || this.#open.size + this.#receiving > mostWaiting) throw busy()
    const id = randomUUID()
    const kind = this.#context.use('administration').kinds[name]
    this.#receiving++
    try {
      const { spool, total } = await this.#receive(id, kind, body)
      const createdAt = this.#now()
      const counts = { total, done: 0, added: 0, updated: 0, failed: 0 }
      const job: Job = { id, kind: name, existing, state: 'waiting', ...counts, createdAt }
      await this.#change(job)
      this.#enqueue({ id, kind, spool, abort: new AbortController(), phones: kind.phoneOf && new Set() })
      return job
    } finally {
      this.#receiving--
    }
  }

  list(): readonly Job[] {
    return [...this.#jobs.values()]
  }

  find(id: string): Job | undefined {
    return this.#jobs.get(id)
  }

  failures(id: string): AsyncIterable<RowFailure> {
    return this.#files.failures(id)
  }

  async remove(id: string): Promise<void> {
    const open = this.#open.get(id)
    if (open) {
      open.abort.abort('Somebody ended it.')
      return
    }
    this.#jobs.delete(id)
    await this.#files.remove(id)
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    for (const { abort } of this.#open.values()) abort.abort('The service was stopped.')
    await this.#last
  }

  async #receive(id: string, kind: RecordKind, body: Readable): Promise<Received> {
    const [{ receive }, { inspect }] = await Promise.all([import('./spool.ts'), import('./rows.ts')])
    const spool = await receive(body, this.#files.spool(id), largestFile)
    try {
      return { spool, total: await inspect(spool.read(), kind) }
    } catch (error) {
      await spool.remove()
      throw error
    }
  }

  #enqueue(waiting: Waiting): void {
    this.#open.set(waiting.id, waiting)
    this.#last = this.#last.then(() => this.#run(waiting))
  }

  /** Never rejects. */
  async #run({ id, kind, spool, abort }: Waiting): Promise<void> {
    try {
      abort.signal.throwIfAborted()
      const [{ readRows }, { writeRows }] = await Promise.all([import('./rows.ts'), import('./write-rows.ts')])
      await this.#change({ ...this.#job(id), state: 'running' })
      await writeRows(readRows(spool.read(), kind), {
        database: this.#context.use('database'),
        kind,
        existing: this.#job(id).existing,
        signal: abort.signal,
        onBatch: (progress) => this.#advance(id, progress),
      })
      await this.#end(id, spool, 'done')
    } catch (error) {
      await this.#end(id, spool, ...this.#stateAfter(error, abort.signal))
    }
  }

  async #advance(id: string, { added, updated, failures, phones }: Progress): Promise<void> {
    const job = this.#job(id)
    for (const name of phones ?? []) this.#open.get(id)?.phones?.add(name)
    const counts = {
      done: job.done + added + updated + failures.length,
      added: job.added + added,
      updated: job.updated + updated,
      failed: job.failed + failures.length,
    }
    const after = { ...job, ...counts }
    this.#jobs.set(id, after)
    if (failures.length > 0) await this.#files.addFailures(id, failures)
    if (performance.now() - this.#notedAt < noteMs) return
    this.#notedAt = performance.now()
    await this.#files.save(after)
  }

  #stateAfter(error: unknown, { aborted, reason }: AbortSignal): [JobState, string] {
    if (aborted) return ['interrupted', String(reason)]
    this.#context.log.error({ err: error }, 'a bulk job could not go on')
    return ['failed', 'The rest of the file could not be written; the log of this cluster says why.']
  }

  async #end(id: string, spool: Spool, state: JobState, detail?: string): Promise<void> {
    const job = this.#job(id)
    // Once for all: phones that register while their rows are being written would slow both down.
    if (job.added + job.updated > 0) this.#announce(this.#open.get(id)?.phones)
    await spool.remove()
    await this.#change({ ...job, state, endedAt: this.#now(), ...(detail !== undefined && { detail }) })
    this.#open.delete(id)
    const over = this.list().filter((one) => !this.#open.has(one.id))
    for (const old of over.slice(0, Math.max(0, over.length - mostKept))) await this.remove(old.id)
  }

  #announce(phones: ReadonlySet<string> | undefined): void {
    this.#context.find('callmanager')?.configurationChanged(phones && [...phones])
  }

  /** Told when it is kept; a disk that is full must not stop the rest. */
  async #change(job: Job): Promise<void> {
    await this.#files.save(job).catch((error: unknown) => {
      this.#context.log.error({ err: error }, 'what became of a bulk job could not be kept')
    })
    this.#jobs.set(job.id, job)
  }

  #job(id: string): Job {
    const job = this.#jobs.get(id)
    if (job === undefined) throw new Error(`there is no job ${id}`)
    return job
  }

  #now(): string {
    return new Date(this.#context.clock.now()).toISOString()
  }
}

async function interruptedNow(files: JobFiles, { clock }: ServiceContext): Promise<readonly Job[]> {
  const endedAt = new Date(clock.now()).toISOString()
  const detail = 'The cluster was stopped meanwhile; send the file again with existing=update.'
  const jobs = (await files.load()).map((job): Job => {
    const isOver = job.state !== 'waiting' && job.state !== 'running'
    return isOver ? job : { ...job, state: 'interrupted', endedAt, detail }
  })
  for (const job of jobs) await files.save(job)
  return jobs
}

function busy(): Problem {
  const detail = `${mostWaiting} files wait already; send this one when one of them is done.`
  return new Problem({ status: 503, title: 'Busy', detail })
}
