// "EM keeps all logged-in user information for 2 minutes; requests for a cached user are validated from the cache. If a user
// changes the password and logs in again within 2 minutes, both the old and the new one are recognised" (Feature
// Configuration Guide, Extension Mobility restrictions). So an entry outlives a PIN change, and a user may have several.
import { hash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../../service.ts'

/** Old and new PIN, and one more for a user who changes it twice in two minutes. */
const digestsPerUser = 3

/** PINs that were right a short while ago. Holds no PIN and nothing that is worth anything outside this process. */
export interface CredentialCache {
  /** `user` is the end user's pkid: a user who is deleted and created again must not inherit the old one's PIN. */
  knows(user: string, pin: string): boolean
  add(user: string, pin: string): void
  /** Users held, for tests and curiosity. */
  readonly size: number
}

export interface CredentialCacheOptions {
  readonly clock: Clock
  /** How long a right PIN stays known, counted from when it was verified; 0 turns the cache off. */
  readonly keepMs: number
  /** Users held at most; the one added longest ago makes room. */
  readonly maxUsers: number
}

interface Entry {
  readonly digest: Buffer
  readonly until: number
}

/** An empty cache with a key of its own, made at random and never stored. */
export function createCredentialCache({ clock, keepMs, maxUsers }: CredentialCacheOptions): CredentialCache {
  const digest = createKeyedDigest()
  const users = new Map<string, readonly Entry[]>()

  const fresh = (user: string) => (users.get(user) ?? []).filter((entry) => entry.until > clock.now())

  return {
    knows(user, pin) {
      const entries = fresh(user)
      if (entries.length === 0) {
        users.delete(user)
        return false
      }
      const wanted = digest(user, pin)
      // Every entry is compared, so that the time does not tell which one matched.
      return entries.filter((entry) => timingSafeEqual(entry.digest, wanted)).length > 0
    },
    add(user, pin) {
      if (keepMs === 0) return
      const added = digest(user, pin)
      const others = fresh(user).filter((entry) => !entry.digest.equals(added))
      users.delete(user)
      users.set(user, [{ digest: added, until: clock.now() + keepMs }, ...others].slice(0, digestsPerUser))
      const oldest = users.size > maxUsers ? users.keys().next() : undefined
      if (oldest?.value !== undefined) users.delete(oldest.value)
    },
    get size() {
      return users.size
    },
  }
}

/** The shape of HMAC out of two one-shot hashes, which cost a tenth of `createHmac` and stand in the path of every login. */
function createKeyedDigest(): (user: string, pin: string) => Buffer {
  const [inner, outer] = [randomBytes(32).toString('hex'), randomBytes(32).toString('hex')]
  return (user, pin) => hash('sha256', `${outer}${hash('sha256', `${inner}${user}\0${pin}`)}`, 'buffer')
}
