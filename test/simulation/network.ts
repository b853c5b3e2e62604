// A simulated network that loses, doubles, delays, overtakes and garbles, between nodes that may be cut off.
import type { Random } from './random.ts'
import type { Timeline } from './timeline.ts'

/** Probabilities per message. */
export interface NetworkFaults {
  readonly loss: number
  readonly duplicate: number
  readonly slow: number
  readonly garble: number
}

export const noFaults: NetworkFaults = { loss: 0, duplicate: 0, slow: 0, garble: 0 }

export class Network {
  faults: NetworkFaults = noFaults
  readonly #timeline: Timeline
  readonly #random: Random
  readonly #inboxes = new Map<string, (bytes: Uint8Array) => void>()
  /** Directed pairs that carry nothing. */
  readonly #cut = new Set<string>()

  constructor(timeline: Timeline, random: Random) {
    this.#timeline = timeline
    this.#random = random
  }

  attach(nodeId: string, deliver: (bytes: Uint8Array) => void): void {
    this.#inboxes.set(nodeId, deliver)
  }

  cut(from: string, to: string): void {
    this.#cut.add(`${from}>${to}`)
  }

  mend(from: string, to: string): void {
    this.#cut.delete(`${from}>${to}`)
  }

  mendAll(): void {
    this.#cut.clear()
  }

  send(from: string, to: string, bytes: Uint8Array): void {
    if (this.#cut.has(`${from}>${to}`) || this.#random.chance(this.faults.loss)) return
    this.#deliver(to, bytes)
    if (this.#random.chance(this.faults.duplicate)) this.#deliver(to, bytes)
  }

  #deliver(to: string, original: Uint8Array): void {
    const random = this.#random
    const delayMs = random.chance(this.faults.slow) ? random.between(50, 3000) : random.between(1, 8)
    const bytes = Buffer.from(original)
    if (random.chance(this.faults.garble)) {
      const at = random.between(0, bytes.length - 1)
      bytes[at] = (bytes[at] as number) ^ (1 << random.between(0, 7))
    }
    this.#timeline.at(delayMs, () => this.#inboxes.get(to)?.(bytes))
  }
}
