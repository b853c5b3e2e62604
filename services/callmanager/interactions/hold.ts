// Hold, and Hold Reversion, which Extension Mobility does not support (Feature Configuration Guide, Extension Mobility restrictions).
import type { ClusterDatabase } from '../../database/api.ts'
import { holdReversionDuration, parameterNumber } from '../../database/service-parameters.ts'
import { Problem } from '../../problem.ts'
import type { EventBus } from '../../serviceability/api.ts'
import type { Clock } from '../../service.ts'
import type { LiveCall } from '../call.ts'
import type { Calls } from '../calls.ts'
import type { LineOccupancy } from '../line-occupancy.ts'
import type { PhoneFinder } from './present-phone.ts'
import { conflict } from './present-phone.ts'

interface Held {
  readonly call: LiveCall
  readonly deviceName: string
  /** When the phone is to be reminded, milliseconds since the epoch. */
  readonly dueMs: number
}

export interface HoldOptions {
  readonly database: Pick<ClusterDatabase, 'logins' | 'serviceParameters'>
  readonly finder: PhoneFinder
  readonly calls: Calls
  readonly occupancy: LineOccupancy
  readonly events: EventBus
  readonly clock: Clock
}

/** Calls on hold. The other party is not told: there is no media that could stop. */
export class Hold {
  readonly #options: HoldOptions
  /** Waiting for their reminder. */
  readonly #held = new Set<Held>()
  #callOff = (): void => {}

  constructor(options: HoldOptions) {
    this.#options = options
  }

  /** A phone puts a call on hold. Throws Problem: 404 unknown call or phone, 409 not on that phone, not connected, held already. */
  hold(callId: string, deviceName: string): LiveCall {
    const { calls, clock, database } = this.#options
    const { call, name } = this.#find(callId, deviceName)
    if (!calls.hold(call, name))
      throw conflict('Call cannot be held', `The call is not connected, or ${name} holds it already.`)
    const afterMs = parameterNumber(database.serviceParameters, holdReversionDuration) * 1000
    if (afterMs > 0) {
      const held = { call, deviceName: name, dueMs: clock.now() + afterMs }
      this.#held.add(held)
      call.onEnded(() => this.#held.delete(held))
      this.#wait()
    }
    return call
  }

  /** Throws Problem: 404 unknown call or phone, 409 not held by that phone. */
  resume(callId: string, deviceName: string): LiveCall {
    const { calls } = this.#options
    const { call, name } = this.#find(callId, deviceName)
    if (!calls.resume(call, name)) throw conflict('Call is not held', `${name} does not hold this call.`)
    for (const held of this.#held) if (held.call === call && held.deviceName === name) this.#held.delete(held)
    return call
  }

  /** Reminds the phones whose time has come; once for each call on hold. A phone with a logged-in user is not reminded. */
  #remindDue(): void {
    const { clock, calls, database, events } = this.#options
    for (const held of this.#held) {
      if (held.dueMs > clock.now()) continue
      this.#held.delete(held)
      const { call, deviceName } = held
      if (database.logins.on(deviceName) !== undefined) continue
      call.hops.push(calls.hop(`${deviceName} is reminded of the held call`))
      events.publish('holdReversion', { id: call.id, deviceName })
    }
    this.#wait()
  }

  stop(): void {
    this.#callOff()
    this.#held.clear()
  }

  #wait(): void {
    this.#callOff()
    if (this.#held.size === 0) return
    const { clock } = this.#options
    const next = Math.min(...[...this.#held].map(({ dueMs }) => dueMs))
    // The wall clock may be put back meanwhile: then nothing is due yet, and the wait begins anew.
    this.#callOff = wakeAfter(clock, Math.max(next - clock.now(), 1), () => this.#remindDue())
  }

  #find(callId: string, deviceName: string): { readonly call: LiveCall; readonly name: string } {
    const { calls, finder, occupancy } = this.#options
    const call = calls.live(callId)
    if (call === undefined) throw notLive(callId, calls.get(callId) !== undefined)
    const { deviceName: name } = finder.configured(deviceName)
    if (occupancy.callsOn(name).includes(call)) return { call, name }
    throw conflict('No part in the call', `The call ${callId} is not on the phone ${name}.`)
  }
}

/** Returns what calls it off. Does not keep the process alive. */
function wakeAfter(clock: Clock, ms: number, wake: () => void): () => void {
  if (clock.after !== undefined) return clock.after(ms, wake)
  const timer = setTimeout(wake, ms).unref()
  return () => clearTimeout(timer)
}

function notLive(callId: string, isOver: boolean): Problem {
  if (isOver) return conflict('Call is over', `The call ${callId} is over.`)
  return new Problem({ status: 404, title: 'Call unknown', detail: `This cluster has no call ${callId}.` })
}
