import { Type } from 'typebox'
import { Role } from '../../service.ts'
import type { Door, ServiceApp } from '../../service.ts'
import type { CallProcessing } from '../call-processing.ts'
import { asCallView, CallView } from '../routes.ts'
import { callIdSchema } from '../trunk/messages.ts'

const tags = ['Cisco CallManager']
const administer = { access: 'role', role: Role.administer } as const
const OneCall = Type.Object({ id: callIdSchema })
const HeldOn = Type.Object(
  { deviceName: Type.String({ minLength: 1, maxLength: 128, examples: ['SEP000000010001'] }) },
  { additionalProperties: false },
)

/** The JSON door of Hold: `calls/{id}/hold` and `calls/{id}/resume`. */
export function registerHoldRoutes(app: ServiceApp, door: Door<CallProcessing>): void {
  const schema = (summary: string) => ({
    tags,
    summary,
    params: OneCall,
    body: HeldOn,
    response: { 200: CallView },
  })

  app.put(
    '/api/v1/calls/:id/hold',
    { config: administer, schema: schema('A phone puts a call on hold') },
    async ({ params, body }) => asCallView(door.api().interactions.hold.hold(params.id, body.deviceName).snapshot()),
  )

  app.put(
    '/api/v1/calls/:id/resume',
    { config: administer, schema: schema('A phone takes a held call back') },
    async ({ params, body }) => asCallView(door.api().interactions.hold.resume(params.id, body.deviceName).snapshot()),
  )
}
