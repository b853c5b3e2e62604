import { Counter, Gauge } from 'prom-client'
import type { Registry } from 'prom-client'

/**
 * The vendor's performance object `Cisco Extension Mobility`, as far as this service can count it; the help texts carry the
 * vendor's counter names. RequestsThrottled comes with the parameter that throttles (Maximum Concurrent Requests).
 */
export interface EmMetrics {
  readonly requestsHandled: Counter
  readonly requestsInProgress: Gauge
  readonly loginsSuccessful: Counter
  readonly logoutsSuccessful: Counter
}

/** Registers the counters, or finds those of an earlier activation: they count on until the process ends. */
export function createEmMetrics(registry: Registry): EmMetrics {
  const counter = (name: string, help: string) =>
    (registry.getSingleMetric(name) as Counter | undefined) ?? new Counter({ name, help, registers: [registry] })
  const gauge = (name: string, help: string) =>
    (registry.getSingleMetric(name) as Gauge | undefined) ?? new Gauge({ name, help, registers: [registry] })
  const object = 'Cisco Extension Mobility'
  return {
    requestsHandled: counter(
      'roamline_em_requests_handled_total',
      `${object}: RequestsHandled. Login and logout requests answered, successful or not.`,
    ),
    requestsInProgress: gauge(
      'roamline_em_requests_in_progress',
      `${object}: RequestsInProgress. Login and logout requests that are being worked on.`,
    ),
    loginsSuccessful: counter(
      'roamline_em_logins_successful_total',
      `${object}: LoginsSuccessful. Logins that are on disk.`,
    ),
    logoutsSuccessful: counter(
      'roamline_em_logouts_successful_total',
      `${object}: LogoutsSuccessful. Logouts that are on disk, whoever caused them.`,
    ),
  }
}
