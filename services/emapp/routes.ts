import { Type } from 'typebox'
import type { FastifyRequest } from 'fastify'
import { phoneFields, reachedAs, readPhoneForms, sendPhonePage } from '../phone-page.ts'
import type { Door, ServiceApp } from '../service.ts'
import { emAppPath } from './addresses.ts'
import type { EmApp, PhoneRequest } from './api.ts'

const description = `The phone service of Extension Mobility. Answers phone XML with HTTP 200, for refusals too. Fields, in the query or in a form:
\`device\` alone: the login form, or the logout question if somebody is logged in; with \`userid\` and \`seq\` (the PIN): login; with
\`profile\`: to this device profile; with \`doLogout=true\`: logout. \`loginType\` is UID (if absent), SP or DN.`

/** `/emapp/EMAppServlet`. HEAD does what GET does, as in a servlet container, and keeps the page to itself. */
export function registerEmAppRoutes(app: ServiceApp, door: Door<object>): void {
  readPhoneForms(app)
  app.route({
    method: ['GET', 'HEAD', 'POST'],
    url: emAppPath,
    config: { access: 'open' },
    schema: {
      tags: ['phone'],
      summary: 'The phone’s pages of Extension Mobility',
      description,
      consumes: ['application/x-www-form-urlencoded'],
      produces: ['text/xml'],
      response: { 200: Type.Any({ description: 'CiscoIPPhoneInput, CiscoIPPhoneMenu or CiscoIPPhoneText' }) },
    },
    handler: async (request, reply) => {
      const page = await (door.api() as EmApp).answer(read(request, door))
      return sendPhonePage(request, reply, page)
    },
  })
}

function read(request: FastifyRequest, { context }: Door<object>): PhoneRequest {
  return {
    fields: phoneFields(request),
    base: reachedAs(request, context),
    origin: { door: 'phone', remoteAddress: request.ip, via: request.headers.via !== undefined },
  }
}
