// What a dialled number or URI means in the learned part of the dial plan.
import type { GlobalDialPlanRepository, LearnedPartitions } from '../../database/api.ts'
import type { LearnedDialPlan, LearnedRoute } from '../api.ts'
import { blockedBy } from './blocking-rules.ts'
import { firstOf } from './learned-objects.ts'
import type { Claim } from './learned-objects.ts'
import { valueOf } from './learned-record.ts'
import type { ObjectRecord } from './learned-record.ts'
import type { Learning } from './learning.ts'
import { ObjectKind } from './records.ts'

type Ranks = ReadonlyMap<string, number> | undefined
type Match = ReturnType<LearnedDialPlan['matchNumber']>

/** How this cluster uses what it has learned, as its administrator says. */
interface Use {
  readonly partitions: LearnedPartitions
  readonly blocked: ((record: ObjectRecord) => boolean) | undefined
  readonly usable: ((record: ObjectRecord) => boolean) | undefined
}

export interface LearnedRoutesOptions {
  readonly learning: Pick<Learning, 'objects' | 'routeStringOf'>
  readonly globalDialPlan: Pick<GlobalDialPlanRepository, 'blockingRules' | 'learnedPartitions'>
}

export class LearnedRoutes implements LearnedDialPlan {
  readonly #options: LearnedRoutesOptions
  #use: Use | undefined

  constructor(options: LearnedRoutesOptions) {
    this.#options = options
  }

  matchNumber(digits: string, ranks?: ReadonlyMap<string, number>): Match {
    const exact = this.#exact(digits, ranks)
    return exact ? { route: this.route(exact, digits), numbers: 1n } : this.#closest(digits, ranks)
  }

  matchUri(uri: string): LearnedRoute | undefined {
    const key = uri.toLowerCase()
    const record = this.#options.learning.objects.first(ObjectKind.directoryUri, key)
    return record && this.route(record, key)
  }

  /** Blocking rules or learned partitions are other ones now. */
  useChanged(): void {
    this.#use = undefined
  }

  isBlocked(record: ObjectRecord): boolean {
    return this.#currentUse().blocked?.(record) === true
  }

  /** Of a record that was learned, for what was dialled. */
  route(record: ObjectRecord, dialled: string): LearnedRoute {
    const { kind, key: pattern, origin: cluster } = record
    const { f: failover, c: catalog } = valueOf(record)
    const partition = this.#partitionOf(kind)
    // The Cluster ID is what trunks are found by where an administrator has set no route string.
    const routeString = catalog?.[1] ?? this.#options.learning.routeStringOf(cluster) ?? cluster
    const pstnFailover = typeof failover === 'object' ? rewrite(failover, dialled) : failover
    // One form each, built at once: this runs for every call.
    if (catalog !== undefined) {
      const ofCatalog = { kind, pattern, partition, cluster, routeString, catalog: catalog[0] }
      return pstnFailover === undefined ? ofCatalog : { ...ofCatalog, pstnFailover }
    }
    if (pstnFailover === undefined) return { kind, pattern, partition, cluster, routeString }
    return { kind, pattern, partition, cluster, routeString, pstnFailover }
  }

  #partitionOf(kind: ObjectKind): string {
    const { partitions } = this.#currentUse()
    switch (kind) {
      case ObjectKind.enterpriseNumber:
        return partitions.enterpriseNumbers
      case ObjectKind.e164Number:
        return partitions.e164Numbers
      case ObjectKind.enterprisePattern:
        return partitions.enterprisePatterns
      case ObjectKind.e164Pattern:
        return partitions.e164Patterns
      default:
        return ''
    }
  }

  /** Learned first of those that no rule blocks, in a partition that the caller can reach. Only a +E.164 number begins with a plus. */
  #exact(digits: string, ranks: Ranks): ObjectRecord | undefined {
    const kind = digits.startsWith('+') ? ObjectKind.e164Number : ObjectKind.enterpriseNumber
    const claim = this.#options.learning.objects.claim(kind, digits)
    return claim === undefined || !this.#isOpen(kind, ranks) ? undefined : firstOf(claim, this.#currentUse().usable)
  }

  /**
   * Looks at the record of the closest pattern alone, and at others only where that may not be used. Never more than twice at each
   * pattern that matches, since others write them and there may be very many.
   */
  #closest(digits: string, ranks: Ranks): Match {
    const { patterns } = this.#options.learning.objects
    const open = patterns.match(digits).filter((number) => {
      return patterns.claimOf(number) !== undefined && this.#isOpen(patterns.kindOf(number), ranks)
    })
    return this.#closestOf(open, digits) ?? this.#closestOf(this.#unblocked(open), digits)
  }

  #unblocked(numbers: readonly number[]): readonly number[] {
    const { usable } = this.#currentUse()
    const { patterns } = this.#options.learning.objects
    return usable === undefined
      ? []
      : numbers.filter((number) => firstOf(patterns.claimOf(number) as Claim, usable) !== undefined)
  }

  /** Undefined where the closest is blocked. */
  #closestOf(numbers: readonly number[], digits: string): Match {
    const { patterns } = this.#options.learning.objects
    let [closest] = numbers
    if (closest === undefined) return undefined
    for (const one of numbers) if (this.#isCloser(one, closest, digits.length)) closest = one
    const record = firstOf(patterns.claimOf(closest) as Claim, this.#currentUse().usable)
    return record && { route: this.route(record, digits), numbers: BigInt(patterns.countOf(closest, digits.length)) }
  }

  /** The alphabet only makes the answer the same everywhere, and after every restart. No two types match the same number. */
  #isCloser(one: number, other: number, length: number): boolean {
    const { patterns } = this.#options.learning.objects
    const [count, otherCount] = [patterns.countOf(one, length), patterns.countOf(other, length)]
    // Numbers and bigints are compared by value.
    if (count < otherCount) return true
    return count <= otherCount && patterns.patternOf(one) < patterns.patternOf(other)
  }

  #isOpen(kind: ObjectKind, ranks: Ranks): boolean {
    return ranks === undefined || ranks.has(this.#partitionOf(kind))
  }

  #currentUse(): Use {
    if (this.#use) return this.#use
    const { globalDialPlan } = this.#options
    const blocked = blockedBy(globalDialPlan.blockingRules())
    const usable = blocked && ((record: ObjectRecord) => !blocked(record))
    this.#use = { partitions: globalDialPlan.learnedPartitions(), blocked, usable }
    return this.#use
  }
}

/** What to dial over the PSTN in place of what was dialled. A leading plus counts among the digits that are stripped. */
function rewrite({ s: stripDigits, p: prependDigits }: { s: number; p: string }, dialled: string): string | undefined {
  return `${prependDigits}${dialled.slice(stripDigits)}` || undefined
}
