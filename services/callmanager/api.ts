/** Q.850 causes that this system uses; the numbers are ITU-T's, which situation carries which is in docs/fidelity.md. */
export const Cause = {
  unallocated: 1,
  normalClearing: 16,
  busy: 17,
  noAnswer: 19,
  subscriberAbsent: 20,
  rejected: 21,
  destinationOutOfOrder: 27,
  networkOutOfOrder: 38,
  temporaryFailure: 41,
  recoveryOnTimerExpiry: 102,
} as const
export type Cause = (typeof Cause)[keyof typeof Cause]

/** One step of a call's way, in order; `at` is ISO 8601. */
export interface Hop {
  readonly cluster: string
  /** e.g. `dialled 1000001`, `routed to cluster2 (ILS, learned)`, `ringing SEP000000020003`, `connected`. */
  readonly action: string
  readonly at: string
}

export interface CallParty {
  readonly cluster: string
  readonly deviceName?: string
  readonly userId?: string
  readonly dn: string
  /** Display (Caller ID) of the line; absent where it is empty. */
  readonly name?: string
  /** What the other party's phone shows, once connected and where that phone is of this cluster; `Private` where it may not be shown. */
  readonly display?: string
}

/** Calling or connected line ID presentation. */
export const Presentation = { allowed: 'allowed', restricted: 'restricted' } as const
export type Presentation = (typeof Presentation)[keyof typeof Presentation]

export interface Call {
  readonly id: string
  /** `ringing` is seen only while the call is being set up; the answer to its creation says `connected` or `failed`. */
  readonly state: 'ringing' | 'connected' | 'failed' | 'ended'
  /** Q.850; absent while ringing or connected. */
  readonly cause?: Cause
  /** The cause in words. */
  readonly causeText?: string
  readonly from: CallParty
  /** `dn` is what was dialled, normalised, or what the call was diverted to; the rest is there as far as the call got. */
  readonly to: Partial<CallParty> & { readonly dn: string }
  /** Numbers that diverted the call (Call Forward All, Assistant), the dialled one first; absent when none did. */
  readonly divertedBy?: readonly string[]
  /** Calling Line ID Presentation; absent = allowed. */
  readonly presentation?: Presentation
  /** Connected Line ID Presentation; absent = allowed. */
  readonly connectedPresentation?: Presentation
  /** Phones of this cluster that hold the call; absent when none does. */
  readonly heldBy?: readonly string[]
  /** An intercom call: answered by itself, heard one way until the called side joins in. */
  readonly intercom?: true
  readonly hops: readonly Hop[]
  readonly startedAt: string
  readonly endedAt?: string
}

export type RegistrationState = 'registered' | 'unregistered' | 'restarting'

/** A restart reads the configuration again; a reset is a full reboot, for what a restart cannot take over. */
export type RestartAction = 'restart' | 'reset'

export interface Registration {
  readonly deviceName: string
  readonly state: RegistrationState
  /** CISCO-CCM-MIB unregister reason of the last unregistration, e.g. 19 emLoginLogout. */
  readonly reason?: number
  readonly since: string
  /** The lines that the phone registered, in button order, as stored DNs. */
  readonly lines: readonly string[]
  /** From which it speaks: its own address, else the loopback of its IP addressing mode. */
  readonly ipAddress?: string
  /** How it came back the last time; absent while it has not been told to. */
  readonly lastRestart?: RestartAction
  /** Of the configuration with which it registered last. */
  readonly versionStamp?: string
}

export interface CallManager {
  /** Tells the phone to restart: it unregisters (reason 19 for EM), reads its configuration again and registers. Call after commit. */
  restartDevice(deviceName: string, reason: number): void
  /**
   * Tells digit analysis that numbers, patterns, partitions or lines changed on disk, and phones that these of them, or without
   * names any of them, may have changed: they register, leave or restart within moments. Call after commit.
   */
  configurationChanged(deviceNames?: readonly string[]): void
  registration(deviceName: string): Registration | undefined
  registrations(): readonly Registration[]
}
