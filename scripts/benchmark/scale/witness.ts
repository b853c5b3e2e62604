// Sees at every cluster at once where people are, by the clusters' own events.
import { setTimeout as sleep } from 'node:timers/promises'
import type { ClusterEvent } from '../../../services/serviceability/api.ts'
import type { ClusterClient } from '../../cluster-client.ts'

const pokeEveryMs = 50

/** One change of a superuser's location, awaited at all clusters that did not make it. */
interface Expected {
  readonly missing: Set<string>
  /** The cluster of a login, null for a logout. */
  readonly at: string | null
  lastMs: number
  readonly done: (lastMs: number) => void
  readonly failed: (error: Error) => void
}

/** Watches clusters until it is stopped. One change per user at a time. */
export class Witness {
  readonly #stop = new AbortController()
  readonly #watched = new Set<string>()
  readonly #expected = new Map<string, Expected>()
  /** Its own login or logout, of which the time counts from. */
  readonly #begun = new Map<string, (atMs: number) => void>()

  /** Resolves when the cluster's events flow. */
  async watch(cluster: ClusterClient): Promise<void> {
    const flowing = this.#read(cluster)
    // Nothing tells that a stream has begun but an event on it: a login that is refused makes one.
    const poke = () => cluster.login({ deviceName: 'SEP000000000000', userId: 'nobody', pin: '0' }).catch(() => {})
    while (!this.#watched.has(cluster.name)) {
      await poke()
      await Promise.race([flowing, sleep(pokeEveryMs)])
    }
  }

  /**
   * Call it before the change is made. Resolves with the monotonic time at which the last of the others had it. `at`: the cluster of a
   * login, null for a logout.
   */
  seenEverywhere(userId: string, { by, at }: { by: string; at: string | null }): Promise<number> {
    if (this.#expected.has(userId)) throw new Error(`a change of ${userId} is being awaited already`)
    const missing = new Set(this.#watched)
    missing.delete(by)
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    this.#expected.set(userId, { missing, at, lastMs: 0, done: resolve, failed: reject })
    return promise
  }

  /** The monotonic time at which `userId`'s next login is on disk. */
  loggedIn(userId: string): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>()
    this.#begun.set(userId, resolve)
    return promise
  }

  /** What is still awaited, in words. */
  waitingFor(): string {
    const lacks = [...this.#expected].map(
      ([userId, { missing }]) => `${userId} at ${[...missing].slice(0, 5).join(', ')}`,
    )
    return lacks.join('; ')
  }

  stop(): void {
    this.#stop.abort()
  }

  /** Rejects when the stream ends before it is stopped: nothing would be seen there any more. */
  async #read(cluster: ClusterClient): Promise<never> {
    try {
      for await (const event of cluster.events(this.#stop.signal)) this.#take(event, cluster.name)
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#fail(error as Error)
    }
    const ended = new Error(`the events of ${cluster.name} ended`)
    if (!this.#stop.signal.aborted) this.#fail(ended)
    throw ended
  }

  #fail(error: Error): void {
    for (const { failed } of this.#expected.values()) failed(error)
    this.#expected.clear()
  }

  #take({ type, userId, location, source, monotonicMs }: ClusterEvent, cluster: string): void {
    this.#watched.add(cluster)
    const user = String(userId)
    if (type === 'login') {
      this.#begun.get(user)?.(monotonicMs)
      this.#begun.delete(user)
    }
    if (type !== 'ilsLocation') return
    const expected = this.#expected.get(user)
    // Who is logged in nowhere is at home again.
    const at = source === 'home' ? null : location
    if (expected === undefined || at !== expected.at || !expected.missing.delete(cluster)) return
    expected.lastMs = Math.max(expected.lastMs, monotonicMs)
    if (expected.missing.size > 0) return
    this.#expected.delete(user)
    expected.done(expected.lastMs)
  }
}
