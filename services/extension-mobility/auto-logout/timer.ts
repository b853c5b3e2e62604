import type { Clock } from '../../service.ts'

/** The machine's timers count no further. */
const longestMs = 2 ** 31 - 1

/** Calls `wake` after so many milliseconds of the clock, at the latest after 24 days; returns what calls it off. Does not keep the process alive. */
export function wakeAfter(clock: Clock, ms: number, wake: () => void): () => void {
  const wait = Math.min(Math.max(ms, 0), longestMs)
  if (clock.after !== undefined) return clock.after(wait, wake)
  const timer = setTimeout(wake, wait).unref()
  return () => clearTimeout(timer)
}
