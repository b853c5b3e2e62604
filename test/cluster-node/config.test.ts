import { Type } from 'typebox'
import t from 'tap'
import { parseClusterConfig } from '../../cluster-node/config.ts'
import type { StartupRefusal } from '../../cluster-node/startup-refusal.ts'
import { fakeParts, fakeService } from './fixtures/fake-parts.ts'

const configSchema = Type.Object(
  {
    role: Type.Union([Type.Literal('hub'), Type.Literal('spoke')], { default: 'spoke' }),
    heartbeatMs: Type.Integer({ default: 1000, minimum: 10 }),
    password: Type.Optional(Type.String({ minLength: 8 })),
  },
  { additionalProperties: false },
)
const seedSchema = Type.Object(
  { users: Type.Array(Type.Object({ userId: Type.String(), pin: Type.String() }, { additionalProperties: false })) },
  { additionalProperties: false },
)
const parts = { ...fakeParts([fakeService('ils', [], { configSchema })]), seedSchema }
const least = { name: 'cluster1', dataDirectory: '/data', secretsDirectory: '/secrets' }

t.test('the least configuration is filled with defaults and frozen to its depths', async (t) => {
  const config = parseClusterConfig(least, parts)
  t.match(config, {
    description: '',
    publisher: true,
    listen: { host: '127.0.0.1', httpPort: 8080, httpsPort: 8443 },
    insecureDefaults: false,
    log: { level: 'info' },
    services: { ils: { role: 'spoke', heartbeatMs: 1000, active: true }, database: {} },
  })
  t.ok(Object.isFrozen(config) && Object.isFrozen(config.services['ils']) && Object.isFrozen(config.listen))
  t.notOk('active' in (config.services['database'] ?? {}), 'a network service cannot be switched off')
})

t.test('what is given stays, and the input is not touched', async (t) => {
  const input = { ...least, services: { ils: { role: 'hub', active: false } }, listen: { httpPort: 0 } }
  const config = parseClusterConfig(input, parts)
  t.match(config, { services: { ils: { role: 'hub', active: false } }, listen: { httpPort: 0, httpsPort: 8443 } })
  t.same(input.listen, { httpPort: 0 })
  t.same(parseClusterConfig(config, parts), config, 'a checked configuration passes again')
})

const wrong: readonly [what: string, input: unknown, sentence: RegExp][] = [
  ['an unknown key at the top', { ...least, dataDir: '/x' }, /dataDir is unknown/u],
  [
    'an unknown key deep inside',
    { ...least, services: { ils: { heartbeat: 1 } } },
    /services\.ils\.heartbeat is unknown/u,
  ],
  ['an unknown service', { ...least, services: { isl: {} } }, /services\.isl is unknown/u],
  [
    'active for a network service',
    { ...least, services: { database: { active: false } } },
    /services\.database\.active is unknown/u,
  ],
  ['a missing member', { name: 'cluster1', dataDirectory: '/data' }, /secretsDirectory is missing/u],
  [
    'a value that is none of those allowed',
    { ...least, services: { ils: { role: 'star' } } },
    /services\.ils\.role must be one of "hub", "spoke"/u,
  ],
  ['a number in quotes', { ...least, listen: { httpPort: '8080' } }, /listen\.httpPort must be a whole number/u],
  ['a port that is none', { ...least, listen: { httpPort: 65_536 } }, /listen\.httpPort must be at most 65535/u],
  [
    'a Cluster ID with a space',
    { ...least, name: 'cluster 1' },
    /name is not written as it must be: The Cluster ID: letters, digits/u,
  ],
  [
    'a seed with a mistake',
    { ...least, seed: { users: [{ userId: 'bob', pin: 1 }] } },
    /seed\.users\[0\]\.pin must be a text, in quotes/u,
  ],
  ['something that is no object', ['cluster1'], /it must be an object/u],
]
for (const [what, input, sentence] of wrong) {
  t.test(`${what} is refused by its path`, async (t) => {
    t.throws(() => parseClusterConfig(input, parts), { name: 'StartupRefusal', message: sentence })
  })
}

t.test('all mistakes are told at once, and no value is repeated', async (t) => {
  const input = { ...least, publisher: 'yes', services: { ils: { password: 'hunter2', role: 'hunter2' } } }
  const error = t.throws(() => parseClusterConfig(input, parts)) as StartupRefusal
  t.match(error.message, /publisher must be true or false/u)
  t.match(error.message, /services\.ils\.password must have at least 8 characters/u)
  t.notMatch(error.message, /hunter2/u)
})
