import type { CredentialPolicy, CredentialPolicyRepository } from '../api.ts'
import { DatabaseError } from '../errors.ts'
import { flag } from '../references.ts'
import type { RowCache } from '../row-memory.ts'
import type { Tables } from '../tables.ts'

type Row = Omit<CredentialPolicy, 'checkForTrivial'> & { readonly trivial: 't' | 'f' }

const inForce = 'Default Credential Policy'
const select = `SELECT name, rl_failedlogonattempts AS failedLogonAttempts,
  rl_resetfailedlogonattemptsminutes AS resetFailedLogonAttemptsMinutes, rl_lockoutminutes AS lockoutMinutes,
  rl_minimumlength AS minimumLength, rl_storedhistory AS storedHistory, rl_checkfortrivial AS trivial,
  rl_expiresafterdays AS expiresAfterDays FROM credentialpolicy`

/** Credential policies; there is one, made with the tables. */
export class CredentialPolicies implements CredentialPolicyRepository {
  readonly #tables: Tables
  readonly #found: RowCache<CredentialPolicy>
  constructor(tables: Tables) {
    this.#tables = tables
    this.#found = tables.memory.cache()
  }

  current(): CredentialPolicy {
    return this.#existing(inForce)
  }

  list(): readonly CredentialPolicy[] {
    return this.#tables.all<Row>(`${select} ORDER BY name`).map(policyOf)
  }

  /** Also throws DATABASE_INVALID for a number out of its range. */
  update(name: string, changes: Partial<Omit<CredentialPolicy, 'name'>>): CredentialPolicy {
    return this.#tables.change(`credential policy ${name}`, () => {
      const policy = { ...this.#existing(name), ...changes }
      this.#tables.run(
        `UPDATE credentialpolicy SET rl_failedlogonattempts = ?, rl_resetfailedlogonattemptsminutes = ?,
           rl_lockoutminutes = ?, rl_minimumlength = ?, rl_storedhistory = ?, rl_checkfortrivial = ?,
           rl_expiresafterdays = ? WHERE name = ?`,
        policy.failedLogonAttempts,
        policy.resetFailedLogonAttemptsMinutes,
        policy.lockoutMinutes,
        policy.minimumLength,
        policy.storedHistory,
        flag(policy.checkForTrivial),
        policy.expiresAfterDays,
        name,
      )
      return this.#existing(name)
    })
  }

  #existing(name: string): CredentialPolicy {
    const known = this.#found.get(name)
    if (known) return known
    const row = this.#tables.one<Row>(`${select} WHERE name = ?`, name)
    if (!row) throw new DatabaseError('DATABASE_NOT_FOUND', `There is no credential policy ${JSON.stringify(name)}`)
    const policy = policyOf(row)
    this.#found.set(name, policy)
    return policy
  }
}

function policyOf({ trivial, ...row }: Row): CredentialPolicy {
  return Object.freeze({ ...row, checkForTrivial: trivial === 't' })
}
