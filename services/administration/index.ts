import { Type } from 'typebox'
import type { Service } from '../service.ts'
import { registerAccessControlGroupRoutes } from './access-control-groups.ts'
import { registerCredentialPolicyRoutes } from './credential-policies.ts'
import { registerDefaultDeviceProfileRoutes } from './default-device-profiles.ts'
import { registerDeviceProfileRoutes } from './device-profiles.ts'
import { registerDeviceRoutes } from './devices.ts'
import { registerDialPlanRoutes } from './dial-plan.ts'
import { registerGlobalDialPlanRoutes } from './global-dial-plan/routes.ts'
import { registerLineRoutes } from './lines.ts'
import { registerPhoneServiceRoutes } from './phone-services.ts'
import { recordKinds } from './record-kinds.ts'
import { registerServiceParameterRoutes } from './service-parameters.ts'
import { registerSuperuserRoutes } from './superusers.ts'
import { registerUserProfileRoutes } from './user-profiles.ts'
import { registerUserRoutes } from './users.ts'

const Config = Type.Object({}, { additionalProperties: false })

/** The JSON resources with which a cluster is configured. It keeps nothing between requests. */
export const administration: Service<'administration', typeof Config> = {
  name: 'administration',
  title: 'Cisco CallManager Admin',
  kind: 'network',
  dependsOn: ['database'],
  configSchema: Config,
  routes(app, door) {
    registerUserRoutes(app, door)
    registerUserProfileRoutes(app, door)
    registerCredentialPolicyRoutes(app, door)
    registerDeviceProfileRoutes(app, door)
    registerDefaultDeviceProfileRoutes(app, door)
    registerDeviceRoutes(app, door)
    registerLineRoutes(app, door)
    registerDialPlanRoutes(app, door)
    registerGlobalDialPlanRoutes(app, door)
    registerAccessControlGroupRoutes(app, door)
    registerPhoneServiceRoutes(app, door)
    registerServiceParameterRoutes(app, door)
    registerSuperuserRoutes(app, door)
  },
  async start(context) {
    // Devices, profiles, users, superusers and bulk rows all drop directory numbers: the one place that sees each of them go.
    const forget = context.use('database').globalDialPlan.onNumberRemoved(({ dn, partition }) => {
      context.find('ils')?.dialPlanChanged({ part: 'number', dn, partition })
    })
    return {
      api: { kinds: recordKinds(context) },
      async stop() {
        forget()
      },
    }
  },
}
