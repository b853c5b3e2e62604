// A superuser who logs in here and there while the world breaks down, and remembers what he was answered.
import { ApiProblem, ClusterUnreachable } from '../../../scripts/cluster-client.ts'
import type { ClusterClient } from '../../../scripts/cluster-client.ts'
import type { Random } from '../../simulation/random.ts'

interface Attempt {
  readonly kind: 'login' | 'logout'
  readonly cluster: string
  readonly startedAt: number
  /** An unanswered one may have happened, and may happen until the process that was asked has died or answered a later one. */
  outcome: 'answered' | 'unanswered'
  overAt?: number
}

/** Where somebody may be found when all has healed; undefined: logged in nowhere. */
export type Whereabouts = ReadonlySet<string | undefined>

export interface PersonOptions {
  readonly userId: string
  readonly pin: string
  readonly dn: string
  /** His phone at a cluster; nobody else uses it. */
  readonly phoneAt: (cluster: string) => string
}

export class Person {
  readonly userId: string
  readonly dn: string
  readonly #options: PersonOptions
  readonly #attempts: Attempt[] = []
  /** Where he believes to be logged in. */
  #at: string | undefined
  readonly counts = { answered: 0, refused: 0, unanswered: 0 }

  constructor(options: PersonOptions) {
    this.userId = options.userId
    this.dn = options.dn
    this.#options = options
  }

  /** Logs in somewhere, or out where he is. Never rejects. */
  async act(clusters: readonly ClusterClient[], random: Random): Promise<void> {
    const cluster = random.pick(clusters)
    if (this.#at === cluster.name || (this.#at !== undefined && random.chance(0.25))) {
      const here = clusters.find(({ name }) => name === this.#at) ?? cluster
      await this.#attempt('logout', here, () => here.logout(this.#options.phoneAt(here.name)))
    } else await this.logIn(cluster)
  }

  async logIn(cluster: ClusterClient): Promise<void> {
    const { userId, pin, phoneAt } = this.#options
    await this.#attempt('login', cluster, () => cluster.login({ deviceName: phoneAt(cluster.name), userId, pin }))
  }

  /** What that process was asked before and has not answered will not happen any more. */
  isPast(process: string): void {
    for (const one of this.#attempts) {
      if (one.cluster === process && one.outcome === 'unanswered') one.overAt ??= performance.now()
    }
  }

  /** The newest login wins, so: at the last answered one or at a later one that may have happened, unless he logged out there. */
  mayBe(): Whereabouts {
    const last = this.#attempts.findLastIndex(({ kind, outcome }) => kind === 'login' && outcome === 'answered')
    const since = this.#attempts[last]?.startedAt ?? 0
    const candidates = this.#attempts.filter(
      (one, at) =>
        at === last || (one.kind === 'login' && one.outcome === 'unanswered' && (one.overAt ?? Infinity) > since),
    )
    const places = new Set<string | undefined>(last < 0 ? [undefined] : [])
    for (const login of candidates) {
      const logouts = this.#attempts.filter(
        ({ kind, cluster, startedAt }) => kind === 'logout' && cluster === login.cluster && startedAt > login.startedAt,
      )
      if (logouts.length > 0) places.add(undefined)
      const isOut = login.outcome === 'answered' && logouts.some(({ outcome }) => outcome === 'answered')
      if (!isOut) places.add(login.cluster)
    }
    return places
  }

  async #attempt(kind: Attempt['kind'], { name }: ClusterClient, request: () => Promise<unknown>): Promise<void> {
    const attempt: Attempt = { kind, cluster: name, startedAt: performance.now(), outcome: 'unanswered' }
    this.#attempts.push(attempt)
    try {
      await request()
      attempt.outcome = 'answered'
      if (kind === 'login') this.isPast(name)
      this.counts.answered += 1
      this.#at = kind === 'login' ? name : undefined
    } catch (error) {
      if (neverHappened(error)) {
        this.#attempts.splice(this.#attempts.indexOf(attempt), 1)
        this.counts.refused += 1
      } else this.counts.unanswered += 1
      if (kind === 'logout') this.#at = undefined
    }
  }
}

/** It was said no to: he was logged in there already, or not any more. Or there was nobody to ask. */
function neverHappened(error: unknown): boolean {
  if (error instanceof ApiProblem) return error.status < 500
  return error instanceof ClusterUnreachable && codeOf(error.cause) === 'ECONNREFUSED'
}

/** `fetch` says why it failed in the cause of its error. */
function codeOf(error: unknown): unknown {
  return ((error as Error | undefined)?.cause as NodeJS.ErrnoException | undefined)?.code
}
