import { PassThrough } from 'node:stream'
import type { Readable } from 'node:stream'

interface Stream {
  readonly lines: PassThrough
  readonly timer: NodeJS.Timeout
}

/** The streams by which neighbours see that this cluster lives: one for each neighbour, the newest. */
export class Beats {
  readonly #streams = new Map<string, Stream>()
  readonly #line: string

  constructor(clusterId: string) {
    this.#line = `${JSON.stringify({ cluster: clusterId })}\n`
  }

  /** A stream with one line now and one every `intervalMs`. An earlier stream of the same neighbour ends. */
  open(neighbour: string, intervalMs: number): Readable {
    this.drop(neighbour)
    const lines = new PassThrough()
    lines.write(this.#line)
    const timer = setInterval(() => {
      // A neighbour that does not read is stopped or gone; nothing is stored up for it.
      if (!lines.writableNeedDrain) lines.write(this.#line)
    }, intervalMs)
    const stream: Stream = { lines, timer }
    this.#streams.set(neighbour, stream)
    lines.on('close', () => this.#forget(neighbour, stream))
    lines.on('error', () => this.#forget(neighbour, stream))
    return lines
  }

  /** Ends the neighbour's stream: it will take all its calls with us for ended. */
  drop(neighbour: string): void {
    const stream = this.#streams.get(neighbour)
    if (stream === undefined) return
    this.#forget(neighbour, stream)
    stream.lines.end()
  }

  stop(): void {
    for (const neighbour of this.#streams.keys()) this.drop(neighbour)
  }

  #forget(neighbour: string, stream: Stream): void {
    clearInterval(stream.timer)
    if (this.#streams.get(neighbour) === stream) this.#streams.delete(neighbour)
  }
}
