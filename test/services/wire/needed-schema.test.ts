import { Ajv } from 'ajv'
import t from 'tap'
import { Type } from 'typebox'
import type { TSchema } from 'typebox'
import { neededSchema } from '../../../services/wire/needed-schema.ts'

const strict = { additionalProperties: false }
const phone = Type.Object(
  {
    name: Type.String(),
    model: Type.Optional(Type.String()),
    lines: Type.Optional(
      Type.Array(Type.Object({ dn: Type.String(), label: Type.Optional(Type.String()) }, strict), { maxItems: 2 }),
    ),
  },
  strict,
)
const schema = Type.Object(
  { level: Type.String({ default: 'info' }), phones: Type.Optional(Type.Array(phone)) },
  { ...strict, default: {} },
)

function isRight(by: TSchema, value: unknown): boolean {
  return new Ajv({ strict: false, useDefaults: true }).validate(by, structuredClone(value))
}

t.test('members that nobody wrote are left out, at every depth', async (t) => {
  const needed = neededSchema(schema, { phones: [{ name: 'a' }, { name: 'b', lines: [{ dn: '1000' }] }] })
  const { properties } = needed as unknown as { readonly properties: unknown }
  t.strictSame(properties, {
    level: { type: 'string', default: 'info' },
    phones: {
      type: 'array',
      items: {
        ...strict,
        type: 'object',
        required: ['name'],
        properties: {
          name: { type: 'string' },
          lines: {
            type: 'array',
            maxItems: 2,
            items: { ...strict, type: 'object', required: ['dn'], properties: { dn: { type: 'string' } } },
          },
        },
      },
    },
  })
})

t.test('what the whole schema says of a value, the needed one says too', async (t) => {
  const phones = [
    [],
    [{ name: 'a', model: '8845', lines: [{ dn: '1000', label: 'bob' }] }],
    [{ name: 'a' }, { name: 'b', model: 1 }],
    [{ model: '8845' }],
    [{ name: 'a', lines: [{ dn: '1000' }, { label: 'alice' }] }],
    [{ name: 'a', lines: [{ dn: '1' }, { dn: '2' }, { dn: '3' }] }],
    [{ name: 'a', colour: 'red' }],
    [null, 'kally', 1, [[]]],
    'none',
    { length: 1 },
    null,
  ]
  const values = [...phones.map((some) => ({ phones: some })), {}, null, [], 'x', { level: 1 }, { unknown: true }]
  const verdicts = values.map((value) => isRight(neededSchema(schema, value), value))
  t.strictSame(
    verdicts,
    values.map((value) => isRight(schema, value)),
  )
  t.ok(verdicts.includes(true) && verdicts.includes(false))
})
