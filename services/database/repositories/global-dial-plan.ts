import type {
  AdvertisedNumber,
  AdvertisedNumberChanges,
  AdvertisedPattern,
  BlockingRule,
  Catalog,
  CatalogEntry,
  CatalogPart,
  GlobalDialPlanRepository,
  LearnedPartitions,
  SipRoutePattern,
} from '../dial-plan-api.ts'
import type { References } from '../references.ts'
import type { Tables } from '../tables.ts'
import type { AdvertisedNumbers } from './advertised-number.ts'
import { AdvertisedPatterns } from './advertised-pattern.ts'
import { Catalogs } from './catalog.ts'
import { LearnedUse } from './learned-use.ts'

/** Call Routing > Global Dial Plan Replication, with directory numbers' part of it; each page has a file of its own. */
export class GlobalDialPlan implements GlobalDialPlanRepository {
  readonly #numbers: AdvertisedNumbers
  readonly #patterns: AdvertisedPatterns
  readonly #catalogs: Catalogs
  readonly #use: LearnedUse

  constructor(tables: Tables, references: References, numbers: AdvertisedNumbers) {
    this.#numbers = numbers
    this.#patterns = new AdvertisedPatterns(tables)
    this.#catalogs = new Catalogs(tables)
    this.#use = new LearnedUse(tables, references)
  }

  number(dn: string, partition: string): AdvertisedNumber | undefined {
    return this.#numbers.find(dn, partition)
  }

  numbers(): Iterable<AdvertisedNumber> {
    return this.#numbers.list()
  }

  numbersAfter(after: string, most: number) {
    return this.#numbers.listAfter(after, most)
  }

  changeNumber(dn: string, partition: string, changes: AdvertisedNumberChanges): AdvertisedNumber {
    return this.#numbers.change(dn, partition, changes)
  }

  onNumberRemoved(listener: (number: { readonly dn: string; readonly partition: string }) => void): () => void {
    return this.#numbers.onRemoved(listener)
  }

  findAlternate(number: string): readonly AdvertisedNumber[] {
    return this.#numbers.withAlternate(number)
  }

  findUri(uri: string) {
    return this.#numbers.withUri(uri)
  }

  advertisedPatterns(): readonly AdvertisedPattern[] {
    return this.#patterns.list()
  }

  advertisedPattern(pattern: string): AdvertisedPattern | undefined {
    return this.#patterns.find(pattern)
  }

  insertAdvertisedPattern(pattern: AdvertisedPattern): AdvertisedPattern {
    return this.#patterns.insert(pattern)
  }

  updateAdvertisedPattern(pattern: string, changes: Partial<Omit<AdvertisedPattern, 'pattern'>>): AdvertisedPattern {
    return this.#patterns.update(pattern, changes)
  }

  removeAdvertisedPattern(pattern: string): boolean {
    return this.#patterns.remove(pattern)
  }

  catalogs(): readonly Catalog[] {
    return this.#catalogs.list()
  }

  catalogEntries(name: string): Iterable<CatalogEntry> {
    return this.#catalogs.entries(name)
  }

  catalogPart(name: string, part: CatalogPart): readonly CatalogEntry[] {
    return this.#catalogs.page(name, part)
  }

  insertCatalog(catalog: Omit<Catalog, 'entries'>): Catalog {
    return this.#catalogs.insert(catalog)
  }

  updateCatalog(name: string, changes: Partial<Pick<Catalog, 'description' | 'routeString'>>): Catalog {
    return this.#catalogs.update(name, changes)
  }

  importCatalog(name: string, entries: Iterable<CatalogEntry>): Catalog {
    return this.#catalogs.replaceEntries(name, entries)
  }

  beginCatalogImport(name: string): number {
    return this.#catalogs.beginImport(name)
  }

  stageCatalogEntries(content: number, entries: Iterable<CatalogEntry>): void {
    this.#catalogs.stage(content, entries)
  }

  finishCatalogImport(name: string, content: number): Catalog {
    return this.#catalogs.finishImport(name, content)
  }

  endCatalogImport(content: number): void {
    this.#catalogs.endImport(content)
  }

  removeCatalog(name: string): boolean {
    return this.#catalogs.remove(name)
  }

  clearCatalogs(most: number): boolean {
    return this.#catalogs.clear(most)
  }

  blockingRules(): readonly BlockingRule[] {
    return this.#use.blockingRules()
  }

  insertBlockingRule(rule: Omit<BlockingRule, 'id'>): BlockingRule {
    return this.#use.insertBlockingRule(rule)
  }

  updateBlockingRule(id: string, changes: Partial<Omit<BlockingRule, 'id'>>): BlockingRule {
    return this.#use.updateBlockingRule(id, changes)
  }

  removeBlockingRule(id: string): boolean {
    return this.#use.removeBlockingRule(id)
  }

  sipRoutePatterns(): readonly SipRoutePattern[] {
    return this.#use.sipRoutePatterns()
  }

  insertSipRoutePattern(pattern: SipRoutePattern): SipRoutePattern {
    return this.#use.insertSipRoutePattern(pattern)
  }

  removeSipRoutePattern(pattern: string, partition: string): boolean {
    return this.#use.removeSipRoutePattern(pattern, partition)
  }

  learnedPartitions(): LearnedPartitions {
    return this.#use.learnedPartitions()
  }

  setLearnedPartitions(partitions: Partial<LearnedPartitions>): LearnedPartitions {
    return this.#use.setLearnedPartitions(partitions)
  }
}
