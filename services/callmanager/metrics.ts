import { Counter, Gauge } from 'prom-client'
import type { Registry } from 'prom-client'
import type { Cause } from './api.ts'
import { causeText } from './causes.ts'

/** What the metrics read when they are asked. */
export interface Measured {
  readonly registeredPhones: () => number
  readonly activeCalls: () => number
}

/** The counters of one activation of the service. */
export interface CallManagerMetrics {
  callCompleted(cause: Cause): void
  /** The gauges fall silent: a deactivated service measures nothing. */
  stop(): void
}

const registeredPhonesName = 'roamline_callmanager_registered_phones'
const activeCallsName = 'roamline_callmanager_calls_active'
const completedCallsName = 'roamline_callmanager_calls_completed_total'

/** Counters go on counting over deactivations, gauges belong to the running service. */
export function createCallManagerMetrics(registry: Registry, measured: Measured): CallManagerMetrics {
  const completed = registry.getSingleMetric(completedCallsName) as Counter<'cause' | 'text'> | undefined
  const counter =
    completed ??
    new Counter({
      name: completedCallsName,
      help: 'Cisco CallManager: calls that are over, by Q.850 cause, failed ones included.',
      labelNames: ['cause', 'text'] as const,
      registers: [registry],
    })
  gauge(registry, { name: registeredPhonesName, help: 'Phones that are registered.', read: measured.registeredPhones })
  gauge(registry, { name: activeCallsName, help: 'Calls that ring or are connected.', read: measured.activeCalls })
  return {
    callCompleted: (cause) => counter.inc({ cause: String(cause), text: causeText(cause) }),
    stop: () => {
      registry.removeSingleMetric(registeredPhonesName)
      registry.removeSingleMetric(activeCallsName)
    },
  }
}

function gauge(registry: Registry, { name, help, read }: { name: string; help: string; read: () => number }): void {
  registry.removeSingleMetric(name)
  const collected: Gauge = new Gauge({
    name,
    help: `Cisco CallManager: ${help}`,
    registers: [registry],
    collect: () => collected.set(read()),
  })
}
