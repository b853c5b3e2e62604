// A hub that is no cluster: the ILS node on a file of its own, with a small HTTP door. Callable many times in one process.
import { mkdirSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { Registry } from 'prom-client'
import { createIlsNode } from '../../../ils-sync/node.ts'
import type { IlsNode } from '../../../ils-sync/node.ts'
import type { Notice } from '../../../ils-sync/core/notice.ts'
import { RecordKind } from '../../../ils-sync/core/data/record.ts'
import type { IlsRecord } from '../../../ils-sync/core/data/record.ts'
import type { IlsStore } from '../../../ils-sync/store/api.ts'
import type { Transport, TransportError } from '../../../ils-sync/transport/api.ts'
import { createRedisTransport } from '../../../ils-sync/transport/redis.ts'
import type { Identity } from '../../certificates/api.ts'
import type { Logger } from '../../service.ts'
import { loadAuthentication } from '../authentication.ts'
import { describeClusters } from '../cluster-view.ts'
import { membershipOf } from '../config.ts'
import { IlsError } from '../errors.ts'
import { createIlsMetrics } from '../metrics.ts'
import { createNoticeLog } from '../notice-log.ts'
import type { NoticeLog } from '../notice-log.ts'
import type { PeerInfo } from '../peer-info.ts'
import { createReplicaStore } from '../replica-store.ts'
import { softwareVersion } from '../software-version.ts'
import { describeStatus, synchronizeNow } from '../status.ts'
import type { StatusSource } from '../status.ts'
import { SuperuserCounts } from '../superuser-counts.ts'
import { configurationOf } from './config.ts'
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
  /** The hub's certificate; needed unless ILS uses passwords alone. */
  readonly identity?: Identity
}

/** Opens the file, listens, joins the network. Throws IlsError, or the error of `listen`. */
export async function createHub(config: HubConfig, around: HubSurroundings): Promise<Hub> {
  const transport = around.transport ?? redisTransport(config)
  const authentication = await loadAuthentication({
    self: config.name,
    settings: config.ils,
    identity: () => around.identity ?? missingIdentity(),
    clock: Date,
  })
  mkdirSync(config.dataDirectory, { recursive: true })
  const path = join(config.dataDirectory, 'ils-hub.sqlite')
  const sql = openHubFile(path)
  const writes = new HubWrites(sql, path)
  const store = createReplicaStore(sql)
  const registry = new Registry()
  const wire: Watched = { lastChange: new Map(), superusers: new SuperuserCounts(config.name), error: 'connecting' }
  const metrics = createIlsMetrics(registry, {
    counters: () => node.counters(),
    status: () => describeStatus(source()),
  })
  const notices = createNoticeLog({ log: around.log, metrics, heartbeatMs: config.ils.heartbeatMs })
  const node = createIlsNode({
    ...nodeSettings(config),
    ...watching({ config, notices, log: around.log, wire, records: () => node.records() }),
    authentication,
    transport,
    store,
    host: writes,
    clock: Date,
  })
  const source = () => statusSource({ config, store, node, notices, wire })
  const app = buildHubApp({
    log: around.log,
    metrics: registry,
    status: () => describeStatus(source()),
    clusters: () => describeClusters(source(), infoOf(config, store)),
    configuration: () => configurationOf(config),
    synchronize: () => synchronizeNow(node),
    waitingFor: () => (wire.error === undefined ? [] : ['Redis cannot be reached.']),
  })
  const stop = once(async () => {
    await app.close()
    await node.stop()
    writes.close()
  })
  try {
    await node.start()
    wire.superusers.readAgain(node.records())
    await describeOneself(writes, node, config.name, infoOf(config, store))
    await app.listen({ host: config.listen.host, port: config.listen.httpPort })
    node.open()
  } catch (error) {
    await stop()
    throw error
  }
  const { port } = app.server.address() as AddressInfo
  return { http: `http://${urlHost(hostOf(config))}:${port}`, node, stop }
}

function redisTransport({ name, ils }: HubConfig): Transport {
  try {
    return createRedisTransport({ url: ils.redisUrl, network: ils.network, nodeId: name })
  } catch (error) {
    throw new IlsError('ILS_CONFIG', `ils.redisUrl: ${(error as Error).message}`, { cause: error })
  }
}

function missingIdentity(): never {
  throw new IlsError('ILS_CONFIG', 'ILS authentication by certificates needs secretsDirectory')
}

function nodeSettings(config: HubConfig) {
  const { network, hubs, heartbeatMs, synchronizeClustersEveryMinutes } = config.ils
  const synchronizeEveryMs = synchronizeClustersEveryMinutes * 60_000
  return {
    self: config.name,
    membership: membershipOf(configurationOf(config), hubs),
    network,
    heartbeatMs,
    synchronizeEveryMs,
  }
}

/** What is remembered of what the node has told. */
interface Watched {
  /** Wall clock milliseconds of the last change that arrived, by origin. */
  readonly lastChange: Map<string, number>
  readonly superusers: SuperuserCounts
  error: TransportError | 'connecting' | undefined
}

interface WatchParts {
  readonly config: HubConfig
  readonly notices: NoticeLog
  readonly log: Logger
  readonly wire: Watched
  readonly records: () => Iterable<IlsRecord>
}

function watching({ config, notices, log, wire, records }: WatchParts) {
  return {
    onNotice(notice: Notice) {
      notices.notice(notice)
      if (notice.type === 'reloaded') wire.superusers.readAgain(records())
      if (notice.type !== 'applied') return
      wire.superusers.applied(notice)
      if (notice.origin !== config.name) wire.lastChange.set(notice.origin, Date.now())
    },
    onWire(error: TransportError | undefined) {
      wire.error = error
      notices.wire(error)
    },
    onStoreError: (err: unknown) => log.error({ err }, 'ILS records could not be stored'),
  }
}

interface StatusParts extends Omit<WatchParts, 'log' | 'records'> {
  readonly store: IlsStore
  readonly node: IlsNode
}

function statusSource({ config, store, node, notices, wire }: StatusParts): StatusSource {
  return {
    clusterId: config.name,
    configuration: configurationOf(config),
    authentication: config.ils.authentication,
    peerId: store.peerId(),
    node,
    superusers: wire.superusers,
    lastChange: wire.lastChange,
    warnings: notices.warnings(),
  }
}

/** The hub's entry in everybody's Cluster View; it serves no phones, and so offers no service and no HTTPS. */
function infoOf(config: HubConfig, store: IlsStore): PeerInfo {
  return {
    description: config.description,
    version: softwareVersion,
    role: 'hub',
    https: '',
    peerId: store.peerId(),
    hostNames: [hostOf(config)],
  }
}

/** Written only when it changed. */
async function describeOneself(writes: HubWrites, node: IlsNode, name: string, info: PeerInfo): Promise<void> {
  await writes.write(() => {
    const before = node.own(RecordKind.peerInfo, name)?.value
    if (!isDeepStrictEqual(before, info)) node.change(RecordKind.peerInfo, name, { ...info })
  })
}

function hostOf({ listen }: HubConfig): string {
  return listen.advertise ?? listen.host
}

function urlHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  return () => (running ??= work())
}
