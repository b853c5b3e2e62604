// Call display restrictions (Feature Configuration Guide, Extension Mobility interactions): while a user is logged in, the device
// profile decides whether a restriction counts; after logout the phone does.
import type { ClusterDatabase } from '../../database/api.ts'
import type { CallParty, Presentation } from '../api.ts'
import type { CallDisplays, LiveCall } from '../call.ts'

/** What a phone shows in place of somebody who may not be shown (our word). */
export const privateText = 'Private'

/** Somebody as a phone shows him; both empty where presentation is restricted. */
export interface ShownParty {
  readonly name: string
  readonly number: string
}

export interface CallDisplayOptions {
  readonly clusterId: string
  readonly database: { readonly devices: Pick<ClusterDatabase['devices'], 'effective'> }
}

/** Decides what each phone of this cluster shows of the other party. */
export class CallDisplay {
  readonly #options: CallDisplayOptions

  constructor(options: CallDisplayOptions) {
    this.#options = options
  }

  /**
   * Ignore Presentation Indicators counts for internal calls, which are those inside this cluster (our choice): over a trunk a
   * restriction always holds.
   */
  shown(
    deviceName: string,
    { cluster, dn, name = '' }: Partial<CallParty> & { dn: string },
    presentation: Presentation,
  ): ShownParty {
    const { clusterId, database } = this.#options
    const isRestricted =
      presentation === 'restricted' &&
      !(cluster === clusterId && database.devices.effective(deviceName)?.ignorePresentationIndicators === true)
    return isRestricted ? { name: '', number: '' } : { name, number: dn }
  }

  /** The other party, as this phone shows it during the call. */
  otherParty(deviceName: string, call: LiveCall): ShownParty {
    const { from, to, presentation, connectedPresentation } = call
    if (!this.#isCaller(deviceName, call)) return this.shown(deviceName, from, presentation)
    // Before somebody answers, the phone shows the digits that its user dialled.
    if (call.state !== 'connected') return { name: '', number: call.dialled }
    return this.shown(deviceName, to, connectedPresentation)
  }

  /** What the two phones of a call show once `to` has answered, as far as they are of this cluster. */
  ofBoth(call: LiveCall, to: CallParty): CallDisplays {
    const { clusterId } = this.#options
    const { from, presentation, connectedPresentation } = call
    return {
      ...(to.cluster === clusterId &&
        to.deviceName !== undefined && { from: displayText(this.shown(to.deviceName, from, presentation)) }),
      ...(from.cluster === clusterId &&
        from.deviceName !== undefined && { to: displayText(this.shown(from.deviceName, to, connectedPresentation)) }),
    }
  }

  #isCaller(deviceName: string, { from }: LiveCall): boolean {
    return from.cluster === this.#options.clusterId && from.deviceName === deviceName
  }
}

/** One line of a display. */
export function displayText({ name, number }: ShownParty): string {
  if (number === '') return privateText
  return name === '' ? number : `${name} (${number})`
}
