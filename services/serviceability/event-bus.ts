import type { Clock, Logger } from '../service.ts'
import { EventType } from './api.ts'
import type { ClusterEvent, EventBus } from './api.ts'

/** What the bus stamps events with. */
export interface EventBusOptions {
  /** The Cluster ID. */
  readonly cluster: string
  readonly clock: Clock
  readonly log: Logger
}

/** The cluster's event bus: delivers in the publisher's turn, in order of subscription, and keeps nothing. */
export function createEventBus({ cluster, clock, log }: EventBusOptions): EventBus {
  const listeners = new Map<EventType, Set<(event: ClusterEvent) => void>>()

  function deliver(event: ClusterEvent, to: ReadonlySet<(event: ClusterEvent) => void>): void {
    for (const listener of to) {
      try {
        listener(event)
      } catch (error) {
        log.error({ err: error, event: event.type }, 'a listener of the event bus failed')
      }
    }
  }

  return {
    publish(type: EventType, facts) {
      // Of most types nobody is told most of the time: then an event must cost nothing.
      const interested = listeners.get(type)
      if (!interested || interested.size === 0) return
      const said = typeof facts === 'function' ? facts() : facts
      // The stamp comes last, so that no fact can pose as one.
      deliver(
        Object.freeze({ ...said, type, at: new Date(clock.now()).toISOString(), cluster, monotonicMs: monotonicMs() }),
        interested,
      )
    },
    subscribe(listener, types = Object.values(EventType)) {
      // Wrapped: a function that subscribes twice is called twice and unsubscribed one by one.
      const entry = (event: ClusterEvent): void => listener(event)
      for (const type of types) listeners.set(type, (listeners.get(type) ?? new Set()).add(entry))
      return () => {
        for (const type of types) listeners.get(type)?.delete(entry)
      }
    },
  }
}

/** `performance.now()` counts from the start of each process, hrtime from one point for the whole machine. */
function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
