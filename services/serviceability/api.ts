// Everything that happens in a cluster is one event: the SSE door, `roamline trace` and the tests read them.

/** `at` is ISO 8601; further members are facts of the event, never credentials. */
export interface ClusterEvent {
  readonly type: EventType
  readonly at: string
  readonly cluster: string
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
  /** Returns the function that unsubscribes. */
  subscribe(listener: (event: ClusterEvent) => void): () => void
}
