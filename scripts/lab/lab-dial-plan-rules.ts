// The global dial plan of a lab's clusters: names that lead nowhere, and what the cluster would refuse when it starts.
import { CatalogEntryType, defaultLearnedPartitions } from '../../services/database/dial-plan-api.ts'
import {
  filledMask,
  storedCatalogEntry,
  storedDirectoryUri,
  storedNumberOrPattern,
  storedPattern,
  storedPatternFailover,
  storedRouteString,
  storedSipRoutePattern,
} from '../../services/database/dial-plan-rules.ts'
import { DatabaseError } from '../../services/database/errors.ts'
import { entryOf, ruleOf } from '../../services/database/seed-dial-plan.ts'
import type { SeedGlobalDialPlan } from '../../services/database/seed-dial-plan-schema.ts'
import { normalizeDirectoryNumber } from '../../services/wire/directory-number.ts'
import { checkDistinct, checkReference, namesOf } from './lab-names.ts'
import type { Names } from './lab-names.ts'
import { checkNumber } from './lab-numbers.ts'
import type { LabCluster } from './lab.ts'
import type { Path, Report } from './lab-problem.ts'

type AdvertisedNumber = NonNullable<SeedGlobalDialPlan['numbers']>[number]
type Catalog = NonNullable<SeedGlobalDialPlan['catalogs']>[number]

/** Partitions that the lab file names, and those that every cluster has. */
export function partitionsOf(cluster: LabCluster): Names {
  return namesOf([...(cluster.partitions ?? []), ...Object.values(defaultLearnedPartitions)], (name) => name)
}

/** Reports what the cluster would refuse. */
export function checkGlobalDialPlan(cluster: LabCluster, path: Path, report: Report): void {
  const plan = cluster.globalDialPlan as SeedGlobalDialPlan | undefined
  if (plan === undefined) return
  const where = [...path, 'globalDialPlan']
  const check: Check = { cluster, partitions: partitionsOf(cluster), report }
  for (const [kind, name] of Object.entries(plan.learnedPartitions ?? {})) {
    const at = [...where, 'learnedPartitions', kind]
    if (name === '') report(at, 'what is learned cannot be in <None>')
    checkReference(name, check.partitions, { path: at, kind: 'partition' }, report)
  }
  for (const [at, number] of (plan.numbers ?? []).entries()) checkAdvertised(number, [...where, 'numbers', at], check)
  checkPatterns(plan, where, report)
  for (const [at, catalog] of (plan.catalogs ?? []).entries()) {
    checkCatalog(catalog, [...where, 'catalogs', at], check)
  }
  checkDistinct(
    (plan.catalogs ?? []).map(({ name }, at) => ({ value: name, path: [...where, 'catalogs', at, 'name'] })),
    report,
  )
  checkSipRoutePatterns(plan, where, check)
}

interface Check {
  readonly cluster: LabCluster
  readonly partitions: Names
  readonly report: Report
}

function checkAdvertised(number: AdvertisedNumber, where: Path, { cluster, partitions, report }: Check): void {
  const { dn: written, partition = '', directoryUris = [] } = number
  const dn = checkNumber(written, [...where, 'dn'], report)
  if (dn === undefined) return
  if (!carriedNumbers(cluster).has(`${dn}/${partition}`)) {
    const inPartition = partition && ` in the partition "${partition}"`
    report(
      [...where, 'dn'],
      `no phone or device profile of ${cluster.name} has the directory number ${dn}${inPartition}`,
    )
  }
  const alternates = { enterprise: number.enterpriseAlternateNumber, e164: number.e164AlternateNumber } as const
  for (const kind of ['enterprise', 'e164'] as const) {
    const alternate = alternates[kind]
    if (alternate === undefined) continue
    const at = [...where, `${kind}AlternateNumber`]
    judge([...at, 'mask'], report, () => filledMask(kind, alternate.mask, dn, ''))
    checkReference(alternate.partition, partitions, { path: [...at, 'partition'], kind: 'partition' }, report)
  }
  for (const [place, { uri, partition: of }] of directoryUris.entries()) {
    const at = [...where, 'directoryUris', place]
    judge([...at, 'uri'], report, () => storedDirectoryUri(uri, ''))
    checkReference(of, partitions, { path: [...at, 'partition'], kind: 'partition' }, report)
  }
}

function carriedNumbers({ phones = [], deviceProfiles = [] }: LabCluster): ReadonlySet<string> {
  const lines = [...phones, ...deviceProfiles].flatMap((device) => device.lines ?? [])
  return new Set(lines.map(({ dn, partition = '' }) => `${normalizeDirectoryNumber(dn)}/${partition}`))
}

function checkPatterns(plan: SeedGlobalDialPlan, where: Path, report: Report): void {
  for (const [at, { pattern, type, failover }] of (plan.advertisedPatterns ?? []).entries()) {
    const path = [...where, 'advertisedPatterns', at]
    const kind = type === 'E.164 Number Pattern' ? 'e164' : 'enterprise'
    judge([...path, 'pattern'], report, () => storedPattern(kind, pattern, ''))
    judge([...path, 'failover'], report, () => storedPatternFailover(ruleOf(failover), ''))
  }
  for (const [at, rule] of (plan.blockedLearnedPatterns ?? []).entries()) {
    const path = [...where, 'blockedLearnedPatterns', at]
    const { pattern = '', prefix = '', clusterId = '' } = rule
    if (pattern + prefix + clusterId === '') report(path, 'it names neither a pattern nor a prefix nor a clusterId')
    if (pattern !== '') judge([...path, 'pattern'], report, () => storedNumberOrPattern(pattern, ''))
    if (prefix !== '') checkNumber(prefix, [...path, 'prefix'], report)
  }
}

/** Third-party catalogs can be imported only into a hub cluster. */
function checkCatalog({ routeString, entries = [] }: Catalog, where: Path, { cluster, report }: Check): void {
  if (cluster.role !== 'hub') report(where, `only a cluster with role hub has catalogs, ${cluster.name} is not one`)
  judge([...where, 'routeString'], report, () => storedRouteString(routeString, ''))
  for (const [at, entry] of entries.entries()) {
    judge([...where, 'entries', at], report, () => storedCatalogEntry(entryOf(entry), ''))
  }
  const patterns = entries.map(({ type, pattern }, at) => ({
    value: type === CatalogEntryType.directoryUri ? pattern : `${type} ${pattern}`,
    path: [...where, 'entries', at, 'pattern'],
  }))
  checkDistinct(patterns, report)
}

function checkSipRoutePatterns(plan: SeedGlobalDialPlan, where: Path, { cluster, partitions, report }: Check): void {
  const trunks = namesOf(cluster.trunks, (trunk) => trunk.name)
  for (const [at, { pattern, partition, trunk }] of (plan.sipRoutePatterns ?? []).entries()) {
    const path = [...where, 'sipRoutePatterns', at]
    judge([...path, 'pattern'], report, () => storedSipRoutePattern(pattern, ''))
    checkReference(trunk, trunks, { path: [...path, 'trunk'], kind: 'trunk' }, report)
    checkReference(partition, partitions, { path: [...path, 'partition'], kind: 'partition' }, report)
  }
}

/** Reports what a rule of the cluster's database refuses. */
function judge(path: Path, report: Report, rule: () => unknown): void {
  try {
    rule()
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error
    report(path, error.message)
  }
}
