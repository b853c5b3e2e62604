import type { Clock, Logger } from '../service.ts'
import type { ClusterEvent, EventBus, EventType } from './api.ts'

/** What the bus stamps events with. */
export interface EventBusOptions {
  /** The Cluster ID. */
  readonly cluster: string
  readonly clock: Clock
  readonly log: Logger
}

/** The cluster's event bus: delivers in the publisher's turn, in order of subscription, and keeps nothing. */
export function createEventBus({ cluster, clock, log }: EventBusOptions): EventBus {
  const listeners = new Set<(event: ClusterEvent) => void>()

  function deliver(event: ClusterEvent): void {
    for (const listener of listeners) {
      try {
        listener(event)
      } catch (error) {
        log.error({ err: error, event: event.type }, 'a listener of the event bus failed')
      }
    }
  }

  return {
    publish(type: EventType, facts) {
      // Most clusters have nobody watching: then an event must cost nothing.
      if (listeners.size === 0) return
      // The stamp comes last, so that no fact can pose as one.
      deliver(
        Object.freeze({ ...facts, type, at: new Date(clock.now()).toISOString(), cluster, monotonicMs: monotonicMs() }),
      )
    },
    subscribe(listener) {
      // Wrapped: a function that subscribes twice is called twice and unsubscribed one by one.
      const entry = (event: ClusterEvent): void => listener(event)
      listeners.add(entry)
      return () => void listeners.delete(entry)
    },
  }
}

/** `performance.now()` counts from the start of each process, hrtime from one point for the whole machine. */
function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
