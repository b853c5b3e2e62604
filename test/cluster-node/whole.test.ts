// The real services in the real host: what the tests with fakes cannot see.
import { Writable } from 'node:stream'
import t from 'tap'
import type { Test } from 'tap'
import { createCluster } from '../../cluster-node/create-cluster.ts'
import { catalogue } from '../../services/index.ts'
import { waitFor } from '../fixtures/wait-for.ts'
import { basic, configIn } from './fixtures/fake-parts.ts'

const seed = {
  deviceProfiles: [{ name: 'bob-profile', lines: [{ dn: '1000-001' }] }],
  users: [{ userId: 'bob', pin: '12345', deviceProfiles: ['bob-profile'], superuser: true, homeCluster: true }],
  phones: [
    { name: 'SEP000000010001', extensionMobility: true, lines: [{ dn: '1000-101' }] },
    { name: 'SEP000000010002', extensionMobility: true, lines: [{ dn: '1000-102' }] },
  ],
}

async function start(t: Test, folder: string, changes: object = {}) {
  const lines: string[] = []
  const logDestination = new Writable({ write: (chunk, _encoding, done) => done(void lines.push(String(chunk))) })
  const config = configIn(folder, { seed, log: { level: 'trace' }, ...changes })
  const cluster = createCluster(config, { eagerSchemas: true, logDestination })
  t.teardown(() => cluster.close())
  const { http } = await cluster.start()
  const ask = async (method: string, path: string, body?: unknown) => {
    const json = body === undefined ? {} : { body: JSON.stringify(body) }
    const type = body === undefined ? {} : { 'content-type': 'application/json' }
    const headers = { ...basic('administrator', 'roamline'), ...type }
    const response = await fetch(`${http}${path}`, { method, headers, ...json })
    const text = await response.text()
    return { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) }
  }
  return { cluster, http, ask, lines }
}

t.test(
  'every schema of every service compiles, every route says who may call it, and all are documented',
  async (t) => {
    const { http } = await start(t, t.testdir())
    const { paths } = (await (await fetch(`${http}/openapi.json`)).json()) as { paths: object }
    const promised = [
      'users',
      'device-profiles',
      'devices',
      'lines',
      'access-control-groups',
      'phone-services',
      'service-parameters',
      'services',
      'logins',
      'calls',
      'ils',
      'events',
    ]
    for (const resource of promised) t.hasProp(paths, `/api/v1/${resource}`)
    t.hasProp(paths, '/api/v1/locations/{dn}')
  },
)

t.test('bob logs in, is called, and logs out; none of it leaves his PIN in the log', async (t) => {
  const { cluster, ask, lines } = await start(t, t.testdir())
  const events: string[] = []
  cluster.events.subscribe(({ type }) => events.push(type))
  const login = { deviceName: 'SEP000000010002', userId: 'bob', pin: '12345' }
  t.match(await ask('POST', '/api/v1/logins', { ...login, pin: '99999' }), {
    status: 403,
    body: { code: 201, phoneDisplay: 'Please try to login again (201)' },
  })
  t.match(await ask('POST', '/api/v1/logins', login), {
    status: 201,
    body: { userId: 'bob', deviceProfile: 'bob-profile' },
  })
  await waitFor('the phone to register', () => events.includes('phoneRegistered'))
  t.match(await ask('POST', '/api/v1/calls', { from: 'SEP000000010001', to: '1000-001' }), {
    status: 201,
    body: { state: 'connected', to: { userId: 'bob', deviceName: 'SEP000000010002' } },
  })
  t.equal((await ask('DELETE', '/api/v1/logins/SEP000000010002')).status, 204)
  t.notMatch(lines.join(''), /12345|99999|roamline"/u)
})

t.test('a login and a deactivation survive a restart, and the seed is not applied twice', async (t) => {
  const folder = t.testdir()
  const first = await start(t, folder)
  await first.ask('POST', '/api/v1/logins', { deviceName: 'SEP000000010002', userId: 'bob', pin: '12345' })
  await first.ask('PUT', '/api/v1/services/callmanager', { active: false })
  await first.cluster.close()
  const second = await start(t, folder, { seed: {} })
  t.match(await second.ask('GET', '/api/v1/logins'), {
    status: 200,
    body: [{ userId: 'bob', deviceName: 'SEP000000010002' }],
  })
  t.match(await second.ask('POST', '/api/v1/calls', { from: '1000101', to: '1000001' }), {
    status: 503,
    body: { detail: /Cisco CallManager is not active/u },
  })
})

t.test(
  'every feature service, and every network service that may be stopped, can be stopped and started again',
  async (t) => {
    const { ask } = await start(t, t.testdir())
    for (const { name, kind, stoppable = false } of catalogue) {
      if (kind === 'network' && !stoppable) {
        t.match(await ask('PUT', `/api/v1/services/${name}`, { active: false }), { status: 409 }, name)
        continue
      }
      t.match(
        await ask('PUT', `/api/v1/services/${name}`, { active: false }),
        { status: 200, body: { active: false } },
        name,
      )
      t.match(
        await ask('PUT', `/api/v1/services/${name}`, { active: true }),
        { status: 200, body: { active: true } },
        name,
      )
    }
    t.equal((await ask('GET', '/health/ready')).status, 200)
  },
)

t.test('a subscriber does not run ILS, and says why', async (t) => {
  const { ask } = await start(t, t.testdir(), { publisher: false, services: { ils: { active: false } } })
  t.match(await ask('PUT', '/api/v1/services/Cisco%20Intercluster%20Lookup%20Service', { active: true }), {
    status: 409,
    body: { detail: /only be activated on a publisher/u },
  })
})

t.test('settings that ILS cannot work with stop the start', async (t) => {
  const services = { ils: { role: 'spoke', hub: 'hub' } }
  await t.rejects(start(t, t.testdir(), { services }), { code: 'ILS_CONFIG', message: /ILS needs a password/u })
})
