/** Credential policy of PINs (and end users' passwords): what a new one must be like, and what happens to who guesses. */
export interface CredentialPolicy {
  readonly name: string
  /** Wrong attempts after which the account is locked; 0 = never. */
  readonly failedLogonAttempts: number
  /** Minutes after which wrong attempts are forgotten. */
  readonly resetFailedLogonAttemptsMinutes: number
  /** Minutes that a lock lasts; 0 = until an administrator unlocks. */
  readonly lockoutMinutes: number
  /** Characters that a new credential has at least. */
  readonly minimumLength: number
  /** How many earlier credentials may not be taken again; 0 = any may. */
  readonly storedHistory: number
  /** Check for Trivial Passwords. */
  readonly checkForTrivial: boolean
  /** Days after which a credential expires and must be changed; 0 = never. */
  readonly expiresAfterDays: number
}

/** What is known of one credential beside its hash. Times in milliseconds since the epoch. */
export interface CredentialState {
  /** User Must Change at Next Login. */
  readonly mustChange: boolean
  /** Does Not Expire. */
  readonly doesNotExpire: boolean
  /** User Cannot Change. */
  readonly cannotChange: boolean
  /** Wrong attempts that still count. */
  readonly failures: number
  /** 0 = none. */
  readonly lastFailureAt: number
  /** 0 = not locked; `Infinity` is stored as -1 and means: until an administrator unlocks. */
  readonly lockedUntil: number
  /** Hashes of earlier credentials, newest first. */
  readonly history: readonly string[]
}

export interface CredentialPolicyRepository {
  /** The policy in force for PINs. There is always one, named `Default Credential Policy`. */
  current(): CredentialPolicy
  list(): readonly CredentialPolicy[]
  /** Throws DATABASE_NOT_FOUND. */
  update(name: string, changes: Partial<Omit<CredentialPolicy, 'name'>>): CredentialPolicy
}
