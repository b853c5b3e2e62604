// The verdict after healing: equal replicas, one cluster per user, every answered login in effect, every call at its goal.
import { newestLogin } from '../../ils-sync/core/data/locations.ts'
import { PeerStatus } from '../../ils-sync/core/notice.ts'
import type { AlarmName } from '../../ils-sync/core/notice.ts'
import type { StoredOrigin } from '../../ils-sync/core/data/record.ts'
import { namedBy, peerInfoOf } from '../../ils-sync/core/network/topology.ts'
import type { Driver } from '../../ils-sync/driver.ts'
import { followCall } from './calls.ts'
import { areNeighbours, inNetwork } from './members.ts'
import type { Network } from './network.ts'
import { Violation } from './oracle.ts'
import type { Oracle } from './oracle.ts'
import { homeOf } from './perform.ts'
import type { SimNode } from './sim-node.ts'

export interface Case {
  readonly nodes: ReadonlyMap<string, SimNode>
  readonly clusters: readonly SimNode[]
  readonly users: readonly string[]
  readonly oracle: Oracle
  readonly network: Network
}

/** Throws Violation. */
export function judge(facts: Case): void {
  const { nodes, users } = facts
  for (const node of nodes.values()) if (!node.driver) throw new Violation(`${node.id} does not run after healing`)
  const members = inNetwork(nodes)
  for (const node of nodes.values()) if (node.membership.role === 'standalone') judgeStandalone(node)
  judgeReplicas(members)
  for (const node of members) judgeDeparted(node, members)
  judgeLinks(members)
  for (const userId of users) judgeUser(facts, members, userId)
}

/** Calls must not follow what nobody keeps up to date any more. */
function judgeStandalone({ id, driver }: SimNode): void {
  for (const origin of driver?.state.replica.origins() ?? []) {
    if (origin !== id) throw new Violation(`${id} is standalone and still knows what ${origin} said`)
  }
}

/** Of one that has said that it leaves, its last word is all that is kept. */
function judgeDeparted({ id, driver }: SimNode, members: readonly SimNode[]): void {
  const { state } = driver as Driver
  for (const origin of state.replica.origins()) {
    if (members.some((member) => member.id === origin) || peerInfoOf(state, origin)?.role !== 'standalone') continue
    const { records } = state.replica.count(origin)
    if (records > 1) throw new Violation(`${id} keeps ${records} records of ${origin}, which has left`)
  }
}

/** Of what clusters said that have left, whoever was away then may have missed the last: they are not there to say it again. */
function judgeReplicas(members: readonly SimNode[]): void {
  const ids = new Set(members.map(({ id }) => id))
  const described = (stored: readonly StoredOrigin[]) => describe(stored.filter(({ origin }) => ids.has(origin)))
  const [first, ...others] = members.map((node) => ({
    id: node.id,
    memory: described(inMemory(node)),
    disk: described(node.disk.tables.ils.load()),
  }))
  if (first === undefined) return
  for (const { id, memory, disk } of [first, ...others]) {
    if (memory !== first.memory) {
      throw new Violation(`${id} and ${first.id} differ:\n${difference(memory, first.memory)}`)
    }
    if (disk !== memory) throw new Violation(`the disk of ${id} differs from its memory:\n${difference(disk, memory)}`)
  }
}

/** Throws Violation when a node of the network has raised this alarm about a neighbour since then. */
export function judgeAlarms(nodes: ReadonlyMap<string, SimNode>, name: AlarmName, since: number): void {
  const members = inNetwork(nodes)
  for (const node of members) {
    for (const other of members) {
      const raised = node.alarms.get(`${name} ${other.id}`) ?? since
      if (areNeighbours(node, other) && raised > since)
        throw new Violation(`${node.id} still raises ${name} about ${other.id} after healing`)
    }
  }
}

/** A node that left without being heard is rightly missed, and one that is named for what it is not is rightly never met. */
function judgeLinks(members: readonly SimNode[]): void {
  const byId = new Map(members.map((node) => [node.id, node]))
  for (const node of members) {
    for (const { peer, status } of node.driver?.state.links.values() ?? []) {
      const other = byId.get(peer)
      if (other === undefined) {
        if (status === PeerStatus.upToDate)
          throw new Violation(`${node.id} shows ${peer} as "${status}", which has left`)
      } else if (areNeighbours(node, other)) {
        if (status !== PeerStatus.upToDate) throw new Violation(`${node.id} shows ${peer} as "${status}" after healing`)
      } else if (!namedBy(node.membership).includes(peer)) {
        throw new Violation(`${node.id} still has a link to ${peer} after healing`)
      }
    }
  }
}

function judgeUser({ nodes, clusters, oracle, network }: Case, members: readonly SimNode[], userId: string): void {
  const at = members.filter((node) => node.disk.tables.loggedIn.has(userId)).map(({ id }) => id)
  if (at.length > 1) throw new Violation(`${userId} is logged in at ${at.join(' and ')}`)
  const isMember = (id: string) => members.some((node) => node.id === id)
  const expected = oracle.expected(userId, isMember)
  if (expected !== 'unknown' && at[0] !== expected) {
    throw new Violation(`${userId} should be logged in at ${expected ?? 'no cluster'}, is at ${at[0] ?? 'no cluster'}`)
  }
  const home = homeOf(userId, clusters)
  const newestAt = (node: SimNode | undefined) => newestLogin(node?.roaming.sightings(userId) ?? [])
  const locatedBy = (newest: ReturnType<typeof newestAt>) => (newest?.location.loggedIn ? newest.clusterId : undefined)
  const homeBelieves = locatedBy(newestAt(nodes.get(home))) ?? home
  for (const node of members) {
    const newest = newestAt(node)
    const located = locatedBy(newest)
    // A cluster that has left without being heard is believed, to have the user or to have had them last, until it is back.
    if (newest !== undefined && !isMember(newest.clusterId)) continue
    if (located !== at[0]) {
      throw new Violation(`${node.id} finds ${userId} at ${located ?? 'home'}, who is at ${at[0] ?? 'no cluster'}`)
    }
    // A home that is not of the network any more may believe anything; and one that is, that the user is at such a cluster.
    if (located === undefined && !(isMember(home) && isMember(homeBelieves))) continue
    const { endsAt, handOns, why } = followCall({ nodes, network, from: node.id, userId, home })
    if (endsAt !== (at[0] ?? home) || handOns > 1) {
      throw new Violation(`a call from ${node.id} to ${userId} ends at ${endsAt ?? why} after ${handOns} clusters`)
    }
  }
}

function inMemory(node: SimNode): readonly StoredOrigin[] {
  const { replica } = (node.driver as Driver).state
  return [...replica.vector()].map(([origin, version]) => ({ origin, version, records: [...replica.records(origin)] }))
}

function describe(stored: readonly StoredOrigin[]): string {
  const lines = stored.flatMap(({ origin, version, records }) => [
    `${origin} ${version.epoch}:${version.usn}`,
    ...records.map(
      (record) =>
        `${origin} ${record.epoch}:${record.usn} ${record.kind} ${record.key} ${JSON.stringify(record.value)}`,
    ),
  ])
  return lines.sort().join('\n')
}

/** The lines that only one side has. */
function difference(mine: string, theirs = ''): string {
  const [left, right] = [mine.split('\n'), theirs.split('\n')]
  const only = (lines: readonly string[], others: readonly string[], sign: string) =>
    lines.filter((line) => !others.includes(line)).map((line) => `${sign} ${line}`)
  return [...only(left, right, '+'), ...only(right, left, '-')].slice(0, 20).join('\n')
}
