import { randomUUID } from 'node:crypto'
import type { AccessControlGroup, AccessControlGroupRepository } from '../api.ts'
import { DatabaseError } from '../errors.ts'
import type { References } from '../references.ts'
import type { Tables } from '../tables.ts'
import { joinGroup } from './end-user-maps.ts'

interface GroupRow {
  readonly pkid: string
  readonly name: string
}

/** Access control groups: `dirgroup`, with their roles and the end users in them. */
export class AccessControlGroups implements AccessControlGroupRepository {
  readonly #tables: Tables
  readonly #references: References
  constructor(tables: Tables, references: References) {
    this.#tables = tables
    this.#references = references
  }

  find(name: string): AccessControlGroup | undefined {
    const row = this.#tables.one<GroupRow>('SELECT pkid, name FROM dirgroup WHERE name = ?', name)
    return row && this.#group(row)
  }

  list(): readonly AccessControlGroup[] {
    return this.#tables.all<GroupRow>('SELECT pkid, name FROM dirgroup ORDER BY name').map((row) => this.#group(row))
  }

  /** Throws DATABASE_DUPLICATE, and DATABASE_UNKNOWN_REFERENCE for a role that no door asks for. */
  insert(name: string, roles: readonly string[]): void {
    const where = `access control group ${name}`
    this.#tables.change(where, () => {
      if (this.find(name)) throw new DatabaseError('DATABASE_DUPLICATE', `There is an ${where} already`)
      const pkid = randomUUID()
      this.#tables.run('INSERT INTO dirgroup (pkid, name) VALUES (?, ?)', pkid, name)
      for (const role of new Set(roles)) {
        this.#tables.run(
          'INSERT INTO functionroledirgroupmap (pkid, fkfunctionrole, fkdirgroup) VALUES (?, ?, ?)',
          randomUUID(),
          this.#references.role(role, where),
          pkid,
        )
      }
    })
  }

  /** A member stays one. */
  addMember(group: string, userId: string): void {
    const where = `access control group ${group}`
    this.#tables.change(where, () => {
      const user = this.#references.endUser(userId, where)
      this.#tables.run(joinGroup, randomUUID(), user, this.#references.group(group, where))
    })
  }

  removeMember(group: string, userId: string): boolean {
    return this.#tables.change(`access control group ${group}`, () => {
      const removed = this.#tables.run(
        `DELETE FROM enduserdirgroupmap WHERE fkdirgroup = (SELECT pkid FROM dirgroup WHERE name = ?)
           AND fkenduser = (SELECT pkid FROM enduser WHERE userid = ?)`,
        group,
        userId,
      )
      return removed > 0
    })
  }

  #group({ pkid, name }: GroupRow): AccessControlGroup {
    const roles = this.#tables.all<{ name: string }>(
      `SELECT r.name FROM functionroledirgroupmap AS x JOIN functionrole AS r ON r.pkid = x.fkfunctionrole
       WHERE x.fkdirgroup = ? ORDER BY r.name`,
      pkid,
    )
    const members = this.#tables.all<{ userid: string }>(
      `SELECT u.userid FROM enduserdirgroupmap AS x JOIN enduser AS u ON u.pkid = x.fkenduser
       WHERE x.fkdirgroup = ? ORDER BY u.userid`,
      pkid,
    )
    return { name, roles: roles.map((role) => role.name), members: members.map((member) => member.userid) }
  }
}
