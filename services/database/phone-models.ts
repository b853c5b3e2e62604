// What this system knows of phone models. The table is ours: no document that we read lists them. A model that is not in it counts as a
// physical phone, so that nobody's phone is refused because we forgot it.

/** Features that the phone feature list tells of, spelled as it shows them, in its order. */
export const phoneFeatures = [
  'Extension Mobility',
  'Extension Mobility Cross Cluster',
  'BLF Speed Dial',
  'Do Not Disturb',
  'Intercom',
  'Prime Line',
  'IPv6',
  'Call Back',
  'Expansion Modules',
  'Secure Tone',
] as const
export type PhoneFeature = (typeof phoneFeatures)[number]

/** One line of the table. */
export interface PhoneModel {
  /** As in `device.model`, e.g. `Cisco 8845`. */
  readonly model: string
  /** A desk phone, not a program. Extension Mobility needs one (Feature Configuration Guide, restrictions, IP Phones). */
  readonly physical: boolean
  readonly protocols: readonly ('SIP' | 'SCCP')[]
  readonly features: readonly PhoneFeature[]
}

const sip = ['SIP'] as const
const both = ['SCCP', 'SIP'] as const

const atEveryDesk = [
  'Extension Mobility',
  'Extension Mobility Cross Cluster',
  'Do Not Disturb',
  'Prime Line',
  'Call Back',
] as const
const withButtons = [...atEveryDesk, 'BLF Speed Dial', 'Intercom'] as const
const inProgram = ['BLF Speed Dial', 'Do Not Disturb'] as const

type Line = Omit<PhoneModel, 'model' | 'physical'>

/** Features are told in the order of `phoneFeatures`, however a line below puts them together. */
const desk = (numbers: string, { protocols, features }: Line): readonly PhoneModel[] =>
  numbers
    .split(' ')
    .map((number) => ({ model: `Cisco ${number}`, physical: true, protocols, features: inOrder(features) }))
const program = (model: string, features: readonly PhoneFeature[] = inProgram): PhoneModel => ({
  model,
  physical: false,
  protocols: sip,
  features: inOrder(features),
})

function inOrder(features: readonly PhoneFeature[]): readonly PhoneFeature[] {
  return phoneFeatures.filter((feature) => features.includes(feature))
}

/** In the order in which a report lists them. */
export const phoneModels: readonly PhoneModel[] = [
  ...desk('7811', { protocols: sip, features: [...atEveryDesk, 'IPv6'] }),
  ...desk('7821 7841 7861', { protocols: sip, features: [...withButtons, 'IPv6'] }),
  ...desk('7940', { protocols: both, features: ['Extension Mobility', 'Do Not Disturb', 'Prime Line', 'Call Back'] }),
  ...desk('7942 7945', { protocols: both, features: [...withButtons, 'IPv6', 'Secure Tone'] }),
  ...desk('7960', {
    protocols: both,
    features: ['Extension Mobility', 'Do Not Disturb', 'Prime Line', 'Call Back', 'Expansion Modules'],
  }),
  ...desk('7962 7965 7975', {
    protocols: both,
    features: [...withButtons, 'IPv6', 'Expansion Modules', 'Secure Tone'],
  }),
  ...desk('8811 8841 8845', { protocols: sip, features: [...withButtons, 'IPv6', 'Secure Tone'] }),
  ...desk('8851 8861 8865', { protocols: sip, features: [...withButtons, 'IPv6', 'Expansion Modules', 'Secure Tone'] }),
  ...desk('8941 8945', { protocols: both, features: [...withButtons, 'Secure Tone'] }),
  ...desk('8961 9951 9971', { protocols: sip, features: [...withButtons, 'Expansion Modules', 'Secure Tone'] }),
  program('Cisco IP Communicator'),
  program('Cisco Unified Client Services Framework'),
  program('Cisco Unified Personal Communicator'),
  program('Cisco Dual Mode for Android', ['Do Not Disturb']),
  program('Cisco Dual Mode for iPhone', ['Do Not Disturb']),
  program('Cisco Jabber for Tablet', ['Do Not Disturb']),
  program('Third-party SIP Device (Basic)', []),
  program('Third-party SIP Device (Advanced)', []),
]

const byName = new Map(phoneModels.map((one) => [one.model.toLowerCase(), one]))

/** The line of this model, without regard to case; undefined for one that the table does not know. */
export function findPhoneModel(model: string): PhoneModel | undefined {
  return byName.get(model.toLowerCase())
}

/** Whether users can log in there as to a phone on a desk. Unknown models count as physical. */
export function isPhysicalPhone(model: string): boolean {
  return findPhoneModel(model)?.physical ?? true
}
