import t from 'tap'
import { parseConfig } from '../../../services/super-user-sync/config.ts'

const cluster = { name: 'cluster1', url: 'https://127.0.0.11:8443', userId: 'superusersync', password: 'hidden-word' }
const minimal = { dataDirectory: 'data', secretsDirectory: 'secrets', clusters: [cluster] }

t.test('what is left out has a default', async (t) => {
  t.match(parseConfig(minimal), {
    name: 'super-user-sync',
    listen: { host: '127.0.0.1', httpPort: 0 },
    schedule: '0 2 * * *',
    runOnStart: true,
    administrator: { userId: 'administrator' },
    requestTimeoutMs: 10_000,
    log: { level: 'info' },
  })
})

t.test('each mistake is named in one sentence that quotes no password', async (t) => {
  const second = { ...cluster, name: 'cluster2' }
  const mistakes: [object, RegExp][] = [
    [{ colour: 'blue' }, /^colour is unknown$/],
    [{ listen: { httpPort: 70_000 } }, /^listen\.httpPort must be at most 65535/],
    [{ clusters: [] }, /^clusters must not be empty/],
    [{ clusters: [{ ...cluster, url: 'http://127.0.0.11:8080' }] }, /^clusters\[0\]\.url must match pattern/],
    [{ clusters: [{ ...cluster, password: 7 }] }, /^clusters\[0\]\.password must be a text/],
    [{ clusters: [cluster, second] }, /^clusters\[1\]\.url: .* is there twice/],
    [
      { clusters: [cluster, { ...cluster, url: 'https://127.0.0.12:8443' }] },
      /^clusters\[1\]\.name: .* is there twice/,
    ],
    [{ schedule: 'every noon' }, /^schedule: /],
    [{ schedule: '0 0 31 2 *' }, /never comes/],
    [{ log: { level: 'loud' } }, /^log\.level must be one of /],
    [{ listen: { host: '0.0.0.0' } }, /0\.0\.0\.0 is not loopback/],
  ]
  for (const [mistake, message] of mistakes) {
    t.throws(() => parseConfig({ ...minimal, ...mistake }), { code: 'SUPER_USER_SYNC_CONFIG_INVALID', message })
    try {
      parseConfig({ ...minimal, ...mistake })
    } catch (error) {
      t.notMatch((error as Error).message, /hidden-word|\n/u)
    }
  }
  for (const value of [undefined, null, 'text', []]) t.throws(() => parseConfig(value), { code: /CONFIG_INVALID/ })
})

t.test('listening beyond loopback takes a password of its own, or saying so', async (t) => {
  const open = { ...minimal, listen: { host: '0.0.0.0' } }
  t.ok(parseConfig({ ...open, insecureDefaults: true }))
  t.ok(parseConfig({ ...open, administrator: { password: 'another' } }))
})
