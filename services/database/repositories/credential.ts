import { randomUUID } from 'node:crypto'
import { CredentialKind } from '../api.ts'
import type { CredentialPolicyRepository, CredentialRepository, CredentialState, StoredCredential } from '../api.ts'
import { DatabaseError } from '../errors.ts'
import { flag } from '../references.ts'
import { foldName, type RowCache } from '../row-memory.ts'
import type { Tables } from '../tables.ts'

/** Whose credential it is, and the vendor's `tkcredential`. */
const kinds = {
  [CredentialKind.pin]: { owners: 'enduser', name: 'userid', column: 'fkenduser', tkcredential: 4 },
  [CredentialKind.userPassword]: { owners: 'enduser', name: 'userid', column: 'fkenduser', tkcredential: 3 },
  [CredentialKind.password]: { owners: 'applicationuser', name: 'name', column: 'fkapplicationuser', tkcredential: 3 },
} as const

/** A lock that only an administrator ends, as stored. */
const untilUnlocked = -1

interface Kept {
  readonly pkid: string
  readonly stored: StoredCredential
  readonly state: CredentialState
}
interface Row extends StoredCredential {
  readonly pkid: string
  readonly mustchange: 't' | 'f'
  readonly doesnotexpire: 't' | 'f'
  readonly cannotchange: 't' | 'f'
  readonly failures: number
  readonly lastfailureat: number
  readonly lockeduntil: number
  readonly history: string
}

const columns = `c.pkid, c.rl_hash AS hash, c.rl_changedatms AS changedAt, c.rl_mustchange AS mustchange,
  c.rl_doesnotexpire AS doesnotexpire, c.rl_cannotchange AS cannotchange, c.rl_failures AS failures,
  c.rl_lastfailureatms AS lastfailureat, c.rl_lockeduntilms AS lockeduntil, c.rl_history AS history`

/**
 * Hashed PINs and passwords of end users and passwords of application users. Whoever guesses writes here at every attempt, so a change
 * says which key it changes and everything else stays remembered.
 */
export class Credentials implements CredentialRepository {
  readonly #tables: Tables
  readonly #policies: CredentialPolicyRepository
  readonly #found: RowCache<Kept>
  constructor(tables: Tables, policies: CredentialPolicyRepository) {
    this.#tables = tables
    this.#policies = policies
    this.#found = tables.memory.cache()
  }

  find(owner: string, kind: CredentialKind): StoredCredential | undefined {
    return this.#read(owner, kind)?.stored
  }

  state(owner: string, kind: CredentialKind): CredentialState | undefined {
    return this.#read(owner, kind)?.state
  }

  /** Throws DATABASE_UNKNOWN_REFERENCE for an unknown owner. */
  set(owner: string, kind: CredentialKind, { hash, changedAt }: StoredCredential): void {
    const { owners, name, column, tkcredential } = kinds[kind]
    const found = this.#tables.one<{ pkid: string }>(`SELECT pkid FROM ${owners} WHERE ${name} = ?`, owner)
    if (!found) throw unknownOwner(kind, owner)
    this.#tables.run(
      `INSERT INTO credential (pkid, ${column}, tkcredential, rl_hash, rl_changedatms) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (${column}, tkcredential) DO UPDATE
       SET rl_hash = excluded.rl_hash, rl_changedatms = excluded.rl_changedatms, rl_history = ?,
         rl_failures = 0, rl_lastfailureatms = 0, rl_lockeduntilms = 0`,
      randomUUID(),
      found.pkid,
      tkcredential,
      hash,
      changedAt,
      JSON.stringify(this.#historyWith(owner, kind, hash)),
    )
    this.#found.change(keyOf(owner, kind))
  }

  setState(owner: string, kind: CredentialKind, changes: Partial<Omit<CredentialState, 'history'>>): void {
    const kept = this.#read(owner, kind)
    if (!kept) {
      throw new DatabaseError('DATABASE_NOT_FOUND', `${JSON.stringify(owner)} has no ${kind}`)
    }
    const state = { ...kept.state, ...changes }
    this.#tables.run(
      `UPDATE credential SET rl_mustchange = ?, rl_doesnotexpire = ?, rl_cannotchange = ?, rl_failures = ?,
         rl_lastfailureatms = ?, rl_lockeduntilms = ? WHERE pkid = ?`,
      flag(state.mustChange),
      flag(state.doesNotExpire),
      flag(state.cannotChange),
      state.failures,
      state.lastFailureAt,
      state.lockedUntil === Infinity ? untilUnlocked : state.lockedUntil,
      kept.pkid,
    )
    this.#found.change(keyOf(owner, kind), { ...kept, state: Object.freeze(state) })
  }

  /** Earlier hashes once `hash` is the current one; no more than the policy keeps. */
  #historyWith(owner: string, kind: CredentialKind, hash: string): readonly string[] {
    const kept = this.#read(owner, kind)
    if (!kept) return []
    const { state, stored } = kept
    const earlier = stored.hash === hash ? state.history : [stored.hash, ...state.history]
    return earlier.slice(0, this.#policies.current().storedHistory)
  }

  #read(owner: string, kind: CredentialKind): Kept | undefined {
    const key = keyOf(owner, kind)
    const known = this.#found.get(key)
    if (known) return known
    const { owners, name, column, tkcredential } = kinds[kind]
    const row = this.#tables.one<Row>(
      `SELECT ${columns} FROM ${owners} AS o
       JOIN credential AS c ON c.${column} = o.pkid AND c.tkcredential = ${tkcredential} WHERE o.${name} = ?`,
      owner,
    )
    if (!row) return undefined
    const kept = keptOf(row)
    this.#found.set(key, kept)
    return kept
  }
}

function keyOf(owner: string, kind: CredentialKind): string {
  return `${kind} ${foldName(owner)}`
}

function keptOf({ pkid, hash, changedAt, ...row }: Row): Kept {
  const state = Object.freeze({
    mustChange: row.mustchange === 't',
    doesNotExpire: row.doesnotexpire === 't',
    cannotChange: row.cannotchange === 't',
    failures: row.failures,
    lastFailureAt: row.lastfailureat,
    lockedUntil: row.lockeduntil === untilUnlocked ? Infinity : row.lockeduntil,
    history: Object.freeze(JSON.parse(row.history) as string[]),
  })
  return { pkid, stored: Object.freeze({ hash, changedAt }), state }
}

function unknownOwner(kind: CredentialKind, owner: string): DatabaseError {
  const who = kind === CredentialKind.password ? 'application user' : 'end user'
  return new DatabaseError('DATABASE_UNKNOWN_REFERENCE', `${kind}: there is no ${who} ${JSON.stringify(owner)}`)
}
