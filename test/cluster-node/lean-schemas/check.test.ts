import { deepStrictEqual as deepEqual, equal } from 'node:assert/strict'
import AjvCompiler from '@fastify/ajv-compiler'
import * as fc from 'fast-check'
import { Type } from 'typebox'
import type { TSchema } from 'typebox'
import t from 'tap'
import { clusterConfigSchema } from '../../../cluster-node/config.ts'
import { compileCheck } from '../../../cluster-node/lean-schemas/check.ts'
import type { JsonSchema } from '../../../cluster-node/lean-schemas/check.ts'
import { standardParts } from '../../../cluster-node/parts.ts'
import type { SchemaError } from '../../../cluster-node/schema-errors.ts'

/** The judge: what Fastify checks requests with. */
function ajvOf(schema: TSchema, useDefaults: boolean): (value: unknown) => boolean {
  const customOptions = { useDefaults, coerceTypes: false as const, removeAdditional: false, allErrors: false }
  return AjvCompiler()({}, { customOptions })({ schema, method: '', url: '', httpPart: '' }) as (
    value: unknown,
  ) => boolean
}

const message = Type.Object({
  network: Type.String({ maxLength: 5 }),
  n: Type.Optional(Type.Integer({ minimum: 0, maximum: 3 })),
  role: Type.Union([Type.Literal('hub'), Type.Literal('spoke'), Type.Null()]),
  vector: Type.Array(Type.Tuple([Type.String({ pattern: '^[a-z]+$' }), Type.Number()]), { minItems: 1, maxItems: 2 }),
  kind: Type.Enum(['a', 'b']),
  flag: Type.Boolean(),
  payload: Type.Unknown(),
})
const validMessage = { network: 'lab', n: 1, role: 'hub', vector: [['a', 1.5]], kind: 'a', flag: true, payload: [] }

const config = clusterConfigSchema(standardParts)
const validConfig = {
  name: 'cluster1',
  dataDirectory: '/data',
  secretsDirectory: '/secrets',
  listen: { host: '127.0.0.1', httpPort: 0 },
  services: { ils: { role: 'spoke', hub: 'hub', hubs: ['a', 'b'] }, callmanager: {} },
  seed: { partitions: ['p'], users: [{ userId: 'bob', pin: '1', deviceProfiles: ['x'] }] },
}

/** Interesting values beside arbitrary ones. */
const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(
    '',
    'hub',
    'spoke',
    'a',
    'ab',
    '😀😀😀',
    '😀😀😀😀😀😀',
    0,
    -1,
    3,
    4,
    1.5,
    70_000,
    null,
    true,
    [],
    {},
    [['a', 1]],
    [['a', 1, 2]],
    [['A', 1]],
  ),
)

/** A valid value with something put in the place of one of its parts, or added to it. */
function nearly(valid: object): fc.Arbitrary<unknown> {
  const paths = pathsOf(valid)
  const change = fc.tuple(fc.constantFrom(...paths), anything, fc.constantFrom('put', 'add', 'remove'))
  return fc.array(change, { maxLength: 3 }).map((changes) => {
    const value = structuredClone(valid) as Record<string, unknown>
    for (const [path, replacement, how] of changes) {
      const parent = path
        .slice(0, -1)
        .reduce<unknown>((one, step) => (one as Record<string, unknown> | undefined)?.[step], value)
      const last = path.at(-1)
      if (typeof parent !== 'object' || parent === null || last === undefined) continue
      const target = parent as Record<string, unknown>
      if (how === 'remove' && !Array.isArray(parent)) delete target[last]
      else if (how === 'add' && !Array.isArray(parent)) target[`${last}x`] = structuredClone(replacement)
      else target[last] = structuredClone(replacement)
    }
    return value
  })
}

function pathsOf(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, part]) => [[...path, name], ...pathsOf(part, [...path, name])])
}

for (const [name, schema, valid] of [
  ['a message', message, validMessage],
  ['a configuration', config, validConfig],
] as const) {
  t.test(
    `${name}: the verdict is Ajv's, with and without defaults, and errors are reported exactly when there are any`,
    async (t) => {
      const check = compileCheck(schema as JsonSchema)
      const [plain, filling] = [ajvOf(schema, false), ajvOf(schema, true)]
      t.equal(check(valid), plain(valid))
      fc.assert(
        fc.property(fc.oneof(nearly(valid), anything), (value) => {
          const errors: SchemaError[] = []
          const verdict = plain(structuredClone(value))
          const reported = check(structuredClone(value), { report: (error) => errors.push(error) })
          const [ours, theirs] = [structuredClone(value), structuredClone(value)]
          const filled = check(ours, { fillIn: true })
          deepEqual([check(value), reported, errors.length === 0], [verdict, verdict, verdict])
          equal(filled, filling(theirs))
          if (filled) deepEqual(ours, theirs)
        }),
        { numRuns: 2000 },
      )
      t.pass('in 2000 cases')
    },
  )
}

t.test('a schema that says more than is understood is refused instead of half checked', async (t) => {
  for (const schema of [
    { type: 'string', format: 'email' },
    { type: 'array', uniqueItems: true },
    { not: {} },
    { type: 'date' },
  ]) {
    t.throws(() => compileCheck(schema), /is not supported/u)
  }
  t.throws(
    () => compileCheck({ type: 'object', properties: {}, additionalProperties: { type: 'string' } }),
    /false only/u,
  )
})

t.test('members of the prototype are no members', async (t) => {
  const check = compileCheck(
    Type.Object({ name: Type.String() }, { additionalProperties: false }) as TSchema as JsonSchema,
  )
  t.notOk(check(JSON.parse('{"name":"x","constructor":1}')))
  t.notOk(check(Object.create({ name: 'inherited' })))
})
