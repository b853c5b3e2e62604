// The scheduled synchronisation time that the administrator configures in the tool.
import { Cron } from 'croner'
import { Problem } from '../problem.ts'
import type { Store } from './store.ts'

/** What the schedule door answers. */
export interface ScheduleState {
  /** Cron pattern; null = never by itself. */
  readonly pattern: string | null
  /** In which the pattern is read, e.g. `Europe/Berlin`. */
  readonly timeZone: string
  /** ISO 8601; null = never. */
  readonly nextRun: string | null
}

export interface Schedule {
  state(): ScheduleState
  /** Stores the pattern, then follows it. Throws `Problem` (400) for a pattern that cannot be read. */
  set(pattern: string | null): ScheduleState
  stop(): void
}

/** Throws an Error with a sentence for people when the pattern is not a cron pattern, or one that never comes. */
export function checkPattern(pattern: string): void {
  const job = new Cron(pattern, { paused: true })
  const next = job.nextRun()
  job.stop()
  if (next === null) throw new Error(`'${pattern}' never comes`)
}

/** Follows the stored pattern, or `initial` while none was stored; calls `run` at each time it names. */
export function createSchedule(store: Store, initial: string | null, run: () => void): Schedule {
  const stored = store.schedule()
  let pattern = stored === undefined ? initial : stored
  let job = follow(pattern, run)
  const state = (): ScheduleState => ({
    pattern,
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    nextRun: job?.nextRun()?.toISOString() ?? null,
  })
  return {
    state,
    set(next) {
      if (next !== null) refuseUnreadable(next)
      store.setSchedule(next)
      job?.stop()
      pattern = next
      job = follow(next, run)
      return state()
    },
    stop: () => job?.stop(),
  }
}

function follow(pattern: string | null, run: () => void): Cron | undefined {
  return pattern === null ? undefined : new Cron(pattern, { unref: true }, run)
}

function refuseUnreadable(pattern: string): void {
  try {
    checkPattern(pattern)
  } catch (error) {
    const detail = `The pattern cannot be followed: ${(error as Error).message}`
    throw new Problem({ status: 400, title: 'Invalid schedule', detail }, { cause: error })
  }
}
