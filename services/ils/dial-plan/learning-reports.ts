// What learning has to tell: log lines and events while it happens, sentences for the status as long as it lasts.
import type { IlsRecord } from '../../../ils-sync/core/data/record.ts'
import type { Logger } from '../../service.ts'
import type { EventBus } from '../../serviceability/api.ts'
import { createLimit } from '../told-per-second.ts'
import type { DialPlanMetrics } from './dial-plan-metrics.ts'
import type { LearnedObjects } from './learned-objects.ts'
import type { ObjectRecord } from './learned-record.ts'
import type { LearningListener } from './learning.ts'
import { ObjectKind } from './records.ts'

export interface LearningReportOptions {
  readonly log: Pick<Logger, 'warn' | 'info' | 'debug'>
  readonly events: Pick<EventBus, 'publish'>
  readonly metrics: Pick<DialPlanMetrics, 'refused' | 'unusable'>
  readonly limit: () => { readonly maximum: number; readonly objects: number }
}

const mostWarnings = 10

const titles: Readonly<Record<ObjectKind, string>> = {
  [ObjectKind.directoryUri]: 'directory URI',
  [ObjectKind.enterpriseNumber]: 'enterprise alternate number',
  [ObjectKind.e164Number]: '+E.164 alternate number',
  [ObjectKind.enterprisePattern]: 'enterprise pattern',
  [ObjectKind.e164Pattern]: '+E.164 pattern',
}

export function createLearningReports(options: LearningReportOptions): LearningListener {
  const { log, events, metrics, limit } = options
  const mayTell = createLimit()
  return {
    duplicate({ kind, key, origin }: ObjectRecord, first: ObjectRecord) {
      if (!mayTell('duplicate')) return
      const facts = { kind, pattern: key, used: first.origin, duplicate: origin }
      log.warn(facts, `ILS: ${duplicateSentence(kind, key, [first.origin, origin])}`)
      events.publish('ilsDuplicate', facts)
    },
    full(isFull) {
      const facts = { reached: isFull, ...limit() }
      if (isFull)
        log.warn(facts, 'ILS Max Number of Learned Objects in Database is reached: further ones are not learned')
      else log.info(facts, 'ILS: there is room for all learned objects again')
      events.publish('ilsLearnedLimit', facts)
    },
    refused: () => metrics.refused(),
    unusable({ origin, kind, key }: IlsRecord) {
      metrics.unusable()
      if (mayTell('unusable'))
        log.debug({ origin, kind, key }, 'ILS: an object that cannot be understood is not learned')
    },
  }
}

export interface LearningFacts {
  readonly objects: Pick<LearnedObjects, 'shared'>
  readonly refused: number
  readonly maximum: number
}

/** One sentence each, of duplicates the first few. */
export function learningWarnings({ objects, refused, maximum }: LearningFacts): readonly string[] {
  const warnings: string[] = []
  if (refused > 0) {
    warnings.push(
      `ILS Max Number of Learned Objects in Database (${maximum}) is reached; objects of other clusters that are not learned: ${refused}.`,
    )
  }
  let more = 0
  for (const claimants of objects.shared()) {
    const [first] = claimants
    if (first === undefined) continue
    if (warnings.length >= mostWarnings) more += 1
    else
      warnings.push(
        duplicateSentence(
          first.kind,
          first.key,
          claimants.map(({ origin }) => origin),
        ),
      )
  }
  if (more > 0) warnings.push(`${more} more learned objects are claimed by several clusters.`)
  return warnings
}

function duplicateSentence(kind: ObjectKind, key: string, [first, ...others]: readonly string[]): string {
  return `The ${titles[kind]} ${key} is advertised by ${first}, learned first and used, and by ${others.join(', ')}.`
}
