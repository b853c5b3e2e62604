import { randomUUID } from 'node:crypto'
import type { ApplicationUser, ApplicationUserRepository } from '../api.ts'
import { DatabaseError } from '../errors.ts'
import type { References } from '../references.ts'
import { foldName, type RowCache } from '../row-memory.ts'
import type { Tables } from '../tables.ts'

interface Row {
  readonly pkid: string
  readonly name: string
}

/** Application users: who may use the doors for programs, by the roles of their groups. */
export class ApplicationUsers implements ApplicationUserRepository {
  readonly #tables: Tables
  readonly #references: References
  readonly #found: RowCache<ApplicationUser>
  constructor(tables: Tables, references: References) {
    this.#tables = tables
    this.#references = references
    this.#found = tables.memory.cache()
  }

  find(userId: string): ApplicationUser | undefined {
    const key = foldName(userId)
    const known = this.#found.get(key)
    if (known) return known
    const row = this.#tables.one<Row>('SELECT pkid, name FROM applicationuser WHERE name = ?', userId)
    if (!row) return undefined
    const user = this.#user(row)
    this.#found.set(key, user)
    return user
  }

  list(): readonly ApplicationUser[] {
    return this.#tables.all<Row>('SELECT pkid, name FROM applicationuser ORDER BY name').map((row) => this.#user(row))
  }

  insert({ userId, groups }: { readonly userId: string; readonly groups: readonly string[] }): void {
    const where = `application user ${userId}`
    this.#tables.change(where, () => {
      if (this.find(userId)) throw new DatabaseError('DATABASE_DUPLICATE', `There is an ${where} already`)
      const pkid = randomUUID()
      this.#tables.run('INSERT INTO applicationuser (pkid, name) VALUES (?, ?)', pkid, userId)
      for (const group of new Set(groups)) {
        this.#tables.run(
          'INSERT INTO applicationuserdirgroupmap (pkid, fkapplicationuser, fkdirgroup) VALUES (?, ?, ?)',
          randomUUID(),
          pkid,
          this.#references.group(group, where),
        )
      }
    })
  }

  #user({ pkid, name }: Row): ApplicationUser {
    const groups = this.#tables.all<{ name: string }>(
      `SELECT g.name FROM applicationuserdirgroupmap AS x JOIN dirgroup AS g ON g.pkid = x.fkdirgroup
       WHERE x.fkapplicationuser = ? ORDER BY g.name`,
      pkid,
    )
    const roles = this.#tables.all<{ name: string }>(
      `SELECT DISTINCT r.name FROM applicationuserdirgroupmap AS x
       JOIN functionroledirgroupmap AS f ON f.fkdirgroup = x.fkdirgroup
       JOIN functionrole AS r ON r.pkid = f.fkfunctionrole
       WHERE x.fkapplicationuser = ? ORDER BY r.name`,
      pkid,
    )
    return Object.freeze({
      userId: name,
      groups: Object.freeze(groups.map((group) => group.name)),
      roles: Object.freeze(roles.map((role) => role.name)),
    })
  }
}
