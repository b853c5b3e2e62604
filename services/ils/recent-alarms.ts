import { PeerStatus } from '../../ils-sync/core/notice.ts'
import type { Alarm, Notice } from '../../ils-sync/core/notice.ts'

/** The warnings that are kept: alarms name who a message claims to be from, and anybody can claim. */
const mostKept = 32

/** Alarms of late, as warnings for the status page: an alarm that was raised once an hour ago concerns nobody any more. */
export interface RecentAlarms {
  notice(notice: Notice): void
  /** One sentence each, the oldest first. */
  warnings(): readonly string[]
}

/** `now` in milliseconds that never jump. */
export function createRecentAlarms(keepMs: number, now: () => number = () => performance.now()): RecentAlarms {
  const clocks = new Map<string, number>()
  const raised = new Map<string, { readonly alarm: Alarm; readonly at: number }>()

  function raise(alarm: Alarm): void {
    const key = `${alarm.name} ${alarm.peer}`
    // Taken out first, so that the newest stands last.
    raised.delete(key)
    raised.set(key, { alarm, at: now() })
    const [oldest] = raised.keys()
    if (raised.size > mostKept && oldest !== undefined) raised.delete(oldest)
  }

  return {
    notice(notice) {
      if (notice.type === 'alarm') raise(notice.alarm)
      if (notice.type === 'clock' && notice.well) clocks.delete(notice.peer)
      if (notice.type === 'clock' && !notice.well && clocks.size < mostKept) clocks.set(notice.peer, notice.offsetMs)
      // It is nobody's peer any more.
      if (notice.type === 'peer' && notice.status === PeerStatus.left) clocks.delete(notice.peer)
      // What somebody else does in the peer's name stays a warning.
      if (notice.type === 'peer' && notice.status === PeerStatus.upToDate)
        raised.delete(`ILSHubClusterUnreachable ${notice.peer}`)
    },
    warnings() {
      for (const [key, { at }] of raised) if (now() - at > keepMs) raised.delete(key)
      return [
        ...[...raised.values()].map(({ alarm: { name, text, peer } }) => `${name} (${peer}): ${text}`),
        ...[...clocks].map(([peer, offsetMs]) => clockSentence(peer, offsetMs)),
      ]
    },
  }
}

/** Of a wall clock that is far from ours. */
export function clockSentence(peer: string, offsetMs: number): string {
  const seconds = Math.round(Math.abs(offsetMs) / 1000)
  return `The clock of ${peer} is ${seconds} seconds ${offsetMs < 0 ? 'behind' : 'ahead'}`
}
