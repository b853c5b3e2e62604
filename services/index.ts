// The catalogue: one line per service that a cluster can run.
import { administration } from './administration/index.ts'
import { bulkAdministration } from './bulk-administration/index.ts'
import { callmanager } from './callmanager/index.ts'
import { changeCredential } from './change-credential/index.ts'
import { database } from './database/index.ts'
import { emapp } from './emapp/index.ts'
import { extensionMobility } from './extension-mobility/index.ts'
import { ils } from './ils/index.ts'
import { phoneServices } from './phone-services/index.ts'
import { reporting } from './reporting/index.ts'
import type { Service } from './service.ts'
import { serviceability } from './serviceability/index.ts'
import { tftp } from './tftp/index.ts'

/** In the order in which the Service Activation page lists them; the host starts dependencies first. */
export const catalogue: readonly Service[] = [
  database,
  serviceability,
  administration,
  reporting,
  bulkAdministration,
  callmanager,
  tftp,
  extensionMobility,
  emapp,
  changeCredential,
  phoneServices,
  ils,
]
