// The verdict after healing: equal replicas, one cluster per user, every answered login in effect.
import { newestLogin } from '../../ils-sync/core/locations.ts'
import type { StoredOrigin } from '../../ils-sync/core/record.ts'
import type { Driver } from '../../ils-sync/driver.ts'
import { Violation } from './oracle.ts'
import type { Oracle } from './oracle.ts'
import type { SimNode } from './sim-node.ts'

/** Throws Violation. */
export function judge(nodes: readonly SimNode[], users: readonly string[], oracle: Oracle): void {
  for (const node of nodes) if (!node.driver) throw new Violation(`${node.id} does not run after healing`)
  judgeReplicas(nodes)
  for (const userId of users) judgeUser(nodes, userId, oracle)
}

function judgeReplicas(nodes: readonly SimNode[]): void {
  const [first, ...others] = nodes.map((node) => ({
    id: node.id,
    memory: inMemory(node),
    disk: describe(node.disk.tables.ils.load()),
  }))
  for (const { id, memory, disk } of [first as { id: string; memory: string; disk: string }, ...others]) {
    if (memory !== first?.memory)
      throw new Violation(`${id} and ${first?.id} differ:\n${difference(memory, first?.memory)}`)
    if (disk !== memory) throw new Violation(`the disk of ${id} differs from its memory:\n${difference(disk, memory)}`)
  }
}

function judgeUser(nodes: readonly SimNode[], userId: string, oracle: Oracle): void {
  const at = nodes.filter((node) => node.disk.tables.loggedIn.has(userId)).map(({ id }) => id)
  if (at.length > 1) throw new Violation(`${userId} is logged in at ${at.join(' and ')}`)
  const expected = oracle.expected(userId)
  if (expected !== 'unknown' && at[0] !== expected) {
    throw new Violation(`${userId} should be logged in at ${expected ?? 'no cluster'}, is at ${at[0] ?? 'no cluster'}`)
  }
  for (const node of nodes) {
    const newest = newestLogin(node.sightings(userId))
    const located = newest?.location.loggedIn ? newest.clusterId : undefined
    if (located !== at[0]) {
      throw new Violation(`${node.id} finds ${userId} at ${located ?? 'home'}, who is at ${at[0] ?? 'no cluster'}`)
    }
  }
}

function inMemory(node: SimNode): string {
  const { replica } = (node.driver as Driver).state
  const vector = [...replica.vector()]
  return describe(vector.map(([origin, version]) => ({ origin, version, records: [...replica.records(origin)] })))
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
