import { CredentialHasherBusy } from '../database/credential-hasher.ts'
import { DatabaseError, sqliteCode } from '../database/errors.ts'
import type { Logger } from '../service.ts'
import type { EmMetrics } from './metrics.ts'
import { EmRefusal } from './refusals.ts'
import type { Operation } from './refusals.ts'

/** Every login and logout passes here: they are counted, and stop waits for those under way. */
export interface Requests {
  /** Trouble with the database becomes the vendor's error 6, too much to do its error 26; the rest is passed on as it is. */
  run<T>(operation: Operation, work: () => Promise<T>): Promise<T>
  /** Resolves when no request is under way. */
  settled(): Promise<void>
}

/** Counts on `metrics`; what a caller is not told goes to `log`. */
export function createRequests(metrics: EmMetrics, log: Logger): Requests {
  const running = new Set<Promise<unknown>>()

  async function carryOut<T>(operation: Operation, work: () => Promise<T>): Promise<T> {
    metrics.requestsInProgress.inc()
    try {
      return await work()
    } catch (error) {
      if (error instanceof CredentialHasherBusy) throw busy(operation, error)
      if (!isDatabaseTrouble(error)) throw error
      log.error({ err: error }, `${operation} failed in the database`)
      throw new EmRefusal(6, operation, 'The database could not carry it out.', { cause: error })
    } finally {
      metrics.requestsInProgress.dec()
      metrics.requestsHandled.inc()
    }
  }

  return {
    async run(operation, work) {
      const result = carryOut(operation, work)
      running.add(result)
      try {
        return await result
      } finally {
        running.delete(result)
      }
    },
    async settled() {
      await Promise.allSettled(running)
    },
  }
}

function busy(operation: Operation, cause: Error): EmRefusal {
  return new EmRefusal(26, operation, 'Too many logins wait for their PIN to be verified: try again.', { cause })
}

/** Services/database's errors and SQLite's own; a bug in the rules is neither and stays a bug. */
function isDatabaseTrouble(error: unknown): boolean {
  return error instanceof DatabaseError || sqliteCode(error) !== undefined
}
