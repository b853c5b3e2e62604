// Sees why a phone was logged out while its cluster was coming back.
import { setTimeout as sleep } from 'node:timers/promises'
import type { ClusterClient } from '../cluster-client.ts'

const retryMs = 3
const patienceMs = 500

/** Listens to a cluster's events from the first moment in which it answers. */
export class LogoutWitness {
  readonly #cluster: ClusterClient
  readonly #deviceName: string
  readonly #over = new AbortController()
  #seen: string | undefined
  #watching: Promise<void> | undefined

  constructor(cluster: ClusterClient, deviceName: string) {
    this.#cluster = cluster
    this.#deviceName = deviceName
  }

  /** Begins; call it before the cluster is started. */
  watch(): void {
    this.#watching = this.#watch()
  }

  /**
   * The reason of the logout event. A cluster can be quicker than anybody who wants to listen to it: if no event was seen, but the cluster has
   * counted a logout in this life of its, in which nobody asked it for one, the answer is `roamedAway` too; else `unknown`.
   */
  async reason(): Promise<string> {
    const deadline = performance.now() + patienceMs
    while (this.#seen === undefined && performance.now() < deadline) await sleep(retryMs)
    this.#over.abort()
    await this.#watching
    return this.#seen ?? ((await this.#counted()) ? 'roamedAway' : 'unknown')
  }

  async #watch(): Promise<void> {
    const { signal } = this.#over
    while (!signal.aborted && this.#seen === undefined) {
      try {
        for await (const event of this.#cluster.events(signal)) {
          if (event.type !== 'logout' || event['deviceName'] !== this.#deviceName) continue
          this.#seen = String(event['reason'])
          return
        }
      } catch {
        // Not there yet, or not ready to be listened to.
      }
      await sleep(retryMs, undefined, { signal }).catch(() => {})
    }
  }

  async #counted(): Promise<boolean> {
    const response = await fetch(new URL('/metrics', this.#cluster.http))
    const count = /^roamline_em_logouts_successful_total(?:\{[^}]*\})? (\d+)/mu.exec(await response.text())?.[1]
    return Number(count ?? 0) > 0
  }
}
