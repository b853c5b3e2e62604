// Always Use Prime Line (Device Profile Fields). On: an idle phone that goes off hook takes its primary line, and other lines keep
// ringing. Off: it answers on the line on which the call came in.
import type { ClusterDatabase, EffectiveConfiguration, Line } from '../../database/api.ts'
import { alwaysUsePrimeLine, isOn } from '../../database/service-parameters.ts'
import type { LiveCall } from '../call.ts'
import type { LineOccupancy } from '../line-occupancy.ts'
import type { PhoneFinder } from './present-phone.ts'
import { conflict, lineAt } from './present-phone.ts'

/** What lifting the handset did. */
export interface OffHook {
  /** The line that is chosen: it has dial tone unless it answered. */
  readonly lineIndex: number
  readonly dn: string
  /** Id of the call that is answered. */
  readonly answered?: string
  /** Ids of calls that go on ringing here. */
  readonly stillRinging: readonly string[]
}

export interface PrimeLineOptions {
  readonly database: Pick<ClusterDatabase, 'serviceParameters'>
  readonly finder: PhoneFinder
  readonly occupancy: LineOccupancy
}

export class PrimeLine {
  readonly #options: PrimeLineOptions

  constructor(options: PrimeLineOptions) {
    this.#options = options
  }

  /** The setting in force; `Default` is the service parameter's. */
  isOn({ alwaysUsePrimeLine: setting }: EffectiveConfiguration): boolean {
    if (setting !== 'Default') return setting === 'On'
    return isOn(this.#options.database.serviceParameters, alwaysUsePrimeLine)
  }

  /**
   * Somebody lifts the handset of an idle phone, or presses a line's button. Throws Problem: 404 no such phone or line, 409 not
   * registered, without lines, or, where no button says which call is meant, in a call already.
   */
  goOffHook(deviceName: string, lineIndex?: number): OffHook {
    const present = this.#options.finder.present(deviceName)
    const { shown } = present
    const ringing = this.#ringingOn(shown.deviceName)
    const line = lineIndex === undefined ? this.#choose(shown, ringing) : lineAt(present, lineIndex)
    const answered = ringing.find((call) => this.#isOn(shown.deviceName, call, line))
    answered?.ringing.get(shown.deviceName)?.answer()
    return {
      lineIndex: line.index,
      dn: line.dn,
      ...(answered !== undefined && { answered: answered.id }),
      stillRinging: ringing.filter((call) => call !== answered).map(({ id }) => id),
    }
  }

  #choose(shown: EffectiveConfiguration, ringing: readonly LiveCall[]): Line {
    const { deviceName, lines } = shown
    const [prime] = lines
    if (prime === undefined) throw conflict('Phone has no line', `The phone ${deviceName} shows no line.`)
    if (this.#options.occupancy.callsOn(deviceName).length > ringing.length) {
      throw conflict('Phone is in a call', `The phone ${deviceName} is off hook already: say which line.`)
    }
    const [first] = ringing
    if (first === undefined || this.isOn(shown)) return prime
    return lines.find((line) => this.#isOn(deviceName, first, line)) ?? prime
  }

  /** In the order in which they came in. */
  #ringingOn(deviceName: string): readonly LiveCall[] {
    return this.#options.occupancy.callsOn(deviceName).filter((call) => call.ringing.has(deviceName))
  }

  #isOn(deviceName: string, call: LiveCall, { dn }: Line): boolean {
    return this.#options.occupancy.lineOf(deviceName, call) === dn
  }
}
