import type { LiveCall } from './call.ts'

/** Which calls, ringing ones included, occupy which line of which phone: what the busy trigger counts. */
export class LineOccupancy {
  readonly #calls = new Map<string, Map<LiveCall, string>>()

  /** Until `free`, or the end of the call. A phone has a call on one of its lines only once. */
  occupy(deviceName: string, dn: string, call: LiveCall): void {
    const onDevice = this.#calls.get(deviceName)
    if (onDevice === undefined) this.#calls.set(deviceName, new Map([[call, dn]]))
    else onDevice.set(call, dn)
    call.onEnded(() => this.free(deviceName, call))
  }

  free(deviceName: string, call: LiveCall): void {
    const onDevice = this.#calls.get(deviceName)
    onDevice?.delete(call)
    if (onDevice?.size === 0) this.#calls.delete(deviceName)
  }

  count(deviceName: string, dn: string): number {
    let count = 0
    for (const line of this.#calls.get(deviceName)?.values() ?? []) if (line === dn) count += 1
    return count
  }

  /** The number of the line that the call occupies on this phone. */
  lineOf(deviceName: string, call: LiveCall): string | undefined {
    return this.#calls.get(deviceName)?.get(call)
  }

  callsOn(deviceName: string): readonly LiveCall[] {
    return [...(this.#calls.get(deviceName)?.keys() ?? [])]
  }
}
