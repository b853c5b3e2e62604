// This cluster's own part of the global dial plan: from the tables to ILS records, inside the transaction that changed the tables.
import { limits } from '../../../ils-sync/core/limits.ts'
import { textOf } from '../../../ils-sync/core/data/held-record.ts'
import type { JsonValue } from '../../../ils-sync/core/data/record.ts'
import type { IlsNode } from '../../../ils-sync/node.ts'
import { CatalogEntryType } from '../../database/api.ts'
import type { Catalog, ClusterDatabase } from '../../database/api.ts'
import { foldName } from '../../database/row-memory.ts'
import type { Logger } from '../../service.ts'
import type { DialPlanChange, IlsConfiguration } from '../api.ts'
import {
  advertisedOfCatalog,
  advertisedOfNumber,
  advertisedOfPattern,
  advertisedRouteString,
  kindOfEntry,
} from './advertised.ts'
import type { Advertised } from './advertised.ts'
import { AdvertisedTable } from './advertised-table.ts'
import { isObjectKind, isRouteString } from './learned-record.ts'
import { Piecewise } from './piecewise.ts'

export interface AdvertisingOptions {
  readonly clusterId: string
  readonly database: Pick<ClusterDatabase, 'globalDialPlan' | 'sql' | 'write' | 'afterCommit'>
  readonly node: Pick<IlsNode, 'change' | 'own' | 'ownRecords' | 'count'>
  /** As the running write sees it. */
  readonly configuration: () => IlsConfiguration
  readonly log: Pick<Logger, 'error'>
  /** Records of this cluster beyond which no further object is advertised. */
  readonly mostRecords?: number
}

/** What ILS takes of one cluster, but for 200,000: where the cluster's people are must be said however large its catalogs are. */
const mostRecords = limits.originRecords - 200_000

// Sources by name, in alphabetical order of who counts: the cluster's own numbers, then its patterns, then imported catalogs.
const routeStringSource = '0'
const numberSource = (dn: string, partition: string) => `1${dn}\t${partition}`
const patternSource = (pattern: string) => `2${pattern}`
const catalogSource = (name: string) => `3${foldName(name)}`
const isCatalogSource = (source: string) => source.startsWith('3')

/** The value of a tombstone, as JSON. */
const withdrawn = 'null'

/** Looked at in one step, of which a write holds several. */
const stepEntries = 500
const stepNumbers = 200

/** Everything here but `ownApplied` and `stop` runs inside `database.write`. */
export class Advertising {
  readonly #options: AdvertisingOptions
  readonly #table: AdvertisedTable
  readonly #piecewise: Piecewise
  readonly #most: number
  #refused: string | undefined
  /** Something was refused because there was no room for it. */
  #isFull = false

  constructor(options: AdvertisingOptions) {
    this.#options = options
    this.#table = new AdvertisedTable(options.database.sql)
    this.#piecewise = new Piecewise(options)
    this.#most = options.mostRecords ?? mostRecords
  }

  /** Why something of it cannot be said to others; undefined as long as all of it can. */
  get refused(): string | undefined {
    return this.#refused
  }

  /** At the start: looks at everything, in this one write. Writes only what differs. */
  reconcile(): void {
    for (const _ of this.#everything());
    this.#settleAll()
  }

  /** ILS Configuration is another one. Very much of it is advertised or withdrawn in later writes. */
  configurationChanged(): void {
    this.#piecewise.run('everything', () => this.#everything())
  }

  /** Very much of it is advertised or withdrawn in later writes. */
  changed(change: DialPlanChange): void {
    switch (change.part) {
      case 'use':
        return
      case 'all':
        return this.configurationChanged()
      case 'number':
        return this.#set(numberSource(change.dn, change.partition), this.#number(change.dn, change.partition))
      case 'pattern':
        return this.#set(patternSource(change.pattern), this.#pattern(change.pattern))
      case 'catalog': {
        const source = catalogSource(change.name)
        return this.#piecewise.run(source, () => this.#setCatalog(source))
      }
    }
  }

  /** Own records are visible now. Fewer than before they are when the tombstones among them are gone: then there is room again. */
  ownApplied(): void {
    if (this.#isFull && this.#hasRoom()) this.#piecewise.later('room', () => this.#everyRecord())
  }

  /** Resolves when no more writes come from here. */
  stop(): Promise<void> {
    return this.#piecewise.stop()
  }

  #set(source: string, advertised: Iterable<Advertised>): void {
    for (const { kind, key } of this.#table.setSource(source, advertised)) this.#settle(kind, key)
  }

  #number(dn: string, partition: string): readonly Advertised[] {
    const number = this.#exchanges() ? this.#options.database.globalDialPlan.number(dn, partition) : undefined
    return number ? advertisedOfNumber(number) : []
  }

  #pattern(name: string): readonly Advertised[] {
    const pattern = this.#exchanges() ? this.#options.database.globalDialPlan.advertisedPattern(name) : undefined
    return pattern ? advertisedOfPattern(pattern) : []
  }

  /** Step by step, each of which sees the tables as they are by then. */
  *#everything(): Generator<number, void> {
    const { globalDialPlan } = this.#options.database
    const seen = new Set<string>()
    if (this.#exchanges()) {
      yield* this.#everyNumber(seen)
      const patterns = globalDialPlan.advertisedPatterns().map(({ pattern }) => patternSource(pattern))
      const catalogs = globalDialPlan.catalogs().map(({ name }) => catalogSource(name))
      for (const source of [routeStringSource, ...patterns, ...catalogs]) {
        yield* this.#setSource(source)
        seen.add(source)
      }
    }
    // Gone, unless it is new since its turn: so it is looked up.
    for (const source of this.#table.sources()) if (!seen.has(source)) yield* this.#setSource(source)
  }

  *#everyNumber(seen: Set<string>): Generator<number, void> {
    // While there are pieces to come the exchange may be switched off.
    for (let after: string | undefined = ''; after !== undefined && this.#exchanges();) {
      const page = this.#options.database.globalDialPlan.numbersAfter(after, stepNumbers)
      for (const number of page.numbers) {
        const source = numberSource(number.dn, number.partition)
        this.#set(source, advertisedOfNumber(number))
        seen.add(source)
      }
      after = page.next
      yield page.numbers.length
    }
  }

  *#setSource(source: string): Generator<number, void> {
    if (isCatalogSource(source)) return yield* this.#setCatalog(source)
    this.#set(source, this.#advertisedOf(source))
    yield 1
  }

  /** Of any source but a catalog. */
  #advertisedOf(source: string): readonly Advertised[] {
    const name = source.slice(1)
    if (source === routeStringSource) return this.#routeString()
    if (source === patternSource(name)) return this.#pattern(name)
    const [dn = '', partition = ''] = name.split('\t')
    return this.#number(dn, partition)
  }

  #routeString(): readonly Advertised[] {
    const { advertisedRouteString: own } = this.#options.configuration()
    return this.#exchanges() ? advertisedRouteString(own) : []
  }

  *#setCatalog(source: string): Generator<number, void> {
    for (const type of Object.values(CatalogEntryType)) {
      for (let after: string | undefined = ''; after !== undefined;) {
        const step: { readonly rows: number; readonly until: string | undefined } = this.#setPart(source, type, after)
        after = step.until
        yield step.rows
      }
    }
  }

  /** As many as one step takes of what is in the catalog now and of what was advertised of it. */
  #setPart(source: string, type: CatalogEntryType, after: string) {
    const kind = kindOfEntry[type]
    const catalog = this.#catalog(source)
    const entries = catalog
      ? this.#options.database.globalDialPlan.catalogPart(catalog.name, { type, after, most: stepEntries })
      : []
    const keys = this.#table.keys({ source, kind, after }, stepEntries)
    const until = firstEnd(
      entries.map(({ pattern }) => pattern),
      keys,
    )
    const part = entries.filter(({ pattern }) => until === undefined || compareBytes(pattern, until) <= 0)
    const advertised = catalog ? advertisedOfCatalog(catalog, part) : []
    const changed = this.#table.setRange({ source, kind, after, until }, advertised)
    for (const { key } of changed) this.#settle(kind, key)
    return { rows: Math.max(entries.length, keys.length), until }
  }

  /** Third-party catalogs can be imported only into a hub (System Configuration Guide); one that became a spoke keeps its own to itself. */
  #catalog(source: string): Catalog | undefined {
    if (!this.#exchanges() || this.#options.configuration().role !== 'hub') return undefined
    return this.#options.database.globalDialPlan.catalogs().find(({ name }) => catalogSource(name) === source)
  }

  #exchanges(): boolean {
    return exchanges(this.#options.configuration())
  }

  /** Makes the own records what the table says, all of them. */
  #settleAll(): void {
    const { node } = this.#options
    const published = new Map<string, { kind: string; key: string; text: string }>()
    for (const record of node.ownRecords()) {
      const { kind, key } = record
      const text = isObjectKind(kind) || isRouteString(kind, key) ? textOf(record) : withdrawn
      if (text !== withdrawn) published.set(`${kind}\0${key}`, { kind, key, text })
    }
    for (const { kind, key, value } of this.#table.values()) {
      const name = `${kind}\0${key}`
      if (published.get(name)?.text !== value) this.#say(kind, key, value)
      published.delete(name)
    }
    for (const { kind, key } of published.values()) this.#say(kind, key, withdrawn)
  }

  /** What was refused is tried again. */
  *#everyRecord(): Generator<number, void> {
    this.#refused = undefined
    this.#isFull = false
    let last = { kind: '', key: '' }
    for (;;) {
      const page = this.#table.namesAfter(last, stepEntries)
      for (const { kind, key } of page) this.#settle(kind, key)
      yield page.length
      const end = page.at(-1)
      if (end === undefined) return
      last = end
    }
  }

  #settle(kind: string, key: string): void {
    const { node } = this.#options
    const own = node.own(kind, key)
    const text = this.#table.valueOf(kind, key) ?? withdrawn
    if ((own ? textOf(own) : withdrawn) !== text) this.#say(kind, key, text)
  }

  /** More than ILS takes of one cluster stays here; that is no reason to undo what it was said for. */
  #say(kind: string, key: string, text: string): void {
    const { node } = this.#options
    const isNew = text !== withdrawn && node.own(kind, key) === undefined
    if (isNew && !this.#hasRoom()) {
      this.#isFull = true
      return this.#refuse(
        new RangeError(`ILS has ${this.#most} records of this cluster, and takes no more objects of it`),
      )
    }
    try {
      node.change(kind, key, JSON.parse(text) as JsonValue)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      this.#refuse(error)
    }
  }

  #hasRoom(): boolean {
    const { node, clusterId } = this.#options
    return node.count(clusterId).records < this.#most
  }

  #refuse(error: RangeError): void {
    if (this.#refused === undefined) this.#options.log.error({ err: error }, 'not all of the dial plan is advertised')
    this.#refused = error.message
  }
}

/** A standalone cluster has nobody to exchange anything with. */
export function exchanges({ role, exchangeGlobalDialPlan }: IlsConfiguration): boolean {
  return exchangeGlobalDialPlan && role !== 'standalone'
}

/** The end of the shorter of two lists, if one of them may go on after what is here; both in the order of their bytes. */
function firstEnd(...lists: readonly (readonly string[])[]): string | undefined {
  const ends = lists.filter(({ length }) => length === stepEntries).map((list) => list.at(-1) as string)
  return ends.toSorted(compareBytes)[0]
}

/** As SQLite compares. */
function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
