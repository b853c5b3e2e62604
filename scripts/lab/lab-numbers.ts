// Whose directory number is whose in a lab.
import { normalizeDirectoryNumber } from '../../services/wire/directory-number.ts'
import type { Lab } from './lab.ts'
import type { Path, Report } from './lab-problem.ts'

/** The stored form of a number in the file; reports one that nobody could dial. */
export function checkNumber(text: string, path: Path, report: Report): string | undefined {
  const dn = normalizeDirectoryNumber(text)
  if (dn === undefined)
    report(path, `"${text}" cannot be dialled; allowed: digits, *, #, A-D, a leading + and separators`)
  return dn
}

/** The dial plan is uniform: a number belongs to one cluster, and there to one person however many devices carry it. */
export function checkDirectoryNumbers(lab: Lab, report: Report): void {
  const clusters = new Map<string, string>()
  const owners = new Map<string, string>()
  for (const { cluster, owner, dn: written, partition, path } of carriers(lab)) {
    const dn = checkNumber(written, path, report)
    if (dn === undefined) continue
    const home = clusters.get(dn) ?? cluster
    clusters.set(dn, home)
    const before = owners.get(`${dn}/${partition}`) ?? owner
    if (before !== undefined) owners.set(`${dn}/${partition}`, before)
    if (home !== cluster) report(path, `directory number ${dn} is already at ${home}; a number belongs to one cluster`)
    else if (owner !== undefined && owner !== before) {
      report(path, `directory number ${dn} already belongs to ${before}, it cannot be ${owner}'s too`)
    }
  }
}

interface Carrier {
  readonly cluster: string
  readonly owner: string | undefined
  readonly dn: string
  readonly partition: string
  readonly path: Path
}

/** Everything that carries a number. Copies of users who live elsewhere carry their home's numbers and are left out. */
function carriers(lab: Lab): Carrier[] {
  return lab.clusters.flatMap((cluster, index) => {
    const users = cluster.users ?? []
    const ownerOf = (profile: string) => users.find((user) => (user.deviceProfiles ?? []).includes(profile))
    const devices = [
      ...(cluster.deviceProfiles ?? [])
        .map((profile, at) => ({ kind: 'deviceProfiles', at, lines: profile.lines, user: ownerOf(profile.name) }))
        .filter(({ user }) => user?.homeCluster !== false)
        .map(({ user, ...device }) => ({ ...device, owner: user?.userId.toLowerCase() })),
      ...(cluster.phones ?? []).map(({ lines, owner }, at) => ({
        kind: 'phones',
        at,
        lines,
        owner: owner?.toLowerCase(),
      })),
    ]
    return devices.flatMap(({ kind, at, lines, owner }) =>
      (lines ?? []).map(({ dn, partition = '' }, which) => ({
        cluster: cluster.name,
        owner,
        dn,
        partition,
        path: ['clusters', index, kind, at, 'lines', which, 'dn'],
      })),
    )
  })
}
