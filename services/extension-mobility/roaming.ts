// Extension Mobility Roaming Across Clusters: "If a superuser does EM login to another cluster, the user is automatically logged
// out from the home cluster. If the cluster is down, it waits until the cluster is up to log out the previous login." ILS knows
// which local logins a newer one elsewhere has ended; this file ends them.
import type { ClusterDatabase } from '../database/api.ts'
import type { Ils } from '../ils/api.ts'
import type { ServiceContext } from '../service.ts'
import { LogoutReason } from './api.ts'
import type { Sessions } from './sessions.ts'

export interface RoamingParts {
  readonly context: ServiceContext
  readonly database: ClusterDatabase
  readonly sessions: Sessions
}

/** Runs until stopped. */
export interface RoamingWatch {
  /** Idempotent; resolves when no logout of it is under way. */
  stop(): Promise<void>
}

/**
 * Ends superseded logins: those that are waiting when ILS is first met, and each one that ILS gives notice of. ILS may be activated
 * later, restarted, or not run at all; it is looked for again whenever a service is activated.
 */
export function watchSuperseded(parts: RoamingParts): RoamingWatch {
  const { context } = parts
  const running = new Set<Promise<void>>()
  let ils: Ils | undefined
  let unsubscribe: (() => void) | undefined

  function sweep(): void {
    const done = endSuperseded(parts)
      .catch((error: unknown) => context.log.error({ err: error }, 'superseded logins could not be ended'))
      .finally(() => running.delete(done))
    running.add(done)
  }

  function meetIls(): void {
    const found = context.find('ils')
    if (found === ils) return
    unsubscribe?.()
    ils = found
    unsubscribe = found?.onSuperseded(sweep)
    if (found !== undefined) sweep()
  }

  const unhear = context.events.subscribe(meetIls, ['serviceActivated', 'serviceDeactivated'])
  meetIls()

  return {
    async stop() {
      unhear()
      unsubscribe?.()
      unsubscribe = undefined
      await Promise.all(running)
    },
  }
}

/**
 * Asks ILS inside the transaction which logins are superseded now, rather than trusting the notice: between the two the user may
 * have come back, and a notice may arrive twice.
 */
function endSuperseded({ context, database, sessions }: RoamingParts): Promise<void> {
  return database.write(() => {
    for (const { userId } of context.find('ils')?.superseded() ?? []) {
      sessions.end(database.logins.of(userId), LogoutReason.roamedAway)
    }
  })
}
