// Global Dial Plan Replication of one cluster: what it says of its own dial plan, and what it learns of others'.
import type { Registry } from 'prom-client'
import type { IlsRecord } from '../../../ils-sync/core/data/record.ts'
import type { IlsNode } from '../../../ils-sync/node.ts'
import type { ClusterDatabase } from '../../database/api.ts'
import { maximumLearnedObjects, parameterNumber } from '../../database/service-parameters.ts'
import type { Clock, Logger } from '../../service.ts'
import type { EventBus } from '../../serviceability/api.ts'
import type { DialPlanChange, IlsConfiguration, IlsStatus, LearnedDialPlan, LearnedPage, LearnedQuery } from '../api.ts'
import { Advertising, exchanges } from './advertising.ts'
import { createDialPlanMetrics } from './dial-plan-metrics.ts'
import type { DialPlanMetrics } from './dial-plan-metrics.ts'
import { listLearned } from './learned-list.ts'
import { LearnedRoutes } from './learned-routes.ts'
import { Learning } from './learning.ts'
import { createLearningReports, learningWarnings } from './learning-reports.ts'

type LearnedStatus = Required<
  Pick<IlsStatus['learned'], 'objects' | 'maximumObjects' | 'refusedObjects' | 'duplicates'>
>

export interface GlobalDialPlanOptions {
  readonly clusterId: string
  readonly database: Pick<
    ClusterDatabase,
    'globalDialPlan' | 'serviceParameters' | 'sql' | 'write' | 'afterCommit' | 'onRollback'
  >
  readonly node: Pick<IlsNode, 'change' | 'own' | 'ownRecords' | 'records' | 'count'>
  /** ILS Configuration; inside a write as that write sees it. */
  readonly configuration: () => IlsConfiguration
  readonly clock: Pick<Clock, 'now'>
  readonly events: Pick<EventBus, 'publish' | 'subscribe'>
  readonly metrics: Registry
  readonly log: Pick<Logger, 'warn' | 'info' | 'debug' | 'error'>
  /** See Advertising. */
  readonly mostRecords?: number
}

export class GlobalDialPlan {
  /** What the other services ask. While nothing is exchanged, nothing is learned and so nothing matches. */
  readonly learned: LearnedDialPlan
  readonly #options: GlobalDialPlanOptions
  readonly #advertising: Advertising
  readonly #learning: Learning
  readonly #routes: LearnedRoutes
  readonly #metrics: DialPlanMetrics
  readonly #stopListening: readonly (() => void)[]

  constructor(options: GlobalDialPlanOptions) {
    const { clusterId, database, node, log, clock, events } = options
    this.#options = options
    this.#metrics = createDialPlanMetrics(options.metrics, () => {
      const { objects, duplicates, refusedObjects: waiting } = this.status()
      return { objects, duplicates, waiting }
    })
    const limit = () => ({ maximum: this.#maximum(), objects: this.#learning.objects.size })
    this.#learning = new Learning({
      clusterId,
      database,
      records: () => node.records(),
      maximum: () => this.#maximum(),
      now: () => clock.now(),
      listener: createLearningReports({ log, events, metrics: this.#metrics, limit }),
      onWriteError: (err) => log.error({ err }, 'what ILS has learned could not be written'),
    })
    this.#advertising = new Advertising(options)
    this.#routes = new LearnedRoutes({ learning: this.#learning, globalDialPlan: database.globalDialPlan })
    this.learned = this.#routes
    this.#stopListening = [
      events.subscribe(() => this.#learning.roomChanged(), ['parameterChanged']),
      database.onRollback(() => this.#routes.useChanged()),
    ]
  }

  /** The node has started. Learns what the replica holds. */
  start(): void {
    if (exchanges(this.#options.configuration())) this.#learning.start()
    else this.#learning.end()
  }

  /** Inside `database.write`, at the start: whatever changed while ILS was not running. */
  reconcile(): void {
    this.#advertising.reconcile()
  }

  /** Inside `database.write`: ILS Configuration is another one. Advertises or withdraws; after the commit learns or forgets. */
  configurationChanged(): void {
    this.#advertising.configurationChanged()
    const isOn = exchanges(this.#options.configuration())
    this.#options.database.afterCommit(() => {
      if (isOn === this.#learning.isLearning) return
      if (isOn) this.#learning.start()
      else this.#learning.end()
    })
  }

  /** Inside `database.write`. */
  dialPlanChanged(change: DialPlanChange): void {
    this.#advertising.changed(change)
    if (change.part === 'use' || change.part === 'all') {
      this.#options.database.afterCommit(() => this.#routes.useChanged())
    }
  }

  /** A notice of the node: records that are visible now, and such that have gone with their epoch or their cluster. */
  applied(origin: string, records: readonly IlsRecord[], removed: readonly IlsRecord[]): void {
    if (origin === this.#options.clusterId) this.#advertising.ownApplied()
    this.#learning.applied(origin, records, removed)
  }

  /** The replica was read again from disk. */
  reloaded(): void {
    if (this.#learning.isLearning) this.#learning.start()
  }

  list(query: LearnedQuery): LearnedPage {
    return listLearned(this.#learning, this.#routes, query)
  }

  status(): LearnedStatus {
    const { objects, refusedCount } = this.#learning
    return {
      objects: objects.size,
      maximumObjects: this.#maximum(),
      refusedObjects: refusedCount,
      duplicates: objects.duplicates,
    }
  }

  /** One sentence each. */
  warnings(): readonly string[] {
    const { objects, refusedCount: refused } = this.#learning
    const { refused: unsaid } = this.#advertising
    const learning = learningWarnings({ objects, refused, maximum: this.#maximum() })
    return unsaid === undefined ? learning : [...learning, `Not all of the dial plan is advertised: ${unsaid}`]
  }

  /** What is on disk stays. */
  async stop(): Promise<void> {
    for (const stopListening of this.#stopListening) stopListening()
    this.#learning.stop()
    this.#metrics.remove()
    await this.#advertising.stop()
  }

  #maximum(): number {
    return parameterNumber(this.#options.database.serviceParameters, maximumLearnedObjects)
  }
}
