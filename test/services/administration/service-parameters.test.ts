import t from 'tap'
import { loneCluster } from '../../fixtures/lone-cluster.ts'
import type { LoneCluster } from '../../fixtures/lone-cluster.ts'

const mobility = 'Cisco Extension Mobility'
const pathOf = (name: string, service = mobility) =>
  `/api/v1/service-parameters/${encodeURIComponent(service)}/${encodeURIComponent(name)}`

function parameters(cluster: LoneCluster) {
  return {
    read: async (name: string) => (await cluster.ask(`GET ${pathOf(name)}`, undefined, 'reader')).body,
    set: (name: string, value: string) => cluster.ask(`PUT ${pathOf(name)}`, { value }),
    reset: (name: string) => cluster.ask(`DELETE ${pathOf(name)}`),
  }
}

t.test('A1.4: every parameter is told with its kind, limits and documented default', async (t) => {
  const cluster = await loneCluster(t)
  const { body } = await cluster.ask('GET /api/v1/service-parameters', undefined, 'reader')
  const all = new Map((body as { name: string }[]).map((parameter) => [parameter.name, parameter]))
  const boolean = { kind: 'choice', values: ['True', 'False'] }
  const documented: Readonly<Record<string, object>> = {
    'Enforce Intra-cluster Maximum Login Time': { ...boolean, value: 'False', default: 'False' },
    'Intra-cluster Maximum Login Time': { kind: 'duration', minimum: '0:00', maximum: '168:00' },
    'Maximum Concurrent Requests': { kind: 'integer', minimum: '1', maximum: '100', default: '5' },
    'Multiple Login Behavior': {
      kind: 'choice',
      values: ['Multiple Logins Allowed', 'Multiple Logins Not Allowed', 'Auto Logout'],
      default: 'Multiple Logins Not Allowed',
    },
    'Alphanumeric User ID': boolean,
    'Remember the Last User Logged In': boolean,
    'Clear Call Logs on Intra-Cluster EM': boolean,
    'Validate IP Address': boolean,
    'Trusted List of IPs': { kind: 'text', maxLength: 1024, default: '', value: '' },
    'Allow Proxy': boolean,
    'Extension Mobility Cache Size': { kind: 'integer', minimum: '1000', maximum: '20000', default: '10000' },
  }
  for (const [name, facts] of Object.entries(documented)) {
    t.match(all.get(name), { service: mobility, description: /./u, ...facts }, name)
  }
})

t.test('A1.4 Multiple Login Behavior: only its documented values, and everybody hears of a change', async (t) => {
  const cluster = await loneCluster(t)
  const { set, read } = parameters(cluster)
  const name = 'Multiple Login Behavior'
  t.match(await set(name, 'Auto Logout'), { status: 200, body: { value: 'Auto Logout', alsoChanged: [] } })
  t.match(await set(name, 'Whenever'), {
    status: 422,
    body: { detail: /Multiple Logins Allowed, Multiple Logins Not Allowed, Auto Logout/u },
  })
  t.match(await read(name), { value: 'Auto Logout' })
  t.match(cluster.told('parameterChanged'), [{ service: mobility, name, value: 'Auto Logout' }])
  await set(name, 'Auto Logout')
  t.equal(cluster.told('parameterChanged').length, 1, 'the same again is no change')
})

t.test('A1.4 Intra-cluster Maximum Login Time: a valid one switches its enforcement to True', async (t) => {
  const cluster = await loneCluster(t)
  const { set, read, reset } = parameters(cluster)
  const enforce = 'Enforce Intra-cluster Maximum Login Time'
  const maximum = 'Intra-cluster Maximum Login Time'
  t.match(await set(maximum, '169:00'), { status: 422, body: { detail: /0:00 to 168:00 .*HHH:MM/u } })
  t.match(await read(enforce), { value: 'False' })
  const set30 = await set(maximum, ':30')
  t.match(set30.body, { value: ':30', alsoChanged: [{ service: mobility, name: enforce, value: 'True' }] })
  t.match(await read(enforce), { value: 'True' })
  t.match(
    cluster.told('parameterChanged').map(({ name, value }) => [name, value]),
    [
      [maximum, ':30'],
      [enforce, 'True'],
    ],
  )
  t.match((await reset(enforce)).body, { value: 'False', alsoChanged: [] })
  t.match((await reset(maximum)).body, { value: '8:00' })
  t.match(await read(enforce), { value: 'False' }, 'going back to the default asks for nothing')
})

t.test('A1.4 ranges: a number or text beyond them is refused with the sentence and changes nothing', async (t) => {
  const cluster = await loneCluster(t)
  const { set, read } = parameters(cluster)
  const wrong: readonly (readonly [name: string, value: string, detail: RegExp])[] = [
    ['Maximum Concurrent Requests', '0', /from 1 to 100/u],
    ['Maximum Concurrent Requests', '5.5', /whole number/u],
    ['Extension Mobility Cache Size', '20001', /from 1000 to 20000/u],
    ['Trusted List of IPs', 'a'.repeat(1025), /at most 1024 characters/u],
    ['Trusted List of IPs', '10.0.0.1-10.0.0.9', /ranges and patterns are not supported/u],
    ['Validate IP Address', 'true', /True, False/u],
  ]
  for (const [name, value, detail] of wrong) {
    const before = await read(name)
    t.match(await set(name, value), { status: 422, body: { detail } }, `${name} ${value.slice(0, 20)}`)
    t.same(await read(name), before)
  }
  t.same(cluster.told('parameterChanged'), [])
})

t.test('an unknown parameter is 404, and readers set nothing', async (t) => {
  const cluster = await loneCluster(t)
  t.match(await cluster.ask(`PUT ${pathOf('x', 'Cisco Tftp')}`, { value: 'x' }), { status: 404 })
  t.match(await cluster.ask(`DELETE ${pathOf('x')}`), { status: 404 })
  t.match(await cluster.ask(`PUT ${pathOf('Allow Proxy')}`, { value: 'True' }, 'reader'), { status: 403 })
})

t.test('a value on disk that the parameter does not have counts as the default', async (t) => {
  const cluster = await loneCluster(t)
  const name = 'Multiple Login Behavior'
  await cluster.database.write(() => cluster.database.serviceParameters.set(mobility, name, 'Whenever'))
  t.match(await parameters(cluster).read(name), { value: 'Multiple Logins Not Allowed' })
})
