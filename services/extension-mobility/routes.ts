import { Type } from 'typebox'
import type { Static } from 'typebox'
import type { Login } from '../database/api.ts'
import { Role } from '../service.ts'
import type { Door, ServiceApp } from '../service.ts'
import { LogoutReason } from './api.ts'
import type { ExtensionMobility, LoginRequest } from './api.ts'

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
  },
  { additionalProperties: false },
)

const LoginView = Type.Object({
  deviceName: Type.String({ examples: ['SEP000000020001'] }),
  userId: Type.String({ examples: ['bob'] }),
  deviceProfile: Type.String({ examples: ['bob-profile'] }),
  loginTime: Type.String({ format: 'date-time' }),
  loginDuration: Type.Integer({ description: 'Seconds until automatic logout; 0 = none' }),
})

const OnePhone = Type.Object({ deviceName })

/** The JSON door of Extension Mobility. Refusals are problems with the vendor's `code` and `phoneDisplay`. */
export function registerLoginRoutes(app: ServiceApp, door: Door<ExtensionMobility>): void {
  app.post(
    '/api/v1/logins',
    {
      config: { access: 'role', role: Role.emProxy },
      schema: { tags, summary: 'Log a user in to a phone', body: NewLogin, response: { 201: LoginView } },
    },
    async (request, reply) => {
      const login = await door.api().login(readLogin(request.body))
      return reply.code(201).send(view(login))
    },
  )

  app.delete(
    '/api/v1/logins/:deviceName',
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
      await door.api().logout(request.params.deviceName, LogoutReason.manual)
      return reply.code(204).send(null)
    },
  )

  app.get(
    '/api/v1/logins',
    {
      config: { access: 'role', role: Role.readOnly },
      schema: { tags, summary: 'Who is logged in where, in this cluster', response: { 200: Type.Array(LoginView) } },
    },
    async () => door.api().logins().map(view),
  )
}

function readLogin({ pin, ...rest }: Static<typeof NewLogin>): LoginRequest {
  return { ...rest, proof: { kind: 'pin', pin } }
}

function view(login: Login): Static<typeof LoginView> {
  const { deviceName: phone, userId, deviceProfile, loginTime, loginDuration } = login
  return { deviceName: phone, userId, deviceProfile, loginTime: new Date(loginTime).toISOString(), loginDuration }
}
