import { Counter, Gauge } from 'prom-client'
import type { Registry } from 'prom-client'

/**
 * The vendor's performance object `Cisco Extension Mobility`, as far as one cluster moves it; the help texts carry the vendor's counter
 * names. Those of EMCC come with EMCC.
 */
export interface EmMetrics {
  readonly requestsHandled: Counter
  readonly requestsInProgress: Gauge
  readonly requestsThrottled: Counter
  readonly requestsAttempted: Counter
  readonly loginsSuccessful: Counter
  readonly logoutsSuccessful: Counter
}

const object = 'Cisco Extension Mobility'

/** Registers the counters, or finds those of an earlier activation: they count on until the process ends. */
export function createEmMetrics(registry: Registry): EmMetrics {
  const counter = (name: string, help: string) =>
    (registry.getSingleMetric(name) as Counter | undefined) ??
    new Counter({ name, help: `${object}: ${help}`, registers: [registry] })
  const gauge = (name: string, help: string) =>
    (registry.getSingleMetric(name) as Gauge | undefined) ??
    new Gauge({ name, help: `${object}: ${help}`, registers: [registry] })
  return {
    requestsHandled: counter(
      'roamline_em_requests_handled_total',
      'RequestsHandled. Logins, logouts and queries answered, successful or not.',
    ),
    requestsInProgress: gauge(
      'roamline_em_requests_in_progress',
      'RequestsInProgress. Logins, logouts and queries that are being worked on.',
    ),
    requestsThrottled: counter(
      'roamline_em_requests_throttled_total',
      'RequestsThrottled. Logins and logouts refused because too many were under way (error 26).',
    ),
    requestsAttempted: counter(
      'roamline_em_requests_attempted_total',
      'Total Login/LogoutRequestsAttempted. Logins and logouts that were asked for, whatever came of them.',
    ),
    loginsSuccessful: counter('roamline_em_logins_successful_total', 'LoginsSuccessful. Logins that are on disk.'),
    logoutsSuccessful: counter(
      'roamline_em_logouts_successful_total',
      'LogoutsSuccessful. Logouts that are on disk, whoever caused them.',
    ),
  }
}
