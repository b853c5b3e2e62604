// BLF Presence (Feature Configuration Guide, Extension Mobility interactions): the buttons are those of the device profile while a
// user is logged in, then those of the log out profile or of the phone.
import type { ClusterDatabase } from '../../database/api.ts'
import type { Ils } from '../../ils/api.ts'
import { normalizeDirectoryNumber } from '../../wire/directory-number.ts'
import type { LineOccupancy } from '../line-occupancy.ts'
import type { Phones } from '../phones.ts'

/** What the lamp of a BLF button says of the watched number. */
export type LampState = 'idle' | 'busy' | 'unknown'

export interface BusyLampOptions {
  readonly clusterId: string
  readonly database: Pick<ClusterDatabase, 'lines'>
  readonly phones: Pick<Phones, 'withLine'>
  readonly occupancy: LineOccupancy
  readonly ils: () => Ils | undefined
}

/** Watches numbers of this cluster. */
export class BusyLamp {
  readonly #options: BusyLampOptions

  constructor(options: BusyLampOptions) {
    this.#options = options
  }

  /**
   * `busy` from lifting the handset to the end of the call, on any phone of the line; a phone that only rings is idle. `unknown` for
   * what is no number of this cluster, is on no registered phone, or is a superuser’s who is at another cluster (our choice).
   */
  stateOf(number: string): LampState {
    const dn = normalizeDirectoryNumber(number)
    const { clusterId, phones, ils } = this.#options
    if (dn === undefined) return 'unknown'
    const cluster = ils()?.locate(dn)?.cluster
    if (cluster !== undefined && cluster !== clusterId) return 'unknown'
    const sharing = phones.withLine(dn)
    if (sharing.length === 0) return 'unknown'
    return sharing.some(({ deviceName }) => this.#isInUse(deviceName, dn)) ? 'busy' : 'idle'
  }

  #isInUse(deviceName: string, dn: string): boolean {
    const { occupancy } = this.#options
    return occupancy
      .callsOn(deviceName)
      .some((call) => occupancy.lineOf(deviceName, call) === dn && !call.ringing.has(deviceName))
  }
}
