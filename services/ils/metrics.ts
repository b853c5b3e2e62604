// ILS in Prometheus' words. The vendor documents no performance counters of ILS, so these names are ours.
import { Counter, Gauge } from 'prom-client'
import type { Metric, Registry } from 'prom-client'
import type { Counters } from '../../ils-sync/core/state.ts'
import type { IlsStatus } from './api.ts'

const helpOf = {
  applied: ['ils_records_applied_total', 'Records of other clusters applied'],
  pushesSent: ['ils_pushes_sent_total', 'Messages with changes sent at once'],
  pushesReceived: ['ils_pushes_received_total', 'Messages with changes received'],
  pullsSent: ['ils_pulls_sent_total', 'Times this node asked a neighbour for what it lacks'],
  pagesSent: ['ils_pages_sent_total', 'Pages of records sent to neighbours that asked'],
  gaps: ['ils_gaps_total', 'Pushes that could not be used because an earlier one was lost'],
} as const satisfies Partial<Record<keyof Counters, readonly [string, string]>>

export interface IlsMetrics {
  refused(reason: string): void
  alarm(name: string): void
  /** Takes them off the registry, so that a later activation can put them there again. */
  remove(): void
}

export interface MetricsSource {
  readonly counters: () => Readonly<Counters> | undefined
  readonly status: () => Pick<IlsStatus, 'peers' | 'learned'>
}

/** The source is asked at each scrape, once. */
export function createIlsMetrics(registry: Registry, { counters, status }: MetricsSource): IlsMetrics {
  let seen: ReturnType<typeof status> | undefined
  const source: MetricsSource = {
    counters,
    status() {
      // All metrics of a scrape are collected in one turn of the event loop.
      if (seen === undefined) setImmediate(() => (seen = undefined))
      return (seen ??= status())
    },
  }
  const refused = new Counter({
    name: 'ils_messages_refused_total',
    help: 'Messages turned away, by reason',
    labelNames: ['reason'],
    registers: [],
  })
  const alarms = new Counter({
    name: 'ils_alarms_total',
    help: 'Alarms raised, by name',
    labelNames: ['name'],
    registers: [],
  })
  // `name` is a label here, which the type of a registry's own metrics does not know.
  const all = [refused, alarms, ...nodeCounters(source), ...peerGauges(source), recordGauge(source)] as Metric[]
  for (const metric of all) {
    registry.removeSingleMetric(nameOf(metric))
    registry.registerMetric(metric)
  }
  return {
    refused: (reason) => refused.inc({ reason }),
    alarm: (name) => alarms.inc({ name }),
    remove() {
      for (const metric of all) registry.removeSingleMetric(nameOf(metric))
    },
  }
}

function nameOf(metric: Metric): string {
  return (metric as unknown as { readonly name: string }).name
}

function nodeCounters({ counters }: MetricsSource): Counter[] {
  return Object.entries(helpOf).map(([key, [name, help]]) => {
    const collect = function (this: Counter) {
      this.reset()
      this.inc(counters()?.[key as keyof Counters] ?? 0)
    }
    return new Counter({ name, help, collect, registers: [] })
  })
}

/** One series for each peer, so as many as the network has nodes. */
function peerGauges({ status }: MetricsSource): Gauge<'peer'>[] {
  const gauge = (name: string, help: string, valueOf: (peer: IlsStatus['peers'][number]) => number | undefined) => {
    const collect = function (this: Gauge<'peer'>) {
      this.reset()
      for (const one of status().peers) {
        const value = valueOf(one)
        if (value !== undefined) this.set({ peer: one.clusterId }, value)
      }
    }
    return new Gauge({ name, help, labelNames: ['peer'], collect, registers: [] })
  }
  return [
    gauge('ils_peer_up_to_date', '1 while everything of the peer is held, as far as this node knows', (peer) =>
      peer.status === 'Up to Date' ? 1 : 0,
    ),
    gauge('ils_peer_lag_usns', 'Update sequence numbers of the peer that this node lacks', ({ lag }) => lag?.usns),
    gauge('ils_peer_lag_seconds', 'For how long this node has lacked them', ({ lag }) => lag?.seconds),
    gauge(
      'ils_peer_clock_offset_seconds',
      "The neighbour's wall clock minus this node's",
      (peer) => peer.clockOffsetSeconds,
    ),
  ]
}

/** Learned objects of the global dial plan have metrics of their own. */
function recordGauge({ status }: MetricsSource): Gauge {
  const collect = function (this: Gauge) {
    this.set(status().learned.records)
  }
  return new Gauge({ name: 'ils_learned_records', help: 'Records held of other clusters', collect, registers: [] })
}
