// What must hold, whatever happens. The oracle sees every commit and every applied record of every node.
import type { IlsRecord, StoreChange, Vector } from '../../ils-sync/core/record.ts'

interface CommittedLogin {
  readonly clusterId: string
  readonly reading: string
  /** The user logged out there. A logout by the supersede rule does not count: that would hide a wrong one. */
  ended: boolean
}

export class Violation extends Error {}

export class Oracle {
  readonly #logins = new Map<string, CommittedLogin[]>()
  /** User → newest login that went with its cluster's disk. */
  readonly #lost = new Map<string, string>()
  /** Node → origin → what was applied there in this life. */
  readonly #applied = new Map<string, Map<string, { epoch: number; usn: number }>>()
  readonly #stored = new Map<string, Map<string, { epoch: number; usn: number }>>()
  /** Origin, epoch and number → the one content that it may ever have at any receiver. */
  readonly #contents = new Map<string, string>()

  started(node: string, vector: Vector): void {
    this.#applied.set(node, new Map(vector))
    this.#stored.set(node, new Map(vector))
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
      if (before !== undefined && before !== content) {
        throw new Violation(`number ${id} was given out twice: ${before} and ${content}`)
      }
      this.#contents.set(id, content)
    }
  }

  stores(node: string, change: StoreChange): void {
    this.#rises(this.#stored, node, { origin: change.origin, ...change.version })
  }

  loggedIn(userId: string, clusterId: string, reading: string): void {
    const logins = this.#logins.get(userId) ?? []
    this.#logins.set(userId, logins)
    logins.push({ clusterId, reading, ended: false })
  }

  loggedOut(userId: string, clusterId: string): void {
    for (const login of this.#logins.get(userId) ?? []) if (login.clusterId === clusterId) login.ended = true
  }

  /** A cluster lost its whole disk, logins included. What peers still hold of it may supersede others, or may not. */
  wiped(clusterId: string): void {
    this.#stored.delete(clusterId)
    for (const [userId, logins] of this.#logins) {
      const newest = logins.findLast((login) => login.clusterId === clusterId)
      if (newest && newest.reading > (this.#lost.get(userId) ?? '')) this.#lost.set(userId, newest.reading)
      this.#logins.set(
        userId,
        logins.filter((login) => login.clusterId !== clusterId),
      )
    }
  }

  /** Where the user must be logged in: undefined = nowhere, `unknown` = two answers are right. */
  expected(userId: string): string | undefined {
    const newest = (this.#logins.get(userId) ?? []).toSorted((a, b) => (a.reading < b.reading ? 1 : -1))[0]
    if (newest === undefined || newest.ended) return undefined
    return newest.reading < (this.#lost.get(userId) ?? '') ? 'unknown' : newest.clusterId
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
