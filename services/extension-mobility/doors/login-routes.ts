import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { Role } from '../../service.ts'
import type { Door, ServiceApp } from '../../service.ts'
import { LogoutReason, RequestDoor } from '../api.ts'
import type { ExtensionMobility, RequestOrigin } from '../api.ts'
import { LoginView, viewLogin } from './login-view.ts'

const path = '/api/v1/logins'
const tags = ['logins']

/** Blank strings are let through: the rules answer them as the vendor does (202, 207). */
const text = (description: string, example: string) => Type.String({ maxLength: 128, description, examples: [example] })

const deviceName = text('Name of the phone', 'SEP000000020001')

const NewLogin = Type.Object(
  {
    deviceName,
    userId: text('User ID, self-service user ID or primary extension, by `loginType`', 'bob'),
    pin: text('The PIN', '12345'),
    deviceProfile: Type.Optional(
      text('One of the user’s device profiles; absent: the default one, or the first', 'bob-profile'),
    ),
    loginType: Type.Optional(
      text('`UID` user ID (if absent), `SP` self-service user ID, `DN` primary extension', 'UID'),
    ),
    exclusiveDuration: Type.Optional(
      Type.Union([Type.Integer({ minimum: 1, maximum: 525_600 }), Type.Literal('indefinite')], {
        description: 'Minutes until automatic logout, at most the maximum login time in force; absent: that maximum',
        examples: [60],
      }),
    ),
  },
  { additionalProperties: false },
)

const OnePhone = Type.Object({ deviceName })

/** The JSON door of Extension Mobility. Refusals are problems with the vendor's `code` and `phoneDisplay`. */
export function registerLoginRoutes(app: ServiceApp, door: Door<ExtensionMobility>): void {
  app.post(
    path,
    {
      config: { access: 'role', role: Role.emProxy },
      schema: { tags, summary: 'Log a user in to a phone', body: NewLogin, response: { 201: LoginView } },
    },
    async (request, reply) => {
      const { pin, ...login } = request.body
      const opened = await door.api().login({ ...login, proof: { kind: 'pin', pin }, origin: originOf(request) })
      return reply.code(201).send(viewLogin(opened))
    },
  )

  app.delete(
    `${path}/:deviceName`,
    {
      config: { access: 'role', role: Role.emProxy },
      schema: {
        tags,
        summary: 'Log out whoever is logged in on a phone',
        params: OnePhone,
        response: { 204: Type.Null({ description: 'Logged out' }) },
      },
    },
    async (request, reply) => {
      await door.api().logout(request.params.deviceName, LogoutReason.manual, originOf(request))
      return reply.code(204).send(null)
    },
  )

  app.delete(
    path,
    {
      config: { access: 'role', role: Role.emProxy },
      schema: { tags, summary: 'Log out everybody', response: { 200: Type.Array(LoginView) } },
    },
    async ({ ip, headers }) => {
      const ended = await door.api().logoutAll(LogoutReason.manual, originOf({ ip, headers }))
      return ended.map(viewLogin)
    },
  )

  app.get(
    path,
    {
      config: { access: 'role', role: Role.readOnly },
      schema: { tags, summary: 'Who is logged in where, in this cluster', response: { 200: Type.Array(LoginView) } },
    },
    async () => door.api().logins().map(viewLogin),
  )
}

function originOf({ ip, headers }: Pick<FastifyRequest, 'ip' | 'headers'>): RequestOrigin {
  return { door: RequestDoor.json, remoteAddress: ip, via: headers.via !== undefined }
}
