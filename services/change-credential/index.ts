import { Type } from 'typebox'
import type { Service } from '../service.ts'
import { registerServlet } from './routes.ts'

const Config = Type.Object({}, { additionalProperties: false })

/** Users change their PINs on the phone. It keeps nothing: what it does is in its routes. */
export const changeCredential: Service<'change-credential', typeof Config> = {
  name: 'change-credential',
  title: 'Cisco Change Credential Application',
  kind: 'network',
  stoppable: true,
  dependsOn: ['database'],
  configSchema: Config,
  routes: registerServlet,
  start: async () => ({ api: {}, stop: async () => {} }),
}
