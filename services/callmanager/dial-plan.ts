import type { ClusterDatabase } from '../database/api.ts'
import type { Clock, Logger } from '../service.ts'
import { compileDialPlan } from './digit-analysis/digit-analysis.ts'
import type { DigitAnalysis } from './digit-analysis/digit-analysis.ts'
import { SipRoutes } from './digit-analysis/sip-routes.ts'

/** The compiled dial plan, made anew at the first call after a change. */
export interface DialPlan {
  current(): DigitAnalysis
  /** Read by the first call that needs them: most clusters have none. */
  sipRoutes(): SipRoutes
  changed(): void
  /** ISO 8601 of the last reading. */
  since(): string
}

/** Reads the tables when first asked. Patterns that cannot be used are logged and left out. */
export function createDialPlan(
  database: Pick<ClusterDatabase, 'lines' | 'dialPlan' | 'globalDialPlan'>,
  clock: Clock,
  log: Logger,
): DialPlan {
  let compiled: { readonly analysis: DigitAnalysis; readonly since: string } | undefined
  let sipRoutes: SipRoutes | undefined
  const read = () =>
    (compiled ??= {
      analysis: compileDialPlan(database, (error) => log.warn({ pattern: error.pattern }, error.message)),
      since: new Date(clock.now()).toISOString(),
    })
  return {
    current: () => read().analysis,
    sipRoutes: () => (sipRoutes ??= new SipRoutes(database.globalDialPlan.sipRoutePatterns())),
    since: () => read().since,
    changed: () => {
      compiled = undefined
      sipRoutes = undefined
    },
  }
}
