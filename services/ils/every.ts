import type { Clock } from '../service.ts'

/** Carries `action` out again and again, `ms` of this clock apart; returns what ends it. */
export function every(clock: Clock, ms: number, action: () => void): () => void {
  if (clock.after === undefined) {
    const timer = setInterval(action, ms)
    return () => clearInterval(timer)
  }
  const { after } = clock
  let callOff = after.call(clock, ms, again)
  function again(): void {
    callOff = after.call(clock, ms, again)
    action()
  }
  return () => callOff()
}
