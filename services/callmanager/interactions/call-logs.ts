import type { EventBus } from '../../serviceability/api.ts'
import type { LiveCall } from '../call.ts'
import type { CallDisplay } from './call-display.ts'
import { foldName } from '../../database/row-memory.ts'

/** Our choice: a phone remembers this many calls. */
const rememberedCalls = 100

/** One line of a phone's call logs. */
export interface LoggedCall {
  readonly kind: 'placed' | 'received' | 'missed'
  /** Empty where presentation is restricted. */
  readonly number: string
  readonly name: string
  /** ISO 8601. */
  readonly at: string
  /** The call's id. */
  readonly call: string
}

export interface CallLogsOptions {
  readonly display: CallDisplay
  readonly events: Pick<EventBus, 'subscribe'>
  /** ISO 8601. */
  readonly now: () => string
}

/**
 * The call logs of all phones, in memory as a phone keeps them. They outlive logins and logouts, unless these clear them: the event
 * `callLogsCleared` says so (service parameter Clear Call Logs on Intra-Cluster EM).
 */
export class CallLogs {
  readonly #options: CallLogsOptions
  readonly #logs = new Map<string, LoggedCall[]>()
  readonly #stopListening: () => void

  constructor(options: CallLogsOptions) {
    this.#options = options
    this.#stopListening = options.events.subscribe(
      ({ deviceName }) => this.#logs.delete(foldName(String(deviceName))),
      ['callLogsCleared'],
    )
  }

  /** Newest first. */
  of(deviceName: string): readonly LoggedCall[] {
    return [...(this.#logs.get(foldName(deviceName)) ?? [])].reverse()
  }

  placed(deviceName: string, call: LiveCall): void {
    this.#add(deviceName, call, 'placed')
  }

  received(deviceName: string, call: LiveCall): void {
    this.#add(deviceName, call, 'received')
  }

  missed(deviceName: string, call: LiveCall): void {
    this.#add(deviceName, call, 'missed')
  }

  stop(): void {
    this.#stopListening()
  }

  #add(deviceName: string, call: LiveCall, kind: LoggedCall['kind']): void {
    const { display, now } = this.#options
    const entry = { kind, ...display.otherParty(deviceName, call), at: now(), call: call.id }
    const log = this.#logs.get(foldName(deviceName))
    if (log === undefined) this.#logs.set(foldName(deviceName), [entry])
    else if (log.push(entry) > rememberedCalls) log.shift()
  }
}
