// When a starting spoke may route calls: once it knows what its hub knows and has ended the logins that were superseded while it
// was down, or when waiting longer would help nobody.
import type { Superseded } from './api.ts'

export interface CatchUpOptions {
  /** Standalone clusters and hubs have nobody to wait for. */
  readonly waits: boolean
  readonly graceMs: number
  readonly superseded: () => readonly Superseded[]
}

export class CatchUp {
  readonly #options: CatchUpOptions
  readonly #outcome = Promise.withResolvers<'caught-up' | 'stale'>()
  #settled = false
  #pulled = false
  #timer: NodeJS.Timeout | undefined

  constructor(options: CatchUpOptions) {
    this.#options = options
    if (!options.waits) this.#settle('caught-up')
  }

  /** The network is open: from here on the hub can answer. */
  begin(): void {
    if (!this.#settled) this.#timer = setTimeout(() => this.#settle('stale'), this.#options.graceMs)
  }

  get promise(): Promise<'caught-up' | 'stale'> {
    return this.#outcome.promise
  }

  /** One sentence while it is waited for. */
  get waitingFor(): string | undefined {
    if (this.#settled) return undefined
    return this.#pulled ? 'superseded logins are being ended' : 'the hub has not answered yet'
  }

  /** The first complete pull is done. The hub did answer: superseded logins get a grace of their own. */
  pulled(): void {
    if (this.#settled || this.#pulled) return
    this.#pulled = true
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#settle('stale'), this.#options.graceMs)
    this.check()
  }

  /** Records changed. */
  check(): void {
    if (!this.#settled && this.#pulled && this.#options.superseded().length === 0) this.#settle('caught-up')
  }

  /** The cluster has left its network: there is nobody left to wait for. */
  left(): void {
    if (!this.#settled) this.#settle('caught-up')
  }

  stop(): void {
    this.#settle('stale')
  }

  #settle(outcome: 'caught-up' | 'stale'): void {
    this.#settled = true
    clearTimeout(this.#timer)
    this.#outcome.resolve(outcome)
  }
}
