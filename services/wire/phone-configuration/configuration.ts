// What a phone's configuration file says, as values. Names are ours where the file's own are cryptic; serialize.ts has the file's.

/** Service Provisioning: where the phone takes its services from. */
export type ServiceProvisioning = 'internal' | 'external' | 'both'

/** The button behind which a service is found. */
export type ServiceButton = 'services' | 'directories' | 'messages'

/** A service that the phone knows without asking anybody. */
export interface ConfiguredService {
  readonly name: string
  /** `#DEVICENAME#` is filled in by the phone. */
  readonly url: string
  readonly button: ServiceButton
  readonly category: 'XML Service' | 'Java MIDlet'
  readonly vendor: string
  readonly version: string
}

/** A directory number on a button. */
export interface LineButton {
  readonly kind: 'line'
  readonly label: string
  readonly dn: string
  readonly displayName: string
  /** User part of the Contact with which the phone registers this line: a UUID. */
  readonly contact: string
  /** The number is on several devices. */
  readonly shared: boolean
  readonly maxCalls: number
  readonly busyTrigger: number
}

/** Dials a number; `index` counts the speed dials from 1. */
export interface SpeedDialButton {
  readonly kind: 'speedDial'
  readonly label: string
  readonly number: string
  readonly index: number
}

/** Dials a number and shows whether it is in use. */
export interface BlfSpeedDialButton {
  readonly kind: 'blfSpeedDial'
  readonly label: string
  readonly number: string
}

/** An intercom line and whom its button calls; empty = nobody is preset. */
export interface IntercomButton {
  readonly kind: 'intercom'
  readonly label: string
  readonly dn: string
  readonly target: string
}

export type ConfiguredButton = LineButton | SpeedDialButton | BlfSpeedDialButton | IntercomButton

/** User locale as the phone needs it. */
export interface ConfiguredLocale {
  /** e.g. `French_France` */
  readonly name: string
  /** e.g. `fr_FR`; empty for a language that nobody here knows. */
  readonly languageCode: string
  readonly characterSet: string
}

/** Expansion module. */
export interface ConfiguredModule {
  readonly type: string
  /** Line keys it brings; undefined when not known. */
  readonly lineKeys: number | undefined
}

/** Where the phone's fixed buttons lead; empty = nowhere. */
export interface ConfiguredUrls {
  readonly authentication: string
  readonly directory: string
  readonly idle: string
  readonly information: string
  readonly messages: string
  readonly services: string
}

/** DND Incoming Call Alert. */
export type DndAlert = 'Disable' | 'Beep Only' | 'Flash Only'

/** A whole file. Everything in it is public to whoever can reach the server: no member may ever hold a secret. */
export interface PhoneConfiguration {
  readonly protocol: 'SIP' | 'SCCP'
  readonly addressing: 'IPv4 Only' | 'IPv6 Only' | 'IPv4 and IPv6'
  /** Host name or address of the cluster. */
  readonly callManager: string
  readonly mlppDomain: string
  readonly mlppIndication: 'Off' | 'On'
  readonly mlppPreemption: 'Disabled' | 'Forceful'
  /** `epoch-uuid` */
  readonly versionStamp: string
  /** Header of the phone's screen, at most 12 characters. */
  readonly phoneLabel: string
  /** In order, from button 1. */
  readonly buttons: readonly ConfiguredButton[]
  /** `SK<uuid>.xml` */
  readonly softKeyFile: string
  readonly alwaysUsePrimeLine: boolean
  readonly alwaysUsePrimeLineForVoiceMessage: boolean
  readonly modules: readonly ConfiguredModule[]
  readonly userLocale: ConfiguredLocale
  readonly security: 'Non Secure' | 'Authenticated' | 'Encrypted'
  readonly urls: ConfiguredUrls
  readonly secureUrls: ConfiguredUrls
  readonly dndAlert: DndAlert
  readonly barge: boolean
  readonly joinAcrossLines: boolean
  readonly privacy: 'Default' | 'Off' | 'On'
  /** User logged in by Extension Mobility; empty = nobody. */
  readonly userId: string
  readonly ownerId: string
  readonly provisioning: ServiceProvisioning
  readonly services: readonly ConfiguredService[]
}
