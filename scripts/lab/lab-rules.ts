// What a schema cannot say about a lab: names that must be unique, references that must lead somewhere, numbers with one owner.
import { PatternError, parsePattern } from '../../services/wire/pattern.ts'
import { checkDevices } from './lab-device-rules.ts'
import { checkGlobalDialPlan, partitionsOf } from './lab-dial-plan-rules.ts'
import { checkDistinct, checkReference, namesOf } from './lab-names.ts'
import { checkNetwork } from './lab-network.ts'
import { checkDirectoryNumbers, checkNumber } from './lab-numbers.ts'
import { checkServiceParameters } from './lab-parameters.ts'
import { superUserSyncName } from './lab.ts'
import type { Lab, LabCluster } from './lab.ts'
import type { LabProblem, Path, Report } from './lab-problem.ts'

/** Every breach, in the order of the file as far as possible; none when the lab can be built. */
export function breaches(lab: Lab): LabProblem[] {
  const problems: LabProblem[] = []
  const report: Report = (path, message) => problems.push({ path, message })
  checkProcesses(lab, report)
  checkNetwork(lab, report)
  checkPhoneDefaults(lab, report)
  for (const [index, cluster] of lab.clusters.entries()) {
    const path = ['clusters', index]
    checkPhoneServices(lab, cluster, path, report)
    checkUnique(cluster, path, report)
    checkDialPlan(lab, cluster, path, report)
    checkGlobalDialPlan(cluster, path, report)
    checkPeople(cluster, path, report)
    checkPhones(cluster, path, report)
    checkDevices(lab, cluster, path, report)
    checkServiceParameters(cluster, path, report)
  }
  checkPhoneNames(lab, report)
  checkHomes(lab, report)
  checkDirectoryNumbers(lab, report)
  return problems
}

function checkProcesses(lab: Lab, report: Report): void {
  const sync = superUserSyncName(lab)
  const processes = [
    ...(lab.hubs ?? []).map((hub, at) => ({ ...hub, path: ['hubs', at] as Path })),
    ...lab.clusters.map((cluster, at) => ({ ...cluster, path: ['clusters', at] as Path })),
    ...(sync === undefined ? [] : [{ ...lab.superUserSync, name: sync, path: ['superUserSync'] as Path }]),
  ]
  checkDistinct(
    processes.map(({ name, path }) => ({ value: name, path: [...path, 'name'] })),
    report,
  )
  for (const { name, path } of processes) {
    if (name === 'redis') report([...path, 'name'], '"redis" is the name of the Redis that the lab brings')
  }
  const doors = processes.flatMap(({ address, path, httpPort = 8080, ...rest }) => {
    if (address === undefined) return []
    const httpsPort = 'httpsPort' in rest ? rest.httpsPort : undefined
    const ports = path[0] === 'clusters' ? [httpPort, httpsPort ?? 8443] : [httpPort]
    return ports.map((port) => ({ value: `${address}:${port}`, path: [...path, 'address'] }))
  })
  checkDistinct(doors, report)
}

function checkPhoneDefaults(lab: Lab, report: Report): void {
  const known = namesOf(lab.phoneServices, (service) => service.name)
  for (const [at, name] of (lab.phoneDefaults?.phoneServices ?? []).entries()) {
    checkReference(
      name,
      known,
      { path: ['phoneDefaults', 'phoneServices', at], kind: 'phone service of the lab' },
      report,
    )
  }
}

function checkPhoneServices(lab: Lab, cluster: LabCluster, path: Path, report: Report): void {
  const shared = (lab.phoneServices ?? []).map(({ name }, at) => ({ value: name, path: ['phoneServices', at, 'name'] }))
  const own = (cluster.phoneServices ?? []).map(({ name }, at) => ({
    value: name,
    path: [...path, 'phoneServices', at, 'name'],
  }))
  checkDistinct([...shared, ...own], report)
  const known = namesOf([...shared, ...own], ({ value }) => value)
  for (const key of ['phones', 'deviceProfiles', 'defaultDeviceProfiles'] as const) {
    for (const [at, { phoneServices }] of (cluster[key] ?? []).entries()) {
      for (const [which, name] of (phoneServices ?? []).entries()) {
        const where = [...path, key, at, 'phoneServices', which]
        checkReference(name, known, { path: where, kind: 'phone service' }, report)
      }
    }
  }
}

function checkUnique(cluster: LabCluster, path: Path, report: Report): void {
  const unique = (key: keyof LabCluster, member: string) => {
    const items = (cluster[key] ?? []) as readonly Record<string, string>[]
    const values = items.map((item, at) => ({ value: item[member] ?? '', path: [...path, key, at, member] }))
    checkDistinct(values, report)
  }
  unique('users', 'userId')
  unique('deviceProfiles', 'name')
  unique('defaultDeviceProfiles', 'model')
  unique('userProfiles', 'name')
  unique('trunks', 'name')
  unique('callingSearchSpaces', 'name')
  unique('applicationUsers', 'userId')
  const partitions = (cluster.partitions ?? []).map((value, at) => ({ value, path: [...path, 'partitions', at] }))
  checkDistinct(partitions, report)
}

function checkDialPlan(lab: Lab, cluster: LabCluster, path: Path, report: Report): void {
  const partitions = partitionsOf(cluster)
  const trunks = namesOf(cluster.trunks, (trunk) => trunk.name)
  const others = namesOf(lab.clusters, (one) => one.name)
  others.delete(cluster.name)
  for (const [at, space] of (cluster.callingSearchSpaces ?? []).entries()) {
    for (const [which, name] of space.partitions.entries()) {
      const where = [...path, 'callingSearchSpaces', at, 'partitions', which]
      checkReference(name, partitions, { path: where, kind: 'partition' }, report)
    }
  }
  for (const [at, trunk] of (cluster.trunks ?? []).entries()) {
    const where = [...path, 'trunks', at, 'remoteCluster']
    checkReference(trunk.remoteCluster, others, { path: where, kind: 'other cluster' }, report)
  }
  const patterns = (cluster.routePatterns ?? []).map(({ pattern, partition }, at) => ({
    value: `${pattern}${partition ? ` in ${partition}` : ''}`,
    path: [...path, 'routePatterns', at, 'pattern'],
  }))
  checkDistinct(patterns, report)
  for (const [at, route] of (cluster.routePatterns ?? []).entries()) {
    const where = [...path, 'routePatterns', at]
    checkPattern(route.pattern, [...where, 'pattern'], report)
    checkReference(route.trunk, trunks, { path: [...where, 'trunk'], kind: 'trunk' }, report)
    checkReference(route.partition, partitions, { path: [...where, 'partition'], kind: 'partition' }, report)
  }
}

function checkPattern(pattern: string, path: Path, report: Report): void {
  try {
    parsePattern(pattern)
  } catch (error) {
    if (!(error instanceof PatternError)) throw error
    report(path, error.message)
  }
}

function checkPeople(cluster: LabCluster, path: Path, report: Report): void {
  const profiles = namesOf(cluster.deviceProfiles, (profile) => profile.name)
  const userProfiles = namesOf(cluster.userProfiles, (profile) => profile.name)
  for (const [at, user] of (cluster.users ?? []).entries()) {
    const where = [...path, 'users', at]
    for (const [which, name] of (user.deviceProfiles ?? []).entries()) {
      checkReference(name, profiles, { path: [...where, 'deviceProfiles', which], kind: 'device profile' }, report)
    }
    const own = namesOf(user.deviceProfiles, (name) => name)
    const kind = `device profile of ${user.userId}`
    checkReference(user.defaultProfile, own, { path: [...where, 'defaultProfile'], kind }, report)
    checkReference(user.userProfile, userProfiles, { path: [...where, 'userProfile'], kind: 'user profile' }, report)
    if (user.primaryExtension) checkNumber(user.primaryExtension, [...where, 'primaryExtension'], report)
  }
}

function checkPhones(cluster: LabCluster, path: Path, report: Report): void {
  const users = namesOf(cluster.users, (user) => user.userId)
  const withProfile = namesOf(
    cluster.users?.filter((user) => (user.deviceProfiles ?? []).length > 0),
    (user) => user.userId,
  )
  for (const [at, phone] of (cluster.phones ?? []).entries()) {
    const where = [...path, 'phones', at]
    checkReference(phone.owner, users, { path: [...where, 'owner'], kind: 'user' }, report)
    const kind = 'user with a device profile'
    checkReference(phone.loggedIn, withProfile, { path: [...where, 'loggedIn'], kind }, report)
  }
}

function checkPhoneNames(lab: Lab, report: Report): void {
  const phones = lab.clusters.flatMap((cluster, index) =>
    (cluster.phones ?? []).map(({ name }, at) => ({
      value: name,
      path: ['clusters', index, 'phones', at, 'name'],
      where: `in ${cluster.name}`,
    })),
  )
  checkDistinct(phones, report)
}

/** A user has one home. Copies at other clusters say `homeCluster: false`. */
function checkHomes(lab: Lab, report: Report): void {
  const homes = new Map<string, string>()
  for (const [index, cluster] of lab.clusters.entries()) {
    for (const [at, user] of (cluster.users ?? []).entries()) {
      if (user.homeCluster === false) continue
      const key = user.userId.toLowerCase()
      const home = homes.get(key)
      if (home === undefined) homes.set(key, cluster.name)
      else if (home !== cluster.name) {
        report(['clusters', index, 'users', at, 'userId'], `"${user.userId}" already has a home, ${home}`)
      }
    }
  }
}
