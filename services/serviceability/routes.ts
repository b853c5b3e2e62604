import { Type } from 'typebox'
import { Problem } from '../problem.ts'
import { Role } from '../service.ts'
import type { Door, ServiceApp } from '../service.ts'
import type { Serviceability, ServiceStatus } from './api.ts'

const serviceStatus = Type.Unsafe<ServiceStatus>(
  Type.Object(
    {
      name: Type.String({ description: 'Folder name, e.g. extension-mobility' }),
      title: Type.String({ description: 'As the Service Activation page shows it, e.g. Cisco Extension Mobility' }),
      kind: Type.Union([Type.Literal('network'), Type.Literal('feature')]),
      active: Type.Boolean(),
      dependsOn: Type.Array(Type.String()),
      waitingFor: Type.Optional(Type.String({ description: 'Why it is not ready, or could not be started' })),
    },
    { description: 'One line of the Service Activation page' },
  ),
)

/** Service Activation and Control Center (`/api/v1/services`). */
export function serviceRoutes(app: ServiceApp, door: Door<Serviceability>): void {
  const tags = ['services']
  app.get(
    '/api/v1/services',
    {
      config: { access: 'role', role: Role.readOnly },
      schema: {
        tags,
        summary: 'Services and whether they are active',
        response: { 200: Type.Unsafe<readonly ServiceStatus[]>(Type.Array(serviceStatus)) },
      },
    },
    async () => door.api().list(),
  )
  app.put(
    '/api/v1/services/:name',
    {
      config: { access: 'role', role: Role.administer },
      schema: {
        tags,
        summary:
          'Activates or deactivates a feature service; stops or starts a network service until the next start of the cluster',
        description:
          'Service Activation and Control Center. What is decided of a feature service outlives a restart; a network service that was stopped runs again after it. Network services that the cluster cannot do without (the database, Serviceability, Administration) cannot be stopped: 409.',
        params: Type.Object({ name: Type.String({ description: 'Folder name or title' }) }),
        body: Type.Object({ active: Type.Boolean() }, { additionalProperties: false }),
        response: { 200: serviceStatus },
      },
    },
    (request) => door.api().setActive(request.params.name, request.body.active),
  )
}

/** `GET /api/v1/events`. */
export function eventRoutes(app: ServiceApp, door: Door<Serviceability>): void {
  app.get(
    '/api/v1/events',
    {
      config: { access: 'role', role: Role.readOnly },
      exposeHeadRoute: false,
      schema: {
        tags: ['events'],
        summary: 'Everything that happens in this cluster, as server-sent events',
        produces: ['text/event-stream'],
      },
    },
    (_request, reply) => {
      if (!door.api().stream(reply.raw)) throw new Problem(tooManyReaders)
      reply.hijack()
    },
  )
}

const tooManyReaders = {
  status: 503,
  title: 'Too Many Event Streams',
  detail: 'this cluster already serves as many event streams as it may: close one',
}
