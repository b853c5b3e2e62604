import type { EventBus } from '../serviceability/api.ts'
import type { Clock } from '../service.ts'
import type { Call, CallParty, Cause, Hop } from './api.ts'
import type { CallDisplays, NewCall } from './call.ts'
import { LiveCall } from './call.ts'
import { causeText } from './causes.ts'

const rememberedCalls = 1000
/** Other clusters take no longer ones. */
export const longestAction = 300

export interface CallsOptions {
  readonly clusterId: string
  readonly clock: Clock
  readonly events: EventBus
  /** Runs when everybody else has been told. */
  readonly onCompleted: (call: LiveCall, cause: Cause) => void
}

/** Why and by whom a call is ended. */
export interface EndOptions {
  /** What the hop says; default: the cause in words. */
  readonly action?: string
  /** The step as a neighbour cluster reported it. */
  readonly hop?: Hop
  /** The neighbour that told us; it is not told back, and its hops are taken as they are. */
  readonly toldBy?: string
}

/** All calls of this cluster, and the only place where a call's state changes. */
export class Calls {
  readonly #options: CallsOptions
  readonly #active = new Map<string, LiveCall>()
  /** Active calls by ids that other clusters know them by. */
  readonly #aliases = new Map<string, LiveCall>()
  /** The last ended calls, oldest first. */
  readonly #ended = new Map<string, Call>()

  constructor(options: CallsOptions) {
    this.#options = options
  }

  open(call: Omit<NewCall, 'startedAt'>): LiveCall {
    const live = new LiveCall({ ...call, startedAt: this.now() })
    this.#active.set(live.id, live)
    this.#options.events.publish('callStarted', { id: live.id, from: live.from, to: live.to })
    return live
  }

  /** Does nothing when the call is over by now. */
  connect(call: LiveCall, to: CallParty, displays: CallDisplays = {}): void {
    if (call.state !== 'ringing') return
    call.state = 'connected'
    call.to = to
    call.displays = displays
    this.#options.events.publish('callConnected', { id: call.id, from: call.from, to })
  }

  /** The call goes on to another number: everybody who has diverted it is remembered. */
  divert(call: LiveCall, dn: string, divertedBy: readonly string[]): void {
    if (call.state !== 'ringing') return
    call.to = { dn }
    call.divertedBy = divertedBy
  }

  /** The call goes to another name of the same destination, which nobody has diverted it to. */
  readdress(call: LiveCall, dn: string): void {
    if (call.state === 'ringing') call.to = { dn }
  }

  /** Until the call is over, another cluster knows it by this id. */
  addAlias(call: LiveCall, id: string): void {
    if (call.isOver) return
    this.#aliases.set(id, call)
    call.onEnded(() => this.#aliases.delete(id))
  }

  /** False when this phone holds the call already, or the call is not connected. */
  hold(call: LiveCall, deviceName: string): boolean {
    if (call.state !== 'connected' || call.heldBy.has(deviceName)) return false
    call.heldBy.add(deviceName)
    call.hops.push(this.hop(`held by ${deviceName}`))
    this.#options.events.publish('callHeld', { id: call.id, deviceName })
    return true
  }

  /** False when this phone does not hold the call. */
  resume(call: LiveCall, deviceName: string): boolean {
    if (!call.heldBy.delete(deviceName)) return false
    call.hops.push(this.hop(`resumed by ${deviceName}`))
    this.#options.events.publish('callResumed', { id: call.id, deviceName })
    return true
  }

  /** Idempotent: the first ending counts. A call that was never connected has failed. */
  end(call: LiveCall, cause: Cause, { action, hop, toldBy }: EndOptions = {}): void {
    if (call.isOver) return
    const wasConnected = call.state === 'connected'
    call.heldBy.clear()
    const step = hop ?? this.failure(cause, { action, toldBy })
    if (step !== undefined) call.hops.push(step)
    call.state = wasConnected ? 'ended' : 'failed'
    call.cause = cause
    call.endedAt = this.now()
    this.#remember(call)
    call.announceEnd({
      cause,
      wasConnected,
      ...(step !== undefined && { hop: step }),
      ...(toldBy !== undefined && { toldBy }),
    })
    this.#options.onCompleted(call, cause)
    const { id, state, from, to } = call
    this.#options.events.publish('callEnded', { id, state, cause, causeText: causeText(cause), from, to })
  }

  /** The step that says why a call, or one way of it, failed; none where a neighbour has put it into the hops already. */
  failure(
    cause: Cause,
    { action, toldBy }: { action?: string | undefined; toldBy?: string | undefined },
  ): Hop | undefined {
    return toldBy === undefined ? this.hop(action ?? `failed: ${causeText(cause)} (${cause})`) : undefined
  }

  /** A step of a call, stamped here. */
  hop(action: string): Hop {
    const said = action.length > longestAction ? `${action.slice(0, longestAction - 1)}…` : action
    return { cluster: this.#options.clusterId, action: said, at: this.now() }
  }

  live(id: string): LiveCall | undefined {
    return this.#active.get(id)
  }

  /** By the id by which another cluster knows it. */
  known(id: string): LiveCall | undefined {
    return this.#active.get(id) ?? this.#aliases.get(id)
  }

  get(id: string): Call | undefined {
    return this.#active.get(id)?.snapshot() ?? this.#ended.get(id)
  }

  /** Calls that ring or are connected. */
  active(): readonly LiveCall[] {
    return [...this.#active.values()]
  }

  /** The last 1000 ended calls, oldest first, then the active ones. */
  all(): readonly Call[] {
    return [...this.#ended.values(), ...this.active().map((call) => call.snapshot())]
  }

  get activeCount(): number {
    return this.#active.size
  }

  now(): string {
    return new Date(this.#options.clock.now()).toISOString()
  }

  #remember(call: LiveCall): void {
    this.#active.delete(call.id)
    this.#ended.set(call.id, call.snapshot())
    if (this.#ended.size > rememberedCalls) {
      const [oldest] = this.#ended.keys()
      if (oldest !== undefined) this.#ended.delete(oldest)
    }
  }
}
