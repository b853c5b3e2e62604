// Facts of the demo, and waiting for one.
import { setTimeout as sleep } from 'node:timers/promises'
import { ApiProblem, ClusterUnreachable } from '../cluster-client.ts'

/** A step did not hold; the message says what was seen instead. */
export class DemoFailure extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'DemoFailure'
  }
}

/** Throws DemoFailure with what was seen instead. */
export function fact(holds: boolean, seen: string): asserts holds {
  if (!holds) throw new DemoFailure(seen)
}

/** One look at the world. `seen` is for the message when it did not hold in time. */
export interface Look<Found> {
  readonly holds: boolean
  readonly found: Found
  readonly seen: string
}

const pollMs = 5

/** Looks until it holds; a cluster that refuses or does not answer does not hold yet. Rejects with DemoFailure after `timeoutMs`. */
export async function until<Found extends object>(
  failure: string,
  look: () => Promise<Look<Found>>,
  timeoutMs = 15_000,
): Promise<Found & { waitedMs: number }> {
  const started = performance.now()
  for (;;) {
    const { holds, found, seen } = await look().catch((error: unknown) => {
      if (!(error instanceof ApiProblem) && !(error instanceof ClusterUnreachable)) throw error
      return { holds: false, found: undefined, seen: error.message }
    })
    const waitedMs = performance.now() - started
    if (holds && found) return { ...found, waitedMs }
    if (waitedMs > timeoutMs) throw new DemoFailure(`${failure} after ${timeoutMs / 1000} s: ${seen}`)
    await sleep(pollMs)
  }
}
