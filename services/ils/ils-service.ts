// The Intercluster Lookup Service of one cluster: the ILS node on the cluster's database, and what the other services ask of it.
import { createHybridClock } from '../../ils-sync/core/data/hybrid-clock.ts'
import { asLocation } from '../../ils-sync/core/data/locations.ts'
import type { Notice } from '../../ils-sync/core/notice.ts'
import { RecordKind } from '../../ils-sync/core/data/record.ts'
import type { IlsRecord } from '../../ils-sync/core/data/record.ts'
import { createIlsNode } from '../../ils-sync/node.ts'
import type { IlsNode, NodeAuthentication } from '../../ils-sync/node.ts'
import type { IlsStore } from '../../ils-sync/store/api.ts'
import type { Transport, TransportError } from '../../ils-sync/transport/api.ts'
import { Problem } from '../problem.ts'
import type { RunningService, ServiceContext } from '../service.ts'
import type { Ils, IlsConfiguration, IlsStatus, IlsSynchronization, Superseded } from './api.ts'
import { CatchUp } from './catch-up.ts'
import { describeClusters } from './cluster-view.ts'
import { membershipOf } from './config.ts'
import type { IlsConfig } from './config.ts'
import { Configuration } from './configuration.ts'
import { GlobalDialPlan } from './dial-plan/global-dial-plan.ts'
import { every } from './every.ts'
import { LocationDirectory } from './location-directory.ts'
import type { LocationChange } from './location-directory.ts'
import { createIlsMetrics } from './metrics.ts'
import type { IlsMetrics } from './metrics.ts'
import { createNoticeLog } from './notice-log.ts'
import type { NoticeLog } from './notice-log.ts'
import { OwnPeerInfo } from './own-peer-info.ts'
import { OwnRecords } from './own-records.ts'
import { peerInfoOf, readPeerInfo } from './peer-info.ts'
import { createReplicaStore } from './replica-store.ts'
import { describeStatus, synchronizeNow } from './status.ts'
import type { StatusSource } from './status.ts'
import { SuperuserCounts } from './superuser-counts.ts'
import { createWire } from './wire.ts'
import type { Wire } from './wire.ts'

/** What the service is started with beside its context. The configuration has been checked against its schema. */
export interface IlsServiceParts {
  readonly config: IlsConfig
  readonly authentication: NodeAuthentication
  /** Asked when the cluster joins a network, at its start or later. Rejects with IlsError for a URL that cannot be. */
  readonly connect: () => Promise<Transport>
}

export class IlsService {
  readonly #context: ServiceContext
  readonly #config: IlsConfig
  readonly #configuration: Configuration
  readonly #wire: Wire
  readonly #store: IlsStore
  readonly #node: IlsNode
  readonly #own: OwnRecords
  readonly #ownPeerInfo: OwnPeerInfo
  readonly #directory: LocationDirectory
  readonly #dialPlan: GlobalDialPlan
  readonly #catchUp: CatchUp
  readonly #metrics: IlsMetrics
  readonly #notices: NoticeLog
  readonly #hybridClock
  readonly #supersededListeners = new Set<(one: Superseded) => void>()
  readonly #superuserCounts: SuperuserCounts
  readonly #lastChange = new Map<string, number>()
  readonly #stopListening: () => void
  #stopSynchronizing = () => {}

  /** Throws IlsError for a configuration that breaks a rule. */
  constructor(context: ServiceContext, { config, authentication, connect }: IlsServiceParts) {
    const { clusterId, clock } = context
    const database = context.use('database')
    this.#context = context
    this.#config = config
    this.#wire = createWire(connect)
    this.#configuration = this.#createConfiguration()
    this.#directory = new LocationDirectory(clusterId)
    this.#superuserCounts = new SuperuserCounts(clusterId)
    this.#hybridClock = createHybridClock(clusterId, () => clock.now())
    this.#metrics = createIlsMetrics(context.metrics, {
      counters: () => this.#node.counters(),
      status: () => this.#status(),
    })
    this.#notices = createNoticeLog({
      log: context.log,
      metrics: this.#metrics,
      heartbeatMs: config.heartbeatMs,
      publish: (type, facts) => context.events.publish(type, facts),
    })
    this.#store = createReplicaStore(database.sql, database.cache())
    this.#node = this.#createNode(authentication)
    this.#own = new OwnRecords({
      clusterId,
      database,
      node: this.#node,
      hybridClock: this.#hybridClock,
      now: () => clock.now(),
    })
    this.#ownPeerInfo = new OwnPeerInfo({
      context,
      own: this.#own,
      peerId: this.#store.peerId(),
      description: config.description,
      configuration: this.#configuration,
      before: () => readPeerInfo(this.#node.own(RecordKind.peerInfo, clusterId)?.value ?? null),
    })
    this.#dialPlan = this.#createDialPlan()
    this.#catchUp = new CatchUp({
      waits: this.#configuration.current.role === 'spoke',
      graceMs: config.catchUpGraceMs,
      superseded: () => this.#superseded(),
    })
    // The node hears of its own writes; what was learned is written beside them, and may be lost alone.
    this.#stopListening = database.onRollback(() => this.#node.reload())
  }

  /** Rejects with IlsError for what cannot be, and then leaves nothing behind that runs or listens. */
  async start(): Promise<RunningService<Ils>> {
    try {
      await this.#begin()
    } catch (error) {
      await this.#stop()
      throw error
    }
    return {
      api: this.#api(),
      notReady: () => (this.#catchUp.waitingFor === undefined ? undefined : `ILS: ${this.#catchUp.waitingFor}`),
      stop: () => this.#stop(),
    }
  }

  async #begin(): Promise<void> {
    const database = this.#context.use('database')
    await this.#node.start()
    for (const record of this.#node.records()) this.#take(record)
    this.#superuserCounts.readAgain(this.#node.records())
    this.#dialPlan.start()
    await database.write(() => {
      this.#own.reconcile()
      this.#dialPlan.reconcile()
    })
    await this.#prepare(this.#configuration.current)
    this.#catchUp.begin()
    this.#node.open()
    this.#synchronizeInTime()
    this.#ownPeerInfo.begin()
  }

  #api(): Ils {
    return {
      locate: (dn) => this.#directory.locate(dn),
      locations: () => this.#directory.all(),
      addressOf: (clusterId) => peerInfoOf(this.#node, clusterId)?.https || undefined,
      caughtUp: () => this.#catchUp.promise,
      locationChanged: (userId, change) => this.#own.locationChanged(userId, change),
      superuserChanged: (userId) => this.#own.superuserChanged(userId),
      superseded: () => this.#superseded(),
      onSuperseded: (listener) => {
        this.#supersededListeners.add(listener)
        return () => this.#supersededListeners.delete(listener)
      },
      status: () => this.#status(),
      dialPlanChanged: (change) => this.#dialPlan.dialPlanChanged(change),
      learned: this.#dialPlan.learned,
      learnedObjects: (query) => this.#dialPlan.list(query),
      configuration: () => this.#configuration.current,
      configure: (changes) => this.#configuration.change(changes),
      synchronize: () => this.#synchronize(),
      clusters: () => describeClusters(this.#statusSource(), this.#ownPeerInfo.current()),
    }
  }

  async #stop(): Promise<void> {
    await this.#configuration.idle()
    this.#ownPeerInfo.stop()
    await this.#dialPlan.stop()
    this.#stopSynchronizing()
    this.#stopListening()
    this.#catchUp.stop()
    this.#metrics.remove()
    await this.#node.stop()
  }

  #createConfiguration(): Configuration {
    return new Configuration({
      context: this.#context,
      database: this.#context.use('database'),
      file: this.#config,
      prepare: (next) => this.#prepare(next),
      record: () => this.#dialPlan.configurationChanged(),
      move: (next) => this.#node.setMembership(membershipOf(next, this.#config.hubs)),
      settle: (now) => this.#settle(now),
    })
  }

  #createNode(authentication: NodeAuthentication): IlsNode {
    const { clusterId, clock, log } = this.#context
    const { network, heartbeatMs, hubs } = this.#config
    return createIlsNode({
      self: clusterId,
      membership: membershipOf(this.#configuration.current, hubs),
      network,
      authentication,
      heartbeatMs,
      // The interval may change at run time, so that the timer is this service's.
      synchronizeEveryMs: 0,
      transport: this.#wire,
      store: this.#store,
      host: this.#context.use('database'),
      clock,
      onNotice: (notice) => this.#onNotice(notice),
      onWire: (error) => this.#onWire(error),
      onStoreError: (err) => log.error({ err }, 'ILS records could not be stored'),
    })
  }

  #createDialPlan(): GlobalDialPlan {
    const { clusterId, clock, events, metrics, log } = this.#context
    return new GlobalDialPlan({
      clusterId,
      database: this.#context.use('database'),
      node: this.#node,
      configuration: () => this.#configuration.inWrite(),
      clock,
      events,
      metrics,
      log,
    })
  }

  /** What membership in a network needs, before anything is kept. */
  async #prepare({ role }: IlsConfiguration): Promise<void> {
    if (role !== 'standalone') await this.#wire.connect()
  }

  /** After the node has moved: peers are told of a departure while there still is a wire. */
  async #settle({ role }: IlsConfiguration): Promise<void> {
    if (role === 'standalone') {
      await this.#wire.disconnect()
      this.#catchUp.left()
    }
    this.#ownPeerInfo.tell()
    this.#synchronizeInTime()
  }

  #synchronizeInTime(): void {
    const { role, synchronizeClustersEveryMinutes } = this.#configuration.current
    this.#stopSynchronizing()
    if (role === 'standalone') return
    const everyMs = synchronizeClustersEveryMinutes * 60_000
    this.#stopSynchronizing = every(this.#context.clock, everyMs, () => this.#node.synchronize())
  }

  #synchronize(): IlsSynchronization {
    if (this.#configuration.current.role === 'standalone') {
      const detail = 'This cluster is standalone: there is nobody to synchronize with.'
      throw new Problem({ status: 409, title: 'Not in a network', detail })
    }
    return synchronizeNow(this.#node)
  }

  #onWire(error: TransportError | undefined): void {
    if (error && this.#configuration.current.role === 'standalone') this.#context.log.info('ILS has left its network')
    else this.#notices.wire(error)
  }

  #onNotice(notice: Notice): void {
    this.#notices.notice(notice)
    if (notice.type === 'pulled') this.#catchUp.pulled()
    if (notice.type === 'reloaded') this.#readAgain()
    if (notice.type !== 'applied') return
    const { origin, records, removed } = notice
    this.#superuserCounts.applied(notice)
    if (origin !== this.#context.clusterId) this.#lastChange.set(origin, this.#context.clock.now())
    // What goes first, so that a record which only moved to another key is never missing in between for long.
    for (const record of removed) this.#announce(this.#directory.apply(record, true))
    for (const record of records) {
      this.#announce(this.#take(record))
      this.#tellIfSuperseded(record)
    }
    this.#dialPlan.applied(origin, records, removed)
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
    this.#superuserCounts.readAgain(this.#node.records())
    this.#dialPlan.reloaded()
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

  #status(): IlsStatus {
    const status = describeStatus(this.#statusSource())
    const warnings = [...(status.warnings ?? []), ...this.#dialPlan.warnings()]
    return { ...status, learned: { ...status.learned, ...this.#dialPlan.status() }, warnings }
  }

  #statusSource(): StatusSource {
    return {
      clusterId: this.#context.clusterId,
      configuration: this.#configuration.current,
      authentication: this.#config.authentication,
      peerId: this.#store.peerId(),
      node: this.#node,
      superusers: this.#superuserCounts,
      lastChange: this.#lastChange,
      warnings: this.#configuration.current.role === 'standalone' ? [] : this.#notices.warnings(),
    }
  }
}
