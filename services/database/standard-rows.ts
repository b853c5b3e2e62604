import { randomUUID } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { Role } from '../service.ts'
import { superUsersGroup } from './api.ts'

/** The group that every seeded end user is in. */
export const endUsersGroup = 'Standard CCM End Users'

/** Access control groups that every cluster has, with their roles. */
export const standardGroups: ReadonlyMap<string, readonly Role[]> = new Map([
  ['Standard CCM Super Users', Object.values(Role)],
  ['Standard CCM Admin Users', [Role.administer, Role.readOnly]],
  ['Standard CCM Read Only', [Role.readOnly]],
  [endUsersGroup, []],
  ['Standard EM Authentication Proxy Rights', [Role.emProxy]],
  [superUsersGroup, []],
  ['Roamline Super User Synchronization', [Role.superUserSync]],
])

/** Fills a new database with the roles and groups above. */
export function insertStandardRows(sql: DatabaseSync): void {
  const insertRole = sql.prepare('INSERT INTO functionrole (pkid, name) VALUES (?, ?)')
  const insertGroup = sql.prepare(`INSERT INTO dirgroup (pkid, name, isstandard) VALUES (?, ?, 't')`)
  const grant = sql.prepare('INSERT INTO functionroledirgroupmap (pkid, fkfunctionrole, fkdirgroup) VALUES (?, ?, ?)')
  const roles = new Map<Role, string>()
  for (const role of Object.values(Role)) {
    const pkid = randomUUID()
    insertRole.run(pkid, role)
    roles.set(role, pkid)
  }
  for (const [group, granted] of standardGroups) {
    const pkid = randomUUID()
    insertGroup.run(pkid, group)
    for (const role of granted) grant.run(randomUUID(), roles.get(role) ?? role, pkid)
  }
}
