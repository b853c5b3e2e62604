import { randomUUID } from 'node:crypto'
import type { UserProfile, UserProfileRepository } from '../api.ts'
import { DatabaseError } from '../errors.ts'
import { flag } from '../references.ts'
import type { RowCache } from '../row-memory.ts'
import type { Tables } from '../tables.ts'

interface Row {
  readonly name: string
  readonly may: 't' | 'f'
}

const select = 'SELECT name, maysetmaximumlogintime AS may FROM rl_userprofile'

/** User profiles: what their users may set for themselves. */
export class UserProfiles implements UserProfileRepository {
  readonly #tables: Tables
  readonly #found: RowCache<UserProfile>
  constructor(tables: Tables) {
    this.#tables = tables
    this.#found = tables.memory.cache()
  }

  find(name: string): UserProfile | undefined {
    const known = this.#found.get(name)
    if (known) return known
    const row = this.#tables.one<Row>(`${select} WHERE name = ?`, name)
    if (!row) return undefined
    const profile = userProfile(row)
    this.#found.set(name, profile)
    return profile
  }

  list(): readonly UserProfile[] {
    return this.#tables.all<Row>(`${select} ORDER BY name`).map(userProfile)
  }

  insert({ name, maySetMaximumLoginTime }: UserProfile): void {
    this.#tables.change(`user profile ${name}`, () => {
      if (this.find(name)) throw new DatabaseError('DATABASE_DUPLICATE', `There is a user profile ${name} already`)
      const text = 'INSERT INTO rl_userprofile (pkid, name, maysetmaximumlogintime) VALUES (?, ?, ?)'
      this.#tables.run(text, randomUUID(), name, flag(maySetMaximumLoginTime))
    })
  }

  /** Throws DATABASE_NOT_FOUND. */
  update(name: string, changes: Partial<Omit<UserProfile, 'name'>>): UserProfile {
    return this.#tables.change(`user profile ${name}`, () => {
      const before = this.find(name)
      if (!before) throw new DatabaseError('DATABASE_NOT_FOUND', `There is no user profile ${JSON.stringify(name)}`)
      const after = Object.freeze({ ...before, ...changes })
      const text = 'UPDATE rl_userprofile SET maysetmaximumlogintime = ? WHERE name = ?'
      this.#tables.run(text, flag(after.maySetMaximumLoginTime), name)
      return after
    })
  }

  /** Its users have none afterwards. */
  remove(name: string): boolean {
    return this.#tables.change(
      `user profile ${name}`,
      () => this.#tables.run('DELETE FROM rl_userprofile WHERE name = ?', name) > 0,
    )
  }
}

function userProfile({ name, may }: Row): UserProfile {
  return Object.freeze({ name, maySetMaximumLoginTime: may === 't' })
}
