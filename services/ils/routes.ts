import { Type } from 'typebox'
import type { Static } from 'typebox'
import { Role } from '../service.ts'
import type { Access, Door, ServiceApp } from '../service.ts'
import type { Ils, IlsStatus } from './api.ts'

const Peer = Type.Object({
  clusterId: Type.String(),
  role: Type.Union([Type.Literal('hub'), Type.Literal('spoke')]),
  status: Type.String({ description: '`Up to Date` as the vendor shows it, or what is the matter' }),
  lastContact: Type.Optional(Type.String({ description: 'ISO 8601; beyond the hub: when its last change arrived' })),
  usn: Type.Integer({ description: 'Highest update sequence number held of this cluster' }),
  https: Type.Optional(Type.String()),
  description: Type.Optional(Type.String()),
})

/** The answer of `GET /api/v1/ils`. */
export const IlsStatusSchema = Type.Object({
  clusterId: Type.String(),
  role: Type.Union([Type.Literal('standalone'), Type.Literal('hub'), Type.Literal('spoke')]),
  hub: Type.Optional(Type.String()),
  peers: Type.Array(Peer),
  learned: Type.Object({
    superusers: Type.Integer(),
    locations: Type.Integer({ description: 'Superusers logged in elsewhere' }),
    records: Type.Integer(),
  }),
})

/** As the schema wants it, whose arrays are mutable. */
export function toAnswer(status: IlsStatus): Static<typeof IlsStatusSchema> {
  return { ...status, peers: [...status.peers] }
}

export function registerIlsRoutes(app: ServiceApp, door: Door<Ils>): void {
  const access: Access = { access: 'role', role: Role.readOnly }
  app.get(
    '/api/v1/ils',
    {
      config: access,
      schema: {
        tags: ['ils'],
        summary: 'ILS Clusters: this cluster, its neighbours, and all others that it has learned of',
        response: { 200: IlsStatusSchema },
      },
    },
    () => toAnswer(door.api().status()),
  )
}
