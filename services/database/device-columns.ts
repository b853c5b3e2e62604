// Which column of `device` holds which setting (device-settings.ts): the one place where the two meet.
import type { SQLInputValue } from 'node:sqlite'
import type { DeviceSettings } from './api.ts'
import { deviceSettingChoices } from './device-settings.ts'
import { DatabaseError } from './errors.ts'
import { flag, type References } from './references.ts'

const textColumns = {
  protocol: 'rl_protocol',
  privacy: 'rl_privacy',
  singleButtonBarge: 'rl_singlebuttonbarge',
  joinAcrossLines: 'rl_joinacrosslines',
  alwaysUsePrimeLine: 'rl_alwaysuseprimeline',
  alwaysUsePrimeLineForVoiceMessage: 'rl_alwaysuseprimelineforvm',
  dndOption: 'rl_dndoption',
  dndIncomingCallAlert: 'rl_dndincomingcallalert',
  mlppIndication: 'rl_mlppindication',
  mlppPreemption: 'rl_mlpppreemption',
  userHoldMohAudioSource: 'rl_userholdmohaudiosource',
  userLocale: 'rl_userlocale',
  phoneButtonTemplate: 'rl_phonebuttontemplate',
  softkeyTemplate: 'rl_softkeytemplate',
  mlppDomain: 'rl_mlppdomain',
} as const satisfies Partial<Record<keyof DeviceSettings, string>>

const textNames = Object.keys(textColumns) as (keyof typeof textColumns)[]

/** What `settingsSelection` reads, to be turned into settings by `settingsOf`. */
export type SettingsRow = Pick<DeviceSettings, keyof typeof textColumns> & {
  readonly ignorePi: 't' | 'f'
  readonly dnd: 't' | 'f'
  readonly emccSpace: string
  readonly module1: string
  readonly module2: string
}

/** Columns of `device AS d` for a SELECT that also has `settingsJoin`. */
export const settingsSelection = [
  ...Object.entries(textColumns).map(([name, column]) => `d.${column} AS ${name}`),
  'd.rl_ignorepresentationindicators AS ignorePi',
  'd.rl_donotdisturb AS dnd',
  `ifnull(emcc.name, '') AS emccSpace`,
  'd.rl_module1 AS module1',
  'd.rl_module2 AS module2',
].join(', ')

export const settingsJoin = 'LEFT JOIN callingsearchspace AS emcc ON emcc.pkid = d.rl_fkcallingsearchspace_emcc'

/** For the SET of an UPDATE, with `settingValues` in its order. */
export const settingsAssignment = [
  ...Object.values(textColumns),
  'rl_ignorepresentationindicators',
  'rl_donotdisturb',
  'rl_fkcallingsearchspace_emcc',
  'rl_module1',
  'rl_module2',
]
  .map((column) => `${column} = ?`)
  .join(', ')

/** Throws DATABASE_INVALID for a value that is not among a setting's choices, DATABASE_UNKNOWN_REFERENCE for a calling search space. */
export function settingValues(settings: DeviceSettings, references: References, where: string): SQLInputValue[] {
  refuseUnknownChoice(settings, where)
  const [module1 = '', module2 = '', third] = settings.modules
  if (third !== undefined || settings.modules.includes('')) {
    throw new DatabaseError('DATABASE_INVALID', `${where}: modules names one or two expansion modules`)
  }
  return [
    ...textNames.map((name) => settings[name]),
    flag(settings.ignorePresentationIndicators),
    flag(settings.doNotDisturb),
    references.callingSearchSpace(settings.emccCallingSearchSpace, where),
    module1,
    module2,
  ]
}

/** Splits a row into its settings and the rest of it. */
export function settingsOf<Row extends SettingsRow>(row: Row) {
  const { ignorePi, dnd, emccSpace, module1, module2, ...rest } = row
  return {
    ...rest,
    ignorePresentationIndicators: ignorePi === 't',
    doNotDisturb: dnd === 't',
    emccCallingSearchSpace: emccSpace,
    modules: Object.freeze([module1, module2].filter((module) => module !== '')),
  }
}

function refuseUnknownChoice(settings: DeviceSettings, where: string): void {
  for (const [name, choices] of Object.entries(deviceSettingChoices)) {
    const value = settings[name as keyof typeof deviceSettingChoices]
    if (choices.some((choice) => choice === value)) continue
    throw new DatabaseError('DATABASE_INVALID', `${where}: ${name} is one of: ${choices.join(', ')}`)
  }
}
