// What the node notices, told to people: log lines, events, alarms, metrics. Bounded, since anybody who reaches Redis can cause refusals.
import type { Notice } from '../../ils-sync/core/notice.ts'
import type { TransportError } from '../../ils-sync/transport/api.ts'
import type { EventType } from '../serviceability/api.ts'
import type { Logger } from '../service.ts'
import type { IlsMetrics } from './metrics.ts'
import { clockSentence, createRecentAlarms } from './recent-alarms.ts'
import { createLimit } from './told-per-second.ts'

export interface NoticeLogOptions {
  readonly log: Logger
  readonly metrics: Pick<IlsMetrics, 'refused' | 'alarm'>
  readonly heartbeatMs: number
  /** Absent in a process that has no event bus. */
  readonly publish?: (type: EventType, facts: Readonly<Record<string, unknown>>) => void
}

export interface NoticeLog {
  notice(notice: Notice): void
  wire(error: TransportError | undefined): void
  /** What somebody should look at: alarms of late, and a wire that is down. */
  warnings(): readonly string[]
}

/** Ours: the vendor leaves clocks to NTP. */
const clockAlarm = 'ILSPeerClockOffset'

/** An alarm that lasts is raised again at every poll, three heartbeats apart. */
const warningMs = (heartbeatMs: number) => Math.max(60_000, 6 * heartbeatMs)

export function createNoticeLog(options: NoticeLogOptions): NoticeLog {
  const { log, metrics, heartbeatMs, publish } = options
  const recent = createRecentAlarms(warningMs(heartbeatMs))
  const mayTell = createLimit()
  let cutOff: string | undefined

  function alarm({ alarm: one }: NoticeOf<'alarm'>): void {
    metrics.alarm(one.name)
    if (!mayTell(one.name)) return
    log.warn({ alarm: one.name, peer: one.peer }, one.text)
    publish?.('alarm', { ...one })
  }

  function clock({ peer, offsetMs, well }: NoticeOf<'clock'>): void {
    if (well) return mayTell('well') ? log.info({ peer }, 'the clock of an ILS peer is well again') : undefined
    metrics.alarm(clockAlarm)
    if (!mayTell(clockAlarm)) return
    const text = clockSentence(peer, offsetMs)
    log.warn({ alarm: clockAlarm, peer }, text)
    publish?.('alarm', { name: clockAlarm, severity: 'Warning', text, peer, offsetSeconds: offsetMs / 1000 })
  }

  function refused({ reason, claimed, detail }: NoticeOf<'refused'>): void {
    metrics.refused(reason)
    if (!mayTell(reason)) return
    log.debug({ reason, claimed, detail }, 'ILS message refused')
    publish?.('ilsRefused', { reason, claimed, ...(detail === undefined ? {} : { detail }) })
  }

  return {
    notice(notice) {
      recent.notice(notice)
      if (notice.type === 'alarm') alarm(notice)
      else if (notice.type === 'clock') clock(notice)
      else if (notice.type === 'refused') refused(notice)
      else if (notice.type === 'peer') {
        log.info({ peer: notice.peer, status: notice.status }, 'ILS peer')
        publish?.('ilsPeer', { peer: notice.peer, role: notice.role, status: notice.status })
      } else logOnly(log, notice)
    },
    wire(error) {
      cutOff = error && `ILS is cut off: ${error.message}`
      if (error) log.warn({ code: error.code }, `ILS is cut off: ${error.message}`)
      else log.info('ILS is connected to Redis')
    },
    warnings: () => [...(cutOff === undefined ? [] : [cutOff]), ...recent.warnings()],
  }
}

type NoticeOf<Type extends Notice['type']> = Extract<Notice, { readonly type: Type }>

/** What only a reader of the log has to know. */
function logOnly(log: Logger, notice: Notice): void {
  switch (notice.type) {
    case 'lostData':
      return log.warn(
        { peer: notice.peer, epoch: notice.epoch },
        'a peer holds newer ILS records of this node than its own store: they go out again under a new epoch',
      )
    case 'compacted':
      return log.info({ epoch: notice.epoch }, `ILS records go out again without ${notice.tombstones} tombstones`)
    case 'wentOnAlone':
      return log.info(
        { epoch: notice.epoch },
        'not all neighbours have said within a poll what they hold of this node: its ILS records go out again under a new epoch',
      )
    case 'membership':
      return log.info({ ...notice.membership, told: notice.told, untold: notice.untold }, 'ILS place in the network')
    case 'reloaded':
      return log.warn('ILS records were read again from disk, because a write failed')
    default:
  }
}
