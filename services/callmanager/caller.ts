import type { ClusterDatabase, Line } from '../database/api.ts'
import { Problem } from '../problem.ts'
import { normalizeDirectoryNumber } from '../wire/directory-number.ts'
import type { PartitionRanks } from './digit-analysis/digit-analysis.ts'
import { searchOrder } from './digit-analysis/digit-analysis.ts'
import type { LineOccupancy } from './line-occupancy.ts'
import type { Phones, RegisteredPhone } from './phones.ts'

/** A call that may be started. */
export interface Caller {
  /** Dialled digits, normalised. */
  readonly dn: string
  readonly phone: RegisteredPhone
  readonly line: Line
  /** What this caller may reach, in order. */
  readonly ranks: PartitionRanks
}

export interface CallerFinderOptions {
  readonly database: Pick<ClusterDatabase, 'devices' | 'lines' | 'dialPlan'>
  readonly phones: Pick<Phones, 'find' | 'withLine'>
  readonly occupancy: LineOccupancy
}

/** Finds the phone that is to dial. */
export class CallerFinder {
  readonly #options: CallerFinderOptions

  constructor(options: CallerFinderOptions) {
    this.#options = options
  }

  /**
   * `from` is a device name (its first line dials) or a number (a registered phone that shows it dials). Throws Problem: 422 blank or
   * undialable, 404 nobody of that name or number here, 409 its phone is not registered or has no free line.
   */
  find(from: string, to: string): Caller {
    const dn = normalizeDirectoryNumber(to)
    if (dn === undefined) throw undialable('to', to)
    const { phone, line } = this.#byDevice(from) ?? this.#byNumber(from)
    const { database } = this.#options
    const deviceSpace = database.devices.find(phone.deviceName)?.callingSearchSpace ?? ''
    // A borrowed phone keeps its own calling search space; the profile brings that of its lines.
    const ranks = searchOrder(database.dialPlan.callingSearchSpaces(), line.callingSearchSpace, deviceSpace)
    return { dn, phone, line, ranks }
  }

  #byDevice(name: string): Pick<Caller, 'phone' | 'line'> | undefined {
    const { database, phones } = this.#options
    const device = database.devices.find(name.trim())
    if (device === undefined) return undefined
    const phone = phones.find(device.name)
    if (phone === undefined) throw conflict('Phone not registered', `The phone ${device.name} is not registered.`)
    const [line] = phone.lines
    if (line === undefined) throw conflict('Phone has no line', `The phone ${device.name} shows no line.`)
    if (!this.#hasRoom(phone, line)) throw noFreeLine(line.dn)
    return { phone, line }
  }

  #byNumber(from: string): Pick<Caller, 'phone' | 'line'> {
    const dn = normalizeDirectoryNumber(from)
    if (dn === undefined) throw from.trim() === '' ? undialable('from', from) : unknownCaller(from)
    const { database, phones } = this.#options
    const sharing = phones.withLine(dn)
    if (sharing.length === 0) {
      if (database.lines.find(dn).length === 0) throw unknownCaller(from)
      throw conflict('Phone not registered', `No phone is registered with the number ${dn}.`)
    }
    for (const phone of sharing) {
      const line = phone.lines.find((one) => one.dn === dn)
      if (line !== undefined && this.#hasRoom(phone, line)) return { phone, line }
    }
    throw noFreeLine(dn)
  }

  #hasRoom({ deviceName }: RegisteredPhone, line: Line): boolean {
    return this.#options.occupancy.count(deviceName, line.dn) < line.maxCalls
  }
}

function undialable(field: 'from' | 'to', text: string): Problem {
  const detail = `"${field}" is "${text}": give digits, *, #, A to D, with a + in front if need be, 64 at most.`
  return new Problem({ status: 422, title: 'Number cannot be dialled', detail })
}

function unknownCaller(from: string): Problem {
  const detail = `No phone and no number "${from}" is known here. A call starts at the cluster where the caller's phone is registered.`
  return new Problem({ status: 404, title: 'Caller unknown', detail })
}

function noFreeLine(dn: string): Problem {
  return conflict('No free line', `The line ${dn} has as many calls as it may have.`)
}

function conflict(title: string, detail: string): Problem {
  return new Problem({ status: 409, title, detail })
}
