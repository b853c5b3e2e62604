import { Type } from 'typebox'
import { Problem } from '../../problem.ts'
import type { Door, ServiceApp } from '../../service.ts'
import type { CallProcessing } from '../call-processing.ts'
import { callIdSchema, ReleaseSchema, SetupAnswerSchema, SetupSchema, SupervisionQuerySchema } from './messages.ts'

const tags = ['Intercluster trunk']
const peerOnly = { access: 'peer' } as const
/** Setups with the longest list of hops stay below this. */
const bodyLimit = 64 * 1024

/** The trunk's doors, for other clusters only. */
export function registerTrunkRoutes(app: ServiceApp, door: Door<CallProcessing>): void {
  app.post(
    '/intercluster/v1/calls',
    {
      config: peerOnly,
      bodyLimit,
      schema: {
        tags,
        summary: 'Set a call up; answered when ringing is over',
        body: SetupSchema,
        response: { 200: SetupAnswerSchema },
      },
    },
    async (request, reply) =>
      door.api().control.receive(named(request.peer), request.body, (listener) => {
        reply.raw.once('close', () => reply.raw.writableFinished || listener())
        if (request.raw.destroyed && request.raw.socket.destroyed) listener()
      }),
  )

  app.post(
    '/intercluster/v1/calls/:id/release',
    {
      config: peerOnly,
      bodyLimit,
      schema: {
        tags,
        summary: 'Release a call',
        params: Type.Object({ id: callIdSchema }),
        body: ReleaseSchema,
        response: { 204: Type.Null({ description: 'Released, now or before' }) },
      },
    },
    async (request, reply) => {
      door.api().control.releasedBy(named(request.peer), request.params.id, request.body)
      return reply.code(204).send(null)
    },
  )

  app.get(
    '/intercluster/v1/supervision',
    {
      config: peerOnly,
      schema: {
        tags,
        summary: 'A line now and then, for as long as this cluster lives',
        querystring: SupervisionQuerySchema,
      },
    },
    async (request, reply) => {
      const lines = door.api().beats.open(named(request.peer), Number(request.query.intervalMs))
      return reply.type('application/x-ndjson').send(lines)
    },
  )
}

/** The host has checked the certificate of `access: 'peer'`; one that names nobody lets nobody in. */
function named(peer: string): string {
  if (peer !== '') return peer
  throw new Problem({ status: 403, title: 'Not a cluster', detail: 'The client certificate names no cluster.' })
}
