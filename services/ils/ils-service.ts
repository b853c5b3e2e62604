// The Intercluster Lookup Service of one cluster: the ILS node on the cluster's database, and what the other services ask of it.
import { createHybridClock } from '../../ils-sync/core/hybrid-clock.ts'
import { asLocation, asPeerInfo } from '../../ils-sync/core/locations.ts'
import type { Notice } from '../../ils-sync/core/notice.ts'
import { RecordKind } from '../../ils-sync/core/record.ts'
import type { IlsRecord } from '../../ils-sync/core/record.ts'
import { createIlsNode } from '../../ils-sync/node.ts'
import type { IlsNode } from '../../ils-sync/node.ts'
import type { Transport } from '../../ils-sync/transport/api.ts'

import type { RunningService, ServiceContext } from '../service.ts'
import type { Ils, Superseded } from './api.ts'
import { CatchUp } from './catch-up.ts'
import type { IlsConfig } from './config.ts'
import { LocationDirectory } from './location-directory.ts'
import type { LocationChange } from './location-directory.ts'
import { createIlsMetrics } from './metrics.ts'
import type { IlsMetrics } from './metrics.ts'
import { createNoticeLog } from './notice-log.ts'
import type { NoticeLog } from './notice-log.ts'
import { OwnRecords } from './own-records.ts'
import { createReplicaStore } from './replica-store.ts'
import { softwareVersion } from './software-version.ts'
import { describeStatus } from './status.ts'

const addressPollMs = 50

export class IlsService {
  readonly #context: ServiceContext
  readonly #config: IlsConfig
  readonly #node: IlsNode
  readonly #own: OwnRecords
  readonly #directory: LocationDirectory
  readonly #catchUp: CatchUp
  readonly #metrics: IlsMetrics
  readonly #notices: NoticeLog
  readonly #hybridClock
  readonly #supersededListeners = new Set<(one: Superseded) => void>()
  readonly #lastChange = new Map<string, number>()
  readonly #stopListening: () => void
  #addressPoll: NodeJS.Timeout | undefined

  /** `transport` is absent for a standalone cluster. The configuration has been checked. */
  constructor(context: ServiceContext, config: IlsConfig, transport: Transport | undefined) {
    const { clusterId, clock, log } = context
    const database = context.use('database')
    this.#context = context
    this.#config = config
    this.#directory = new LocationDirectory(clusterId)
    this.#hybridClock = createHybridClock(clusterId, () => clock.now())
    this.#metrics = createIlsMetrics(context.metrics, () => this.#node.counters())
    this.#notices = createNoticeLog({
      log,
      metrics: this.#metrics,
      publish: (type, facts) => context.events.publish(type, facts),
    })
    this.#node = createIlsNode({
      ...nodeSettings(clusterId, config),
      ...(transport === undefined ? {} : { transport }),
      store: createReplicaStore(database.sql, database.cache()),
      host: database,
      clock,
      onNotice: (notice) => this.#onNotice(notice),
      onWire: (error) => this.#notices.wire(error),
      onStoreError: (err) => log.error({ err }, 'ILS records could not be stored'),
    })
    this.#own = new OwnRecords({
      clusterId,
      database,
      node: this.#node,
      hybridClock: this.#hybridClock,
      now: () => clock.now(),
    })
    this.#catchUp = new CatchUp({
      waits: config.role === 'spoke',
      graceMs: config.catchUpGraceMs,
      superseded: () => this.#superseded(),
    })
    this.#stopListening = database.onRollback(() => this.#node.reload())
  }

  async start(): Promise<RunningService<Ils>> {
    const database = this.#context.use('database')
    await this.#node.start()
    for (const record of this.#node.records()) this.#take(record)
    await database.write(() => this.#own.reconcile())
    this.#catchUp.begin()
    this.#node.open()
    this.#publishPeerInfo()
    return {
      api: this.#api(),
      notReady: () => (this.#catchUp.waitingFor === undefined ? undefined : `ILS: ${this.#catchUp.waitingFor}`),
      stop: () => this.#stop(),
    }
  }

  #api(): Ils {
    return {
      locate: (dn) => this.#directory.locate(dn),
      locations: () => this.#directory.all(),
      addressOf: (clusterId) => this.#addressOf(clusterId),
      caughtUp: () => this.#catchUp.promise,
      locationChanged: (userId, change) => this.#own.locationChanged(userId, change),
      superuserChanged: (userId) => this.#own.superuserChanged(userId),
      superseded: () => this.#superseded(),
      onSuperseded: (listener) => {
        this.#supersededListeners.add(listener)
        return () => this.#supersededListeners.delete(listener)
      },
      status: () => this.#status(),
    }
  }

  async #stop(): Promise<void> {
    clearInterval(this.#addressPoll)
    this.#stopListening()
    this.#catchUp.stop()
    this.#metrics.remove()
    await this.#node.stop()
  }

  #onNotice(notice: Notice): void {
    this.#notices.notice(notice)
    if (notice.type === 'pulled') this.#catchUp.pulled()
    if (notice.type === 'reloaded') this.#readAgain()
    if (notice.type !== 'applied') return
    const { origin, records, removed } = notice
    if (origin !== this.#context.clusterId) this.#lastChange.set(origin, this.#context.clock.now())
    // What goes first, so that a record which only moved to another key is never missing in between for long.
    for (const record of removed) this.#announce(this.#directory.apply(record, true))
    for (const record of records) {
      this.#announce(this.#take(record))
      this.#tellIfSuperseded(record)
    }
    this.#catchUp.check()
  }

  #take(record: IlsRecord): LocationChange | undefined {
    const location = record.kind === RecordKind.location ? asLocation(record.value) : undefined
    if (location) this.#hybridClock.observe(location.loginClock)
    return this.#directory.apply(record)
  }

  #readAgain(): void {
    this.#directory.clear()
    for (const record of this.#node.records()) this.#take(record)
  }

  #announce(change: LocationChange | undefined): void {
    if (change === undefined) return
    this.#context.events.publish('ilsLocation', () => {
      const { userId, location } = change
      const { cluster = null, deviceNames = [], source = null, since, dns = [] } = location ?? {}
      return { userId, dns, location: cluster, deviceNames, source, since }
    })
  }

  #tellIfSuperseded({ kind, key }: IlsRecord): void {
    if (kind !== RecordKind.location) return
    const superseded = this.#directory.supersededUser(key, (userKey) => this.#ownLocation(userKey))
    if (superseded) for (const listener of this.#supersededListeners) listener(superseded)
  }

  #superseded(): readonly Superseded[] {
    return this.#directory.superseded((userKey) => this.#ownLocation(userKey))
  }

  #ownLocation(userKey: string) {
    return this.#node.own(RecordKind.location, userKey)?.value ?? null
  }

  #addressOf(clusterId: string): string | undefined {
    const value = this.#node.find(clusterId, RecordKind.peerInfo, clusterId)?.value ?? null
    return asPeerInfo(value)?.https || undefined
  }

  #status() {
    const { role, hub } = this.#config
    const { clusterId } = this.#context
    return describeStatus({
      clusterId,
      role,
      ...(hub === undefined ? {} : { hub }),
      node: this.#node,
      lastChange: this.#lastChange,
    })
  }

  /** The address is known once the cluster listens, which is after its services have started. */
  #publishPeerInfo(): void {
    this.#addressPoll = setInterval(() => {
      const https = this.#httpsAddress()
      if (https === undefined) return
      clearInterval(this.#addressPoll)
      const { description, role, hub } = this.#config
      const info = { description, version: softwareVersion, role, ...(hub === undefined ? {} : { hub }), https }
      this.#context
        .use('database')
        .write(() => this.#own.peerInfo(info))
        .catch((err: unknown) => this.#context.log.error({ err }, 'ILS peer info could not be written'))
    }, addressPollMs)
  }

  #httpsAddress(): string | undefined {
    try {
      return this.#context.address().https || undefined
    } catch {
      return undefined
    }
  }
}

function nodeSettings(self: string, config: IlsConfig) {
  const { role, hub, hubs, network, password, heartbeatMs, synchronizeClustersEveryMinutes } = config
  return {
    self,
    role,
    ...(hub === undefined ? {} : { hub }),
    hubs,
    network,
    password,
    heartbeatMs,
    synchronizeEveryMs: synchronizeClustersEveryMinutes * 60_000,
  }
}
