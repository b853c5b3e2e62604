// The catalogue: one line per service that a cluster can run.
import { administration } from './administration/index.ts'
import { callmanager } from './callmanager/index.ts'
import { database } from './database/index.ts'
import { extensionMobility } from './extension-mobility/index.ts'
import { ils } from './ils/index.ts'
import type { Service } from './service.ts'
import { serviceability } from './serviceability/index.ts'

/** In the order in which the Service Activation page lists them; the host starts dependencies first. */
export const catalogue: readonly Service[] = [
  database,
  serviceability,
  administration,
  callmanager,
  extensionMobility,
  ils,
]
