// Who may use the JSON door. A password costs the slow hash once; after that its keyed digest is recognised in microseconds.
import { hash, randomBytes } from 'node:crypto'
import type { ApplicationUser, ClusterDatabase, CredentialHasher, StoredCredential } from '../services/database/api.ts'
import { Problem } from '../services/problem.ts'

/** Checks application users' passwords. */
export interface ApplicationUsers {
  /** At once for a password seen lately, else when the slow hash has been compared; undefined if user or password is wrong. */
  authenticate(userId: string, password: string): ApplicationUser | undefined | Promise<ApplicationUser | undefined>
}

/** What it needs, looked up late: the database starts after the doors are built. */
export interface ApplicationUserSources {
  database(): Pick<ClusterDatabase, 'applicationUsers' | 'credentials'>
  hasher(): CredentialHasher
}

interface Known {
  user: ApplicationUser
  hash: string
  checkedAt: number
}

/** For this long a recognised password needs no look at the database: so long a removed role or changed password still works. */
const trustMs = 1000
const maxKnown = 1000
/** Beyond that many different passwords at once, a flood of guesses would keep everybody else waiting for minutes. */
const maxPending = 64

export function createApplicationUsers(sources: ApplicationUserSources): ApplicationUsers {
  // A key of this process alone: the digests say nothing to whoever reads its memory without it, and nothing to other processes.
  const key = randomBytes(32).toString('hex')
  const known = new Map<string, Known>()
  const pending = new Map<string, Promise<ApplicationUser | undefined>>()
  let decoy: Promise<StoredCredential> | undefined

  function recognise(digest: string, userId: string): ApplicationUser | undefined {
    const entry = known.get(digest)
    if (!entry) return undefined
    const now = performance.now()
    if (now - entry.checkedAt < trustMs) return entry.user
    known.delete(digest)
    const { applicationUsers, credentials } = sources.database()
    const user = applicationUsers.find(userId)
    if (!user || credentials.find(userId, 'Password')?.hash !== entry.hash) return undefined
    known.set(digest, { user, hash: entry.hash, checkedAt: now })
    return user
  }

  async function verify(digest: string, userId: string, password: string): Promise<ApplicationUser | undefined> {
    const { applicationUsers, credentials } = sources.database()
    const user = applicationUsers.find(userId)
    const stored = user && credentials.find(userId, 'Password')
    // An unknown user costs what a wrong password costs, so that the time does not tell which user IDs exist.
    const right = await sources
      .hasher()
      .verify(password, stored ?? (await (decoy ??= sources.hasher().hash(randomBytes(16).toString('hex')))))
    if (!right || !user || !stored) return undefined
    remember(digest, { user, hash: stored.hash, checkedAt: performance.now() })
    return user
  }

  function remember(digest: string, entry: Known): void {
    known.set(digest, entry)
    const [oldest] = known.keys()
    if (known.size > maxKnown && oldest !== undefined) known.delete(oldest)
  }

  return {
    authenticate(userId, password) {
      const digest = hash('sha256', `${key}${userId.length} ${userId}${password}`, 'base64')
      const user = recognise(digest, userId)
      if (user) return user
      const running = pending.get(digest)
      if (running) return running
      if (pending.size >= maxPending) throw new Problem(busy)
      const verification = verify(digest, userId, password).finally(() => pending.delete(digest))
      pending.set(digest, verification)
      return verification
    },
  }
}

const busy = {
  status: 503,
  title: 'Service Unavailable',
  detail: 'too many passwords are being checked at once: try again in a few seconds',
}
