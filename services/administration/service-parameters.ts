import { Type } from 'typebox'
import type { Static } from 'typebox'
import { parameterText, problemWith, serviceParameterCatalogue } from '../database/service-parameters.ts'
import type { ServiceParameter } from '../database/service-parameters.ts'
import { setServiceParameter } from '../database/set-service-parameter.ts'
import type { ChangedParameter } from '../database/set-service-parameter.ts'
import { Problem } from '../problem.ts'
import { Role } from '../service.ts'
import type { Door, ServiceApp, ServiceContext } from '../service.ts'
import { change, notFound } from './change.ts'
import { listOf, text } from './fields.ts'

const path = '/api/v1/service-parameters'
const tags = ['service-parameters']

const service = text('Title of the service', 'Cisco Extension Mobility')
const parameterName = text('Name of the parameter', 'Multiple Login Behavior')
const value = Type.String({
  // Longer than any parameter, so that its own sentence says what is too long.
  maxLength: 4096,
  description: 'The value in force',
  examples: ['Multiple Logins Not Allowed'],
})
const limit = (description: string) => Type.Optional(Type.String({ description }))
const ParameterView = Type.Object({
  service,
  name: parameterName,
  kind: Type.Enum(['choice', 'integer', 'duration', 'text'], { description: 'duration: HHH:MM, e.g. 8:00 or :30' }),
  value,
  default: Type.String(),
  values: Type.Optional(Type.Array(Type.String(), { description: 'The values that a choice can have' })),
  minimum: limit('Of a whole number or duration'),
  maximum: limit('Of a whole number or duration'),
  maxLength: Type.Optional(Type.Integer({ description: 'Characters of a text' })),
  description: Type.String(),
})
const SetView = Type.Object({
  ...ParameterView.properties,
  alsoChanged: Type.Array(Type.Object({ service, name: parameterName, value }), {
    description: 'What else was set as the documented consequence',
  }),
})
const OneParameter = Type.Object({ service, name: parameterName })
const NewValue = Type.Object({ value }, { additionalProperties: false })

/** Service parameters, named as the vendor's Service Parameter Configuration page names them. In force at once. */
export function registerServiceParameterRoutes(app: ServiceApp, { context }: Door<object>): void {
  const read = { access: 'role', role: Role.readOnly } as const
  const write = { access: 'role', role: Role.administer } as const

  app.get(
    path,
    { config: read, schema: { tags, summary: 'All service parameters', response: { 200: listOf(ParameterView) } } },
    async () => serviceParameterCatalogue.map((parameter) => view(context, parameter)),
  )
  app.get(
    `${path}/:service/:name`,
    {
      config: read,
      schema: { tags, summary: 'One service parameter', params: OneParameter, response: { 200: ParameterView } },
    },
    async (request) => view(context, findParameter(request.params)),
  )
  app.put(
    `${path}/:service/:name`,
    {
      config: write,
      schema: {
        tags,
        summary: 'Set a service parameter',
        params: OneParameter,
        body: NewValue,
        response: { 200: SetView },
      },
    },
    async (request) => setParameter(context, findParameter(request.params), request.body.value),
  )
  app.delete(
    `${path}/:service/:name`,
    {
      config: write,
      schema: {
        tags,
        summary: 'Put a service parameter back to its default',
        params: OneParameter,
        response: { 200: SetView },
      },
    },
    async (request) => resetParameter(context, findParameter(request.params)),
  )
}

async function setParameter(context: ServiceContext, parameter: ServiceParameter, wanted: string) {
  const wrong = problemWith(parameter, wanted)
  if (wrong !== undefined) throw new Problem({ status: 422, title: 'Not a possible value', detail: wrong })
  const changed = await change(context, () =>
    announced(context, setServiceParameter(context.use('database'), parameter, wanted)),
  )
  return withConsequences(context, parameter, changed)
}

/** Unlike entering the default, this has no consequences: nobody asked for a maximum login time. */
async function resetParameter(context: ServiceContext, parameter: ServiceParameter) {
  const { serviceParameters } = context.use('database')
  const changed = await change(context, () => {
    if (parameterText(serviceParameters, parameter) === parameter.default) return []
    serviceParameters.set(parameter.service, parameter.name, parameter.default)
    return announced(context, [{ parameter, value: parameter.default }])
  })
  return withConsequences(context, parameter, changed)
}

/** Inside the work: everybody hears of it once it is on disk. */
function announced(context: ServiceContext, changed: readonly ChangedParameter[]): readonly ChangedParameter[] {
  for (const { parameter, value: now } of changed) {
    const facts = { service: parameter.service, name: parameter.name, value: now }
    context.use('database').afterCommit(() => context.events.publish('parameterChanged', facts))
  }
  return changed
}

function withConsequences(context: ServiceContext, asked: ServiceParameter, changed: readonly ChangedParameter[]) {
  const others = changed.filter(({ parameter }) => parameter !== asked)
  const alsoChanged = others.map(({ parameter, value: now }) => ({ ...namesOf(parameter), value: now }))
  return { ...view(context, asked), alsoChanged }
}

function namesOf(parameter: ServiceParameter) {
  return { service: parameter.service, name: parameter.name }
}

function findParameter(wanted: Static<typeof OneParameter>): ServiceParameter {
  const found = serviceParameterCatalogue.find((one) => one.service === wanted.service && one.name === wanted.name)
  if (found === undefined) throw notFound(`service parameter of ${wanted.service} called`, wanted.name)
  return found
}

function view(context: ServiceContext, parameter: ServiceParameter): Static<typeof ParameterView> {
  const { kind, description } = parameter
  return {
    ...namesOf(parameter),
    kind,
    value: parameterText(context.use('database').serviceParameters, parameter),
    default: parameter.default,
    ...limitsOf(parameter),
    description,
  }
}

function limitsOf(parameter: ServiceParameter) {
  switch (parameter.kind) {
    case 'choice':
      return { values: [...parameter.values] }
    case 'integer':
    case 'duration':
      return { minimum: String(parameter.minimum), maximum: String(parameter.maximum) }
    case 'text':
      return { maxLength: parameter.maxLength }
  }
}
