import { Type } from 'typebox'
import type { PhoneServiceType } from '../database/api.ts'
import { phoneFields, readPhoneForms, sendPhonePage } from '../phone-page.ts'
import type { Door, ServiceApp } from '../service.ts'
import type { PhoneServicesApi } from './api.ts'

const config = { access: 'open' } as const
const tags = ['phone']

/** The buttons by the numbers that the phone's configuration file gives them. */
const types: ReadonlyMap<string, PhoneServiceType> = new Map([
  ['0', 'Services'],
  ['1', 'Directories'],
  ['2', 'Messages'],
])

/** `/ccmcip/`: what the phone's configuration file calls servicesURL and authenticationURL. */
export function registerPhoneServiceRoutes(app: ServiceApp, door: Door<object>): void {
  const api = (): PhoneServicesApi => door.api() as PhoneServicesApi
  readPhoneForms(app)
  app.get(
    '/ccmcip/getservicesmenu.jsp',
    {
      config,
      schema: {
        tags,
        summary: 'What a phone’s Services button shows',
        description:
          'CiscoIPPhoneMenu of the services in force on the phone `name`; with `type=1` those of the Directories button, with `type=2` of Messages.',
        produces: ['text/xml'],
        response: { 200: Type.Any({ description: 'CiscoIPPhoneMenu, or CiscoIPPhoneText if there is none' }) },
      },
    },
    (request, reply) => {
      const fields = phoneFields(request)
      const type = types.get(fields.get('type') ?? '0') ?? 'Services'
      const menu = { deviceName: fields.get('name') ?? '', type, secure: request.protocol === 'https' }
      return sendPhonePage(request, reply, { xml: api().menu(menu) })
    },
  )
  app.route({
    method: ['GET', 'POST'],
    url: '/ccmcip/authenticate.jsp',
    exposeHeadRoute: false,
    config,
    schema: {
      tags,
      summary: 'A phone asks whether `UserID` with `Password` may push pages to it (`devicename`)',
      consumes: ['application/x-www-form-urlencoded'],
      produces: ['text/plain'],
      response: { 200: Type.String({ enum: ['AUTHORIZED', 'UN-AUTHORIZED', 'ERROR'] }) },
    },
    handler: async (request, reply) => {
      const answer = await api().authenticate(phoneFields(request))
      return reply.type('text/plain; charset=utf-8').header('cache-control', 'no-store').send(answer)
    },
  })
}
