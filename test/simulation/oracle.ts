// What must hold, whatever happens. The oracle sees every commit and every applied record of every node.
import type { IlsRecord, StoreChange, Vector, Version } from '../../ils-sync/core/data/record.ts'

interface CommittedLogin {
  readonly clusterId: string
  readonly reading: string
  /** The user logged out there. A logout by the supersede rule does not count: that would hide a wrong one. */
  ended: boolean
}

/** User → logins at one cluster. */
export type LoginImage = ReadonlyMap<string, readonly CommittedLogin[]>

/** A promise that was broken. */
export class Violation extends Error {}

export class Oracle {
  readonly #logins = new Map<string, CommittedLogin[]>()
  /** User → newest login that went with its cluster's disk. */
  readonly #lost = new Map<string, string>()
  /** Node → origin → what was applied there in this life. */
  readonly #applied = new Map<string, Map<string, { epoch: number; usn: number }>>()
  readonly #stored = new Map<string, Map<string, { epoch: number; usn: number }>>()
  /** Origin and epoch → how far the origin was when it began with it. */
  readonly #beginnings = new Map<string, number>()
  readonly #learnedInParts = new Set<string>()
  /** Origin, epoch and number → the one content that it may have at any receiver, as long as any still has it. */
  readonly #contents = new Map<string, string>()

  started(node: string, vector: Vector): void {
    this.#applied.set(node, new Map(vector))
    this.#stored.set(node, new Map(vector))
    // An epoch that was on disk when its process died, before it could be shown, begins with what is there.
    const own = vector.get(node)
    if (own !== undefined) this.#begins(node, own)
  }

  applied(
    node: string,
    { origin, records }: { readonly origin: string; readonly records: readonly IlsRecord[] },
  ): void {
    for (const record of records) {
      this.#rises(this.#applied, node, record)
      if (node === origin) continue
      const id = `${origin} ${record.epoch} ${record.usn}`
      const content = JSON.stringify([record.kind, record.key, record.value])
      const before = this.#contents.get(id)
      if (before !== undefined && before !== content && this.#isHeldBeside(node, record)) {
        throw new Violation(`number ${id} was given out twice: ${before} and ${content}`)
      }
      this.#contents.set(id, content)
    }
  }

  /**
   * How much of an origin is visible at a node now, told before `applied`. An epoch that follows on another is there as a whole or not at
   * all; only of one that left is its first record all that others are told.
   */
  shows(node: string, origin: string, { epoch, usn }: Version, left: boolean): void {
    const id = `${origin} ${epoch}`
    if (node === origin) return this.#begins(origin, { epoch, usn })
    const whole = this.#beginnings.get(id) ?? 0
    if (left) this.#learnedInParts.add(id)
    if (usn >= whole || left) return
    const before = this.#applied.get(node)?.get(origin)
    // Who knew nothing of the origin shows it page by page, and cannot tell others that there is more.
    if (before === undefined) this.#learnedInParts.add(id)
    if (before === undefined || before.epoch >= epoch || this.#learnedInParts.has(id)) return
    throw new Violation(`${node} shows ${usn} of the ${whole} records of a new epoch of ${origin}`)
  }

  /** The node left the network, and with it what it knew of this origin; it may learn it anew. */
  forgot(node: string, origin: string): void {
    this.#applied.get(node)?.delete(origin)
  }

  stores(node: string, change: StoreChange): void {
    if (change.type === 'forget') this.#stored.get(node)?.delete(change.origin)
    else this.#rises(this.#stored, node, { origin: change.origin, ...change.version })
  }

  loggedIn(userId: string, clusterId: string, reading: string): void {
    const logins = this.#logins.get(userId) ?? []
    this.#logins.set(userId, logins)
    logins.push({ clusterId, reading, ended: false })
  }

  loggedOut(userId: string, clusterId: string): void {
    for (const login of this.#logins.get(userId) ?? []) if (login.clusterId === clusterId) login.ended = true
  }

  /** What a backup of this cluster holds. */
  loginsAt(clusterId: string): LoginImage {
    const image = new Map<string, readonly CommittedLogin[]>()
    for (const [userId, logins] of this.#logins) {
      const there = logins.filter((login) => login.clusterId === clusterId)
      if (there.length > 0)
        image.set(
          userId,
          there.map((login) => ({ ...login })),
        )
    }
    return image
  }

  /**
   * A cluster lost its disk, logins included, and got an older image, or none. What peers still hold of what is lost may supersede
   * others, or may not.
   */
  diskReplaced(clusterId: string, image: LoginImage = new Map()): void {
    this.#stored.delete(clusterId)
    for (const [userId, logins] of this.#logins) {
      const kept = (image.get(userId) ?? []).map((login) => ({ ...login }))
      for (const { clusterId: where, reading } of logins) {
        const gone = where === clusterId && kept.every((login) => login.reading !== reading)
        if (gone && reading > (this.#lost.get(userId) ?? '')) this.#lost.set(userId, reading)
      }
      this.#logins.set(userId, [...logins.filter((login) => login.clusterId !== clusterId), ...kept])
    }
  }

  /** Where the user must be logged in: undefined = nowhere, `unknown` = two answers are right. Of clusters in the network. */
  expected(userId: string, isMember: (clusterId: string) => boolean): string | undefined {
    const newest = (this.#logins.get(userId) ?? []).toSorted((a, b) => (a.reading < b.reading ? 1 : -1))[0]
    if (newest !== undefined && !isMember(newest.clusterId)) return 'unknown'
    if (newest === undefined || newest.ended) return undefined
    return newest.reading < (this.#lost.get(userId) ?? '') ? 'unknown' : newest.clusterId
  }

  #begins(origin: string, { epoch, usn }: Version): void {
    const id = `${origin} ${epoch}`
    if (!this.#beginnings.has(id)) this.#beginnings.set(id, usn)
  }

  /** Whether anybody else but its origin is as far as that record, in memory or on disk. */
  #isHeldBeside(node: string, { origin, epoch, usn }: IlsRecord): boolean {
    return [...this.#applied, ...this.#stored].some(([holder, versions]) => {
      const version = versions.get(origin)
      return holder !== node && holder !== origin && version?.epoch === epoch && version.usn >= usn
    })
  }

  #rises(
    book: Map<string, Map<string, { epoch: number; usn: number }>>,
    node: string,
    { origin, epoch, usn }: { readonly origin: string; readonly epoch: number; readonly usn: number },
  ): void {
    const versions = book.get(node) ?? new Map<string, { epoch: number; usn: number }>()
    book.set(node, versions)
    const last = versions.get(origin)
    if (last && (epoch < last.epoch || (epoch === last.epoch && usn <= last.usn))) {
      throw new Violation(`${node} took ${origin} ${epoch}:${usn} after ${last.epoch}:${last.usn}`)
    }
    versions.set(origin, { epoch, usn })
  }
}
