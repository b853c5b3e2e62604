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
    'name is missing; nome is unknown; listen.port must be <= 65535; level must be one of "info", "debug"; phones[0].ringing must be boolean',
  )
  t.equal(check(undefined).wrong, 'it must be object')
})

t.test('nothing is converted', async (t) => {
  t.match(check({ name: 'cluster1', listen: { port: '80' } }).wrong, /listen\.port must be integer/u)
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
