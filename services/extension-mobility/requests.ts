import { CredentialHasherBusy } from '../database/credential-hasher.ts'
import { maximumConcurrentRequests } from '../database/service-parameters.ts'
import { Problem } from '../problem.ts'
import type { Logger } from '../service.ts'
import type { EmMetrics } from './metrics.ts'
import { EmRefusal } from '../refusals.ts'
import type { Operation } from '../refusals.ts'
import { isDatabaseTrouble } from './trouble.ts'

/** How a request is counted, and whether it may be one too many (Maximum Concurrent Requests). */
export interface RequestKind {
  /** Counts as a request of its own. */
  readonly handled: boolean
  /** Is a login or logout. */
  readonly attempt: boolean
  /** Takes one of the places of Maximum Concurrent Requests. */
  readonly limited: boolean
}

/** A login or logout that came through a door. */
export const asked: RequestKind = { handled: true, attempt: true, limited: true }
/** A login or logout from inside the cluster. */
export const inside: RequestKind = { handled: true, attempt: true, limited: false }
export const query: RequestKind = { handled: true, attempt: false, limited: false }
/** A part of a login that the phone's page asks for beforehand: not a request, but it works as hard as one. */
export const step: RequestKind = { handled: false, attempt: false, limited: true }

/** Every request passes here: it is counted, may be refused because there are too many, and stop waits for it. */
export interface Requests {
  /**
   * What is not a refusal becomes one: trouble with the database the vendor's error 6, too much to do 26, and what nobody expected 0,
   * which is logged in full.
   */
  run<T>(kind: RequestKind, operation: Operation, work: () => Promise<T>): Promise<T>
  /** Resolves when no request is under way. */
  settled(): Promise<void>
}

export interface RequestsParts {
  readonly metrics: EmMetrics
  readonly log: Logger
  /** Maximum Concurrent Requests as it is now. */
  readonly limit: () => number
}

/** Counts on `metrics`; what a caller is not told goes to `log`. */
export function createRequests({ metrics, log, limit }: RequestsParts): Requests {
  const running = new Set<Promise<unknown>>()
  let limited = 0

  function translate(operation: Operation, error: unknown): unknown {
    if (error instanceof Problem) return error
    if (error instanceof CredentialHasherBusy) return busy(operation, 'Too many PINs wait to be verified.', error)
    const database = isDatabaseTrouble(error)
    log.error({ err: error }, database ? `${operation} failed in the database` : `${operation} failed unexpectedly`)
    return database
      ? new EmRefusal(6, operation, 'The database could not carry it out.', { cause: error })
      : new EmRefusal(0, operation, 'It failed for a reason that the log of this cluster tells.', { cause: error })
  }

  function busy(operation: Operation, why: string, cause?: Error): EmRefusal {
    metrics.requestsThrottled.inc()
    return new EmRefusal(26, operation, `${why} Try again.`, { cause })
  }

  function enter(operation: Operation): void {
    const most = limit()
    if (limited >= most) {
      throw busy(operation, `${most} logins and logouts are under way, which is ${maximumConcurrentRequests.name}.`)
    }
    limited++
  }

  async function carryOut<T>(kind: RequestKind, operation: Operation, work: () => Promise<T>): Promise<T> {
    if (kind.attempt) metrics.requestsAttempted.inc()
    metrics.requestsInProgress.inc()
    let entered = false
    try {
      if (kind.limited) {
        enter(operation)
        entered = true
      }
      return await work()
    } catch (error) {
      throw translate(operation, error)
    } finally {
      if (entered) limited--
      metrics.requestsInProgress.dec()
      if (kind.handled) metrics.requestsHandled.inc()
    }
  }

  return {
    async run(kind, operation, work) {
      const result = carryOut(kind, operation, work)
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
