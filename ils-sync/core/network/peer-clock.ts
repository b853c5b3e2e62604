// Wall clocks of neighbours: epochs and login readings start from them, and people compare times of two clusters.
import { notify } from '../state.ts'
import type { CoreState, Link, Turn } from '../state.ts'

const minuteMs = 60_000
/** Worth telling. Our choice: the vendor's NTP rules keep clocks far closer, and logins are ordered by hybrid clocks anyway. */
const offMs = 5 * minuteMs
/** Well again; a little less, so that a clock at the edge is not told at every beat. */
const wellMs = 4 * minuteMs

/** `at` is what the peer's wall clock showed when it sent this. */
export function observeClock(state: CoreState, turn: Turn, link: Link, at: number): void {
  const { standing, peer } = link
  const offsetMs = at - Math.floor(state.options.wall())
  standing.clockOffsetMs = offsetMs
  const off = Math.abs(offsetMs) > (standing.clockOff ? wellMs : offMs)
  if (off === standing.clockOff) return
  standing.clockOff = off
  notify(turn, { type: 'clock', peer, offsetMs, well: !off })
}
