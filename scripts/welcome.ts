// What `npm start` prints when everything is up.
import { relative } from 'node:path'
import { createClusterClient } from './cluster-client.ts'
import type { ClusterClient } from './cluster-client.ts'
import { normalizeDirectoryNumber } from '../services/wire/directory-number.ts'
import type { LabCluster } from './lab/lab.ts'
import { passwordAt } from './lab/process-config.ts'
import type { RunningLab } from './lab/runner.ts'
import { peopleTable, statusTable } from './tables.ts'
import { paint } from './verbs/verb.ts'

const administrator = 'administrator'

/** Clients of all clusters of the lab, as its administrator. */
export function clientsOf(running: RunningLab): ClusterClient[] {
  const { processes } = running.status()
  return running.lab.clusters.map((cluster) =>
    createClusterClient({
      name: cluster.name,
      http: processes.find(({ name }) => name === cluster.name)?.http ?? '',
      userId: administrator,
      password: passwordAt(cluster, administrator),
    }),
  )
}

/** Where everything is, who lives there, and three commands to try. */
export function welcome(running: RunningLab, tookMs: number): string {
  const { lab } = running
  const status = running.status()
  const where = relative(process.cwd(), running.dataDirectory) || '.'
  const people = lab.clusters.flatMap((cluster) => peopleOf(cluster))
  return [
    statusTable({ ...status, data: where.startsWith('..') ? running.dataDirectory : where }),
    redisRemark(status.redis.provider),
    '',
    peopleTable(people),
    '',
    ...tryLines(running),
    apiLine(running),
    `Or: npx roamline status | ils | call | where | kill | restart | trace, each with --help.`,
    paint('dim', `Up after ${(tookMs / 1000).toFixed(1)} s. Ctrl-C stops all of it.`),
  ]
    .filter((line) => line !== undefined)
    .join('\n')
}

function redisRemark(provider: string): string | undefined {
  if (provider !== 'embedded') return undefined
  return (
    'No Redis was given and there is no redis-server or valkey-server here, so the embedded js-redis-server is used: ' +
    'young and slower, but ILS trusts nothing to Redis.'
  )
}

function peopleOf({ name, users, phones }: LabCluster): string[][] {
  return (users ?? []).map(({ userId, pin, primaryExtension, superuser }) => {
    const phone = phones?.find(({ loggedIn, owner }) => loggedIn === userId || owner === userId)
    return [userId, pin ?? '', primaryExtension ?? '', name, phone?.name ?? '', superuser ? 'superuser' : '']
  })
}

/** A call to the superuser, their login elsewhere, and where they are then; whatever of it the lab has the people for. */
/** Where to read what the clusters' JSON doors offer. */
function apiLine(running: RunningLab): string | undefined {
  const first = running.status().processes.find(({ kind }) => kind === 'cluster')
  const cluster = running.lab.clusters.find(({ name }) => name === first?.name)
  if (!first || !cluster) return undefined
  return `Everything else: ${first.http}/documentation (${administrator} / ${passwordAt(cluster, administrator)}), the same at every cluster.`
}

function tryLines(running: RunningLab): string[] {
  const { lab } = running
  const home = lab.clusters.find(({ users }) => users?.some((user) => user.superuser))
  const user = home?.users?.find(({ superuser }) => superuser)
  const [visited, callers = visited] = lab.clusters.filter((cluster) => cluster !== home)
  const dn = normalizeDirectoryNumber(user?.primaryExtension ?? '')
  const phone = visited?.phones?.find(({ loggedIn, extensionMobility }) => !loggedIn && extensionMobility !== false)
  const caller = callers && numberOf(callers)
  if (!user?.pin || !visited || !callers || dn === undefined || !phone || caller === undefined) return []
  const at = (cluster: LabCluster, path: string, body?: object) => curl(running, { cluster, path, body })
  return [
    'Try:',
    `  # ${callers.name}: somebody calls ${user.userId}`,
    `  ${at(callers, 'calls', { from: caller, to: dn })}`,
    `  # ${user.userId} logs in at ${visited.name}, away from home`,
    `  ${at(visited, 'logins', { deviceName: phone.name, userId: user.userId, pin: user.pin })}`,
    `  # where ${callers.name} believes ${user.userId} to be now; then call again`,
    `  ${at(callers, `locations/${dn}`)}`,
    '',
  ]
}

function numberOf({ phones, users }: LabCluster): string | undefined {
  const phone = phones?.find(({ loggedIn }) => loggedIn)
  const person = users?.find(({ userId }) => userId === phone?.loggedIn)
  return normalizeDirectoryNumber(person?.primaryExtension ?? phone?.lines?.[0]?.dn ?? '')
}

function curl(
  running: RunningLab,
  { cluster, path, body }: { cluster: LabCluster; path: string; body?: object | undefined },
): string {
  const http = running.status().processes.find(({ name }) => name === cluster.name)?.http
  const data = body === undefined ? '' : ` -H 'content-type: application/json' -d '${JSON.stringify(body)}'`
  return `curl -s -u ${administrator}:${passwordAt(cluster, administrator)}${data} ${http}/api/v1/${path}`
}
