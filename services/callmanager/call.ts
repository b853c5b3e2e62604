import type { Call, CallParty, Cause, Hop, Presentation } from './api.ts'
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
  /** What was dialled, normalised: digits or a directory URI. */
  readonly dn: string
  readonly hops: readonly Hop[]
  readonly startedAt: string
  /** Default: allowed. */
  readonly presentation?: Presentation
  readonly connectedPresentation?: Presentation
  /** Numbers that diverted it before it came here. */
  readonly divertedBy?: readonly string[]
  readonly intercom?: boolean
}

/** A neighbour cluster's part in a call. */
export interface Part {
  /** The id by which that cluster knows the call. */
  readonly id: string
  /** The call goes on without it: it is told so if it may hold the call, and can say nothing of it any more. */
  abandon(ending: Ending): void
}

/** A phone that rings, as the rest of the system may act on it. */
export interface RingingPhone {
  /** Somebody lifts the handset. */
  answer(): void
  /** It is taken away. */
  stop(): void
}

/** What each side's phone shows of the other; absent for a phone that is not of this cluster. */
export interface CallDisplays {
  readonly from?: string
  readonly to?: string
}

/**
 * A call while it lives: `calls.ts` alone changes its state. A record of what happened remains (`snapshot`) when it is over.
 */
export class LiveCall {
  readonly id: string
  readonly from: CallParty
  readonly startedAt: string
  readonly presentation: Presentation
  readonly connectedPresentation: Presentation
  readonly intercom: boolean
  to: Call['to']
  hops: Hop[]
  state: Call['state'] = 'ringing'
  cause: Cause | undefined
  endedAt: string | undefined
  /** What was dialled, or asked for by the cluster that called us. */
  readonly dialled: string
  /** The neighbour clusters that have a part of this call; only they may release it. */
  readonly neighbours = new Map<string, Part>()
  /** Phones that ring now. */
  readonly ringing = new Map<string, RingingPhone>()
  /** Numbers that diverted the call, the dialled one first. */
  divertedBy: readonly string[]
  displays: CallDisplays = {}
  /** Phones here that hold the call. */
  readonly heldBy = new Set<string>()
  /** Where the cluster that handed the call to us shall send it instead; it is over here then. */
  returnedTo: string | undefined
  readonly #onEnded: ((ending: Ending) => void)[] = []
  readonly #over = Promise.withResolvers<void>()

  constructor(call: NewCall) {
    this.id = call.id
    this.from = call.from
    this.dialled = call.dn
    this.to = { dn: call.dn }
    this.hops = [...call.hops]
    this.startedAt = call.startedAt
    this.presentation = call.presentation ?? 'allowed'
    this.connectedPresentation = call.connectedPresentation ?? 'allowed'
    this.divertedBy = call.divertedBy ?? []
    this.intercom = call.intercom ?? false
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
    const { id, state, cause, from, to, hops, startedAt, endedAt, displays } = this
    return {
      id,
      state,
      ...(cause !== undefined && { cause, causeText: causeText(cause) }),
      from: { ...from, ...(displays.from !== undefined && { display: displays.from }) },
      to: { ...to, ...(displays.to !== undefined && { display: displays.to }) },
      ...this.#features(),
      hops: [...hops],
      startedAt,
      ...(endedAt !== undefined && { endedAt }),
    }
  }

  /** Of most calls there is nothing to say here. */
  #features(): Partial<Call> {
    const { presentation, connectedPresentation, divertedBy, heldBy, intercom } = this
    return {
      ...(presentation === 'restricted' && { presentation }),
      ...(connectedPresentation === 'restricted' && { connectedPresentation }),
      ...(divertedBy.length > 0 && { divertedBy: [...divertedBy] }),
      ...(heldBy.size > 0 && { heldBy: [...heldBy] }),
      ...(intercom && { intercom }),
    }
  }
}
