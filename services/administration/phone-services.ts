import { Type } from 'typebox'
import { Role } from '../service.ts'
import type { Door, ServiceApp } from '../service.ts'
import { change } from './change.ts'
import { listOf, name } from './fields.ts'

const path = '/api/v1/phone-services'
const tags = ['phone-services']

const url = (description: string) =>
  Type.String({
    maxLength: 1024,
    description,
    examples: ['http://127.0.0.11:8080/emapp/EMAppServlet?device=#DEVICENAME#'],
  })
const ServiceView = Type.Object(
  {
    name: name('Service name', 'Extension Mobility'),
    url: url('Service URL; case-sensitive, `#DEVICENAME#` is filled in by the phone'),
    secureUrl: Type.String({ ...url('Secure-Service URL; empty if none'), default: '' }),
    enabled: Type.Boolean({ default: true, description: 'Enable' }),
  },
  { additionalProperties: false },
)

/** IP phone services, to which phones and device profiles are subscribed. */
export function registerPhoneServiceRoutes(app: ServiceApp, { context }: Door<object>): void {
  app.get(
    path,
    {
      config: { access: 'role', role: Role.readOnly },
      schema: { tags, summary: 'All phone services', response: { 200: listOf(ServiceView) } },
    },
    async () => context.use('database').phoneServices.list(),
  )
  app.post(
    path,
    {
      config: { access: 'role', role: Role.administer },
      schema: { tags, summary: 'Add a phone service', body: ServiceView, response: { 201: ServiceView } },
    },
    async (request, reply) => {
      await change(context, () => context.use('database').phoneServices.insert(request.body))
      return reply.code(201).send(request.body)
    },
  )
}
