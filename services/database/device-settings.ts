// What can be set on a phone, on a user device profile and on a default device profile alike (Feature Configuration Guide,
// "Device Profile Fields for EMCC", which is the table of every device profile). One catalogue: the tables, the JSON door, the
// seed and the phone's configuration file read it.

const inherited = ['Default', 'Off', 'On'] as const

/** Settings with a fixed choice of values; the first one is the default. */
export const deviceSettingChoices = {
  /** Device Protocol */
  protocol: ['SIP', 'SCCP'],
  privacy: inherited,
  singleButtonBarge: ['Default', 'Off', 'Barge'],
  joinAcrossLines: inherited,
  alwaysUsePrimeLine: inherited,
  alwaysUsePrimeLineForVoiceMessage: inherited,
  dndOption: ['Use Common Phone Profile Setting', 'Call Reject', 'Ringer Off'],
  dndIncomingCallAlert: ['None', 'Disable', 'Beep Only', 'Flash Only'],
  mlppIndication: inherited,
  mlppPreemption: ['Default', 'Disabled', 'Forceful'],
} as const

type Choices = {
  readonly [Name in keyof typeof deviceSettingChoices]: (typeof deviceSettingChoices)[Name][number]
}

/** Empty text is the vendor's `<None>`. */
export interface DeviceSettings extends Choices {
  readonly userHoldMohAudioSource: string
  /** e.g. `French_France`; empty: the device pool's, which here is `English_United_States`. */
  readonly userLocale: string
  readonly phoneButtonTemplate: string
  readonly softkeyTemplate: string
  /** Ignore Presentation Indicators (internal calls only) */
  readonly ignorePresentationIndicators: boolean
  /** Do Not Disturb is on. */
  readonly doNotDisturb: boolean
  /** Extension Mobility Cross Cluster CSS, by name. */
  readonly emccCallingSearchSpace: string
  /** Expansion modules, two at most, in order. */
  readonly modules: readonly string[]
  readonly mlppDomain: string
}

/** Of what does not say otherwise. */
export const deviceSettingDefaults: DeviceSettings = Object.freeze({
  protocol: 'SIP',
  privacy: 'Default',
  singleButtonBarge: 'Default',
  joinAcrossLines: 'Default',
  alwaysUsePrimeLine: 'Default',
  alwaysUsePrimeLineForVoiceMessage: 'Default',
  dndOption: 'Use Common Phone Profile Setting',
  dndIncomingCallAlert: 'None',
  mlppIndication: 'Default',
  mlppPreemption: 'Default',
  userHoldMohAudioSource: '',
  userLocale: '',
  phoneButtonTemplate: '',
  softkeyTemplate: '',
  ignorePresentationIndicators: false,
  doNotDisturb: false,
  emccCallingSearchSpace: '',
  modules: Object.freeze([]),
  mlppDomain: '',
})

/** A speed dial button; `index` counts speed dials from 1. */
export interface SpeedDial {
  readonly index: number
  readonly number: string
  readonly label: string
}

/** A BLF/SpeedDial button: dials, and shows whether that number is in use. */
export interface BlfSpeedDial extends SpeedDial {}

/** An intercom line; it is presented on its default device alone. */
export interface IntercomLine {
  readonly dn: string
  readonly partition: string
  readonly label: string
  /** Intercom target: who is called by pressing the button. */
  readonly target: string
  /** Name of a phone; empty = unset, then the line is presented nowhere. */
  readonly defaultDevice: string
}

/** Buttons beside the lines. */
export interface DeviceButtons {
  readonly speedDials: readonly SpeedDial[]
  readonly blfSpeedDials: readonly BlfSpeedDial[]
  readonly intercomLines: readonly IntercomLine[]
}

/** What phones and device profiles have in common beside name, model, lines and services. */
export interface DeviceCommon extends DeviceSettings, DeviceButtons {}

/** The settings alone of something that has more than them. Name by name, because every login and logout comes through here. */
export function settingsIn(source: DeviceSettings): DeviceSettings {
  return {
    protocol: source.protocol,
    privacy: source.privacy,
    singleButtonBarge: source.singleButtonBarge,
    joinAcrossLines: source.joinAcrossLines,
    alwaysUsePrimeLine: source.alwaysUsePrimeLine,
    alwaysUsePrimeLineForVoiceMessage: source.alwaysUsePrimeLineForVoiceMessage,
    dndOption: source.dndOption,
    dndIncomingCallAlert: source.dndIncomingCallAlert,
    mlppIndication: source.mlppIndication,
    mlppPreemption: source.mlppPreemption,
    userHoldMohAudioSource: source.userHoldMohAudioSource,
    userLocale: source.userLocale,
    phoneButtonTemplate: source.phoneButtonTemplate,
    softkeyTemplate: source.softkeyTemplate,
    ignorePresentationIndicators: source.ignorePresentationIndicators,
    doNotDisturb: source.doNotDisturb,
    emccCallingSearchSpace: source.emccCallingSearchSpace,
    modules: source.modules,
    mlppDomain: source.mlppDomain,
  }
}
