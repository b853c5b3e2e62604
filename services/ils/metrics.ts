// ILS in Prometheus' words. The vendor documents no performance counters of ILS, so these names are ours.
import { Counter } from 'prom-client'
import type { Registry } from 'prom-client'
import type { Counters } from '../../ils-sync/core/state.ts'

const helpOf = {
  applied: ['ils_records_applied_total', 'Records of other clusters applied'],
  pushesSent: ['ils_pushes_sent_total', 'Messages with changes sent at once'],
  pushesReceived: ['ils_pushes_received_total', 'Messages with changes received'],
  pullsSent: ['ils_pulls_sent_total', 'Times this node asked a neighbour for what it lacks'],
  pagesSent: ['ils_pages_sent_total', 'Pages of records sent to neighbours that asked'],
  gaps: ['ils_gaps_total', 'Pushes that could not be used because an earlier one was lost'],
} as const satisfies Record<keyof Counters, readonly [string, string]>

const refusedName = 'ils_messages_refused_total'

export interface IlsMetrics {
  refused(reason: string): void
  /** Takes them off the registry, so that a later activation can put them there again. */
  remove(): void
}

/** `read` is asked at each scrape. */
export function createIlsMetrics(registry: Registry, read: () => Readonly<Counters> | undefined): IlsMetrics {
  const counters = Object.entries(helpOf).map(([key, [name, help]]) => {
    registry.removeSingleMetric(name)
    const collect = function (this: Counter) {
      this.reset()
      this.inc(read()?.[key as keyof Counters] ?? 0)
    }
    return new Counter({ name, help, collect, registers: [] })
  })
  for (const counter of counters) registry.registerMetric(counter)
  registry.removeSingleMetric(refusedName)
  const help = 'Messages turned away, by reason'
  const refused = new Counter({ name: refusedName, help, labelNames: ['reason'], registers: [registry] })
  return {
    refused: (reason) => refused.inc({ reason }),
    remove() {
      for (const [name] of Object.values(helpOf)) registry.removeSingleMetric(name)
      registry.removeSingleMetric(refusedName)
    },
  }
}
