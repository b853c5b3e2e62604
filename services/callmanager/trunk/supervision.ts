import type { Readable } from 'node:stream'
import { Cause } from '../api.ts'
import { TrunkError } from './neighbour.ts'

export interface SupervisionOptions {
  /** Opens the neighbour's stream of lines; rejects with TrunkError. */
  readonly open: (url: string, signal: AbortSignal) => Promise<Readable>
  /** How often a line is due; three missed ones mean that the neighbour is gone. */
  readonly intervalMs: number
  /** Longest wait for the first line. */
  readonly firstLineMs: number
  /** Runs when a stream that was alive is lost. */
  readonly onLost: () => void
}

/** One call's share in a supervision. */
export interface Watch {
  /** Resolves when the neighbour has been heard; never when it is lost before. */
  readonly established: Promise<void>
  /** Idempotent. */
  leave(): void
}

interface Member {
  readonly url: string
  readonly onLost: (cause: Cause, reason: string) => void
  readonly established: PromiseWithResolvers<void>
}

const missedLines = 3
/** How many intervals a stream stays open for the next call when the last one is over. */
const lingerIntervals = 10

/**
 * Watches one neighbour while calls with it exist, through a response that never ends: a killed process resets it, a cut link or a
 * stopped process (SIGSTOP) falls silent. All calls share one stream.
 */
export class Supervision {
  readonly #options: SupervisionOptions
  readonly #members = new Set<Member>()
  #stream: AbortController | undefined
  /** Of the stream. */
  #url = ''
  #alive = false
  #deadline: NodeJS.Timeout | undefined
  #linger: NodeJS.Timeout | undefined

  constructor(options: SupervisionOptions) {
    this.#options = options
  }

  get isAlive(): boolean {
    return this.#alive
  }

  /** `onLost` runs at most once, never after `leave`. */
  join(url: string, onLost: Member['onLost']): Watch {
    const member: Member = { url, onLost, established: Promise.withResolvers() }
    this.#members.add(member)
    clearTimeout(this.#linger)
    if (this.#alive) member.established.resolve()
    else if (this.#stream === undefined) void this.#open(url)
    return { established: member.established.promise, leave: () => this.#leave(member) }
  }

  /** Leaves the neighbour alone; members are not told. */
  close(): void {
    clearTimeout(this.#linger)
    clearTimeout(this.#deadline)
    this.#alive = false
    this.#stream?.abort()
    this.#stream = undefined
  }

  #leave(member: Member): void {
    if (!this.#members.delete(member) || this.#members.size > 0) return
    // Nobody has answered at that address: the next call may know a better one.
    if (!this.#alive) return this.close()
    this.#linger = setTimeout(() => this.close(), lingerIntervals * this.#options.intervalMs).unref()
  }

  async #open(url: string): Promise<void> {
    const stream = new AbortController()
    this.#stream = stream
    this.#url = url
    let heard = 0
    const expect = (withinMs: number): void => {
      const heardBefore = heard
      clearTimeout(this.#deadline)
      this.#deadline = setTimeout(() => {
        // When this process itself was held up, lines may be waiting in the socket: they are read before setImmediate.
        setImmediate(() => heard === heardBefore && this.#lose(stream, Cause.networkOutOfOrder, 'it has fallen silent'))
      }, withinMs)
    }
    expect(this.#options.firstLineMs)
    try {
      for await (const _line of await this.#options.open(url, stream.signal)) {
        heard += 1
        if (this.#stream !== stream) return
        this.#establish()
        expect(missedLines * this.#options.intervalMs)
      }
      this.#lose(stream, Cause.networkOutOfOrder, 'it closed the supervision')
    } catch (error) {
      const cause = error instanceof TrunkError ? error.failure : Cause.networkOutOfOrder
      this.#lose(stream, cause, (error as Error).message)
    }
  }

  #establish(): void {
    this.#alive = true
    for (const { established } of this.#members) established.resolve()
  }

  #lose(stream: AbortController, cause: Cause, reason: string): void {
    if (this.#stream !== stream) return
    const wasAlive = this.#alive
    this.close()
    // A stream that was never heard says nothing of calls that go by another address.
    const lost = [...this.#members].filter(({ url }) => wasAlive || url === this.#url)
    for (const member of lost) this.#members.delete(member)
    const [waiting] = this.#members
    if (waiting !== undefined) void this.#open(waiting.url)
    if (wasAlive) this.#options.onLost()
    for (const { onLost } of lost) onLost(cause, reason)
  }
}
