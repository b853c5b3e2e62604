// How Extension Mobility and other features act on one another in call processing: the parts, put together.
import type { ClusterDatabase } from '../../database/api.ts'
import type { Ils } from '../../ils/api.ts'
import type { EventBus } from '../../serviceability/api.ts'
import type { Clock } from '../../service.ts'
import type { CallParty } from '../api.ts'
import type { Calls } from '../calls.ts'
import type { LineOccupancy } from '../line-occupancy.ts'
import type { Phones, RegisteredPhone } from '../phones.ts'
import type { Alerting } from '../ringing.ts'
import { Assistants } from './assistant.ts'
import { BusyLamp } from './busy-lamp.ts'
import { CallBacks } from './call-back.ts'
import { CallDisplay } from './call-display.ts'
import { CallForward } from './call-forward.ts'
import { CallLogs } from './call-logs.ts'
import { Diversions } from './diversions.ts'
import { DoNotDisturb } from './do-not-disturb.ts'
import { Hold } from './hold.ts'
import { Intercom } from './intercom.ts'
import { PhoneViews } from './phone-view.ts'
import { PhoneFinder } from './present-phone.ts'
import { PrimeLine } from './prime-line.ts'

export interface InteractionsOptions {
  readonly clusterId: string
  readonly database: ClusterDatabase
  readonly events: EventBus
  readonly clock: Clock
  readonly calls: Calls
  readonly occupancy: LineOccupancy
  readonly phones: Pick<Phones, 'find' | 'withLine' | 'registration'>
  readonly ils: () => Ils | undefined
  readonly party: (deviceName: string, dn: string) => CallParty
}

/** What somebody can do at a phone, and what call control asks on its way. */
export interface Interactions {
  readonly assistants: Assistants
  readonly callBacks: CallBacks
  readonly callForward: CallForward
  readonly display: CallDisplay
  readonly diversions: Diversions
  readonly doNotDisturb: DoNotDisturb
  readonly hold: Hold
  readonly intercom: Intercom
  readonly logs: CallLogs
  readonly primeLine: PrimeLine
  readonly views: PhoneViews
  /** How a phone announces a call for this number. */
  readonly alerting: (phone: RegisteredPhone, dn: string) => Alerting
  /** Numbers, buttons or profiles changed on disk. */
  configurationChanged(): void
  stop(): void
}

/** Makes its tables if they are not there. */
export function createInteractions(given: InteractionsOptions): Interactions {
  const now = () => given.calls.now()
  const finder = new PhoneFinder(given)
  const parts = { ...given, now, finder, registration: (name: string) => given.phones.registration(name) }
  const display = new CallDisplay(parts)
  const lamp = new BusyLamp(parts)
  const logs = new CallLogs({ ...parts, display })
  const doNotDisturb = new DoNotDisturb(parts)
  const assistants = new Assistants(parts)
  const callForward = new CallForward(parts)
  const callBacks = new CallBacks({ ...parts, lamp })
  const hold = new Hold(parts)
  const primeLine = new PrimeLine(parts)
  const intercom = new Intercom({ ...parts, display, logs })
  return {
    assistants,
    callBacks,
    callForward,
    display,
    diversions: new Diversions({ assistants, callForward }),
    doNotDisturb,
    hold,
    intercom,
    logs,
    primeLine,
    views: new PhoneViews({ ...parts, lamp, primeLine, assistants, callBacks, display, logs }),
    alerting(phone, dn) {
      const alerting = doNotDisturb.alerting(phone.deviceName)
      return alerting.kind === 'ring' ? (assistants.alerting(phone, dn) ?? alerting) : alerting
    },
    configurationChanged: () => intercom.changed(),
    stop() {
      logs.stop()
      callBacks.stop()
      hold.stop()
    },
  }
}
