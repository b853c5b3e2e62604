// Call Back (Feature Configuration Guide, Extension Mobility restrictions): a logout cancels all active call back services of the user.
import type { ClusterDatabase } from '../../database/api.ts'
import { foldName } from '../../database/row-memory.ts'
import type { EventBus } from '../../serviceability/api.ts'
import { Problem } from '../../problem.ts'
import { Cause } from '../api.ts'
import type { LiveCall } from '../call.ts'
import type { BusyLamp } from './busy-lamp.ts'
import type { PhoneFinder } from './present-phone.ts'
import { conflict, dialledNumber } from './present-phone.ts'

/** An active call back service: somebody waits for a number to become free. */
export interface ActiveCallBack {
  readonly deviceName: string
  /** Who was logged in; empty = nobody. */
  readonly userId: string
  readonly dn: string
  /** ISO 8601. */
  readonly since: string
}

export interface CallBacksOptions {
  readonly clusterId: string
  readonly database: Pick<ClusterDatabase, 'lines'>
  readonly finder: PhoneFinder
  readonly lamp: BusyLamp
  readonly events: EventBus
  /** ISO 8601. */
  readonly now: () => string
}

/** All active call backs, in memory: they end with the service, as its calls do (our choice). */
export class CallBacks {
  readonly #options: CallBacksOptions
  /** Oldest first. */
  readonly #active = new Set<ActiveCallBack>()
  /** Numbers that were busy or did not answer the last call from a phone, by the phone's name. */
  readonly #refusing = new Map<string, string>()
  /** Logouts are listened to while somebody waits: one that nobody listens to costs nothing. */
  #stopListening: (() => void) | undefined

  constructor(options: CallBacksOptions) {
    this.#options = options
  }

  of(deviceName: string): readonly ActiveCallBack[] {
    return [...this.#active].filter((callBack) => callBack.deviceName === deviceName)
  }

  /**
   * Somebody presses CallBack. Throws Problem: 422 undialable, 404 no such phone, or no number of this cluster, 409 not registered,
   * active already, or a number that is neither busy nor did it leave the phone's last call unanswered.
   */
  activate(deviceName: string, given: string): ActiveCallBack {
    const { database, finder, lamp, now } = this.#options
    const dn = dialledNumber('dn', given)
    const { shown } = finder.present(deviceName)
    if (database.lines.find(dn).length === 0) throw unknownNumber(dn)
    const { deviceName: name, userId } = shown
    if (this.#find(name, dn) !== undefined) throw conflict('Call back is active', `${name} waits for ${dn} already.`)
    if (lamp.stateOf(dn) !== 'busy' && this.#refusing.get(name) !== dn) {
      throw conflict(
        'No need of call back',
        `${dn} is not busy, and the last call from ${name} did not go unanswered there.`,
      )
    }
    const callBack = { deviceName: name, userId, dn, since: now() }
    this.#active.add(callBack)
    const { events } = this.#options
    this.#stopListening ??= events.subscribe(({ userId: loggedOut }) => this.#loggedOut(String(loggedOut)), ['logout'])
    return callBack
  }

  /** Somebody cancels it. Throws Problem 404 when there is none. */
  cancel(deviceName: string, given: string): void {
    const dn = dialledNumber('dn', given)
    const { deviceName: name } = this.#options.finder.configured(deviceName)
    const callBack = this.#find(name, dn)
    if (callBack === undefined) {
      throw new Problem({ status: 404, title: 'No call back', detail: `${name} does not wait for ${dn}.` })
    }
    this.#end(callBack, 'callBackCancelled')
  }

  /** A call is over: its numbers may be free now, and its caller may want to be called back. */
  callEnded(call: LiveCall): void {
    this.#noteRefusal(call)
    if (this.#active.size === 0) return
    const used = new Set([call.from.dn, ...(call.state === 'ended' ? [call.to.dn] : [])])
    for (const callBack of this.#active) {
      if (!used.has(callBack.dn) || this.#options.lamp.stateOf(callBack.dn) !== 'idle') continue
      this.#end(callBack, 'callBackAvailable')
    }
  }

  stop(): void {
    this.#stopListening?.()
    this.#stopListening = undefined
    this.#active.clear()
    this.#refusing.clear()
  }

  #noteRefusal({ from, to, cause, intercom }: LiveCall): void {
    if (from.deviceName === undefined || from.cluster !== this.#options.clusterId || intercom) return
    const isRefusal = cause === Cause.busy || cause === Cause.noAnswer
    if (isRefusal) this.#refusing.set(from.deviceName, to.dn)
    else this.#refusing.delete(from.deviceName)
  }

  /** All of the user, whichever phone they were activated on. */
  #loggedOut(userId: string): void {
    for (const callBack of this.#active) if (isSame(callBack.userId, userId)) this.#end(callBack, 'callBackCancelled')
  }

  #end(callBack: ActiveCallBack, why: 'callBackAvailable' | 'callBackCancelled'): void {
    this.#active.delete(callBack)
    const { deviceName, userId, dn } = callBack
    this.#options.events.publish(why, { deviceName, userId, dn })
    if (this.#active.size > 0) return
    this.#stopListening?.()
    this.#stopListening = undefined
  }

  #find(deviceName: string, dn: string): ActiveCallBack | undefined {
    return this.of(deviceName).find((callBack) => callBack.dn === dn)
  }
}

/** User IDs compare without regard to case. */
function isSame(one: string, other: string): boolean {
  return foldName(one) === foldName(other)
}

function unknownNumber(dn: string): Problem {
  const detail = `${dn} is no number of this cluster: call back reaches no further.`
  return new Problem({ status: 404, title: 'Number unknown', detail })
}
