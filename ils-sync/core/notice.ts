// What the core tells its host. Plain data: the host makes events, alarms, metrics and log lines of it.
import type { OpenFailure } from './envelope.ts'
import type { IlsRecord } from './record.ts'

/** Why a message was turned away. Nothing it said was applied. */
export type RefusalReason =
  | OpenFailure
  /** Another network's name inside. */
  | 'network'
  /** Signed for somebody else. */
  | 'misaddressed'
  /** The topology gives us no link to this sender. */
  | 'stranger'
  /** A session that we do not know: one of the two has restarted since. */
  | 'session'
  /** A counter that was used already: a copy, or overtaken on the way. */
  | 'replay'

export const AlarmName = {
  hubUnreachable: 'ILSHubClusterUnreachable',
  passwordAuthenticationFailed: 'ILSPwdAuthenticationFailed',
} as const
export type AlarmName = (typeof AlarmName)[keyof typeof AlarmName]

/** Names and texts as RTMT shows them. */
export const alarmTexts: Readonly<Record<AlarmName, string>> = {
  ILSHubClusterUnreachable: 'A connection to the remote ILS server could not be established',
  ILSPwdAuthenticationFailed: 'Password Authentication Failure with ILS at remote cluster',
}

export interface Alarm {
  readonly name: AlarmName
  readonly severity: 'Alert'
  readonly text: string
  readonly peer: string
}

/** State of a direct link in words, `Up to Date` as the vendor's page has it. */
export const PeerStatus = {
  never: 'Never contacted',
  synchronizing: 'Synchronizing',
  upToDate: 'Up to Date',
  unreachable: 'Unreachable',
} as const
export type PeerStatus = (typeof PeerStatus)[keyof typeof PeerStatus]

export type Notice =
  /** Records are visible now; own ones are on disk. `removed` have no successor: their origin started a new epoch without them. */
  | {
      readonly type: 'applied'
      readonly origin: string
      readonly records: readonly IlsRecord[]
      readonly removed: readonly IlsRecord[]
    }
  | { readonly type: 'peer'; readonly peer: string; readonly role: 'hub' | 'spoke'; readonly status: PeerStatus }
  | { readonly type: 'alarm'; readonly alarm: Alarm }
  | { readonly type: 'refused'; readonly reason: RefusalReason; readonly claimed?: string }
  /** The store lost a write: what is visible is again what is on disk, and not what earlier notices said. */
  | { readonly type: 'reloaded' }
  /** First complete pull from this peer since the start. */
  | { readonly type: 'pulled'; readonly peer: string }
  /** A peer proved that this node's own store lost data: its records go out again under a new epoch. */
  | { readonly type: 'lostData'; readonly peer: string; readonly epoch: number }
