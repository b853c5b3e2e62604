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
  /** Facts: deviceName, reason, action (`restart` or `reset`), and for a reset `changed`: userLocale, modules. */
  phoneRestarting: 'phoneRestarting',
  /** Facts: deviceName, lines, userLocale if the phone has one, and `changed`: what its configuration has that the one before had not. */
  phoneRegistered: 'phoneRegistered',
  phoneUnregistered: 'phoneUnregistered',
  callStarted: 'callStarted',
  callConnected: 'callConnected',
  callEnded: 'callEnded',
  ilsPeer: 'ilsPeer',
  ilsLocation: 'ilsLocation',
  ilsRefused: 'ilsRefused',
  /** Facts: kind, pattern, used (the cluster that was learned first), duplicate (the one that advertises the same). */
  ilsDuplicate: 'ilsDuplicate',
  /** Facts: reached, maximum, objects. ILS Max Number of Learned Objects in Database was reached, or there is room for all again. */
  ilsLearnedLimit: 'ilsLearnedLimit',
  alarm: 'alarm',
  /** Facts: userId. A PIN was changed by its user or an administrator. */
  pinChanged: 'pinChanged',
  /** Facts: userId. Too many wrong PINs. */
  credentialLocked: 'credentialLocked',
  /** Facts: deviceName. The call logs of a phone were cleared (manual login or logout). */
  callLogsCleared: 'callLogsCleared',
  /** Facts: deviceName, userId, dn. An active call back service was cancelled by a logout. */
  callBackCancelled: 'callBackCancelled',
  /** Facts: deviceName, userId (empty = nobody), dn. The number of an active call back service is free now. */
  callBackAvailable: 'callBackAvailable',
  /** Facts: id, deviceName. A phone put a call on hold, or took it back. */
  callHeld: 'callHeld',
  callResumed: 'callResumed',
  /** Facts: id, deviceName. A phone was reminded of a call that it holds (Hold Reversion). */
  holdReversion: 'holdReversion',
  /** Facts: service, name, value. A service parameter was set, by somebody or as the documented consequence of another. */
  parameterChanged: 'parameterChanged',
  serviceActivated: 'serviceActivated',
  serviceDeactivated: 'serviceDeactivated',
} as const
export type EventType = (typeof EventType)[keyof typeof EventType]

/** What an event says beside its stamps. */
export type EventFacts = Readonly<Record<string, unknown>>

/** What happens in a cluster, told to whoever in it listens. */
export interface EventBus {
  /**
   * Stamps and delivers; a listener that throws is logged and never disturbs the publisher. Facts that cost something to find are given
   * as a function, which is called only where somebody listens.
   */
  publish(type: EventType, facts?: EventFacts | (() => EventFacts)): void
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

/** Service Activation and Control Center: sees and steers the services of this cluster. Services are named by folder name or title, without regard to case. */
export interface ServiceControl {
  list(): readonly ServiceStatus[]
  /**
   * Resolves when the service runs or is stopped and, for a feature service, the decision is on disk; a network service that was
   * stopped runs again after a restart. Changes wait for one another. Rejects with a Problem: 404 unknown service, 409 for what may not
   * be (stopping a network service that always runs, a dependency missing, not a publisher), 500 for a failed start.
   */
  setActive(nameOrTitle: string, active: boolean): Promise<ServiceStatus>
}

/** Cisco CallManager Serviceability: Service Activation, and the stream of events. */
export interface Serviceability extends ServiceControl {
  /** Sends the cluster's events over a response whose headers are not sent yet; false when there are too many readers already. */
  stream(response: ServerResponse): boolean
}
