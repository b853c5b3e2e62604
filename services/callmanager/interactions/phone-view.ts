// What somebody sees who stands in front of a phone now.
import type { ClusterDatabase, EffectiveConfiguration } from '../../database/api.ts'
import { joinAcrossLines, serviceParameterValue } from '../../database/service-parameters.ts'
import type { Registration } from '../api.ts'
import type { LiveCall } from '../call.ts'
import type { LineOccupancy } from '../line-occupancy.ts'
import type { Assistants, AssistantState } from './assistant.ts'
import type { BusyLamp, LampState } from './busy-lamp.ts'
import type { ActiveCallBack, CallBacks } from './call-back.ts'
import type { CallDisplay } from './call-display.ts'
import { displayText } from './call-display.ts'
import type { CallLogs, LoggedCall } from './call-logs.ts'
import type { DoNotDisturbState } from './do-not-disturb.ts'
import { stateOf } from './do-not-disturb.ts'
import type { PhoneFinder } from './present-phone.ts'
import type { PrimeLine } from './prime-line.ts'

/** What a phone with a `<None>` locale speaks. */
const devicePoolLocale = 'English_United_States'

/** A call as a phone shows it. */
export interface CallOnPhone {
  readonly id: string
  /** Number of the line. */
  readonly dn: string
  readonly state: 'dialling' | 'ringing' | 'connected' | 'held'
  /** The other party, as this phone may show it. */
  readonly display: string
}

/** A phone as it is now. */
export interface PhoneView {
  readonly deviceName: string
  readonly model: string
  readonly registration: Registration['state']
  /** Empty = nobody. */
  readonly userId: string
  /** Profile in force; empty = the phone's own settings. */
  readonly deviceProfile: string
  /** Text in the first line of the display: label of the primary line, else its number. */
  readonly header: string
  readonly userLocale: string
  readonly lines: readonly { index: number; dn: string; label: string; display: string; forwardAll: string }[]
  readonly speedDials: EffectiveConfiguration['speedDials']
  readonly blfSpeedDials: readonly { index: number; number: string; label: string; state: LampState }[]
  readonly intercomLines: readonly { dn: string; label: string; target: string }[]
  readonly phoneServices: readonly { name: string; type: string }[]
  readonly doNotDisturb: DoNotDisturbState
  readonly primeLine: { readonly setting: string; readonly alwaysUsed: boolean; readonly forVoiceMessages: string }
  readonly joinAcrossLines: { readonly setting: string; readonly enabled: boolean }
  readonly protectedDevice: boolean
  readonly ignorePresentationIndicators: boolean
  /** Absent unless the service is on the phone's buttons. */
  readonly assistant?: AssistantState
  readonly calls: readonly CallOnPhone[]
  readonly callBacks: readonly Pick<ActiveCallBack, 'dn' | 'userId' | 'since'>[]
  /** Newest first. */
  readonly callLogs: readonly LoggedCall[]
}

export interface PhoneViewsOptions {
  readonly database: Pick<ClusterDatabase, 'devices' | 'serviceParameters'>
  readonly registration: (deviceName: string) => Registration | undefined
  readonly finder: PhoneFinder
  readonly occupancy: LineOccupancy
  readonly lamp: BusyLamp
  readonly primeLine: PrimeLine
  readonly assistants: Assistants
  readonly callBacks: CallBacks
  readonly display: CallDisplay
  readonly logs: CallLogs
}

/** Puts the views together; holds nothing. */
export class PhoneViews {
  readonly #options: PhoneViewsOptions

  constructor(options: PhoneViewsOptions) {
    this.#options = options
  }

  /** Throws Problem 404. */
  of(name: string): PhoneView {
    const { finder, registration, assistants } = this.#options
    const shown = finder.configured(name)
    const { deviceName, model, userId, deviceProfile, lines, ignorePresentationIndicators } = shown
    const [primary] = lines
    const assistant = assistants.stateOn(shown)
    return {
      deviceName,
      model,
      registration: registration(deviceName)?.state ?? 'unregistered',
      userId,
      deviceProfile,
      header: primary === undefined ? '' : primary.label || primary.dn,
      userLocale: shown.userLocale || devicePoolLocale,
      ...this.#buttons(shown),
      doNotDisturb: stateOf(shown),
      primeLine: this.#primeLine(shown),
      ...this.#joining(shown),
      ignorePresentationIndicators,
      ...(assistant !== undefined && { assistant }),
      ...this.#calling(deviceName),
    }
  }

  #buttons(shown: EffectiveConfiguration) {
    const { lamp } = this.#options
    return {
      lines: shown.lines.map(({ index, dn, label, display, forwardAll }) => ({
        index,
        dn,
        label,
        display,
        forwardAll,
      })),
      speedDials: shown.speedDials,
      blfSpeedDials: shown.blfSpeedDials.map(({ index, number, label }) => {
        return { index, number, label, state: lamp.stateOf(number) }
      }),
      intercomLines: shown.intercomLines.map(({ dn, label, target }) => ({ dn, label, target })),
      phoneServices: shown.phoneServices.map(({ name, type }) => ({ name, type })),
    }
  }

  #primeLine(shown: EffectiveConfiguration): PhoneView['primeLine'] {
    return {
      setting: shown.alwaysUsePrimeLine,
      alwaysUsed: this.#options.primeLine.isOn(shown),
      forVoiceMessages: shown.alwaysUsePrimeLineForVoiceMessage,
    }
  }

  /** Secure Tone (Extension Mobility restrictions): a protected device never joins calls across lines, whatever is set. */
  #joining({ deviceName, joinAcrossLines: setting }: EffectiveConfiguration) {
    const { devices, serviceParameters } = this.#options.database
    const protectedDevice = devices.find(deviceName)?.protectedDevice === true
    const inForce = setting === 'Default' ? serviceParameterValue(serviceParameters, joinAcrossLines) : setting
    return { joinAcrossLines: { setting, enabled: inForce === 'On' && !protectedDevice }, protectedDevice }
  }

  #calling(deviceName: string): Pick<PhoneView, 'calls' | 'callBacks' | 'callLogs'> {
    const { occupancy, callBacks, logs } = this.#options
    return {
      calls: occupancy.callsOn(deviceName).map((call) => this.#callOn(deviceName, call)),
      callBacks: callBacks.of(deviceName).map(({ dn, userId, since }) => ({ dn, userId, since })),
      callLogs: logs.of(deviceName),
    }
  }

  #callOn(deviceName: string, call: LiveCall): CallOnPhone {
    const { occupancy, display } = this.#options
    return {
      id: call.id,
      dn: occupancy.lineOf(deviceName, call) ?? '',
      state: stateOn(deviceName, call),
      display: displayText(display.otherParty(deviceName, call)),
    }
  }
}

function stateOn(deviceName: string, call: LiveCall): CallOnPhone['state'] {
  if (call.heldBy.has(deviceName)) return 'held'
  if (call.state === 'connected') return 'connected'
  return call.ringing.has(deviceName) ? 'ringing' : 'dialling'
}
