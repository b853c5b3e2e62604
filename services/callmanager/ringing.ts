import type { AnswerMode } from '../database/api.ts'
import type { CallParty, Hop } from './api.ts'
import { Cause } from './api.ts'
import type { LiveCall } from './call.ts'
import type { LineOccupancy } from './line-occupancy.ts'
import type { RegisteredPhone } from './phones.ts'

/** Why a call, or one way of it, failed; `toldBy` names the neighbour cluster that decided it. */
export interface Failure {
  readonly failed: Cause
  readonly action?: string
  readonly toldBy?: string
}

/** How an attempt to complete a call went. */
export type Outcome =
  | { readonly connected: CallParty }
  | Failure
  /** Another cluster diverted the call to a number that is ours to find. */
  | { readonly returned: string; readonly divertedBy: readonly string[] }

/** How a phone announces a call: its ringer, nothing but the alert of Do Not Disturb, or not at all because it rejects the call. */
export interface Alerting {
  readonly kind: 'ring' | 'silent' | 'reject'
  /** In words, for the hop; empty for a phone that rings. */
  readonly how: string
}

/** What phones keep of a call that rang. */
export interface RingRecorder {
  received(deviceName: string, call: LiveCall): void
  missed(deviceName: string, call: LiveCall): void
}

export interface RingingOptions {
  readonly occupancy: LineOccupancy
  readonly noAnswerTimeoutMs: number
  readonly answerMode: (deviceName: string) => AnswerMode
  readonly alerting: (phone: RegisteredPhone, dn: string) => Alerting
  readonly logs: RingRecorder
  readonly party: (deviceName: string, dn: string) => CallParty
  readonly hop: (action: string) => Hop
}

/**
 * Rings all phones that share the number; the first to answer has the call, and the others are free again. Busy only if all are.
 * Resolves at once with the call's own cause when it ends while it rings.
 */
export async function ringPhones(
  call: LiveCall,
  phones: readonly RegisteredPhone[],
  options: RingingOptions,
): Promise<Outcome> {
  if (phones.length === 0) return { failed: Cause.subscriberAbsent, action: 'failed: no phone is registered (20)' }
  const free = phones.filter((phone) => !isBusy(phone, call, options.occupancy))
  if (free.length === 0) return { failed: Cause.busy }
  const ringable: Ringable[] = []
  for (const phone of free) {
    const alerting = options.alerting(phone, call.to.dn)
    if (alerting.kind === 'reject') call.hops.push(options.hop(`rejected by ${phone.deviceName} (${alerting.how})`))
    else ringable.push({ ...alerting, deviceName: phone.deviceName })
  }
  // Do Not Disturb with Call Reject is as good as busy (our choice): the caller is not told why.
  if (ringable.length === 0) return { failed: Cause.busy }
  return await new Promise((resolve) => new Ringing(call, options, resolve).start(ringable))
}

/** A phone that is about to ring. */
interface Ringable extends Alerting {
  readonly deviceName: string
}

/** The phone that dials is busy for its own call, also when it shares the number that it dials. */
function isBusy({ deviceName, lines }: RegisteredPhone, call: LiveCall, occupancy: LineOccupancy): boolean {
  const line = lines.find(({ dn }) => dn === call.to.dn)
  const reached = line !== undefined && occupancy.count(deviceName, line.dn) >= line.busyTrigger
  return reached || occupancy.callsOn(deviceName).includes(call)
}

class Ringing {
  readonly #call: LiveCall
  readonly #options: RingingOptions
  readonly #resolve: (outcome: Outcome) => void
  #timer: NodeJS.Timeout | undefined
  /** Why the last phone stopped ringing: that is the call's cause when none is left. */
  #lastCause: Cause = Cause.subscriberAbsent

  constructor(call: LiveCall, options: RingingOptions, resolve: (outcome: Outcome) => void) {
    this.#call = call
    this.#options = options
    this.#resolve = resolve
  }

  start(phones: readonly Ringable[]): void {
    const { occupancy, hop, answerMode, noAnswerTimeoutMs } = this.#options
    this.#call.onEnded(({ cause }) => this.#finish({ failed: cause }))
    for (const { deviceName, how } of phones) {
      occupancy.occupy(deviceName, this.#call.to.dn, this.#call)
      this.#call.hops.push(hop(`ringing ${deviceName}${how === '' ? '' : ` (${how})`}`))
      this.#call.ringing.set(deviceName, {
        answer: () => this.#answer(deviceName),
        stop: () => this.#stopsRinging(deviceName, Cause.subscriberAbsent),
      })
    }
    this.#timer = setTimeout(() => this.#finish({ failed: Cause.noAnswer }), noAnswerTimeoutMs)
    const answering = phones.find(({ deviceName }) => answerMode(deviceName) === 'immediately')
    if (answering !== undefined) return this.#answer(answering.deviceName)
    for (const { deviceName } of phones) {
      if (answerMode(deviceName) !== 'reject') continue
      this.#call.hops.push(hop(`rejected by ${deviceName}`))
      this.#stopsRinging(deviceName, Cause.rejected)
    }
  }

  #answer(deviceName: string): void {
    const { hop, party } = this.#options
    if (!this.#call.ringing.has(deviceName)) return
    this.#call.hops.push(hop(`connected to ${deviceName}`))
    this.#finish({ connected: party(deviceName, this.#call.to.dn) }, deviceName)
  }

  #stopsRinging(deviceName: string, cause: Cause): void {
    if (!this.#call.ringing.delete(deviceName)) return
    this.#options.occupancy.free(deviceName, this.#call)
    this.#options.logs.missed(deviceName, this.#call)
    this.#lastCause = cause
    if (this.#call.ringing.size === 0) this.#finish({ failed: this.#lastCause })
  }

  #finish(outcome: Outcome, answeredBy?: string): void {
    clearTimeout(this.#timer)
    const { occupancy, logs } = this.#options
    for (const deviceName of this.#call.ringing.keys()) {
      if (deviceName === answeredBy) logs.received(deviceName, this.#call)
      else occupancy.free(deviceName, this.#call)
      // Answered on another phone of the line: nobody missed it.
      if (answeredBy === undefined) logs.missed(deviceName, this.#call)
    }
    this.#call.ringing.clear()
    this.#resolve(outcome)
  }
}
