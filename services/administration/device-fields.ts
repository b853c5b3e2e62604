// Members that phones, device profiles and default device profiles have in common (services/database/device-settings.ts).
import { Type } from 'typebox'
import type { Static, TUnsafe } from 'typebox'
import type { BlfSpeedDial, DeviceButtons, DeviceSettings, IntercomLine } from '../database/api.ts'
import { deviceSettingChoices, deviceSettingDefaults } from '../database/device-settings.ts'
import { Problem } from '../problem.ts'
import { name, readDirectoryNumber, text } from './fields.ts'

type Choice = keyof typeof deviceSettingChoices

const choiceDescriptions = {
  protocol: 'Device Protocol',
  privacy: 'Privacy',
  singleButtonBarge: 'Single Button Barge',
  joinAcrossLines: 'Join Across Lines',
  alwaysUsePrimeLine: 'Always Use Prime Line',
  alwaysUsePrimeLineForVoiceMessage: 'Always Use Prime Line for Voice Message',
  dndOption: 'DND Option',
  dndIncomingCallAlert: 'DND Incoming Call Alert',
  mlppIndication: 'MLPP Indication; Off cannot be combined with MLPP Preemption Forceful',
  mlppPreemption: 'MLPP Preemption',
} satisfies Record<Choice, string>

type ChoiceMembers = { readonly [Member in Choice]: TUnsafe<DeviceSettings[Member]> }

const choiceMembers = Object.fromEntries(
  Object.entries(deviceSettingChoices).map(([choice, values]) => {
    const description = `${choiceDescriptions[choice as Choice]}; a new record has ${values[0]}`
    return [choice, Type.Enum(values as readonly string[], { description, examples: [values[0]] })]
  }),
) as unknown as ChoiceMembers

/** Every member of `DeviceSettings`. */
export const settingMembers = {
  ...choiceMembers,
  userHoldMohAudioSource: text('User Hold MOH Audio Source; empty = <None>', ''),
  userLocale: text('User Locale; empty = the device pool’s', 'French_France'),
  phoneButtonTemplate: text('Phone Button Template; empty = the model’s standard one', ''),
  softkeyTemplate: text('Softkey Template; empty = <None>', ''),
  ignorePresentationIndicators: Type.Boolean({ description: 'Ignore Presentation Indicators (internal calls only)' }),
  doNotDisturb: Type.Boolean({ description: 'Do Not Disturb is on' }),
  emccCallingSearchSpace: text('Extension Mobility Cross Cluster CSS; empty = <None>', ''),
  modules: Type.Array(name('Expansion module', 'CP-8800-Video 28-Button Key Expansion Module'), {
    maxItems: 2,
    description: 'Module 1 and Module 2',
  }),
  mlppDomain: text('MLPP Domain; empty = <None>', ''),
} satisfies Record<keyof DeviceSettings, unknown>

const strict = { additionalProperties: false }
const index = Type.Integer({ minimum: 1, maximum: 200, description: 'Place among the buttons of its kind, from 1' })
const dialled = Type.String({ minLength: 1, maxLength: 128, description: 'Number to dial', examples: ['2000001'] })
const label = text('Text at the button', 'Alice')

const SpeedDialView = Type.Object({ index, number: dialled, label })
const SpeedDialInput = Type.Object(
  { index: Type.Optional(index), number: dialled, label: Type.Optional(label) },
  strict,
)

const intercomMembers = {
  dn: Type.String({ minLength: 1, maxLength: 128, description: 'Intercom number', examples: ['7001'] }),
  partition: text('Intercom partition; empty = <None>', ''),
  label,
  target: text('Who is called by pressing the button; empty = to be dialled', '7002'),
  defaultDevice: text(
    'The only phone on which the line is presented; when empty, the current phone is selected',
    'SEP000000010001',
  ),
}
const IntercomView = Type.Object(intercomMembers)
const IntercomInput = Type.Object({ ...Type.Partial(IntercomView).properties, dn: intercomMembers.dn }, strict)

const replaces = (what: string) => ({ maxItems: 200, description: `Replaces all ${what}` })

/** The buttons beside the lines, as they are told. */
export const buttonViews = {
  speedDials: Type.Unsafe<DeviceButtons['speedDials']>(Type.Array(SpeedDialView)),
  blfSpeedDials: Type.Unsafe<DeviceButtons['blfSpeedDials']>(Type.Array(SpeedDialView)),
  intercomLines: Type.Unsafe<DeviceButtons['intercomLines']>(Type.Array(IntercomView)),
}

/** The buttons beside the lines, as they are given. */
export const buttonInputs = {
  speedDials: Type.Optional(Type.Array(SpeedDialInput, replaces('speed dials'))),
  blfSpeedDials: Type.Optional(Type.Array(SpeedDialInput, replaces('BLF/SpeedDial buttons'))),
  intercomLines: Type.Optional(Type.Array(IntercomInput, replaces('intercom lines'))),
}

/** What a body says of buttons. */
export interface ButtonInputs {
  readonly speedDials?: readonly Static<typeof SpeedDialInput>[] | undefined
  readonly blfSpeedDials?: readonly Static<typeof SpeedDialInput>[] | undefined
  readonly intercomLines?: readonly Static<typeof IntercomInput>[] | undefined
}

/**
 * Stored form of the buttons that were given; 422 for a number that cannot be dialled and for two buttons in one place.
 * "If default device is empty at assignment, the current device is selected" (Extension Mobility interactions, Intercom).
 */
export function readButtons(given: ButtonInputs, currentDevice: string): Partial<DeviceButtons> {
  const { speedDials, blfSpeedDials, intercomLines } = given
  return {
    ...(speedDials && { speedDials: readSpeedDials(speedDials, 'speed dials') }),
    ...(blfSpeedDials && { blfSpeedDials: readSpeedDials(blfSpeedDials, 'BLF/SpeedDial buttons') }),
    ...(intercomLines && { intercomLines: intercomLines.map((line) => readIntercomLine(line, currentDevice)) }),
  }
}

function readSpeedDials(given: readonly Static<typeof SpeedDialInput>[], kind: string): readonly BlfSpeedDial[] {
  const placed = given.map((button, place) => ({
    index: button.index ?? place + 1,
    number: readDirectoryNumber(button.number),
    label: button.label ?? '',
  }))
  const taken = new Set<number>()
  for (const button of placed) {
    if (taken.has(button.index)) {
      const detail = `Two ${kind} have index ${button.index}; each place holds one.`
      throw new Problem({ status: 422, title: 'Not a possible value', detail })
    }
    taken.add(button.index)
  }
  return placed
}

function readIntercomLine(given: Static<typeof IntercomInput>, currentDevice: string): IntercomLine {
  const { dn, partition = '', target = '', defaultDevice = '' } = given
  return {
    dn: readDirectoryNumber(dn),
    partition,
    label: given.label ?? '',
    target: target && readDirectoryNumber(target),
    defaultDevice: defaultDevice || currentDevice,
  }
}

const smallSccp = /\b79[46]0\b/u
const mobile = /\b(?:dual[- ]mode|mobile)\b/iu

/**
 * Combinations that the device profile table forbids (Feature Configuration Guide, device profile fields); what is left out counts
 * as its default. Throws Problem (422) with the sentence.
 */
export function refuseForbiddenSettings(given: Partial<DeviceSettings> & { readonly model?: string }): void {
  const { model = '', protocol, dndOption, mlppIndication, mlppPreemption } = { ...deviceSettingDefaults, ...given }
  if (smallSccp.test(model) && protocol === 'SCCP' && dndOption === 'Call Reject') {
    throw forbidden(`${model} with SCCP supports only the DND Option Ringer Off.`)
  }
  if (mobile.test(model) && dndOption === 'Ringer Off') {
    throw forbidden(`${model} is a mobile or dual-mode device, which supports only the DND Option Call Reject.`)
  }
  if (mlppIndication === 'Off' && mlppPreemption === 'Forceful') {
    throw forbidden('MLPP Indication Off cannot be combined with MLPP Preemption Forceful.')
  }
}

function forbidden(detail: string): Problem {
  return new Problem({ status: 422, title: 'Not a possible combination', detail })
}
