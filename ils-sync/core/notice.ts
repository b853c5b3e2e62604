// What the core tells its host. Plain data: the host makes events, alarms, metrics and log lines of it.
import type { OpenFailure } from './wire/envelope.ts'
import type { IlsRecord } from './data/record.ts'
import type { Membership } from './state.ts'

/** Why this node's own records go out again under a new epoch. */
export type RenumberReason =
  /** A peer proved that this node's own store lost data. */
  | { readonly type: 'lostData'; readonly peer: string }
  /** So many tombstones are left behind. */
  | { readonly type: 'compacted'; readonly tombstones: number }
  /** Not all neighbours have said within a poll what they hold of this node. */
  | { readonly type: 'wentOnAlone' }

/** Why a message was turned away. Nothing it said was applied. */
export type RefusalReason =
  | OpenFailure
  /** Another network's name inside. */
  | 'network'
  /** Signed for somebody else. */
  | 'misaddressed'
  /** The topology gives us no link to this sender. */
  | 'stranger'
  /** A counter that was used already, or an answer to nothing that was asked: a copy, or overtaken on the way. */
  | 'replay'
  /** The sender does not prove with a certificate that it is who it says, or authenticates in another way. */
  | 'certificate'
  /** More handshakes than one sender, or all strangers together, may make this node look at. */
  | 'flood'
  /** Another store than the one that is a live neighbour under this ID. */
  | 'duplicate'
  /** A spoke spoke for somebody else. */
  | 'origin'
  /** More of one origin than a replica takes. */
  | 'limit'

export const AlarmName = {
  hubUnreachable: 'ILSHubClusterUnreachable',
  passwordAuthenticationFailed: 'ILSPwdAuthenticationFailed',
  tlsAuthenticationFailed: 'ILSTLSAuthenticationFailed',
  /** Ours: no document names one. */
  duplicateClusterId: 'ILSDuplicateClusterId',
} as const
export type AlarmName = (typeof AlarmName)[keyof typeof AlarmName]

/** Names and texts as RTMT shows them, the duplicate's excepted. */
export const alarmTexts: Readonly<Record<AlarmName, string>> = {
  ILSHubClusterUnreachable: 'A connection to the remote ILS server could not be established',
  ILSPwdAuthenticationFailed: 'Password Authentication Failure with ILS at remote cluster',
  ILSTLSAuthenticationFailed: 'TLS Failure to ILS at remote cluster',
  ILSDuplicateClusterId: 'Two clusters of the ILS network use the same Cluster ID',
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
  authenticationFailed: 'Authentication failed',
  duplicate: 'Duplicate Cluster ID',
  /** It is standalone now, and has said so. */
  left: 'Left',
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
  | { readonly type: 'refused'; readonly reason: RefusalReason; readonly claimed?: string; readonly detail?: string }
  /** The store lost a write: what is visible is again what is on disk, and not what earlier notices said. */
  | { readonly type: 'reloaded' }
  /** First complete pull from this peer since the start. */
  | { readonly type: 'pulled'; readonly peer: string }
  /** The wall clock of a neighbour is far from ours: told when it is first seen, and when it is well again. */
  | { readonly type: 'clock'; readonly peer: string; readonly offsetMs: number; readonly well: boolean }
  /** The node has taken another place in the network; of one that left: who has confirmed that it heard so, and who has not. */
  | {
      readonly type: 'membership'
      readonly membership: Membership
      readonly told: readonly string[]
      readonly untold: readonly string[]
    }
  /** A full synchronization is under way, or done when the numbers are equal. Told at most twice per heartbeat and link. */
  | { readonly type: 'progress'; readonly peer: string; readonly records: number; readonly of: number }
  /** This node's own records go out again under a new epoch. */
  | (RenumberReason & { readonly epoch: number })
