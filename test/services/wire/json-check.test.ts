import t from 'tap'
import { Type } from 'typebox'
import { configurationCheck, messageCheck } from '../../../services/wire/json-check.ts'

const strict = { additionalProperties: false }
const schema = Type.Object(
  {
    name: Type.String({ minLength: 1 }),
    listen: Type.Object({ port: Type.Integer({ default: 0, maximum: 65_535 }) }, { ...strict, default: {} }),
    level: Type.Union([Type.Literal('info'), Type.Literal('debug')], { default: 'info' }),
    phones: Type.Array(Type.Object({ ringing: Type.Boolean({ default: true }) }, strict), { default: [] }),
  },
  strict,
)
const check = configurationCheck(schema)

t.test('defaults are filled in at every depth, and the input stays as it is', async (t) => {
  const input = { name: 'cluster1', phones: [{}] }
  const whole = { name: 'cluster1', listen: { port: 0 }, level: 'info', phones: [{ ringing: true }] }
  t.strictSame(check(input), { value: whole })
  t.strictSame(input, { name: 'cluster1', phones: [{}] })
  const [one, other] = [check(input), check(input)]
  t.not(one.value?.listen, other.value?.listen, 'two configurations share nothing')
})

t.test('every mistake is named by its path, and no value is repeated', async (t) => {
  const wrong = check({ nome: 1, listen: { port: 70_000 }, level: 'secret', phones: [{ ringing: 'secret' }] }).wrong
  t.equal(
    wrong,
    'name is missing; nome is unknown; listen.port must be at most 65535; level must be one of "info", "debug"; phones[0].ringing must be true or false (a boolean)',
  )
  t.equal(check(undefined).wrong, 'it must be an object')
})

t.test('every rule is told in words, with what the schema says of itself', async (t) => {
  const rules = Type.Object(
    {
      id: Type.String({ pattern: '^[a-z]+$', description: 'User ID', examples: ['bob'] }),
      pin: Type.String({ pattern: '^[0-9]+$' }),
      label: Type.String({ minLength: 1, maxLength: 3 }),
      lines: Type.Array(Type.Number({ minimum: 1 }), { minItems: 2, maxItems: 3 }),
    },
    strict,
  )
  const right = { id: 'bob', pin: '12345', label: 'Bob', lines: [1, 2] }
  const clauses: readonly [given: object, clause: string][] = [
    [{ id: 'a b' }, 'id is not written as it must be: User ID; for example "bob"'],
    [{ pin: 'x' }, 'pin must match pattern "^[0-9]+$"'],
    [{ label: '' }, 'label must not be empty'],
    [{ label: 'Bobby' }, 'label must have at most 3 characters'],
    [{ label: 7 }, 'label must be a text, in quotes'],
    [{ lines: [1] }, 'lines must have at least 2 entries'],
    [{ lines: [1, 2, 3, 4] }, 'lines must have at most 3 entries'],
    [{ lines: [0, 1] }, 'lines[0] must be at least 1'],
    [{ lines: ['1', 1] }, 'lines[0] must be a number, not a text'],
    [{ lines: {} }, 'lines must be a list'],
  ]
  const checkRules = configurationCheck(rules)
  t.equal(checkRules(right).wrong, undefined)
  for (const [given, clause] of clauses) t.equal(checkRules({ ...right, ...given }).wrong, clause)
})

t.test('nothing is converted', async (t) => {
  t.match(check({ name: 'cluster1', listen: { port: '80' } }).wrong, /listen\.port must be a whole number, not a text/u)
})

t.test('a message is judged and left as it is', async (t) => {
  const isSetup = messageCheck(schema)
  const message = { name: 'cluster1', listen: { port: 1 }, level: 'info', phones: [] }
  t.ok(isSetup(message))
  const short = { name: 'cluster1' }
  t.notOk(isSetup(short))
  t.strictSame(short, { name: 'cluster1' }, 'no defaults are filled in')
  for (const nonsense of [undefined, null, 1, 'x', [], { ...message, more: 1 }]) t.notOk(isSetup(nonsense))
})
