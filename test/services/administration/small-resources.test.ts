// Lines, access control groups, phone services and service parameters.
import t from 'tap'
import { loneCluster } from '../../fixtures/lone-cluster.ts'

const superusers = 'Standard EM Roaming Across Clusters Super Users'
const group = `/api/v1/access-control-groups/${encodeURIComponent(superusers)}`

t.test('lines say who carries a number, however it is written', async (t) => {
  const cluster = await loneCluster(t)
  t.match((await cluster.ask('GET /api/v1/lines/1000-001', undefined, 'reader')).body, [
    { dn: '1000001', partition: '', devices: [], deviceProfiles: ['bob-profile'] },
  ])
  t.equal(((await cluster.ask('GET /api/v1/lines')).body as unknown[]).length, 4)
  t.equal((await cluster.ask('GET /api/v1/lines/9')).status, 404)
  t.equal((await cluster.ask('GET /api/v1/lines/bob')).status, 422)
})

t.test('membership in the superusers’ group is told to ILS, once', async (t) => {
  const cluster = await loneCluster(t)
  await cluster.addUser({ userId: 'alice' })
  t.equal((await cluster.ask(`PUT ${group}/members/ALICE`)).status, 204)
  t.equal((await cluster.ask(`PUT ${group}/members/alice`)).status, 204)
  t.same(cluster.ils.told, ['superuser alice'])
  t.match((await cluster.ask(`GET ${group}`, undefined, 'reader')).body, {
    name: superusers,
    members: ['alice', 'bob'],
  })
  t.equal((await cluster.ask(`DELETE ${group}/members/alice`)).status, 204)
  t.same(cluster.ils.told, ['superuser alice', 'superuser alice'])
  t.equal((await cluster.ask(`DELETE ${group}/members/alice`)).status, 404)
})

t.test('membership in another group is nothing to ILS', async (t) => {
  const cluster = await loneCluster(t)
  await cluster.addUser({ userId: 'alice' })
  const endUsers = `/api/v1/access-control-groups/${encodeURIComponent('Standard CCM End Users')}`
  t.equal((await cluster.ask(`PUT ${endUsers}/members/alice`)).status, 204)
  t.same(cluster.ils.told, [])
  t.ok(((await cluster.ask('GET /api/v1/access-control-groups')).body as unknown[]).length >= 5)
})

t.test('an unknown group or user is 404, and a reader may not change members', async (t) => {
  const cluster = await loneCluster(t)
  t.match(await cluster.ask('PUT /api/v1/access-control-groups/no-such/members/bob'), {
    status: 404,
    body: { detail: /no-such/u },
  })
  t.match(await cluster.ask(`PUT ${group}/members/nobody`), { status: 404, body: { detail: /nobody/u } })
  t.equal((await cluster.ask('GET /api/v1/access-control-groups/no-such')).status, 404)
  t.equal((await cluster.ask(`DELETE ${group}/members/bob`, undefined, 'reader')).status, 403)
  t.same(cluster.ils.told, [])
})

t.test('a phone service is added once, and phones can then subscribe to it', async (t) => {
  const cluster = await loneCluster(t)
  const service = { name: 'Extension Mobility', url: 'http://127.0.0.11:8080/emapp/EMAppServlet?device=#DEVICENAME#' }
  t.match(await cluster.ask('POST /api/v1/phone-services', service), {
    status: 201,
    body: { ...service, secureUrl: '', enabled: true },
  })
  t.equal((await cluster.ask('POST /api/v1/phone-services', service)).status, 409)
  t.match((await cluster.ask('GET /api/v1/phone-services', undefined, 'reader')).body, [service])
  const subscribed = await cluster.ask('PATCH /api/v1/devices/SEP000000010001', { phoneServices: [service.name] })
  t.match(subscribed, { status: 200, body: { phoneServices: [service.name] } })
})

t.test('Multiple Login Behavior has its documented default, and only its documented values', async (t) => {
  const cluster = await loneCluster(t)
  const path = '/api/v1/service-parameters/Cisco%20Extension%20Mobility/Multiple%20Login%20Behavior'
  const values = ['Multiple Logins Allowed', 'Multiple Logins Not Allowed', 'Auto Logout']
  const read = () => cluster.ask('GET /api/v1/service-parameters', undefined, 'reader')
  t.match((await read()).body, [{ name: 'Multiple Login Behavior', value: values[1], default: values[1], values }])
  t.match(await cluster.ask(`PUT ${path}`, { value: 'Auto Logout' }), { status: 200, body: { value: 'Auto Logout' } })
  t.match((await read()).body, [{ value: 'Auto Logout', default: values[1] }])
  const wrong = await cluster.ask(`PUT ${path}`, { value: 'Whenever' })
  t.match(wrong, { status: 422, body: { detail: new RegExp(values.join(', '), 'u') } })
  t.match((await read()).body, [{ value: 'Auto Logout' }])
  t.equal((await cluster.ask('PUT /api/v1/service-parameters/Cisco%20Tftp/x', { value: 'x' })).status, 404)
  t.equal((await cluster.ask(`PUT ${path}`, { value: 'Auto Logout' }, 'reader')).status, 403)
})

t.test('a value on disk that the parameter does not have counts as the default', async (t) => {
  const cluster = await loneCluster(t)
  await cluster.database.write(() =>
    cluster.database.serviceParameters.set('Cisco Extension Mobility', 'Multiple Login Behavior', 'Whenever'),
  )
  t.match((await cluster.ask('GET /api/v1/service-parameters')).body, [{ value: 'Multiple Logins Not Allowed' }])
})
