// Do Not Disturb (Feature Configuration Guide, Extension Mobility interactions): what a logged-in user sets is kept with the device
// profile and used at the next login; the phone's own settings stay as they are.
import type { ClusterDatabase, EffectiveConfiguration } from '../../database/api.ts'
import type { Alerting } from '../ringing.ts'
import type { PhoneFinder } from './present-phone.ts'

/** The settings of the common phone profile, of which there is one and it cannot be changed here (our choice). */
const commonPhoneProfile = { option: 'Ringer Off', incomingCallAlert: 'Beep Only' } as const

/** Do Not Disturb of a phone, what is inherited filled in. */
export interface DoNotDisturbState {
  readonly enabled: boolean
  readonly option: 'Call Reject' | 'Ringer Off'
  readonly incomingCallAlert: IncomingCallAlert
}

export type IncomingCallAlert = Exclude<EffectiveConfiguration['dndIncomingCallAlert'], 'None'>

/** A press of the button; without an alert the setting stays. */
export interface DoNotDisturbChange {
  readonly enabled: boolean
  readonly incomingCallAlert?: EffectiveConfiguration['dndIncomingCallAlert']
}

export interface DoNotDisturbOptions {
  readonly database: Pick<ClusterDatabase, 'write' | 'devices' | 'deviceProfiles'>
  readonly finder: PhoneFinder
}

const alertWords: Readonly<Record<IncomingCallAlert, string>> = {
  Disable: 'no alert',
  'Beep Only': 'beeps',
  'Flash Only': 'flashes',
}

const ringing: Alerting = Object.freeze({ kind: 'ring', how: '' })

export class DoNotDisturb {
  readonly #options: DoNotDisturbOptions

  constructor(options: DoNotDisturbOptions) {
    this.#options = options
  }

  /**
   * Somebody presses the button. Saved with the profile in force, with the phone itself while there is none. Rejects with Problem:
   * 404 unknown phone, 409 not registered.
   */
  async set(deviceName: string, { enabled, incomingCallAlert }: DoNotDisturbChange): Promise<DoNotDisturbState> {
    const { database, finder } = this.#options
    return await database.write(() => {
      const { deviceName: name, deviceProfile } = finder.present(deviceName).shown
      const changes = {
        doNotDisturb: enabled,
        ...(incomingCallAlert !== undefined && { dndIncomingCallAlert: incomingCallAlert }),
      }
      if (deviceProfile === '') database.devices.update(name, changes)
      else database.deviceProfiles.update(deviceProfile, changes)
      return stateOf(finder.configured(name))
    })
  }

  /** How the phone announces a call now. */
  alerting(deviceName: string): Alerting {
    const shown = this.#options.database.devices.effective(deviceName)
    if (shown === undefined || !shown.doNotDisturb) return ringing
    const { option, incomingCallAlert } = stateOf(shown)
    const how = `do not disturb, ${alertWords[incomingCallAlert]}`
    return option === 'Call Reject' ? { kind: 'reject', how } : { kind: 'silent', how }
  }
}

/** What the settings come to. */
export function stateOf(shown: EffectiveConfiguration): DoNotDisturbState {
  const { doNotDisturb, dndOption, dndIncomingCallAlert } = shown
  const option = dndOption === 'Use Common Phone Profile Setting' ? commonPhoneProfile.option : dndOption
  return {
    enabled: doNotDisturb,
    option: knowsOnlyRingerOff(shown) ? 'Ringer Off' : option,
    incomingCallAlert: dndIncomingCallAlert === 'None' ? commonPhoneProfile.incomingCallAlert : dndIncomingCallAlert,
  }
}

/** Device Profile Fields, DND Option: of 7940 and 7960 under SCCP. */
function knowsOnlyRingerOff({ model, protocol }: EffectiveConfiguration): boolean {
  return protocol === 'SCCP' && /\b79[46]0\b/u.test(model)
}
