// This cluster's own part of the global dial plan: from the tables to ILS records, inside the transaction that changed the tables.
import { textOf } from '../../../ils-sync/core/held-record.ts'
import type { JsonValue } from '../../../ils-sync/core/record.ts'
import type { IlsNode } from '../../../ils-sync/node.ts'
import type { ClusterDatabase } from '../../database/api.ts'
import type { DialPlanChange, IlsConfiguration } from '../api.ts'
import { advertisedOfCatalog, advertisedOfNumber, advertisedOfPattern, advertisedRouteString } from './advertised.ts'
import type { Advertised } from './advertised.ts'
import { AdvertisedTable } from './advertised-table.ts'
import { isObjectKind, isRouteString } from './learned-record.ts'

export interface AdvertisingOptions {
  readonly database: Pick<ClusterDatabase, 'globalDialPlan' | 'sql'>
  readonly node: Pick<IlsNode, 'change' | 'own' | 'ownRecords'>
  /** As the running write sees it. */
  readonly configuration: () => IlsConfiguration
}

// Sources by name, in alphabetical order of who counts: the cluster's own numbers, then its patterns, then imported catalogs.
const routeStringSource = '0'
const numberSource = (dn: string, partition: string) => `1${dn}\t${partition}`
const patternSource = (pattern: string) => `2${pattern}`
const catalogSource = (name: string) => `3${name.toLowerCase()}`

/** The value of a tombstone, as JSON. */
const withdrawn = 'null'

/** Everything here runs inside `database.write`. */
export class Advertising {
  readonly #options: AdvertisingOptions
  readonly #table: AdvertisedTable

  constructor(options: AdvertisingOptions) {
    this.#options = options
    this.#table = new AdvertisedTable(options.database.sql)
  }

  /** Looks at everything: at the start, and when ILS Configuration has changed. Writes only what differs. */
  reconcile(): void {
    if (!exchanges(this.#options.configuration())) this.#table.clear()
    else this.#readSources()
    this.#settleAll()
  }

  changed(change: DialPlanChange): void {
    if (change.part === 'use' || !exchanges(this.#options.configuration())) return
    if (change.part === 'all') return this.reconcile()
    const [source, advertised] = this.#sourceOf(change)
    for (const { kind, key } of this.#table.setSource(source, advertised)) this.#settle(kind, key)
  }

  #sourceOf(change: Exclude<DialPlanChange, { part: 'use' | 'all' }>): readonly [string, Iterable<Advertised>] {
    const { globalDialPlan } = this.#options.database
    switch (change.part) {
      case 'number': {
        const number = globalDialPlan.number(change.dn, change.partition)
        return [numberSource(change.dn, change.partition), number ? advertisedOfNumber(number) : []]
      }
      case 'pattern': {
        const pattern = globalDialPlan.advertisedPatterns().find((one) => one.pattern === change.pattern)
        return [patternSource(change.pattern), pattern ? advertisedOfPattern(pattern) : []]
      }
      case 'catalog':
        return [catalogSource(change.name), this.#catalog(change.name)]
    }
  }

  /** Third-party catalogs can be imported only into a hub (System Configuration Guide); one that became a spoke keeps its own to itself. */
  #catalog(name: string): Iterable<Advertised> {
    const { globalDialPlan } = this.#options.database
    const catalog = globalDialPlan.catalogs().find((one) => catalogSource(one.name) === catalogSource(name))
    if (catalog === undefined || this.#options.configuration().role !== 'hub') return []
    return advertisedOfCatalog(catalog, globalDialPlan.catalogEntries(catalog.name))
  }

  #readSources(): void {
    const { globalDialPlan } = this.#options.database
    const gone = new Set(this.#table.sources())
    const take = (source: string, advertised: Iterable<Advertised>) => {
      this.#table.setSource(source, advertised)
      gone.delete(source)
    }
    take(routeStringSource, advertisedRouteString(this.#options.configuration().advertisedRouteString))
    for (const number of globalDialPlan.numbers()) {
      take(numberSource(number.dn, number.partition), advertisedOfNumber(number))
    }
    for (const pattern of globalDialPlan.advertisedPatterns()) {
      take(patternSource(pattern.pattern), advertisedOfPattern(pattern))
    }
    for (const { name } of globalDialPlan.catalogs()) take(catalogSource(name), this.#catalog(name))
    for (const source of gone) this.#table.setSource(source, [])
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
      if (published.get(name)?.text !== value) node.change(kind, key, JSON.parse(value) as JsonValue)
      published.delete(name)
    }
    for (const { kind, key } of published.values()) node.change(kind, key, null)
  }

  #settle(kind: string, key: string): void {
    const { node } = this.#options
    const own = node.own(kind, key)
    const text = this.#table.valueOf(kind, key) ?? withdrawn
    if ((own ? textOf(own) : withdrawn) !== text) node.change(kind, key, JSON.parse(text) as JsonValue)
  }
}

/** A standalone cluster has nobody to exchange anything with. */
export function exchanges({ role, exchangeGlobalDialPlan }: IlsConfiguration): boolean {
  return exchangeGlobalDialPlan && role !== 'standalone'
}
