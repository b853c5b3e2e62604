import type { Door, ServiceApp } from '../../service.ts'
import { registerAdvertisedPatternRoutes } from './advertised-patterns.ts'
import { registerBlockedLearnedPatternRoutes } from './blocked-learned-patterns.ts'
import { registerCatalogRoutes } from './catalogs.ts'
import { registerLearnedPartitionRoutes } from './learned-partitions.ts'
import { registerSipRoutePatternRoutes } from './sip-route-patterns.ts'

/** Call Routing > Global Dial Plan Replication, and SIP Route Pattern. What directory numbers advertise is with the lines. */
export function registerGlobalDialPlanRoutes(app: ServiceApp, door: Door<object>): void {
  registerAdvertisedPatternRoutes(app, door)
  registerCatalogRoutes(app, door)
  registerLearnedPartitionRoutes(app, door)
  registerBlockedLearnedPatternRoutes(app, door)
  registerSipRoutePatternRoutes(app, door)
}
