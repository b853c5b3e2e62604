// A process with one ILS node on a hub's SQLite file. It fills its store first where it is told to, answers commands on stdin
// (`open`, `memory`, `stop`) and tells on stdout, one JSON document a line, when it can be reached, has learned everything, and has it on disk.
import { statSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createIlsNode } from '../../ils-sync/node.ts'
import type { Membership } from '../../ils-sync/core/state.ts'
import { createRedisTransport } from '../../ils-sync/transport/redis.ts'
import type { Transport } from '../../ils-sync/transport/api.ts'
import { openHubFile } from '../../services/ils/hub/hub-file.ts'
import { HubWrites } from '../../services/ils/hub/hub-writes.ts'
import { createReplicaStore } from '../../services/ils/replica-store.ts'
import { ObjectKind } from '../../services/ils/dial-plan/records.ts'
import { fillStore, originNames } from './ils-records.ts'

const { values } = parseArgs({
  options: {
    name: { type: 'string', default: 'hub' },
    hub: { type: 'string' },
    redis: { type: 'string', default: '' },
    network: { type: 'string', default: '' },
    file: { type: 'string', default: '' },
    objects: { type: 'string', default: '0' },
    origins: { type: 'string', default: '10' },
    fill: { type: 'boolean', default: false },
  },
})
const size = { objects: Number(values.objects), origins: Number(values.origins) }
const membership: Membership = values.hub === undefined ? { role: 'hub' } : { role: 'spoke', hub: values.hub }

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
const monotonicMs = () => Number(process.hrtime.bigint()) / 1e6

const sql = openHubFile(values.file)
const writes = new HubWrites(sql, values.file)
const store = createReplicaStore(sql)
if (values.fill) await writes.write(() => fillStore(store, size))

const traffic = { messages: 0, bytes: 0 }
let upAt = 0
let cpuAtStart = process.cpuUsage()
let applied = 0
let commits = 0
const before = memory()
const startedAt = monotonicMs()
const delay = monitorEventLoopDelay({ resolution: 1 })
delay.enable()
const node = createIlsNode({
  self: values.name,
  membership,
  network: values.network,
  authentication: { mode: 'password', password: 'benchmark' },
  transport: counted(createRedisTransport({ url: values.redis, network: values.network, nodeId: values.name })),
  store,
  host: {
    write: async (work) => {
      const result = await writes.write(work)
      commits += 1
      if (upAt > 0 && isStored()) tell({ stored: monotonicMs() - upAt, commits })
      return result
    },
    afterCommit: (effect) => writes.afterCommit(effect),
  },
  heartbeatMs: 2000,
  synchronizeEveryMs: 0,
  clock: Date,
  onWire: (error) => {
    if (error !== undefined) return
    upAt = monotonicMs()
    cpuAtStart = process.cpuUsage()
    tell({ up: true })
  },
  onNotice: (notice) => {
    if (notice.type === 'applied') applied += notice.records.length
    if (notice.type === 'pulled') {
      const known = monotonicMs() - upAt
      const { user, system } = process.cpuUsage(cpuAtStart)
      tell({ known, cpu: (user + system) / 1000, applied, ...traffic, lookup: firstLookupMs() })
    }
  },
  onStoreError: (error) => console.error(error),
})
await node.start()
const loadMs = monotonicMs() - startedAt
// What blocks is measured by the turn that comes after it.
await setTimeout(5)
tell({ ready: true, loadMs, blockedMs: blockedMs() })

for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'open') node.open()
  if (line === 'memory') {
    const now = memory()
    // Read before the records are counted, which costs memory of its own.
    const records = [...node.vector().values()].reduce((sum, { usn }) => sum + usn, 0)
    tell({
      memory: now - before,
      records,
      disk: sizeOf(values.file) + sizeOf(`${values.file}-wal`),
      blockedMs: blockedMs(),
    })
  }
  if (line === 'stop') break
}
await node.stop()
writes.close()
process.exit(0)

function isStored(): boolean {
  return originNames(size).every(
    (origin) => (store.version(origin)?.usn ?? 0) >= Math.floor(size.objects / size.origins),
  )
}

/** One look at each origin: what is known only counts when it can be found. */
function firstLookupMs(): number {
  const askedAt = monotonicMs()
  for (const origin of originNames(size)) node.find(origin, ObjectKind.directoryUri, 'nobody')
  return monotonicMs() - askedAt
}

function tell(facts: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify(facts)}\n`)
}

/** The longest that anything had to wait for the event loop since the last time that this was asked. */
function blockedMs(): number {
  const longest = delay.max / 1e6
  delay.reset()
  return longest
}

function memory(): number {
  collect()
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

function counted(transport: Transport): Transport {
  return {
    ...transport,
    start: (listener) =>
      transport.start({
        ...listener,
        onMessage(bytes) {
          traffic.messages += 1
          traffic.bytes += bytes.length
          listener.onMessage(bytes)
        },
      }),
  }
}
