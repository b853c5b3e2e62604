// What cannot be of a lab's ILS network: hubs that lead nowhere, hubs that never meet, proofs that nobody has.
import { refusalOfRouteString } from '../../services/wire/route-string.ts'
import { checkReference, listOf, namesOf } from './lab-names.ts'
import type { Lab, LabCluster } from './lab.ts'
import type { Path, Report } from './lab-problem.ts'

interface Hub {
  readonly name: string
  readonly registrationServer?: string
  readonly path: Path
}

export function checkNetwork(lab: Lab, report: Report): void {
  const hubs: readonly Hub[] = [
    ...(lab.hubs ?? []).map((hub, at) => ({ ...hub, path: ['hubs', at] })),
    ...lab.clusters.map((one, at) => ({ ...one, path: ['clusters', at] })).filter(({ role }) => role === 'hub'),
  ]
  checkProof(lab, hubs, report)
  const names = namesOf(hubs, ({ name }) => name)
  for (const [at, cluster] of lab.clusters.entries()) checkPlace(cluster, names, ['clusters', at], report)
  for (const { name, registrationServer, path } of hubs) {
    const where = [...path, 'registrationServer']
    if (registrationServer === name) report(where, 'a hub cannot register with itself')
    else checkReference(registrationServer, names, { path: where, kind: 'hub' }, report)
  }
  checkMeeting(hubs, report)
}

/** A lab of standalone clusters has no network, and needs no password. */
function checkProof({ ils, clusters }: Lab, hubs: readonly Hub[], report: Report): void {
  const { authentication = 'password', password } = ils
  const isNetwork = hubs.length > 0 || clusters.some(({ role = 'spoke' }) => role !== 'standalone')
  if (password === undefined && authentication !== 'certificates' && isNetwork) {
    report(['ils'], 'password is missing: ILS authentication is by password unless authentication says certificates')
  }
}

function checkPlace(cluster: LabCluster, hubs: ReadonlyMap<string, string>, path: Path, report: Report): void {
  const { role = 'spoke', hub, registrationServer, advertisedRouteString } = cluster
  if (role === 'spoke' && hub === undefined) report(path, `hub is missing; there are: ${listOf(hubs)}`)
  if (role !== 'spoke' && hub !== undefined) report([...path, 'hub'], `a ${role} has no hub above it`)
  if (role !== 'hub' && registrationServer !== undefined) {
    report([...path, 'registrationServer'], `only a hub has a registration server; a spoke has its hub`)
  }
  checkReference(hub, hubs, { path: [...path, 'hub'], kind: 'hub' }, report)
  const refusal = advertisedRouteString === undefined ? undefined : refusalOfRouteString(advertisedRouteString)
  if (refusal !== undefined) report([...path, 'advertisedRouteString'], refusal)
}

/** Hubs that name nobody are told of one another; whoever names a registration server reaches what that one reaches. */
function checkMeeting(hubs: readonly Hub[], report: Report): void {
  const first = hubs.find(({ registrationServer }) => registrationServer === undefined) ?? hubs[0]
  const met = new Set(first ? [first.name] : [])
  for (const _ of hubs) {
    for (const { name, registrationServer: server } of hubs) {
      if (server === undefined) met.add(name)
      else if (met.has(server)) met.add(name)
      else if (met.has(name)) met.add(server)
    }
  }
  for (const { name, path } of hubs) {
    if (!met.has(name)) report([...path, 'registrationServer'], `${name} never meets ${first?.name ?? 'another hub'}`)
  }
}
