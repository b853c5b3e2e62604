// When runs happen: one at a time, and again by itself as soon as a cluster that missed one answers.
import type { Clock, Logger } from '../service.ts'
import { Problem } from '../problem.ts'
import type { ClusterClient } from './cluster-client.ts'
import { Trigger } from './report.ts'
import type { SyncReport } from './report.ts'
import { runSync } from './run.ts'
import type { Store } from './store.ts'

export interface Synchronizer {
  /**
   * Resolves with the finished, stored report. Runs never overlap: asked during a run, it starts the next one after it, which
   * everybody who asks meanwhile shares (the running one may already have read what the caller just changed).
   */
  run(trigger: Trigger): Promise<SyncReport>
  running(): boolean
  /** Idempotent. What is under way ends without a report. */
  stop(): Promise<void>
}

export interface SynchronizerOptions {
  readonly clients: readonly ClusterClient[]
  readonly store: Store
  readonly clock: Clock
  readonly log: Logger
  readonly concurrency: number
  /** First and longest pause before clusters that missed a run are asked again, in milliseconds; doubles in between. */
  readonly retryMs: number
  readonly retryAtMostMs: number
}

/** Starts nothing by itself. */
export function createSynchronizer(options: SynchronizerOptions): Synchronizer {
  const { clients, log } = options
  let current: Promise<SyncReport> | undefined
  let next: Promise<SyncReport> | undefined
  let stopped = false

  const retry = createRetry(
    options,
    () => void run(Trigger.retry).catch((error: unknown) => log.error(error, 'run failed')),
  )

  async function perform(trigger: Trigger): Promise<SyncReport> {
    if (stopped) throw stopping()
    retry.cancel()
    const startedAt = options.clock.now()
    const { homes, incomplete, ...found } = await runSync(clients, options.store.homes(), options.concurrency)
    if (stopped) throw stopping()
    const times = { startedAt: isoTime(startedAt), finishedAt: isoTime(options.clock.now()) }
    const report = options.store.addRun({ trigger, ...times, ...found }, homes)
    log.info({ run: report.id, trigger, clusters: report.clusters, counts: report.counts }, 'superusers synchronized')
    retry.after(incomplete)
    return report
  }

  function start(trigger: Trigger): Promise<SyncReport> {
    current = perform(trigger).finally(() => {
      current = undefined
    })
    return current
  }

  function run(trigger: Trigger): Promise<SyncReport> {
    if (current === undefined) return start(trigger)
    next ??= current.then(
      () => startNext(trigger),
      () => startNext(trigger),
    )
    return next
  }

  function startNext(trigger: Trigger): Promise<SyncReport> {
    next = undefined
    return start(trigger)
  }

  return {
    run,
    running: () => current !== undefined,
    async stop() {
      stopped = true
      retry.cancel()
      await Promise.all(clients.map((client) => client.close()))
      await Promise.allSettled([current, next])
    },
  }
}

interface Retry {
  /** Called when a run has ended; with clusters that have to be asked again, or none. */
  after(incomplete: readonly string[]): void
  cancel(): void
}

/** Reads the clusters that missed a run again, ever more rarely; the first that answers brings a new run. A failed look is no run. */
function createRetry({ clients, retryMs, retryAtMostMs }: SynchronizerOptions, again: () => void): Retry {
  let waitingFor = ''
  let delay = retryMs
  let timer: NodeJS.Timeout | undefined
  /** Tells a look that was overtaken by a run to keep quiet. */
  let round = 0

  function schedule(missed: readonly ClusterClient[]): void {
    timer = setTimeout(() => void look(missed, round), delay).unref()
    delay = Math.min(delay * 2, retryAtMostMs)
  }

  async function look(missed: readonly ClusterClient[], mine: number): Promise<void> {
    const answered = await Promise.all(missed.map((client) => client.superusers().then(Boolean, () => false)))
    if (mine !== round) return
    if (answered.includes(true)) again()
    else schedule(missed)
  }

  function cancel(): void {
    clearTimeout(timer)
    round++
  }

  return {
    cancel,
    after(incomplete) {
      cancel()
      if (incomplete.join() !== waitingFor) delay = retryMs
      waitingFor = incomplete.join()
      if (incomplete.length > 0) schedule(clients.filter((client) => incomplete.includes(client.name)))
    },
  }
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString()
}

function stopping(): Problem {
  return new Problem({ status: 503, title: 'Stopping', detail: 'The Super User Synchronization Tool is stopping.' })
}
