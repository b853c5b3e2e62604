// What a seed may say of a phone, of a user device profile, and of a default device profile.
import { Type } from 'typebox'
import type { Static } from 'typebox'
import { AddressingMode, AnswerMode } from './api.ts'
import { deviceSettingChoices } from './device-settings.ts'
import { DialledNumber, Name, Names, strict, Text } from './seed-values.ts'

const choice = deviceSettingChoices
const settings = {
  protocol: Type.Optional(Type.Enum(choice.protocol)),
  privacy: Type.Optional(Type.Enum(choice.privacy)),
  singleButtonBarge: Type.Optional(Type.Enum(choice.singleButtonBarge)),
  joinAcrossLines: Type.Optional(Type.Enum(choice.joinAcrossLines)),
  alwaysUsePrimeLine: Type.Optional(Type.Enum(choice.alwaysUsePrimeLine)),
  alwaysUsePrimeLineForVoiceMessage: Type.Optional(Type.Enum(choice.alwaysUsePrimeLineForVoiceMessage)),
  dndOption: Type.Optional(Type.Enum(choice.dndOption)),
  dndIncomingCallAlert: Type.Optional(Type.Enum(choice.dndIncomingCallAlert)),
  mlppIndication: Type.Optional(Type.Enum(choice.mlppIndication)),
  mlppPreemption: Type.Optional(Type.Enum(choice.mlppPreemption)),
  userHoldMohAudioSource: Type.Optional(Text),
  userLocale: Type.Optional(Text),
  phoneButtonTemplate: Type.Optional(Text),
  softkeyTemplate: Type.Optional(Text),
  ignorePresentationIndicators: Type.Optional(Type.Boolean()),
  doNotDisturb: Type.Optional(Type.Boolean()),
  emccCallingSearchSpace: Type.Optional(Text),
  modules: Type.Optional(Type.Array(Name, { maxItems: 2 })),
  mlppDomain: Type.Optional(Text),
}

const SeedSpeedDial = strict({
  /** The next one, unless it says so. */
  index: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
  number: DialledNumber,
  label: Type.Optional(Text),
})

const SeedIntercomLine = strict({
  dn: DialledNumber,
  partition: Type.Optional(Text),
  label: Type.Optional(Text),
  target: Type.Optional(DialledNumber),
  defaultDevice: Type.Optional(Text),
})

const SeedLine = strict({
  index: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
  dn: DialledNumber,
  partition: Type.Optional(Text),
  label: Type.Optional(Text),
  display: Type.Optional(Text),
  callingSearchSpace: Type.Optional(Text),
  busyTrigger: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
  maxCalls: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
  forwardAll: Type.Optional(DialledNumber),
  forwardAllCallingSearchSpace: Type.Optional(Text),
})

const common = {
  name: Name,
  description: Type.Optional(Text),
  model: Type.Optional(Name),
  callingSearchSpace: Type.Optional(Text),
  phoneServices: Type.Optional(Names),
  lines: Type.Optional(Type.Array(SeedLine)),
  speedDials: Type.Optional(Type.Array(SeedSpeedDial)),
  blfSpeedDials: Type.Optional(Type.Array(SeedSpeedDial)),
  intercomLines: Type.Optional(Type.Array(SeedIntercomLine)),
  ...settings,
}

export const SeedDeviceProfile = strict({ ...common, loginUserId: Type.Optional(Name) })

export const SeedPhone = strict({
  ...common,
  aarCallingSearchSpace: Type.Optional(Text),
  devicePool: Type.Optional(Name),
  owner: Type.Optional(Name),
  extensionMobility: Type.Optional(Type.Boolean()),
  answerMode: Type.Optional(Type.Enum(AnswerMode)),
  logoutProfile: Type.Optional(Name),
  addressingMode: Type.Optional(Type.Enum(AddressingMode)),
  ipAddress: Type.Optional(Type.String({ maxLength: 45 })),
  securityMode: Type.Optional(Type.Enum(['Non Secure', 'Authenticated', 'Encrypted'])),
  protectedDevice: Type.Optional(Type.Boolean()),
  /** User ID of who is logged in at first, with the default profile or else the first. */
  loggedIn: Type.Optional(Name),
})

export const SeedDefaultDeviceProfile = strict({ model: Name, phoneServices: Type.Optional(Names), ...settings })

export type SeedLine = Static<typeof SeedLine>
export type SeedSpeedDial = Static<typeof SeedSpeedDial>
export type SeedIntercomLine = Static<typeof SeedIntercomLine>
export type SeedDeviceProfile = Static<typeof SeedDeviceProfile>
export type SeedPhone = Static<typeof SeedPhone>
