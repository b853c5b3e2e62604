import { Type } from 'typebox'
import type { DirectoryNumber } from '../database/api.ts'
import { Role } from '../service.ts'
import type { Door, ServiceApp } from '../service.ts'
import { notFound } from './change.ts'
import { listOf, readDirectoryNumber, text } from './fields.ts'

const path = '/api/v1/lines'
const tags = ['lines']

const NumberView = Type.Unsafe<DirectoryNumber>(
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
  }),
)
const OneNumber = Type.Object({ dn: text('Directory number; separators do not matter', '1000-001') })

/** Directory numbers and who carries them. They come and go with the phones and profiles that are given them. */
export function registerLineRoutes(app: ServiceApp, { context }: Door<object>): void {
  const config = { access: 'role', role: Role.readOnly } as const

  app.get(
    path,
    { config, schema: { tags, summary: 'All directory numbers', response: { 200: listOf(NumberView) } } },
    async () => context.use('database').lines.list(),
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
      const found = context.use('database').lines.find(readDirectoryNumber(request.params.dn))
      if (found.length === 0) throw notFound('directory number', request.params.dn)
      return found
    },
  )
}
