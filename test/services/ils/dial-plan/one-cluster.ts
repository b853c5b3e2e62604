// Global Dial Plan Replication of one cluster on a real database; its ILS node is played by the test, which says what others tell.
import { join } from 'node:path'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import type { Test } from 'tap'
import type { IlsRecord, JsonValue } from '../../../../ils-sync/core/data/record.ts'
import { openClusterDatabase } from '../../../../services/database/index.ts'
import type { OpenClusterDatabase } from '../../../../services/database/index.ts'
import type { DialPlanChange, IlsConfiguration } from '../../../../services/ils/api.ts'
import { maximumLearnedObjects } from '../../../../services/database/service-parameters.ts'
import { GlobalDialPlan } from '../../../../services/ils/dial-plan/global-dial-plan.ts'
import type { GlobalDialPlanOptions } from '../../../../services/ils/dial-plan/global-dial-plan.ts'
import type { ClusterEvent } from '../../../../services/serviceability/api.ts'
import { createEventBus } from '../../../../services/serviceability/index.ts'

const log = pino({ level: 'silent' })
const clusterId = 'cluster1'

export interface OneCluster {
  readonly database: OpenClusterDatabase
  readonly events: ClusterEvent[]
  readonly metrics: Registry
  /** The one that runs now. */
  readonly dialPlan: GlobalDialPlan
  /** What this cluster says of itself: `kind key` → value, without tombstones. */
  advertised(): Readonly<Record<string, JsonValue>>
  /** Writes of own records since this was asked last: `kind key`. */
  written(): readonly string[]
  /** This cluster begins a new epoch without its tombstones. */
  compact(): void
  /** Another cluster says something; value null takes it back. */
  hear(origin: string, ...said: readonly (readonly [kind: string, key: string, value?: JsonValue])[]): void
  /** Another cluster starts anew and says this alone. */
  hearEpoch(origin: string, ...said: readonly (readonly [kind: string, key: string, value?: JsonValue])[]): void
  /** Changes the cluster's own dial plan as Administration does. */
  change(change: DialPlanChange, work?: () => void): Promise<void>
  configure(changes: Partial<IlsConfiguration>): Promise<void>
  allow(objects: number): Promise<void>
  /** The process ends and starts again. What it heard is on disk. */
  restart(): Promise<void>
  /** Everything that was queued is on disk. */
  settled(): Promise<void>
}

/** cluster1, a hub that exchanges its dial plan. */
export async function oneCluster(
  t: Test,
  configuration: Partial<IlsConfiguration> = {},
  bounds: Pick<GlobalDialPlanOptions, 'mostRecords'> = {},
): Promise<OneCluster> {
  const clock = { now: () => Date.now() }
  const database = openClusterDatabase({ path: join(t.testdir(), 'cluster.sqlite'), clock, log })
  const bus = createEventBus({ cluster: clusterId, clock, log })
  const events: ClusterEvent[] = []
  bus.subscribe((event) => events.push(event))
  const node = playedNode()
  const metrics = new Registry()
  let current: IlsConfiguration = {
    role: 'hub',
    registrationServer: '',
    exchangeGlobalDialPlan: true,
    advertisedRouteString: '',
    synchronizeClustersEveryMinutes: 10,
    ...configuration,
  }
  let dialPlan: GlobalDialPlan
  const start = async () => {
    const common = { clusterId, database, node, clock, events: bus, metrics, log, ...bounds }
    dialPlan = new GlobalDialPlan({ ...common, configuration: () => current })
    dialPlan.start()
    await database.write(() => dialPlan.reconcile())
  }
  await start()
  t.teardown(async () => {
    await dialPlan.stop()
    database.close()
  })
  return {
    database,
    events,
    metrics,
    get dialPlan() {
      return dialPlan
    },
    advertised: node.advertised,
    written: node.written,
    compact: () => dialPlan.applied(clusterId, node.compact(), []),
    hear: (origin, ...said) => dialPlan.applied(origin, node.say(origin, said), []),
    hearEpoch(origin, ...said) {
      const before = node.forget(origin)
      const records = node.say(origin, said)
      const removed = before.filter(({ kind, key }) => !records.some((one) => one.kind === kind && one.key === key))
      dialPlan.applied(origin, records, removed)
    },
    change: (change, work) =>
      database.write(() => {
        work?.()
        dialPlan.dialPlanChanged(change)
      }),
    async configure(changes) {
      await database.write(() => {
        current = { ...current, ...changes }
        dialPlan.configurationChanged()
      })
    },
    async allow(objects) {
      const { service, name } = maximumLearnedObjects
      await database.write(() => {
        database.serviceParameters.set(service, name, String(objects))
        database.afterCommit(() => bus.publish('parameterChanged', { service, name, value: String(objects) }))
      })
    },
    async restart() {
      await database.write(() => {})
      await dialPlan.stop()
      await start()
    },
    settled: () => database.write(() => {}),
  }
}

type Said = readonly (readonly [kind: string, key: string, value?: JsonValue])[]

function playedNode() {
  const own = new Map<string, IlsRecord>()
  const others = new Map<string, Map<string, IlsRecord>>()
  const numbers = new Map<string, { epoch: number; usn: number }>()
  const written: string[] = []
  const make = (origin: string, kind: string, key: string, value: JsonValue): IlsRecord => {
    const number = numbers.get(origin) ?? { epoch: 1, usn: 0 }
    number.usn += 1
    numbers.set(origin, number)
    return { origin, ...number, kind, key, value }
  }
  return {
    change(kind: string, key: string, value: JsonValue) {
      written.push(`${kind} ${key}`)
      own.set(`${kind} ${key}`, make(clusterId, kind, key, value))
    },
    own: (kind: string, key: string) => own.get(`${kind} ${key}`),
    ownRecords: () => [...own.values()],
    count: () => ({ records: own.size, tombstones: [...own.values()].filter(({ value }) => value === null).length }),
    *records() {
      yield* own.values()
      for (const records of others.values()) yield* records.values()
    },
    advertised: () =>
      Object.fromEntries([...own].filter(([, { value }]) => value !== null).map(([name, { value }]) => [name, value])),
    written: () => written.splice(0),
    compact(): readonly IlsRecord[] {
      for (const [name, { value }] of own) if (value === null) own.delete(name)
      return [...own.values()]
    },
    say(origin: string, said: Said): readonly IlsRecord[] {
      const records = others.get(origin) ?? new Map<string, IlsRecord>()
      others.set(origin, records)
      return said.map(([kind, key, value = {}]) => {
        const record = make(origin, kind, key, value)
        records.delete(`${kind} ${key}`)
        records.set(`${kind} ${key}`, record)
        return record
      })
    },
    forget(origin: string): readonly IlsRecord[] {
      const before = [...(others.get(origin)?.values() ?? [])]
      others.delete(origin)
      numbers.set(origin, { epoch: (numbers.get(origin)?.epoch ?? 0) + 1, usn: 0 })
      return before
    },
  }
}
