import { Type } from 'typebox'
import { Role } from '../service.ts'
import type { Door, ServiceApp } from '../service.ts'
import { notFound } from './change.ts'
import { listOf, readDirectoryNumber, text } from './fields.ts'
import { NumberChanges, advertisedMembers, changeLine, lineStates } from './global-dial-plan/advertised-numbers.ts'
import type { LineState } from './global-dial-plan/advertised-numbers.ts'

const path = '/api/v1/lines'
const tags = ['lines']

const NumberView = Type.Unsafe<LineState>(
  Type.Object({
    dn: text('Directory number as stored', '1000001'),
    partition: text('Route partition; empty = <None>', ''),
    devices: Type.Array(Type.String(), {
      description: 'Phones that have it as their own',
      examples: [['SEP000000010001']],
    }),
    deviceProfiles: Type.Array(Type.String(), {
      description: 'Device profiles that have it',
      examples: [['bob-profile']],
    }),
    ...advertisedMembers,
  }),
)
const OneNumber = Type.Object({ dn: text('Directory number; separators do not matter', '1000-001') })
const InPartition = Type.Object(
  { partition: Type.Optional(text('Needed only where the number is in several partitions; empty = <None>', '')) },
  { additionalProperties: false },
)

/** Directory numbers and who carries them. They come and go with the phones and profiles that are given them. */
export function registerLineRoutes(app: ServiceApp, { context }: Door<object>): void {
  const config = { access: 'role', role: Role.readOnly } as const

  app.get(
    path,
    { config, schema: { tags, summary: 'All directory numbers', response: { 200: listOf(NumberView) } } },
    async () => {
      const database = context.use('database')
      return lineStates(database, database.lines.list())
    },
  )
  app.get(
    `${path}/:dn`,
    {
      config,
      schema: {
        tags,
        summary: 'One directory number, once per partition that has it',
        params: OneNumber,
        response: { 200: listOf(NumberView) },
      },
    },
    async (request) => {
      const database = context.use('database')
      const found = database.lines.find(readDirectoryNumber(request.params.dn))
      if (found.length === 0) throw notFound('directory number', request.params.dn)
      return lineStates(database, found)
    },
  )
  app.patch(
    `${path}/:dn`,
    {
      config: { access: 'role', role: Role.administer },
      schema: {
        tags,
        summary:
          'Alternate numbers, directory URIs and what of them is advertised; superusers’ directory numbers are known everywhere anyway',
        params: OneNumber,
        querystring: InPartition,
        body: NumberChanges,
        response: { 200: NumberView },
      },
    },
    async (request) => changeLine(context, request.params.dn, request.query.partition, request.body),
  )
}
