import { Type } from 'typebox'
import type { Static } from 'typebox'
import { serviceParameterCatalogue, serviceParameterValue } from '../database/service-parameters.ts'
import type { ServiceParameter } from '../database/service-parameters.ts'
import { Problem } from '../problem.ts'
import { Role } from '../service.ts'
import type { Door, ServiceApp, ServiceContext } from '../service.ts'
import { commit, notFound } from './change.ts'
import { listOf, text } from './fields.ts'

const path = '/api/v1/service-parameters'
const tags = ['service-parameters']

const service = text('Title of the service', 'Cisco Extension Mobility')
const parameterName = text('Name of the parameter', 'Multiple Login Behavior')
const value = text('The value in force', 'Multiple Logins Not Allowed')
const ParameterView = Type.Object({
  service,
  name: parameterName,
  value,
  default: Type.String(),
  values: Type.Array(Type.String(), { description: 'The values it can have' }),
  description: Type.String(),
})
const OneParameter = Type.Object({ service, name: parameterName })
const NewValue = Type.Object({ value }, { additionalProperties: false })

/** Service parameters, named as the vendor's Service Parameter Configuration page names them. */
export function registerServiceParameterRoutes(app: ServiceApp, { context }: Door<object>): void {
  app.get(
    path,
    {
      config: { access: 'role', role: Role.readOnly },
      schema: { tags, summary: 'All service parameters', response: { 200: listOf(ParameterView) } },
    },
    async () => serviceParameterCatalogue.map((parameter) => view(context, parameter)),
  )
  app.put(
    `${path}/:service/:name`,
    {
      config: { access: 'role', role: Role.administer },
      schema: {
        tags,
        summary: 'Set a service parameter; it is in force at once',
        params: OneParameter,
        body: NewValue,
        response: { 200: ParameterView },
      },
    },
    async (request) => {
      const parameter = findParameter(request.params)
      requireValue(parameter, request.body.value)
      const { serviceParameters } = context.use('database')
      await commit(context, () => serviceParameters.set(parameter.service, parameter.name, request.body.value))
      return view(context, parameter)
    },
  )
}

function findParameter(wanted: Static<typeof OneParameter>): ServiceParameter {
  const found = serviceParameterCatalogue.find((one) => one.service === wanted.service && one.name === wanted.name)
  if (found === undefined) throw notFound(`service parameter of ${wanted.service} called`, wanted.name)
  return found
}

function requireValue({ name, values }: ServiceParameter, given: string): void {
  if (values.includes(given)) return
  const detail = `${name} is one of: ${values.join(', ')}.`
  throw new Problem({ status: 422, title: 'Not a possible value', detail })
}

function view(context: ServiceContext, parameter: ServiceParameter): Static<typeof ParameterView> {
  const current = serviceParameterValue(context.use('database').serviceParameters, parameter)
  return { ...parameter, values: [...parameter.values], value: current }
}
