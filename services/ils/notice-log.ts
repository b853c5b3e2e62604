// What the node notices, told to people: log lines, events, alarms, metrics. Bounded, since anybody who reaches Redis can cause refusals.
import type { Notice } from '../../ils-sync/core/notice.ts'
import type { TransportError } from '../../ils-sync/transport/api.ts'
import type { EventType } from '../serviceability/api.ts'
import type { Logger } from '../service.ts'
import type { IlsMetrics } from './metrics.ts'

export interface NoticeLogOptions {
  readonly log: Logger
  readonly metrics: IlsMetrics
  /** Absent in a process that has no event bus. */
  readonly publish?: (type: EventType, facts: Readonly<Record<string, unknown>>) => void
}

export interface NoticeLog {
  notice(notice: Notice): void
  wire(error: TransportError | undefined): void
}

/** Refusals of one reason that are told within one second; all are counted. */
const refusalsPerSecond = 10

export function createNoticeLog({ log, metrics, publish }: NoticeLogOptions): NoticeLog {
  const told = new Map<string, { second: number; count: number }>()

  function mayTell(reason: string): boolean {
    const second = Math.floor(performance.now() / 1000)
    const entry = told.get(reason)
    if (entry?.second !== second) {
      told.set(reason, { second, count: 1 })
      return true
    }
    entry.count += 1
    return entry.count <= refusalsPerSecond
  }

  return {
    notice(notice) {
      switch (notice.type) {
        case 'peer':
          log.info({ peer: notice.peer, status: notice.status }, 'ILS peer')
          return publish?.('ilsPeer', { peer: notice.peer, role: notice.role, status: notice.status })
        case 'alarm':
          log.warn({ alarm: notice.alarm.name, peer: notice.alarm.peer }, notice.alarm.text)
          return publish?.('alarm', { ...notice.alarm })
        case 'refused':
          metrics.refused(notice.reason)
          if (!mayTell(notice.reason)) return
          log.debug({ reason: notice.reason, claimed: notice.claimed }, 'ILS message refused')
          return publish?.('ilsRefused', { reason: notice.reason, claimed: notice.claimed })
        case 'lostData':
          return log.warn(
            { peer: notice.peer, epoch: notice.epoch },
            'a peer holds newer ILS records of this node than its own store: they go out again under a new epoch',
          )
        case 'reloaded':
          return log.warn('ILS records were read again from disk, because a write failed')
        default:
      }
    },
    wire(error) {
      if (error) log.warn({ code: error.code }, `ILS is cut off: ${error.message}`)
      else log.info('ILS is connected to Redis')
    },
  }
}
