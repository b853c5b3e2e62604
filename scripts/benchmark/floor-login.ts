// Floor of the login rate: a bare Fastify that parses the same requests by schema and answers the same bytes; it checks,
// stores and publishes nothing.
import Fastify from 'fastify'
import { Type } from 'typebox'

const Login = Type.Object({
  deviceName: Type.String(),
  userId: Type.String(),
  deviceProfile: Type.String(),
  loginTime: Type.String(),
  loginDuration: Type.Integer(),
})
const Body = Type.Object({
  deviceName: Type.String({ maxLength: 128 }),
  userId: Type.String({ maxLength: 128 }),
  pin: Type.String({ maxLength: 128 }),
  deviceProfile: Type.Optional(Type.String()),
  loginType: Type.Optional(Type.String()),
})

const app = Fastify({ logger: false })
app.post<{ Body: { deviceName: string; userId: string } }>(
  '/api/v1/logins',
  { schema: { body: Body, response: { 201: Login } } },
  async (request, reply) => {
    reply.code(201)
    const { deviceName, userId } = request.body
    return {
      deviceName,
      userId,
      deviceProfile: `${userId}-profile`,
      loginTime: new Date().toISOString(),
      loginDuration: 0,
    }
  },
)
app.delete('/api/v1/logins/:deviceName', async (_request, reply) => reply.code(204).send())
const http = await app.listen({ host: '127.0.0.1', port: 0 })
process.stdout.write(`${JSON.stringify({ ready: true, http })}\n`)
process.once('SIGTERM', () => process.exit(0))
