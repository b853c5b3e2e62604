// "If an Extension Mobility user logs in during the publisher switch version of an upgrade, while the publisher is inactive, the EM login
// data is lost during the switch version and the EM profile is logged out."
import type { ClusterDatabase, Login } from '../database/api.ts'
import { Problem } from '../problem.ts'
import type { ServiceContext } from '../service.ts'
import { LogoutReason } from './api.ts'
import { endInBatches } from './auto-logout/end-in-batches.ts'
import { Property, readProperty, writeProperty } from './property.ts'
import type { Sessions } from './sessions.ts'

/** Where an upgrade stands. */
export interface UpgradeState {
  /** Since when the publisher is inactive, milliseconds since the epoch; undefined while it is active. */
  readonly inactiveSince: number | undefined
  /** Logins made since then: the switch-version loses them. */
  readonly logins: readonly Login[]
}

/** An upgrade, as far as Extension Mobility suffers from it. It outlives restarts. */
export interface Upgrade {
  state(): UpgradeState
  /** The publisher becomes inactive. Rejects with Problem 409 when it is already, or when this node is no publisher. */
  begin(): Promise<UpgradeState>
  /** The publisher becomes active, without the logins made meanwhile; resolves with those. Rejects with Problem 409 when it was active. */
  switchVersion(): Promise<readonly Login[]>
}

export interface UpgradeParts {
  readonly context: Pick<ServiceContext, 'clock' | 'publisher' | 'clusterId'>
  readonly database: ClusterDatabase
  readonly sessions: Pick<Sessions, 'end'>
}

/** Reads where the upgrade stands from disk each time. */
export function createUpgrade({ context, database, sessions }: UpgradeParts): Upgrade {
  function state(): UpgradeState {
    const inactiveSince = readProperty(database, Property.upgradeSince)
    if (inactiveSince === undefined) return { inactiveSince, logins: [] }
    return { inactiveSince, logins: database.logins.list().filter(({ loginTime }) => loginTime >= inactiveSince) }
  }

  return {
    state,
    async begin() {
      if (!context.publisher) throw conflict(`${context.clusterId} is no publisher node.`)
      await database.write(() => {
        if (readProperty(database, Property.upgradeSince) !== undefined)
          throw conflict('The upgrade has begun already.')
        writeProperty(database, Property.upgradeSince, context.clock.now())
      })
      return state()
    },
    async switchVersion() {
      const { inactiveSince, logins } = state()
      if (inactiveSince === undefined) throw conflict('The publisher is active: begin an upgrade first.')
      const lost = await endInBatches(database, logins, (some) => sessions.end(some, LogoutReason.switchVersion))
      const late = await database.write(() => {
        // Whoever logged in while the others were logged out is lost as well: nobody slips in before the publisher is active.
        const remaining = state().logins
        if (remaining.length > 0) sessions.end(remaining, LogoutReason.switchVersion)
        writeProperty(database, Property.upgradeSince, undefined)
        return remaining
      })
      return [...lost, ...late]
    },
  }
}

function conflict(detail: string): Problem {
  return new Problem({ status: 409, title: 'Not now', detail })
}
