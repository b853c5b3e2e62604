// Intercom (Feature Configuration Guide, Extension Mobility interactions): an intercom line is presented on its default device alone,
// also when a device profile brings it.
import { randomUUID } from 'node:crypto'
import type { ClusterDatabase, IntercomLine } from '../../database/api.ts'
import { Problem } from '../../problem.ts'
import type { Call, CallParty } from '../api.ts'
import { Cause } from '../api.ts'
import type { LiveCall } from '../call.ts'
import type { Calls } from '../calls.ts'
import type { LineOccupancy } from '../line-occupancy.ts'
import type { Phones } from '../phones.ts'
import type { CallDisplay } from './call-display.ts'
import type { CallLogs } from './call-logs.ts'
import type { PhoneFinder, PresentPhone } from './present-phone.ts'
import { conflict, dialledNumber } from './present-phone.ts'

export interface IntercomOptions {
  readonly database: Pick<ClusterDatabase, 'devices' | 'deviceProfiles'>
  readonly finder: PhoneFinder
  readonly phones: Pick<Phones, 'find'>
  readonly calls: Calls
  readonly occupancy: LineOccupancy
  readonly display: CallDisplay
  readonly logs: CallLogs
  readonly party: (deviceName: string, dn: string) => CallParty
}

/** Intercom calls stay inside the cluster. They take no part in digit analysis: their numbers are reached by their buttons alone. */
export class Intercom {
  readonly #options: IntercomOptions
  /** Intercom number → names of default devices; made anew at the first press after a change. */
  #defaultDevices: ReadonlyMap<string, ReadonlySet<string>> | undefined

  constructor(options: IntercomOptions) {
    this.#options = options
  }

  /** Devices, profiles or their buttons changed. */
  changed(): void {
    this.#defaultDevices = undefined
  }

  /**
   * Somebody presses the button of an intercom line. The target answers by itself, heard one way; what goes wrong on its side is the
   * call's failure. Throws Problem: 404 no such phone or intercom line, 409 not registered, presented on another phone, or in use, 422
   * no target.
   */
  press(deviceName: string, given: string): Call {
    const { calls, occupancy, party, logs } = this.#options
    const own = dialledNumber('dn', given)
    const present = this.#options.finder.present(deviceName)
    const { target } = this.#presented(present, own)
    const name = present.phone.deviceName
    if (isInUse(occupancy, name, own))
      throw conflict('Intercom line in use', `The intercom line ${own} has a call already.`)
    if (target === '') {
      const detail = `The intercom line ${own} has no target.`
      throw new Problem({ status: 422, title: 'No intercom target', detail })
    }
    const dn = dialledNumber('target', target)
    const hops = [calls.hop(`intercom to ${dn}`)]
    const call = calls.open({ id: randomUUID(), from: party(name, own), dn, hops, intercom: true })
    occupancy.occupy(name, own, call)
    logs.placed(name, call)
    this.#connect(call, dn)
    return call.snapshot()
  }

  /** The target's phone answers at once, whatever else it does (Do Not Disturb, calls on its lines: our choice). */
  #connect(call: LiveCall, dn: string): void {
    const { calls, occupancy, party, display, logs, phones } = this.#options
    const holders = this.#devicesOf(dn)
    if (holders === undefined) return calls.end(call, Cause.unallocated)
    const reached = [...holders].find((name) => phones.find(name) !== undefined && this.#isPresented(name, dn))
    if (reached === undefined) {
      return calls.end(call, Cause.subscriberAbsent, {
        action: `failed: no phone presents the intercom line ${dn} (20)`,
      })
    }
    if (isInUse(occupancy, reached, dn) || reached === call.from.deviceName) return calls.end(call, Cause.busy)
    occupancy.occupy(reached, dn, call)
    logs.received(reached, call)
    call.hops.push(calls.hop(`answered by ${reached} by itself, one way`))
    const to = party(reached, dn)
    calls.connect(call, to, display.ofBoth(call, to))
  }

  /** The button, if this phone has it; 409 when it is another phone's, 404 when there is none. */
  #presented({ shown }: PresentPhone, dn: string): IntercomLine {
    const line = shown.intercomLines.find((one) => one.dn === dn)
    if (line !== undefined) return line
    const others = this.#devicesOf(dn)
    if (others === undefined) {
      throw new Problem({ status: 404, title: 'Intercom line unknown', detail: `There is no intercom line ${dn}.` })
    }
    const where = [...others].join(', ') || 'none is set'
    const detail = `The intercom line ${dn} is presented on its default device alone: ${where}.`
    throw conflict('Intercom line not presented', detail)
  }

  #isPresented(deviceName: string, dn: string): boolean {
    const shown = this.#options.database.devices.effective(deviceName)
    return shown?.intercomLines.some((line) => line.dn === dn) === true
  }

  #devicesOf(dn: string): ReadonlySet<string> | undefined {
    this.#defaultDevices ??= this.#readDefaultDevices()
    return this.#defaultDevices.get(dn)
  }

  #readDefaultDevices(): ReadonlyMap<string, ReadonlySet<string>> {
    const { devices, deviceProfiles } = this.#options.database
    const found = new Map<string, Set<string>>()
    for (const { intercomLines } of [...devices.list(), ...deviceProfiles.list()]) {
      for (const { dn, defaultDevice } of intercomLines) {
        const known = found.get(dn) ?? new Set()
        found.set(dn, defaultDevice === '' ? known : known.add(defaultDevice))
      }
    }
    return found
  }
}

function isInUse(occupancy: LineOccupancy, deviceName: string, dn: string): boolean {
  return occupancy.count(deviceName, dn) > 0
}
