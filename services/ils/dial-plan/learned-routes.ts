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
    const partition = this.partitionOf(kind)
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

  partitionOf(kind: ObjectKind): string {
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

  #exact(digits: string, ranks: Ranks): ObjectRecord | undefined {
    const enterprise = this.#number(ObjectKind.enterpriseNumber, digits, ranks)
    const e164 = digits.startsWith('+') ? this.#number(ObjectKind.e164Number, digits, ranks) : undefined
    if (enterprise === undefined || e164 === undefined) return enterprise ?? e164
    return this.#rank(e164.kind, ranks) < this.#rank(enterprise.kind, ranks) ? e164 : enterprise
  }

  #number(kind: ObjectKind, digits: string, ranks: Ranks): ObjectRecord | undefined {
    return this.#reachable(kind, this.#options.learning.objects.claim(kind, digits), ranks)
  }

  /** Looks at the record of the closest pattern alone, and at others only where that may not be used. */
  #closest(digits: string, ranks: Ranks): Match {
    const { patterns } = this.#options.learning.objects
    let numbers = patterns.match(digits).filter((number) => patterns.claimOf(number) !== undefined)
    while (numbers.length > 0) {
      let closest = numbers[0] as number
      for (const one of numbers) if (this.#isCloser(one, closest, digits.length, ranks)) closest = one
      const record = this.#reachable(patterns.kindOf(closest), patterns.claimOf(closest), ranks)
      if (record) {
        return { route: this.route(record, digits), numbers: BigInt(patterns.countOf(closest, digits.length)) }
      }
      numbers = numbers.filter((one) => one !== closest)
    }
    return undefined
  }

  /** The last two rules only make the answer the same everywhere, and after every restart. */
  #isCloser(one: number, other: number, length: number, ranks: Ranks): boolean {
    if (one === other) return false
    const { patterns } = this.#options.learning.objects
    const [count, otherCount] = [patterns.countOf(one, length), patterns.countOf(other, length)]
    // Numbers and bigints are compared by value.
    if (count < otherCount) return true
    if (count > otherCount) return false
    const [kind, otherKind] = [patterns.kindOf(one), patterns.kindOf(other)]
    const ranked = this.#rank(kind, ranks) - this.#rank(otherKind, ranks)
    if (ranked !== 0) return ranked < 0
    const [pattern, otherPattern] = [patterns.patternOf(one), patterns.patternOf(other)]
    return pattern === otherPattern ? kind > otherKind : pattern < otherPattern
  }

  /** The claim that was learned first of those that no rule blocks, in a partition that the caller can reach. */
  #reachable(kind: ObjectKind, claim: Claim | undefined, ranks: Ranks): ObjectRecord | undefined {
    if (claim === undefined || (ranks !== undefined && !ranks.has(this.partitionOf(kind)))) return undefined
    return firstOf(claim, this.#currentUse().usable)
  }

  #rank(kind: ObjectKind, ranks: Ranks): number {
    return ranks?.get(this.partitionOf(kind)) ?? 0
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
