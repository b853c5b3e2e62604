import type { Call, CallParty, Cause, Hop } from './api.ts'
import { causeText } from './causes.ts'

/** How a call ended, told to everybody who holds a part of it. */
export interface Ending {
  readonly cause: Cause
  /** The step that ended it; absent when the neighbour who told us has put it into the hops already. */
  readonly hop?: Hop
  /** The neighbour cluster that told us, which need not be told back. */
  readonly toldBy?: string
  readonly wasConnected: boolean
}

export interface NewCall {
  readonly id: string
  readonly from: CallParty
  /** Dialled digits, normalised. */
  readonly dn: string
  readonly hops: readonly Hop[]
  readonly startedAt: string
}

/**
 * A call while it lives: `calls.ts` alone changes its state. A record of what happened remains (`snapshot`) when it is over.
 */
export class LiveCall {
  readonly id: string
  readonly from: CallParty
  readonly startedAt: string
  to: Call['to']
  hops: Hop[]
  state: Call['state'] = 'ringing'
  cause: Cause | undefined
  endedAt: string | undefined
  /** The neighbour clusters that have a part of this call; only they may release it. */
  readonly neighbours = new Set<string>()
  /** Phones that ring now, each with what to do when one of them is taken away. */
  readonly ringing = new Map<string, () => void>()
  readonly #onEnded: ((ending: Ending) => void)[] = []
  readonly #over = Promise.withResolvers<void>()

  constructor({ id, from, dn, hops, startedAt }: NewCall) {
    this.id = id
    this.from = from
    this.to = { dn }
    this.hops = [...hops]
    this.startedAt = startedAt
  }

  get isOver(): boolean {
    return this.state === 'failed' || this.state === 'ended'
  }

  /** Resolves when the call is over; never rejects. */
  get over(): Promise<void> {
    return this.#over.promise
  }

  /** Runs once, when the call ends; now, if it has. */
  onEnded(listener: (ending: Ending) => void): void {
    if (this.isOver && this.cause !== undefined) listener({ cause: this.cause, wasConnected: this.state === 'ended' })
    else this.#onEnded.push(listener)
  }

  /** For `calls.ts`: tells everybody, the waiting ones last. */
  announceEnd(ending: Ending): void {
    for (const listener of this.#onEnded.splice(0)) listener(ending)
    this.#over.resolve()
  }

  snapshot(): Call {
    const { id, state, cause, from, to, hops, startedAt, endedAt } = this
    return {
      id,
      state,
      ...(cause !== undefined && { cause, causeText: causeText(cause) }),
      from,
      to,
      hops: [...hops],
      startedAt,
      ...(endedAt !== undefined && { endedAt }),
    }
  }
}
