import type { ClusterDatabase, CredentialHasher } from '../services/database/api.ts'
import { isLoopback } from './access.ts'
import type { ClusterConfig } from './config.ts'
import { StartupRefusal, StartupRefusalCode } from './startup-refusal.ts'

/** The password that every lab's application users start with; it is in the README. */
const standardPassword = 'roamline'

/** Throws StartupRefusal when a node would show accounts with the standard password to other machines without being told to. */
export async function refuseInsecureDefaults(
  { listen, insecureDefaults }: Pick<ClusterConfig, 'listen' | 'insecureDefaults'>,
  { applicationUsers, credentials }: Pick<ClusterDatabase, 'applicationUsers' | 'credentials'>,
  hasher: CredentialHasher,
): Promise<void> {
  if (insecureDefaults || isLoopback(listen.host)) return
  const insecure: string[] = []
  for (const { userId } of applicationUsers.list()) {
    const stored = credentials.find(userId, 'Password')
    if (stored && (await hasher.verify(standardPassword, stored))) insecure.push(userId)
  }
  if (insecure.length === 0) return
  throw new StartupRefusal(
    StartupRefusalCode.insecureDefaults,
    `will not listen on ${listen.host} while ${insecure.join(', ')} can be used with the standard password: ` +
      'give other passwords in seed.applicationUsers, listen on a loopback address, or set insecureDefaults to true (--insecure-defaults)',
  )
}
