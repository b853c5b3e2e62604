// A simulated network that loses, doubles, delays, overtakes and garbles, between nodes that may be cut off. Each direction of
// each pair draws from a stream of its own: what is left out of one conversation does not change another.
import { MessageClass, protocolVersion } from '../../ils-sync/core/wire/envelope.ts'
import type { Random } from './random.ts'
import type { Timeline } from './timeline.ts'

/** Probabilities per message. */
export interface NetworkFaults {
  readonly loss: number
  readonly duplicate: number
  /** Later messages overtake it, for up to three seconds. */
  readonly slow: number
  /** It may overtake the one before it; all others keep their order, as on a Redis connection. */
  readonly overtake: number
  readonly garble: number
}

export const noFaults: NetworkFaults = { loss: 0, duplicate: 0, slow: 0, overtake: 0, garble: 0 }

/** Where a message says of which class it is. */
const classPlace = `ILS/${protocolVersion} `.length

/** Messages that an eavesdropper keeps per addressee. */
const recordedPerNode = 32
/** It keeps one of so many, so that old ones are among them. */
const recordedOneOf = 5

/** One direction between two nodes. */
interface Lane {
  readonly random: Random
  /** When the last message that keeps its place arrives. */
  busyUntil: number
}

interface Recorder {
  seen: number
  readonly messages: Uint8Array[]
  /** Whoever listens keeps every call: there are few, and they are worth more. */
  readonly handshakes: Uint8Array[]
}

/** Messages that will be lost on purpose. */
export interface Loss {
  readonly holding: string
  readonly skip: number
  readonly count: number
}

export class Network {
  faults: NetworkFaults = noFaults
  /** What was given to the network since the start. */
  messages = 0
  bytes = 0
  /** Of them those that open sessions. */
  handshakes = 0
  readonly #timeline: Timeline
  readonly #stream: (name: string) => Random
  readonly #inboxes = new Map<string, (bytes: Uint8Array) => void>()
  readonly #lanes = new Map<string, Lane>()
  readonly #recorders = new Map<string, Recorder>()
  readonly #losses = new Map<string, Loss>()
  /** Directed pairs that carry nothing → how many faults forbid it. */
  readonly #cut = new Map<string, number>()
  /** Nodes that cannot reach Redis → for how many reasons. */
  readonly #unplugged = new Map<string, number>()
  /** Rises when Redis dies: what was under way then is gone. */
  #life = 0

  constructor(timeline: Timeline, stream: (name: string) => Random) {
    this.#timeline = timeline
    this.#stream = stream
  }

  attach(nodeId: string, deliver: (bytes: Uint8Array) => void): void {
    this.#inboxes.set(nodeId, deliver)
  }

  cut(from: string, to: string): void {
    const pair = `${from}>${to}`
    this.#cut.set(pair, (this.#cut.get(pair) ?? 0) + 1)
  }

  /** Undoes one `cut`. */
  mend(from: string, to: string): void {
    const pair = `${from}>${to}`
    const left = (this.#cut.get(pair) ?? 0) - 1
    if (left > 0) this.#cut.set(pair, left)
    else this.#cut.delete(pair)
  }

  /** The node cannot reach Redis, and its transport knows. */
  unplug(nodeId: string): void {
    this.#unplugged.set(nodeId, (this.#unplugged.get(nodeId) ?? 0) + 1)
  }

  /** Undoes one `unplug`. */
  plug(nodeId: string): void {
    const left = (this.#unplugged.get(nodeId) ?? 0) - 1
    if (left > 0) this.#unplugged.set(nodeId, left)
    else this.#unplugged.delete(nodeId)
  }

  reaches(nodeId: string): boolean {
    return !this.#unplugged.has(nodeId)
  }

  mendAll(): void {
    this.#cut.clear()
    this.#unplugged.clear()
  }

  isCut(from: string, to: string): boolean {
    return this.#cut.has(`${from}>${to}`)
  }

  /** What is under way is lost. */
  dropAll(): void {
    this.#life += 1
  }

  /** Replaces what was said about these two before. */
  lose(from: string, to: string, loss: Loss): void {
    this.#losses.set(`${from}>${to}`, loss)
  }

  send(from: string, to: string, bytes: Uint8Array): void {
    this.messages += 1
    this.bytes += bytes.length
    if (isHandshake(bytes)) this.handshakes += 1
    this.#record(to, bytes)
    const pair = `${from}>${to}`
    let lane = this.#lanes.get(pair)
    if (lane === undefined) this.#lanes.set(pair, (lane = { random: this.#stream(pair), busyUntil: 0 }))
    const { random } = lane
    // Always the same number of draws: a fault rate that is lowered leaves the fate of all other messages as it was.
    const [lost, doubled, garbled, place] = [random.next(), random.next(), random.next(), random.next()]
    const [late, hasty, lateMs, delayMs] = [
      random.next(),
      random.next(),
      random.between(50, 3000),
      random.between(1, 8),
    ]
    if (this.#cut.has(pair) || lost < this.faults.loss || this.#losesOnPurpose(pair, bytes)) return
    const { now } = this.#timeline
    let due = now + delayMs
    if (late < this.faults.slow) due = now + lateMs
    else if (hasty >= this.faults.overtake) lane.busyUntil = due = Math.max(due, lane.busyUntil)
    this.#deliver(to, garbled < this.faults.garble ? garble(bytes, place) : bytes, due - now)
    if (doubled < this.faults.duplicate) this.#deliver(to, bytes, due - now + delayMs)
  }

  /** Somebody sends again what was once sent to that node. */
  replay(to: string, random: Random, { count, holding }: { readonly count: number; readonly holding?: string }): void {
    const { messages = [], handshakes = [] } = this.#recorders.get(to) ?? {}
    const all = [...messages, ...handshakes]
    const recorded = holding === undefined ? all : all.filter((bytes) => Buffer.from(bytes).includes(holding))
    for (let i = 0; i < count && recorded.length > 0; i++)
      this.#deliver(to, random.pick(recorded), random.between(1, 50))
  }

  /** Somebody who is not of the network sends to that node. */
  inject(to: string, bytes: Uint8Array, delayMs: number): void {
    this.#deliver(to, bytes, delayMs)
  }

  #deliver(to: string, bytes: Uint8Array, delayMs: number): void {
    const life = this.#life
    this.#timeline.at(delayMs, () => {
      if (life === this.#life) this.#inboxes.get(to)?.(bytes)
    })
  }

  #losesOnPurpose(pair: string, bytes: Uint8Array): boolean {
    const loss = this.#losses.get(pair)
    if (loss === undefined || !Buffer.from(bytes).includes(loss.holding)) return false
    const { holding, skip, count } = loss
    if (skip > 0) this.#losses.set(pair, { holding, skip: skip - 1, count })
    else if (count > 1) this.#losses.set(pair, { holding, skip, count: count - 1 })
    else this.#losses.delete(pair)
    return skip === 0
  }

  #record(to: string, bytes: Uint8Array): void {
    let recorder = this.#recorders.get(to)
    if (recorder === undefined) this.#recorders.set(to, (recorder = { seen: 0, messages: [], handshakes: [] }))
    const { seen, messages, handshakes } = recorder
    if (isHandshake(bytes)) {
      handshakes.push(bytes)
      if (handshakes.length > recordedPerNode) handshakes.shift()
    }
    recorder.seen += 1
    if (seen % recordedOneOf === 0) messages[(seen / recordedOneOf) % recordedPerNode] = bytes
  }
}

function isHandshake(bytes: Uint8Array): boolean {
  return bytes[classPlace] === MessageClass.handshake.charCodeAt(0)
}

/** One bit is another; `place` is in [0, 1). */
function garble(original: Uint8Array, place: number): Uint8Array {
  const bytes = Buffer.from(original)
  const bit = Math.floor(place * bytes.length * 8)
  const at = bit >> 3
  bytes[at] = (bytes[at] as number) ^ (1 << (bit & 7))
  return bytes
}
