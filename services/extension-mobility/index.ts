import { Type } from 'typebox'
import type { Door, Service, ServiceApp } from '../service.ts'
import { startEngine } from './engine.ts'
import type { Engine } from './engine.ts'
import { registerEmApiRoutes } from './em-api/index.ts'
import { registerFaultRoutes } from './doors/fault-routes.ts'
import { registerLoginRoutes } from './doors/login-routes.ts'
import { registerUpgradeRoutes } from './doors/upgrade-routes.ts'

const Config = Type.Object(
  {
    credentialCacheMs: Type.Integer({
      default: 120_000,
      minimum: 0,
      maximum: 3_600_000,
      description: 'How long a PIN that was right stays known (documented: 2 minutes); 0 turns the cache off',
    }),
    credentialCacheUsers: Type.Integer({
      default: 10_000,
      minimum: 1,
      maximum: 1_000_000,
      description: 'Users in that cache at most',
    }),
  },
  { additionalProperties: false },
)

const title = 'Cisco Extension Mobility'

/** Extension Mobility: users borrow phones of this cluster. */
export const extensionMobility: Service<'extension-mobility', typeof Config> = {
  name: 'extension-mobility',
  title,
  kind: 'feature',
  dependsOn: ['database'],
  configSchema: Config,
  routes: registerRoutes,
  async start(context, config) {
    return startEngine(context, config, title)
  },
}

function registerRoutes(app: ServiceApp, door: Door<Engine>): void {
  registerLoginRoutes(app, door)
  registerEmApiRoutes(app, door)
  registerFaultRoutes(app, door)
  registerUpgradeRoutes(app, door)
}
