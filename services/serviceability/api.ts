// Everything that happens in a cluster is one event: the SSE door, `roamline trace` and the tests read them.
import type { ServerResponse } from 'node:http'

/** `at` is ISO 8601; further members are facts of the event, never credentials. */
export interface ClusterEvent {
  readonly type: EventType
  readonly at: string
  readonly cluster: string
  /** The machine's monotonic clock in milliseconds: puts the events of several processes of one machine in order. */
  readonly monotonicMs: number
  readonly [fact: string]: unknown
}

export const EventType = {
  login: 'login',
  loginRefused: 'loginRefused',
  logout: 'logout',
  phoneRestarting: 'phoneRestarting',
  phoneRegistered: 'phoneRegistered',
  phoneUnregistered: 'phoneUnregistered',
  callStarted: 'callStarted',
  callConnected: 'callConnected',
  callEnded: 'callEnded',
  ilsPeer: 'ilsPeer',
  ilsLocation: 'ilsLocation',
  ilsRefused: 'ilsRefused',
  alarm: 'alarm',
  serviceActivated: 'serviceActivated',
  serviceDeactivated: 'serviceDeactivated',
} as const
export type EventType = (typeof EventType)[keyof typeof EventType]

export interface EventBus {
  /** Stamps and delivers; a listener that throws is logged and never disturbs the publisher. */
  publish(type: EventType, facts?: Readonly<Record<string, unknown>>): void
  /** With `types`, only those are delivered. Returns the function that unsubscribes. */
  subscribe(listener: (event: ClusterEvent) => void, types?: readonly EventType[]): () => void
}

/** One line of the Service Activation page. */
export interface ServiceStatus {
  /** Folder name, e.g. `extension-mobility`. */
  readonly name: string
  /** e.g. `Cisco Extension Mobility` */
  readonly title: string
  readonly kind: 'network' | 'feature'
  readonly active: boolean
  /** Titles of the services without which this one cannot run. */
  readonly dependsOn: readonly string[]
  /** One sentence: why an active service is not ready, or why an inactive one could not be started. */
  readonly waitingFor?: string
}

/** Service Activation: sees and steers the services of this cluster. Services are named by folder name or title, without regard to case. */
export interface ServiceControl {
  list(): readonly ServiceStatus[]
  /**
   * Resolves when the service runs or is stopped and the decision is on disk; changes wait for one another. Rejects with a Problem:
   * 404 unknown service, 409 for what may not be (a network service stopped, a dependency missing, not a publisher), 500 for a failed start.
   */
  setActive(nameOrTitle: string, active: boolean): Promise<ServiceStatus>
}

/** Cisco CallManager Serviceability: Service Activation, and the stream of events. */
export interface Serviceability extends ServiceControl {
  /** Sends the cluster's events over a response whose headers are not sent yet; false when there are too many readers already. */
  stream(response: ServerResponse): boolean
}
