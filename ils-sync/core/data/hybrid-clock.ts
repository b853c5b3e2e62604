// A hybrid logical clock: wall time where clocks agree, and never behind a reading that was already seen. So the login
// that a node knows of is always older than the one it records next, however wrong its own clock is.

/** `millisecond-counter-clusterId`, fixed width, so that comparing texts compares readings; the ID breaks ties. */
export type ClockReading = string

interface Parsed {
  readonly ms: number
  readonly counter: number
}

const pattern = /^([0-9a-f]{12})-([0-9a-f]{6})-[A-Za-z0-9.-]{1,50}$/u
const lastCounter = 0xffffff

/** Wall clock milliseconds as a reading, e.g. of a login that was recorded without this clock. */
export function readingAt(ms: number, clusterId: string): ClockReading {
  return format({ ms: clampMs(ms), counter: 0 }, clusterId)
}

/** Undefined when the text is no reading. */
export function parseReading(text: string): (Parsed & { readonly clusterId: string }) | undefined {
  const match = pattern.exec(text)
  if (match === null) return undefined
  return {
    ms: Number.parseInt(match[1] as string, 16),
    counter: Number.parseInt(match[2] as string, 16),
    clusterId: text.slice(20),
  }
}

export interface HybridClock {
  /** A reading above everything ticked or observed before. */
  tick(): ClockReading
  /** Takes in a reading from elsewhere; anything else is ignored. */
  observe(reading: string): void
}

/** `now` is wall clock milliseconds and may jump either way. */
export function createHybridClock(clusterId: string, now: () => number): HybridClock {
  let last: Parsed = { ms: 0, counter: 0 }
  return {
    tick() {
      const ms = clampMs(now())
      last = ms > last.ms ? { ms, counter: 0 } : next(last)
      return format(last, clusterId)
    },
    observe(reading) {
      const seen = parseReading(reading)
      if (seen && (seen.ms > last.ms || (seen.ms === last.ms && seen.counter > last.counter))) last = seen
    },
  }
}

function next({ ms, counter }: Parsed): Parsed {
  return counter < lastCounter ? { ms, counter: counter + 1 } : { ms: ms + 1, counter: 0 }
}

function clampMs(ms: number): number {
  return Math.min(Math.max(Math.floor(ms), 0), 0xffff_ffff_ffff)
}

function format({ ms, counter }: Parsed, clusterId: string): ClockReading {
  return `${ms.toString(16).padStart(12, '0')}-${counter.toString(16).padStart(6, '0')}-${clusterId}`
}
