import type { Identity } from '../../certificates/api.ts'
import type { Logger } from '../../service.ts'
import { Cause } from '../api.ts'
import type { Ending, LiveCall } from '../call.ts'
import type { Calls } from '../calls.ts'
import { causeText } from '../causes.ts'
import type { Outcome } from '../ringing.ts'
import { Beats } from './beats.ts'
import type { SetupAnswer } from './messages.ts'
import { Neighbour, TrunkError } from './neighbour.ts'
import type { Watch } from './supervision.ts'
import { Supervision } from './supervision.ts'

export interface TrunkOptions {
  readonly identity: Identity
  readonly clusterId: string
  /** HTTPS base URL of this cluster. */
  readonly ownAddress: () => string
  readonly calls: Calls
  readonly log: Logger
  readonly noAnswerTimeoutMs: number
  readonly supervisionIntervalMs: number
  readonly trunkTimeoutMs: number
}

/** Where a call is handed on to. */
export interface HandOn {
  readonly cluster: string
  readonly url: string
  /** How often the next cluster may hand it on in turn. */
  readonly handOnsLeft: number
  /** The trunk stands for the PSTN, which carries neither the id nor the way of a call: at the other end it is a new one. */
  readonly overPstn: boolean
}

/** A neighbour's part in a call. */
export interface Leg {
  readonly cluster: string
  readonly url: string
  /** The id by which that cluster knows the call. */
  readonly id: string
  /** Whether it may hold the call before it is connected here: a cluster that called us learns of a failure from our answer. */
  mayHoldCall: boolean
  /** Whatever becomes of the call is nothing to it any more: it gave the call back, or has been told of its own end. */
  isOver?: boolean
  /** While the neighbour has not decided, its loss is the failure of this way and not of the call. */
  onLost?: ((cause: Cause, reason: string) => void) | undefined
}

/** What a neighbour is told of its part in a call. */
interface Release {
  readonly cluster: string
  readonly url: string
  readonly id: string
  readonly ending: Ending
}

interface Line {
  readonly neighbour: Neighbour
  readonly supervision: Supervision
}

const releaseAttempts = 3

/** This cluster's end of the intercluster trunks to all others. */
export class InterclusterTrunk {
  readonly #options: TrunkOptions
  readonly #lines = new Map<string, Line>()
  /** The streams by which the others watch us. */
  readonly beats: Beats
  readonly #telling = new Set<Promise<void>>()

  constructor(options: TrunkOptions) {
    this.#options = options
    this.beats = new Beats(options.clusterId)
  }

  /** Hands the call on and resolves when the other end has decided, the time is up, or the call is over. */
  async setUp(call: LiveCall, handOn: HandOn): Promise<Outcome> {
    const { cluster, url, overPstn } = handOn
    const limit = new AbortController()
    const lost = Promise.withResolvers<never>()
    lost.promise.catch(() => {})
    const id = overPstn ? `${call.id}-pstn` : call.id
    if (overPstn) this.#options.calls.addAlias(call, id)
    // Lost, it is told of the end all the same: perhaps only our view of it is gone.
    const onLost: Leg['onLost'] = (cause, reason) => lost.reject(new TrunkError(cause, reason, { mayHoldCall: true }))
    const leg: Leg = { cluster, url, id, mayHoldCall: true, onLost }
    const watch = this.attach(call, leg)
    const timer = setTimeout(() => limit.abort(), this.#patienceMs(handOn))
    try {
      const request = this.#request(call, { ...handOn, id }, limit.signal)
      const answer = await Promise.race([request, call.over, lost.promise])
      if (answer === undefined || call.isOver) return { failed: call.cause ?? Cause.normalClearing }
      if (answer.state === 'connected') await Promise.race([watch.established, call.over, lost.promise])
      return this.#accept(call, { leg, answer, watch })
    } catch (error) {
      if (limit.signal.aborted) return { failed: Cause.recoveryOnTimerExpiry }
      leg.mayHoldCall = error instanceof TrunkError && error.mayHoldCall
      return this.#failure(error, cluster)
    } finally {
      leg.onLost = undefined
      clearTimeout(timer)
      // Whoever gave up sends a release, to which the other end answers; a stopped process never would.
      setTimeout(() => limit.abort(), this.#options.trunkTimeoutMs).unref()
    }
  }

  /**
   * Makes a neighbour part of the call: it is watched while the call lives, its loss ends the call (38, our choice), and it is told
   * of the end, or that the call goes on without it, as long as it may hold the call.
   */
  attach(call: LiveCall, leg: Leg): Watch {
    const { calls, log } = this.#options
    const { cluster, url, id } = leg
    const watch = this.#lineTo(cluster).supervision.join(url, (cause, reason) => {
      log.warn({ call: call.id, cluster, reason }, 'lost the other cluster of a call')
      if (leg.onLost !== undefined) return leg.onLost(cause, reason)
      const action = call.state === 'connected' ? `lost ${cluster} (${cause})` : failedAt(cluster, cause)
      // It is told all the same: perhaps only our view of it is gone.
      calls.end(call, cause, { action })
    })
    const end = (ending: Ending): void => {
      watch.leave()
      if (leg.isOver === true) return
      leg.isOver = true
      const holdsCall = ending.wasConnected || leg.mayHoldCall
      if (ending.toldBy !== cluster && holdsCall) this.#tell(call, { cluster, url, id, ending })
    }
    const abandon = (ending: Ending): void => {
      call.neighbours.delete(cluster)
      end(ending)
    }
    call.neighbours.set(cluster, { id, abandon })
    call.onEnded(end)
    return watch
  }

  /** Waits for releases that are under way, at most for one trunk timeout, then closes everything. Idempotent. */
  async stop(): Promise<void> {
    const patience = new Promise((resolve) => setTimeout(resolve, this.#options.trunkTimeoutMs).unref())
    await Promise.race([Promise.allSettled(this.#telling), patience])
    this.beats.stop()
    const lines = [...this.#lines.values()]
    this.#lines.clear()
    for (const { supervision } of lines) supervision.close()
    await Promise.all(lines.map(({ neighbour }) => neighbour.close()))
  }

  /** Phones ring as long as their own cluster says; every hand-on behind ours may cost it a connection. */
  #patienceMs({ handOnsLeft }: HandOn): number {
    const { noAnswerTimeoutMs, trunkTimeoutMs } = this.#options
    return noAnswerTimeoutMs + (handOnsLeft + 1) * trunkTimeoutMs
  }

  async #request(
    call: LiveCall,
    { cluster, url, handOnsLeft, id, overPstn }: HandOn & { readonly id: string },
    limit: AbortSignal,
  ): Promise<SetupAnswer> {
    const { clusterId, ownAddress } = this.#options
    const sender = { cluster: clusterId, https: ownAddress() }
    const { from, to, hops, presentation, divertedBy } = call
    const message = {
      id,
      sender,
      from,
      to: to.dn,
      hops: overPstn ? hops.filter((hop) => hop.cluster === clusterId) : [...hops],
      handOnsLeft,
      ...(presentation === 'restricted' && { presentation }),
      ...(divertedBy.length > 0 && { divertedBy: [...divertedBy] }),
    }
    return await this.#lineTo(cluster).neighbour.setUp(url, message, limit)
  }

  /** A call is connected only when each side watches the other. */
  #accept(
    call: LiveCall,
    { leg, answer, watch }: { readonly leg: Leg; readonly answer: SetupAnswer; readonly watch: Watch },
  ): Outcome {
    if (call.isOver) return { failed: call.cause ?? Cause.normalClearing }
    call.hops.push(...answer.hops)
    if (answer.state === 'connected') return { connected: answer.to }
    if (answer.state === 'failed') return { failed: answer.cause, toldBy: leg.cluster }
    leg.isOver = true
    watch.leave()
    call.neighbours.delete(leg.cluster)
    return { returned: answer.to, divertedBy: answer.divertedBy }
  }

  #failure(error: unknown, cluster: string): Outcome {
    if (!(error instanceof TrunkError)) throw error
    this.#options.log.warn({ cluster, reason: error.message }, 'a call could not be handed on')
    return { failed: error.failure, action: failedAt(cluster, error.failure) }
  }

  #tell(call: LiveCall, release: Release): void {
    const told = this.#release(call, release).finally(() => this.#telling.delete(told))
    this.#telling.add(told)
  }

  /**
   * A neighbour that cannot be told, though it lives, loses our beats instead and ends its part by that; not when the same call goes on
   * to it by another address, for there it would end that one.
   */
  async #release(call: LiveCall, { cluster, url, id, ending }: Release): Promise<void> {
    const { neighbour, supervision } = this.#lineTo(cluster)
    const message = { cause: ending.cause, ...(ending.hop !== undefined && { hop: ending.hop }) }
    for (let attempt = 1; attempt <= releaseAttempts; attempt += 1) {
      try {
        return await neighbour.release(url, id, message)
      } catch (error) {
        this.#options.log.warn(
          { call: id, cluster, attempt, reason: (error as Error).message },
          'release not delivered',
        )
        if (!supervision.isAlive) break
      }
    }
    if (!call.neighbours.has(cluster) || call.isOver) this.beats.drop(cluster)
  }

  #lineTo(cluster: string): Line {
    const known = this.#lines.get(cluster)
    if (known !== undefined) return known
    const { identity, trunkTimeoutMs, supervisionIntervalMs } = this.#options
    const neighbour = new Neighbour({ identity, cluster, timeoutMs: trunkTimeoutMs })
    const supervision = new Supervision({
      open: (url, signal) => neighbour.supervise(url, supervisionIntervalMs, signal),
      intervalMs: supervisionIntervalMs,
      firstLineMs: trunkTimeoutMs,
      // All our calls with it end now, so it must end all its calls with us, even if only one direction is broken.
      onLost: () => this.beats.drop(cluster),
    })
    const line = { neighbour, supervision }
    this.#lines.set(cluster, line)
    return line
  }
}

function failedAt(cluster: string, cause: Cause): string {
  return `failed: ${cluster}, ${causeText(cause)} (${cause})`
}
