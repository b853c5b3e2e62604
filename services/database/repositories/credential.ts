import { randomUUID } from 'node:crypto'
import { CredentialKind } from '../api.ts'
import type { CredentialRepository, StoredCredential } from '../api.ts'
import { DatabaseError } from '../errors.ts'
import { foldName, type RowCache } from '../row-memory.ts'
import type { Tables } from '../tables.ts'

/** Whose credential it is, and the vendor's `tkcredential`. */
const kinds = {
  [CredentialKind.pin]: { owners: 'enduser', name: 'userid', column: 'fkenduser', tkcredential: 4 },
  [CredentialKind.password]: { owners: 'applicationuser', name: 'name', column: 'fkapplicationuser', tkcredential: 3 },
} as const

/** Hashed PINs of end users and passwords of application users. */
export class Credentials implements CredentialRepository {
  readonly #tables: Tables
  readonly #found: RowCache<StoredCredential>
  constructor(tables: Tables) {
    this.#tables = tables
    this.#found = tables.memory.cache()
  }

  find(owner: string, kind: CredentialKind): StoredCredential | undefined {
    const key = `${kind} ${foldName(owner)}`
    const known = this.#found.get(key)
    if (known) return known
    const { owners, name, column, tkcredential } = kinds[kind]
    const row = this.#tables.one<StoredCredential>(
      `SELECT c.rl_hash AS hash, c.rl_changedatms AS changedAt FROM ${owners} AS o
       JOIN credential AS c ON c.${column} = o.pkid AND c.tkcredential = ${tkcredential} WHERE o.${name} = ?`,
      owner,
    )
    if (!row) return undefined
    const stored = Object.freeze({ ...row })
    this.#found.set(key, stored)
    return stored
  }

  /** Throws DATABASE_UNKNOWN_REFERENCE for an unknown owner. */
  set(owner: string, kind: CredentialKind, { hash, changedAt }: StoredCredential): void {
    const { owners, name, column, tkcredential } = kinds[kind]
    this.#tables.change(`${kind} of ${owner}`, () => {
      const text = `SELECT pkid FROM ${owners} WHERE ${name} = ?`
      const found = this.#tables.one<{ pkid: string }>(text, owner)
      if (!found) throw unknownOwner(kind, owner)
      this.#tables.run(
        `INSERT INTO credential (pkid, ${column}, tkcredential, rl_hash, rl_changedatms) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (${column}, tkcredential) DO UPDATE
         SET rl_hash = excluded.rl_hash, rl_changedatms = excluded.rl_changedatms`,
        randomUUID(),
        found.pkid,
        tkcredential,
        hash,
        changedAt,
      )
    })
  }
}

function unknownOwner(kind: CredentialKind, owner: string): DatabaseError {
  const who = kind === CredentialKind.pin ? 'end user' : 'application user'
  return new DatabaseError('DATABASE_UNKNOWN_REFERENCE', `${kind}: there is no ${who} ${JSON.stringify(owner)}`)
}
