import { Type } from 'typebox'
import type { Static } from 'typebox'
import { PhoneServiceType } from '../database/api.ts'
import type { PhoneService } from '../database/api.ts'
import { Problem } from '../problem.ts'
import { Role } from '../service.ts'
import type { Door, ServiceApp, ServiceContext } from '../service.ts'
import { change, notFound } from './change.ts'
import { listOf, name, nothing, text } from './fields.ts'

const path = '/api/v1/phone-services'
const tags = ['phone-services']

const url = (description: string, minLength: number, example: string) =>
  Type.String({ minLength, maxLength: 1024, description, examples: [example] })
const emApp = 'http://127.0.0.11:8080/emapp/EMAppServlet?device=#DEVICENAME#'
const changeable = {
  description: text('Free text', ''),
  url: url('Service URL; case-sensitive, `#DEVICENAME#` is filled in by the phone', 1, emApp),
  secureUrl: url('Secure-Service URL; empty if none', 0, ''),
  category: Type.Enum(['XML Service', 'Java MIDlet'], { description: 'Service Category' }),
  type: Type.Enum(Object.values(PhoneServiceType), {
    description: 'Service Type: the button behind which it is found',
  }),
  vendor: text('Service Vendor', ''),
  version: text('Service Version', ''),
  enabled: Type.Boolean({ description: 'Enable' }),
}
const enterpriseSubscription = Type.Boolean({
  description: 'Enterprise Subscription: every phone has it, nobody can unsubscribe. Can be set only at creation',
})
const serviceName = name('Service name', 'Extension Mobility')
const ServiceView = Type.Unsafe<PhoneService>(Type.Object({ name: serviceName, ...changeable, enterpriseSubscription }))
const optional = Type.Partial(Type.Object({ ...changeable, enterpriseSubscription })).properties
const strict = { additionalProperties: false }
const NewService = Type.Object({ ...optional, name: serviceName, url: changeable.url }, strict)
const ServiceChanges = Type.Object(optional, strict)
const OneService = Type.Object({ name: text('Service name', 'Extension Mobility') })

/** IP phone services, to which phones and device profiles are subscribed. */
export function registerPhoneServiceRoutes(app: ServiceApp, { context }: Door<object>): void {
  const read = { access: 'role', role: Role.readOnly } as const
  const write = { access: 'role', role: Role.administer } as const

  app.get(
    path,
    { config: read, schema: { tags, summary: 'All phone services', response: { 200: listOf(ServiceView) } } },
    async () => context.use('database').phoneServices.list(),
  )
  app.get(
    `${path}/:name`,
    {
      config: read,
      schema: { tags, summary: 'One phone service', params: OneService, response: { 200: ServiceView } },
    },
    async (request) => findService(context, request.params.name),
  )
  app.post(
    path,
    {
      config: write,
      schema: { tags, summary: 'Add a phone service', body: NewService, response: { 201: ServiceView } },
    },
    async (request, reply) => {
      const service = await change(context, () => context.use('database').phoneServices.insert(request.body))
      return reply
        .code(201)
        .header('location', `${path}/${encodeURIComponent(service.name)}`)
        .send(service)
    },
  )
  app.patch(
    `${path}/:name`,
    {
      config: write,
      schema: {
        tags,
        summary: 'Change a phone service',
        params: OneService,
        body: ServiceChanges,
        response: { 200: ServiceView },
      },
    },
    async (request) => change(context, () => changeService(context, request.params.name, request.body)),
  )
  app.delete(
    `${path}/:name`,
    {
      config: write,
      schema: { tags, summary: 'Delete a phone service and its subscriptions', params: OneService, response: nothing },
    },
    async (request, reply) => {
      await change(context, () => {
        const { name: known } = findService(context, request.params.name)
        context.use('database').phoneServices.remove(known)
      })
      return reply.code(204).send(null)
    },
  )
}

function changeService(context: ServiceContext, id: string, given: Static<typeof ServiceChanges>): PhoneService {
  const { enterpriseSubscription: wanted, ...changes } = given
  const before = findService(context, id)
  if (wanted !== undefined) requireSameSubscription(before, wanted)
  return context.use('database').phoneServices.update(before.name, changes)
}

function requireSameSubscription(service: PhoneService, wanted: boolean): void {
  if (wanted === service.enterpriseSubscription) return
  const detail = `Enterprise Subscription can be set only when a phone service is created; delete ${service.name} and add it again.`
  throw new Problem({ status: 422, title: 'Set at creation only', detail })
}

function findService(context: ServiceContext, id: string): PhoneService {
  const service = context.use('database').phoneServices.find(id)
  if (service === undefined) throw notFound('phone service', id)
  return service
}
