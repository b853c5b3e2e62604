// From records of other clusters to learned objects: in the order in which they come, as many as the administrator allows.
import type { IlsRecord } from '../../../ils-sync/core/data/record.ts'
import type { ClusterDatabase } from '../../database/api.ts'
import { LearnedObjects } from './learned-objects.ts'
import { isLearnable, isObjectKind, isRouteString, isTombstone, routeStringOf } from './learned-record.ts'
import type { ObjectRecord } from './learned-record.ts'
import { createLearningTables, placeName } from './learning-tables.ts'
import type { LearningTables } from './learning-tables.ts'
import { RefusedObjects } from './refused-objects.ts'

/** What somebody should hear of. */
export interface LearningListener {
  /** One more cluster claims what `first` is reached by. */
  duplicate(record: ObjectRecord, first: ObjectRecord): void
  /** The first object that cannot be learned, and the last one that could in the end. */
  full(isFull: boolean): void
  refused(): void
  /** A record of a learned object's kind that is not of our making. */
  unusable(record: IlsRecord): void
}

export interface LearningOptions {
  readonly clusterId: string
  readonly database: Pick<ClusterDatabase, 'write' | 'sql'>
  /** All visible records of all origins. */
  readonly records: () => Iterable<IlsRecord>
  /** ILS Max Number of Learned Objects in Database. */
  readonly maximum: () => number
  readonly now: () => number
  readonly listener: LearningListener
  readonly onWriteError: (error: unknown) => void
}

/** Objects that are learned in one turn of the event loop once there is room again: calls come in between. */
const learnedPerTurn = 10_000

export class Learning {
  readonly objects = new LearnedObjects()
  readonly #options: LearningOptions
  readonly #tables: LearningTables
  readonly #refused = new RefusedObjects()
  readonly #routeStrings = new Map<string, string>()
  /** Keys whose claimants are other ones now, to be written. */
  readonly #claimed = new Map<string, Pick<ObjectRecord, 'kind' | 'key'>>()
  #catchUp: NodeJS.Immediate | undefined
  #learning = false
  /** What the listener was told last. */
  #isFull = false
  /** Read where a batch begins: a million objects come in batches. */
  #maximum = 0

  constructor(options: LearningOptions) {
    this.#options = options
    this.#tables = createLearningTables(options.database.sql)
  }

  get refusedCount(): number {
    return this.#refused.size
  }

  get isLearning(): boolean {
    return this.#learning
  }

  /** How the cluster's objects are reached, as it says itself. */
  routeStringOf(cluster: string): string | undefined {
    return this.#routeStrings.get(cluster)
  }

  /** Learns what the replica holds: as before the restart, or from the beginning if there was no learning before. */
  start(): void {
    this.#forget()
    this.#learning = true
    this.#maximum = this.#options.maximum()
    const resumed = this.#tables.isLearning()
    if (resumed) this.#resume()
    else for (const record of this.#options.records()) this.#take(record)
    this.#tellIfFull()
    this.#write(resumed ? undefined : () => this.#tables.begin(this.#options.now()))
    this.roomChanged()
  }

  /** Exchange Global Dial Plan Replication Data was switched off: nothing is learned any more, and what was is forgotten. */
  end(): void {
    const was = this.#learning
    this.stop()
    this.#forget()
    // Nothing is refused any more, but not for there being room.
    this.#isFull = false
    if (was || this.#tables.isLearning()) this.#write(() => this.#tables.end())
  }

  /** Learns nothing any more; what is on disk stays. */
  stop(): void {
    this.#learning = false
    clearImmediate(this.#catchUp)
    this.#catchUp = undefined
  }

  /** Records of one other cluster, as they became visible; `removed` have gone with their epoch or their cluster. */
  applied(origin: string, records: readonly IlsRecord[], removed: readonly IlsRecord[]): void {
    if (!this.#learning || origin === this.#options.clusterId) return
    this.#maximum = this.#options.maximum()
    for (const record of removed) this.#drop(record)
    for (const record of records) this.#take(record)
    this.#write()
    this.roomChanged()
  }

  /** There may be room for what was refused: it is learned bit by bit, before anything that comes now. */
  roomChanged(): void {
    if (!this.#learning || this.#catchUp || this.#refused.size === 0) return
    this.#maximum = this.#options.maximum()
    if (this.#room() <= 0) return
    this.#catchUp = setImmediate(() => {
      this.#catchUp = undefined
      this.#maximum = this.#options.maximum()
      this.#learnRefused(Math.min(this.#room(), learnedPerTurn))
      this.#write()
      this.#tellIfFull()
      this.roomChanged()
    })
  }

  #room(): number {
    return this.#maximum - this.objects.size
  }

  /** Of another cluster; anything that is no learned object of ours is passed over. */
  #take(record: IlsRecord): void {
    const { origin, kind, key } = record
    if (origin === this.#options.clusterId) return
    if (isRouteString(kind, key)) return this.#takeRouteString(record)
    if (!isObjectKind(kind)) return
    if (isTombstone(record)) return this.#drop(record)
    if (!isLearnable(record)) {
      this.#options.listener.unusable(record)
      return this.#drop(record)
    }
    if (this.objects.find(origin, record.kind, key)) {
      this.objects.put(record)
      this.#refused.passed(record)
    } else if (this.#refused.size > 0 || this.#room() <= 0) this.#refuse(record)
    else this.#learn(record)
  }

  #learn(record: ObjectRecord): void {
    const { kind, key } = record
    const first = this.objects.first(kind, key)
    this.objects.put(record)
    if (first === undefined) return
    this.#claimed.set(`${kind} ${key}`, { kind, key })
    this.#options.listener.duplicate(record, first)
  }

  #refuse(record: ObjectRecord): void {
    if (!this.#refused.has(record)) this.#options.listener.refused()
    this.#refused.refuse(record)
    this.#tellIfFull()
  }

  /** Once for each change: what waited may be learned, or taken back, in several places. */
  #tellIfFull(): void {
    const isFull = this.#refused.size > 0
    if (isFull === this.#isFull) return
    this.#isFull = isFull
    this.#options.listener.full(isFull)
  }

  #drop(record: IlsRecord): void {
    const { origin, kind, key } = record
    if (isRouteString(kind, key)) this.#routeStrings.delete(origin)
    if (!isObjectKind(kind)) return
    const wasShared = this.objects.claimants(kind, key).length > 1
    if (this.objects.drop(origin, kind, key)) {
      if (wasShared) this.#claimed.set(`${kind} ${key}`, { kind, key })
    } else if (this.#refused.drop(record)) this.#tellIfFull()
  }

  #takeRouteString(record: IlsRecord): void {
    const routeString = routeStringOf(record)
    if (routeString === undefined) this.#routeStrings.delete(record.origin)
    else this.#routeStrings.set(record.origin, routeString)
    if (routeString === undefined && !isTombstone(record)) this.#options.listener.unusable(record)
  }

  #learnRefused(most: number): void {
    let left = most
    for (const record of left > 0 ? this.#refused.inOrder() : []) {
      this.#refused.learned(record)
      this.#learn(record)
      left -= 1
      if (left <= 0) return
    }
  }

  /** As many as there were, in the order that was; what no range names was learned, however many are allowed now. */
  #resume(): void {
    const refused: ObjectRecord[] = []
    this.#refused.restore(this.#tables.ranges())
    for (const record of this.#options.records()) {
      if (isObjectKind(record.kind) && !isTombstone(record) && this.#refused.isInRange(record)) {
        if (isLearnable(record)) refused.push(record)
      } else this.#resumeOne(record)
    }
    for (const record of refused.sort((a, b) => a.usn - b.usn)) this.#refused.restoreRecord(record)
    this.#refused.restored()
    const places = this.#tables.places()
    this.objects.arrange((record) => places.get(placeName(record)))
  }

  #resumeOne(record: IlsRecord): void {
    const { origin, kind, key } = record
    if (origin === this.#options.clusterId) return
    if (isRouteString(kind, key)) return this.#takeRouteString(record)
    if (!isObjectKind(kind) || isTombstone(record)) return
    if (!isLearnable(record)) return this.#options.listener.unusable(record)
    this.objects.put(record)
  }

  #forget(): void {
    this.objects.clear()
    this.#refused.clear()
    this.#routeStrings.clear()
    this.#claimed.clear()
  }

  /**
   * Queued at once, and so in the same transaction as the records that it is about, or in an earlier one: the node gathers those for
   * a while.
   */
  #write(also?: () => void): void {
    const changes = this.#refused.takeChanges()
    const claimed = [...this.#claimed.values()].map(({ kind, key }) => {
      return { kind, key, claimants: [...this.objects.claimants(kind, key)] }
    })
    this.#claimed.clear()
    if (changes.length === 0 && claimed.length === 0 && also === undefined) return
    const work = () => {
      also?.()
      for (const change of changes) this.#tables.changeRange(change)
      for (const { kind, key, claimants } of claimed) this.#tables.setClaimants(kind, key, claimants)
    }
    this.#options.database.write(work).catch(this.#options.onWriteError)
  }
}
