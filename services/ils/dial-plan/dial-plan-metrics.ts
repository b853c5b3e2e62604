// The learned dial plan in Prometheus' words. The vendor documents no performance counters of ILS, so these names are ours.
import { Counter, Gauge } from 'prom-client'
import type { Registry } from 'prom-client'

const helpOf = {
  objects: ['ils_learned_objects', 'Learned numbers, patterns and directory URIs'],
  duplicates: ['ils_learned_duplicates', 'Learned objects that another cluster had claimed before'],
  waiting: ['ils_learned_objects_waiting', 'Objects that are not learned for want of room'],
} as const
export type LearnedFigures = Readonly<Record<keyof typeof helpOf, number>>

const refusedName = 'ils_learned_objects_refused_total'
const unusableName = 'ils_learned_objects_unusable_total'

export interface DialPlanMetrics {
  refused(): void
  unusable(): void
  /** Takes them off the registry, so that a later activation can put them there again. */
  remove(): void
}

/** `read` is asked at each scrape. */
export function createDialPlanMetrics(registry: Registry, read: () => LearnedFigures): DialPlanMetrics {
  const names = [...Object.values(helpOf).map(([name]) => name), refusedName, unusableName]
  const remove = () => {
    for (const name of names) registry.removeSingleMetric(name)
  }
  remove()
  for (const [figure, [name, help]] of Object.entries(helpOf)) {
    const collect = function (this: Gauge) {
      this.set(read()[figure as keyof LearnedFigures])
    }
    registry.registerMetric(new Gauge({ name, help, collect, registers: [] }))
  }
  const registers = [registry]
  const refused = new Counter({
    name: refusedName,
    help: 'Objects refused because ILS Max Number of Learned Objects in Database was reached',
    registers,
  })
  const unusable = new Counter({
    name: unusableName,
    help: 'Objects of other clusters that cannot be understood, and are only relayed',
    registers,
  })
  return { refused: () => refused.inc(), unusable: () => unusable.inc(), remove }
}
