import type { ClusterDatabase, Line } from '../database/api.ts'
import { Problem } from '../problem.ts'
import { normalizeDirectoryNumber } from '../wire/directory-number.ts'
import { normalizeDestination } from './destination.ts'
import type { PartitionRanks } from './digit-analysis/digit-analysis.ts'
import { searchOrder } from './digit-analysis/digit-analysis.ts'
import type { LineOccupancy } from './line-occupancy.ts'
import type { PrimeLine } from './interactions/prime-line.ts'
import type { Phones, RegisteredPhone } from './phones.ts'

/** A call that may be started. */
export interface Caller {
  /** What is dialled, normalised: digits or a directory URI. */
  readonly dn: string
  readonly phone: RegisteredPhone
  readonly line: Line
  /** What this caller may reach, in order. */
  readonly ranks: PartitionRanks
  /** What its calls may reach over the PSTN when the way to a learned destination fails. */
  readonly aarRanks: PartitionRanks
}

export interface CallerFinderOptions {
  readonly database: Pick<ClusterDatabase, 'devices' | 'lines' | 'dialPlan'>
  readonly phones: Pick<Phones, 'find' | 'withLine'>
  readonly occupancy: LineOccupancy
  readonly primeLine: Pick<PrimeLine, 'isOn'>
}

/** Finds the phone that is to dial. */
export class CallerFinder {
  readonly #options: CallerFinderOptions

  constructor(options: CallerFinderOptions) {
    this.#options = options
  }

  /**
   * `from` is a device name (the line on that button dials; without one the prime line where it is always used, else the first free
   * line) or a number (a registered phone that shows it dials). Throws Problem: 422 blank or undialable, 404 nobody of that name or
   * number here or no such line, 409 its phone is not registered or has no free line.
   */
  find(from: string, to: string, lineIndex?: number): Caller {
    const dn = normalizeDestination(to)
    if (dn === undefined) throw undialable('to', to)
    const { phone, line } = this.#byDevice(from, lineIndex) ?? this.#byNumber(from)
    if (lineIndex !== undefined && line.index !== lineIndex) throw notOnButton(from, lineIndex)
    const { database } = this.#options
    const device = database.devices.find(phone.deviceName)
    const spaces = database.dialPlan.callingSearchSpaces()
    // A borrowed phone keeps its own calling search spaces; the profile brings that of its lines.
    const ranks = searchOrder(spaces, line.callingSearchSpace, device?.callingSearchSpace ?? '')
    return { dn, phone, line, ranks, aarRanks: searchOrder(spaces, '', device?.aarCallingSearchSpace ?? '') }
  }

  #byDevice(name: string, lineIndex: number | undefined): Pick<Caller, 'phone' | 'line'> | undefined {
    const { database, phones } = this.#options
    const device = database.devices.find(name.trim())
    if (device === undefined) return undefined
    const phone = phones.find(device.name)
    if (phone === undefined) throw conflict('Phone not registered', `The phone ${device.name} is not registered.`)
    const line = lineIndex === undefined ? this.#chosenLine(phone) : lineOn(phone, lineIndex)
    if (!this.#hasRoom(phone, line)) throw noFreeLine(line.dn)
    return { phone, line }
  }

  /** Of the dialling phone, when nobody presses a line's button. */
  #chosenLine(phone: RegisteredPhone): Line {
    const { database, primeLine } = this.#options
    const [prime] = phone.lines
    if (prime === undefined) throw conflict('Phone has no line', `The phone ${phone.deviceName} shows no line.`)
    const shown = database.devices.effective(phone.deviceName)
    if (shown !== undefined && primeLine.isOn(shown)) return prime
    return phone.lines.find((line) => this.#hasRoom(phone, line)) ?? prime
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

function lineOn({ deviceName, lines }: RegisteredPhone, index: number): Line {
  const line = lines.find((one) => one.index === index)
  if (line !== undefined) return line
  const detail = `The phone ${deviceName} shows no line on button ${index}.`
  throw new Problem({ status: 404, title: 'Line unknown', detail })
}

function undialable(field: 'from' | 'to', text: string): Problem {
  const uri = field === 'to' ? ', or a directory URI (user@host)' : ''
  const detail = `"${field}" is "${text}": give digits, *, #, A to D, with a + in front if need be, 64 at most${uri}.`
  return new Problem({ status: 422, title: 'Number cannot be dialled', detail })
}

function notOnButton(from: string, lineIndex: number): Problem {
  const detail = `The number ${from} is not on button ${lineIndex}: name the phone, or leave the button out.`
  return new Problem({ status: 422, title: 'Not the number of that button', detail })
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
