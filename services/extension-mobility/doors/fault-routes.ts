import { Type } from 'typebox'
import { Role } from '../../service.ts'
import type { Door, ServiceApp } from '../../service.ts'
import type { ExtensionMobility } from '../api.ts'
import { FaultPoint } from '../faults.ts'

const path = '/api/v1/faults'
const tags = ['trouble on purpose']
const config = { access: 'role', role: Role.administer } as const

const Fault = Type.Object(
  {
    point: Type.Unsafe<FaultPoint>(
      Type.String({
        enum: Object.values(FaultPoint),
        description:
          'Where requests fail, and the code that follows: unexpected 0, policy 4, database 6, autoLogout 7, userInfo 9, hotelingStatus 21, directory 204 or 9 (a PIN in the 2-minute cache does not get that far), pages 210',
        examples: ['database'],
      }),
    ),
    times: Type.Integer({ minimum: 0, maximum: 1_000_000, description: 'How many requests fail there; 0 = none' }),
  },
  { additionalProperties: false },
)
const Faults = Type.Array(Fault)

/** Trouble on purpose: authors of clients make Extension Mobility fail where and as often as they say. A restart forgets it. */
export function registerFaultRoutes(app: ServiceApp, door: Door<ExtensionMobility>): void {
  app.get(
    path,
    { config, schema: { tags, summary: 'Which failures are armed', response: { 200: Faults } } },
    async () => [...door.api().faults.list()],
  )
  app.put(
    path,
    {
      config,
      schema: { tags, summary: 'Make the next requests fail at one point', body: Fault, response: { 200: Faults } },
    },
    async ({ body }) => {
      door.context.log.warn(body, 'trouble on purpose was armed')
      door.api().faults.arm(body)
      return [...door.api().faults.list()]
    },
  )
  app.delete(
    path,
    {
      config,
      schema: { tags, summary: 'Disarm all failures', response: { 204: Type.Null({ description: 'Disarmed' }) } },
    },
    async (_request, reply) => {
      const { faults } = door.api()
      for (const { point } of faults.list()) faults.arm({ point, times: 0 })
      return reply.code(204).send(null)
    },
  )
}
