import { randomUUID } from 'node:crypto'
import { CredentialKind } from '../database/api.ts'
import type { CredentialHasher, CredentialRepository, EndUser, StoredCredential } from '../database/api.ts'
import type { CredentialCache } from './credential-cache.ts'

/** Answers whether a PIN is a user's. */
export interface Credentials {
  /** From the cache alone: false says only that the PIN has to be verified. Synchronous and cheap. */
  known(user: EndUser, pin: string): boolean
  /**
   * Hashes, off the event loop, and remembers a right PIN. For no user at all, and for one without a PIN, it costs the same and
   * says false, so that nobody can tell by the clock which user IDs exist.
   */
  verify(user: EndUser | undefined, pin: string): Promise<boolean>
}

export interface CredentialSources {
  readonly hasher: CredentialHasher
  readonly stored: CredentialRepository
  readonly cache: CredentialCache
}

/** Verifies against the stored slow hashes, behind the cache. */
export function createCredentials({ hasher, stored, cache }: CredentialSources): Credentials {
  let decoy: Promise<StoredCredential> | undefined

  return {
    known: (user, pin) => cache.knows(user.pkid, pin),
    async verify(user, pin) {
      const credential = user && stored.find(user.userId, CredentialKind.pin)
      if (user === undefined || credential === undefined) {
        decoy ??= hasher.hash(randomUUID())
        await hasher.verify(pin, await decoy)
        return false
      }
      const right = await hasher.verify(pin, credential)
      if (right) cache.add(user.pkid, pin)
      return right
    },
  }
}
