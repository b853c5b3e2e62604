// What a lab file may say of phones, device profiles and default device profiles. The settings and their choices are the cluster's
// own catalogue, so that a lab file, the database and the JSON door never differ in them.
import { Type } from 'typebox'
import type { TLiteral, TOptional, TProperties, TUnion } from 'typebox'
import { deviceSettingChoices } from '../../services/database/device-settings.ts'

/** Text that has to say something; `description` is what a complaint asks for. */
export const text = (description: string) => Type.String({ minLength: 1, maxLength: 255, description })
/** A map of these keys and no others. */
export const object = <Properties extends TProperties>(properties: Properties) =>
  Type.Object(properties, { additionalProperties: false })
/** A list of such maps, which may be left out. */
export const list = <Properties extends TProperties>(properties: Properties) =>
  Type.Optional(Type.Array(object(properties)))
export const optionalText = Type.Optional(Type.String({ maxLength: 255 }))
export const names = Type.Optional(Type.Array(text('a name')))
export const flag = Type.Optional(Type.Boolean())

/** One of these words. */
export const choice = <const Words extends readonly string[]>(words: Words) =>
  Type.Optional(Type.Union(words.map((word) => Type.Literal(word)))) as TOptional<
    TUnion<{ -readonly [Place in keyof Words]: TLiteral<Words[Place]> }>
  >

const choices = deviceSettingChoices
const button = Type.Optional(Type.Integer({ minimum: 1, maximum: 200 }))

/** Settings of a device, of a profile, and of the default profile of a model. */
const settings = {
  protocol: choice(choices.protocol),
  privacy: choice(choices.privacy),
  singleButtonBarge: choice(choices.singleButtonBarge),
  joinAcrossLines: choice(choices.joinAcrossLines),
  alwaysUsePrimeLine: choice(choices.alwaysUsePrimeLine),
  alwaysUsePrimeLineForVoiceMessage: choice(choices.alwaysUsePrimeLineForVoiceMessage),
  dndOption: choice(choices.dndOption),
  dndIncomingCallAlert: choice(choices.dndIncomingCallAlert),
  mlppIndication: choice(choices.mlppIndication),
  mlppPreemption: choice(choices.mlppPreemption),
  userHoldMohAudioSource: optionalText,
  userLocale: optionalText,
  phoneButtonTemplate: optionalText,
  softkeyTemplate: optionalText,
  ignorePresentationIndicators: flag,
  doNotDisturb: flag,
  emccCallingSearchSpace: optionalText,
  modules: Type.Optional(Type.Array(text('an expansion module'), { maxItems: 2, description: 'at most two modules' })),
  mlppDomain: optionalText,
}

const line = {
  dn: text('a directory number, e.g. 1000-001'),
  index: button,
  partition: optionalText,
  label: optionalText,
  display: optionalText,
  callingSearchSpace: optionalText,
  busyTrigger: button,
  maxCalls: button,
  forwardAll: Type.Optional(text('a directory number')),
  forwardAllCallingSearchSpace: optionalText,
}

const speedDial = { index: button, number: text('a directory number'), label: optionalText }

const buttons = {
  lines: list(line),
  speedDials: list(speedDial),
  blfSpeedDials: list(speedDial),
  intercomLines: list({
    dn: text('a directory number'),
    partition: optionalText,
    label: optionalText,
    target: Type.Optional(text('a directory number')),
    defaultDevice: optionalText,
  }),
}

/** What a phone may say beside its name and its buttons; under `phoneDefaults` it counts for every phone of the lab. */
export const phoneProperties = {
  description: optionalText,
  model: optionalText,
  extensionMobility: flag,
  callingSearchSpace: optionalText,
  aarCallingSearchSpace: optionalText,
  devicePool: optionalText,
  phoneServices: names,
  answerMode: choice(['immediately', 'never', 'reject']),
  addressingMode: choice(['IPv4 Only', 'IPv6 Only', 'IPv4 and IPv6']),
  securityMode: choice(['Non Secure', 'Authenticated', 'Encrypted']),
  protectedDevice: flag,
  ...settings,
}

export const phone = {
  name: Type.String({ pattern: '^[A-Za-z0-9._-]{1,128}$', description: 'letters, digits, dot, hyphen and underscore' }),
  ...phoneProperties,
  owner: optionalText,
  loggedIn: optionalText,
  logoutProfile: optionalText,
  ipAddress: Type.Optional(Type.String({ maxLength: 45 })),
  ...buttons,
}

export const deviceProfile = {
  name: text('a name'),
  description: optionalText,
  model: optionalText,
  callingSearchSpace: optionalText,
  phoneServices: names,
  loginUserId: optionalText,
  ...settings,
  ...buttons,
}

export const defaultDeviceProfile = { model: text('a model'), phoneServices: names, ...settings }
