// A hub that is no cluster: the ILS node on a file of its own, with a small HTTP door. Callable many times in one process.
import { mkdirSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { createIlsNode } from '../../../ils-sync/node.ts'
import type { IlsNode } from '../../../ils-sync/node.ts'
import { RecordKind } from '../../../ils-sync/core/record.ts'
import type { Transport, TransportError } from '../../../ils-sync/transport/api.ts'
import { createRedisTransport } from '../../../ils-sync/transport/redis.ts'
import type { Logger } from '../../service.ts'
import { IlsError } from '../errors.ts'
import { createIlsMetrics } from '../metrics.ts'
import { createNoticeLog } from '../notice-log.ts'
import { createReplicaStore } from '../replica-store.ts'
import { softwareVersion } from '../software-version.ts'
import { describeStatus } from '../status.ts'
import type { HubConfig } from './config.ts'
import { buildHubApp } from './doors.ts'
import { openHubFile } from './hub-file.ts'
import { HubWrites } from './hub-writes.ts'

export interface Hub {
  /** Base URL at which others reach it. */
  readonly http: string
  readonly node: IlsNode
  /** Ordered, idempotent; resolves when nothing runs any more. */
  stop(): Promise<void>
}

/** What a hub needs beside its configuration; `transport` is Redis unless a test brings its own. */
export interface HubSurroundings {
  readonly log: Logger
  readonly transport?: Transport
}

/** Opens the file, listens, joins the network. Throws IlsError, or the error of `listen`. */
export async function createHub(config: HubConfig, around: HubSurroundings): Promise<Hub> {
  const transport = around.transport ?? redisTransport(config)
  mkdirSync(config.dataDirectory, { recursive: true })
  const path = join(config.dataDirectory, 'ils-hub.sqlite')
  const sql = openHubFile(path)
  const writes = new HubWrites(sql, path)
  const metrics = new Registry()
  const lastChange = new Map<string, number>()
  const wire: { error: TransportError | 'connecting' | undefined } = { error: 'connecting' }
  const notices = createNoticeLog({
    log: around.log,
    metrics: createIlsMetrics(metrics, () => node.counters()),
  })
  const node = createIlsNode({
    ...nodeSettings(config),
    transport,
    store: createReplicaStore(sql),
    host: writes,
    clock: Date,
    onNotice(notice) {
      notices.notice(notice)
      if (notice.type === 'applied' && notice.origin !== config.name) lastChange.set(notice.origin, Date.now())
    },
    onWire(error) {
      wire.error = error
      notices.wire(error)
    },
    onStoreError: (err) => around.log.error({ err }, 'ILS records could not be stored'),
  })
  const app = buildHubApp({
    log: around.log,
    metrics,
    status: () => describeStatus({ clusterId: config.name, role: 'hub', node, lastChange }),
    waitingFor: () => (wire.error === undefined ? [] : ['Redis cannot be reached.']),
  })
  const stop = once(async () => {
    await app.close()
    await node.stop()
    writes.close()
  })
  try {
    await node.start()
    await describeOneself(writes, node, config)
    await app.listen({ host: config.listen.host, port: config.listen.httpPort })
    node.open()
  } catch (error) {
    await stop()
    throw error
  }
  const { port } = app.server.address() as AddressInfo
  return { http: `http://${urlHost(config.listen.advertise ?? config.listen.host)}:${port}`, node, stop }
}

function redisTransport({ name, ils }: HubConfig): Transport {
  try {
    return createRedisTransport({ url: ils.redisUrl, network: ils.network, nodeId: name })
  } catch (error) {
    throw new IlsError('ILS_CONFIG', `ils.redisUrl: ${(error as Error).message}`, { cause: error })
  }
}

function nodeSettings({ name, ils }: HubConfig) {
  const { network, password, hubs, heartbeatMs, synchronizeClustersEveryMinutes } = ils
  const synchronizeEveryMs = synchronizeClustersEveryMinutes * 60_000
  return { self: name, role: 'hub' as const, network, password, hubs, heartbeatMs, synchronizeEveryMs }
}

/** The hub's entry in everybody's peer list; written only when it changed. */
async function describeOneself(writes: HubWrites, node: IlsNode, { name, description }: HubConfig): Promise<void> {
  const info = { description, version: softwareVersion, role: 'hub', https: '' }
  await writes.write(() => {
    const before = node.own(RecordKind.peerInfo, name)?.value
    if (JSON.stringify(before) !== JSON.stringify(info)) node.change(RecordKind.peerInfo, name, info)
  })
}

function urlHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  return () => (running ??= work())
}
