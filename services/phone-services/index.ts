import { Type } from 'typebox'
import { atOnceOfOpenDoor, createIdentityManagement } from '../identity-management/index.ts'
import type { Service } from '../service.ts'
import type { PhoneServicesApi } from './api.ts'
import { createAuthenticator } from './authenticate.ts'
import { registerPhoneServiceRoutes } from './routes.ts'
import { servicesMenu } from './services-menu.ts'

/** What a phone's Services, Directories and Messages buttons ask for, and how it checks who pushes to it. */
export const phoneServices: Service<'phone-services'> = {
  name: 'phone-services',
  title: 'Cisco IP Phone Services',
  kind: 'network',
  stoppable: true,
  dependsOn: ['database'],
  configSchema: Type.Object({}, { additionalProperties: false }),
  routes: registerPhoneServiceRoutes,
  async start(context) {
    const { hasher, clock, events } = context
    const database = context.use('database')
    const identityManagement = createIdentityManagement({ database, hasher, clock, events, atOnce: atOnceOfOpenDoor })
    const api: PhoneServicesApi = {
      menu: (request) => servicesMenu(database.devices, request),
      authenticate: createAuthenticator({ database, identityManagement, log: context.log }),
    }
    return { api, stop: async () => {} }
  },
}
