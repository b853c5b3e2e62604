// A simulated process: its turns, one after the other, until it is killed. It may be stopped for a while, be slow, or die between
// any two effects.
import type { Timeline } from './timeline.ts'

/** Unwinds whatever the process was doing when it died. */
export class Crash extends Error {}

export class Process {
  running = false
  readonly #timeline: Timeline
  readonly #died: () => void
  #life = 0
  #pausedUntil = 0
  #slowUntil = 0
  #slowMs = 0
  /** Effects until it dies; 0 = not doomed. */
  #doom = 0
  #held: (() => void)[] = []

  /** `died` runs when it died of its doom. */
  constructor(timeline: Timeline, died: () => void) {
    this.#timeline = timeline
    this.#died = died
  }

  /** What came while it was stopped. */
  get waiting(): number {
    return this.#held.length
  }

  start(): void {
    this.#life += 1
    this.running = true
    this.#pausedUntil = 0
    this.#slowUntil = 0
    this.#doom = 0
  }

  stop(): void {
    this.#life += 1
    this.running = false
    this.#held = []
  }

  /** SIGSTOP: nothing happens for a while, everything waits. */
  pause(ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#timeline.now + ms)
  }

  /** For `ms`, what comes from outside is taken up `delayMs` late. */
  slow(ms: number, delayMs: number): void {
    this.#slowUntil = this.#timeline.now + ms
    this.#slowMs = delayMs
  }

  /** It is let go on, at full speed, and does not die any more. */
  heal(): void {
    this.#slowUntil = 0
    this.#doom = 0
    this.#pausedUntil = this.#timeline.now
    this.#release(this.#life)
  }

  /** Dies at the boundary before the effect with that number, counted from now. */
  doom(effects: number): void {
    this.#doom = effects
  }

  /** Between two effects. Throws Crash when this is where it dies. */
  boundary(): void {
    if (this.#doom > 0 && --this.#doom === 0) throw new Crash()
  }

  /** From outside. */
  receive(action: () => void): void {
    if (this.#slowUntil > this.#timeline.now) this.later(this.#slowMs, action)
    else this.now(action)
  }

  later(delayMs: number, action: () => void): void {
    const life = this.#life
    this.#timeline.at(delayMs, () => life === this.#life && this.now(action))
  }

  now(action: () => void): void {
    if (!this.running) return
    if (this.#pausedUntil > this.#timeline.now || this.#held.length > 0) return this.#hold(action)
    this.#perform(action)
  }

  /** A paused process finds everything in the order in which it came. */
  #hold(action: () => void): void {
    if (this.#held.push(action) === 1) this.#resumeLater(this.#life)
  }

  #resumeLater(life: number): void {
    this.#timeline.at(this.#pausedUntil - this.#timeline.now, () => {
      if (life !== this.#life) return
      if (this.#pausedUntil > this.#timeline.now) return this.#resumeLater(life)
      this.#release(life)
    })
  }

  #release(life: number): void {
    for (const action of this.#held.splice(0)) if (life === this.#life) this.#perform(action)
  }

  #perform(action: () => void): void {
    try {
      action()
    } catch (error) {
      if (!(error instanceof Crash)) throw error
      this.#died()
    }
  }
}
