import type { FastifyError, FastifyRequest } from 'fastify'
import { CredentialHasherBusy } from '../database/credential-hasher.ts'
import { alphanumericUserId, isOn } from '../database/service-parameters.ts'
import { atOnceOfOpenDoor, createIdentityManagement } from '../identity-management/index.ts'
import type { ChangePinRequest, IdentityManagement } from '../identity-management/api.ts'
import { phoneFields, reachedAs, readPhoneForms, sendPhonePage } from '../phone-page.ts'
import { Problem } from '../problem.ts'
import type { Door, ServiceApp, ServiceContext } from '../service.ts'
import { formPage, resultPage, servletPath } from './pages.ts'
import { readParameters } from './parameters.ts'
import type { Parameters } from './parameters.ts'
import type { Result } from './templates.ts'

const bodyLimit = 16_384
const config = { access: 'open' } as const

const description = `The phone service Change Credential. Answers phone XML with HTTP 200, for refusals too. Fields, in the query or in a
form: \`device\` and \`userid\` fill in the form; with \`changePin=true\`, \`userid\`, \`oldpin\`, \`newpin\` and \`confirmnewpin\` the PIN is changed.`

/** The servlet behind it (Feature Configuration Guide, Configure the Change Credential IP Phone Service). */
export function registerServlet(app: ServiceApp, { context }: Door<object>): void {
  readPhoneForms(app)
  const identity = once(() => {
    const { clock, events, hasher } = context
    return createIdentityManagement({
      database: context.use('database'),
      hasher,
      clock,
      events,
      atOnce: atOnceOfOpenDoor,
    })
  })

  app.setErrorHandler<FastifyError>((error, request, reply) => {
    if (error.code !== 'FST_ERR_CTP_BODY_TOO_LARGE') throw error
    return sendPhonePage(request, reply, { xml: unreadable(context, request) })
  })
  app.route({
    method: ['GET', 'POST'],
    url: servletPath,
    bodyLimit,
    exposeHeadRoute: false,
    config,
    schema: {
      tags: ['phone'],
      summary: 'The phone’s pages of Change Credential',
      description,
      consumes: ['application/x-www-form-urlencoded'],
      produces: ['text/xml'],
    },
    handler: async (request, reply) =>
      sendPhonePage(request, reply, { xml: await answer(context, identity(), request) }),
  })
  // A HEAD changes nothing, whatever it asks for: whoever looks before he asks must not have changed the PIN already.
  app.head(servletPath, { config, schema: { hide: true } }, async (request, reply) =>
    sendPhonePage(request, reply, { xml: '' }),
  )
}

async function answer(context: ServiceContext, identity: IdentityManagement, request: FastifyRequest): Promise<string> {
  const parameters = read(request)
  if (!parameters) return unreadable(context, request)
  const { device, userId, change } = parameters
  const place = { base: reachedAs(request, context), device, userId }
  const { credentialPolicies, logins, serviceParameters } = context.use('database')
  const { minimumLength } = credentialPolicies.current()
  if (change) return resultPage(place, change === 'blank' ? change : await changePin(identity, change), minimumLength)
  const loggedIn = device === '' ? undefined : logins.on(device)?.userId
  return formPage({ ...place, userId: userId || (loggedIn ?? '') }, !isOn(serviceParameters, alphanumericUserId))
}

/** Undefined for anything that cannot be read; a phone shows no more of a Problem than its status. */
function read(request: FastifyRequest): Parameters | undefined {
  try {
    return readParameters(phoneFields(request))
  } catch (error) {
    if (error instanceof Problem) return undefined
    throw error
  }
}

function unreadable(context: ServiceContext, request: FastifyRequest): string {
  return resultPage({ base: reachedAs(request, context), device: '', userId: '' }, 'unreadable')
}

async function changePin(identity: IdentityManagement, change: ChangePinRequest): Promise<Result> {
  try {
    return await identity.changePin(change)
  } catch (error) {
    if (error instanceof CredentialHasherBusy) return 'busy'
    throw error
  }
}

function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}
