import type { CatalogEntry, ClusterDatabase, PatternFailover } from './api.ts'
import { isPatternType } from './dial-plan-rules.ts'
import { stored } from './seed-devices.ts'
import type { SeedGlobalDialPlan } from './seed-dial-plan-schema.ts'

type SeedCatalog = NonNullable<SeedGlobalDialPlan['catalogs']>[number]
type SeedEntry = NonNullable<SeedCatalog['entries']>[number]
type SeedRule = Exclude<SeedEntry['failover'], string | undefined>

/** After phones and profiles, whose numbers it is about, and after partitions and trunks. */
export function insertGlobalDialPlan({ globalDialPlan }: ClusterDatabase, seed: SeedGlobalDialPlan): void {
  if (seed.learnedPartitions) globalDialPlan.setLearnedPartitions(seed.learnedPartitions)
  for (const { dn: written, partition = '', ...number } of seed.numbers ?? []) {
    globalDialPlan.changeNumber(stored(written, 'globalDialPlan'), partition, number)
  }
  for (const { description = '', failover, ...pattern } of seed.advertisedPatterns ?? []) {
    globalDialPlan.insertAdvertisedPattern({ ...pattern, description, failover: ruleOf(failover) })
  }
  for (const { name, description = '', routeString, entries = [] } of seed.catalogs ?? []) {
    globalDialPlan.insertCatalog({ name, description, routeString })
    globalDialPlan.importCatalog(name, entries.map(entryOf))
  }
  for (const rule of seed.blockedLearnedPatterns ?? []) {
    globalDialPlan.insertBlockingRule({ ...unlimited, ...rule })
  }
  for (const { partition = '', ...route } of seed.sipRoutePatterns ?? []) {
    globalDialPlan.insertSipRoutePattern({ ...route, partition })
  }
}

const unlimited = { description: '', pattern: '', prefix: '', clusterId: '', patternType: 'Any' } as const

/** With what a seed leaves out filled in. */
export function entryOf({ type, pattern, failover }: SeedEntry): CatalogEntry {
  if (typeof failover === 'object') return { type, pattern, failover: ruleOf(failover) }
  return { type, pattern, failover: failover ?? (isPatternType(type) ? ruleOf(undefined) : '') }
}

/** With what a seed leaves out filled in. */
export function ruleOf(rule: SeedRule | undefined): PatternFailover {
  if (rule === undefined) return { use: "Don't Use PSTN Failover" }
  const { use, stripDigits = 0, prependDigits = '' } = rule
  return use === 'Strip Digits and Prepend Digits' ? { use, stripDigits, prependDigits } : { use }
}
