// Single facts of this service that outlive the process, in the table of the cluster's properties.
import type { ClusterDatabase } from '../database/api.ts'

/** Names of the facts. */
export const Property = {
  /** When the service was stopped or deactivated last, milliseconds since the epoch. */
  stoppedAt: 'extension-mobility.stoppedAt',
  /** Since when the publisher is inactive because of an upgrade; absent while there is none. */
  upgradeSince: 'extension-mobility.upgradeSince',
} as const
export type Property = (typeof Property)[keyof typeof Property]

/** Milliseconds since the epoch; undefined where it was never set. */
export function readProperty({ sql }: Pick<ClusterDatabase, 'sql'>, name: Property): number | undefined {
  const row = sql.prepare('SELECT value FROM rl_property WHERE name = ?').get(name)
  return row === undefined ? undefined : Number(row['value'])
}

/** Inside `database.write` only. */
export function writeProperty({ sql }: Pick<ClusterDatabase, 'sql'>, name: Property, at: number | undefined): void {
  if (at === undefined) sql.prepare('DELETE FROM rl_property WHERE name = ?').run(name)
  else sql.prepare('INSERT OR REPLACE INTO rl_property (name, value) VALUES (?, ?)').run(name, String(at))
}
