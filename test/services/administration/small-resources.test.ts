// Lines, access control groups, phone services, user profiles and credential policies.
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

t.test('A2.3 Configuring a superuser: membership in the superusers’ group is told to ILS, once', async (t) => {
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

t.test('Enterprise Subscription can be set only when a phone service is created', async (t) => {
  const cluster = await loneCluster(t)
  const path = '/api/v1/phone-services'
  const service = { name: 'News', url: 'http://127.0.0.1/news', enterpriseSubscription: true, type: 'Messages' }
  t.match(await cluster.ask(`POST ${path}`, service), {
    status: 201,
    headers: { location: `${path}/News` },
    body: { ...service, category: 'XML Service', vendor: '', enabled: true },
  })
  const refused = await cluster.ask(`PATCH ${path}/News`, { enterpriseSubscription: false })
  t.match(refused, { status: 422, body: { detail: /only when a phone service is created/u } })
  const same = await cluster.ask(`PATCH ${path}/News`, { enterpriseSubscription: true, enabled: false })
  t.match(same, { status: 200, body: { enterpriseSubscription: true, enabled: false, type: 'Messages' } })
  t.match(await cluster.ask(`PATCH ${path}/News`, { type: 'Softkeys' }), { status: 400, body: { detail: /type/u } })
})

t.test('a phone service that is deleted takes its subscriptions along', async (t) => {
  const cluster = await loneCluster(t)
  await cluster.ask('POST /api/v1/phone-services', { name: 'News', url: 'http://127.0.0.1/news' })
  await cluster.ask('PATCH /api/v1/devices/SEP000000010001', { phoneServices: ['News'] })
  await cluster.ask('PATCH /api/v1/device-profiles/bob-profile', { phoneServices: ['News'] })
  t.equal((await cluster.ask('DELETE /api/v1/phone-services/News')).status, 204)
  t.match((await cluster.ask('GET /api/v1/devices/SEP000000010001')).body, { phoneServices: [] })
  t.match((await cluster.ask('GET /api/v1/device-profiles/bob-profile')).body, { phoneServices: [] })
  t.equal((await cluster.ask('GET /api/v1/phone-services/News')).status, 404)
  t.equal((await cluster.ask('DELETE /api/v1/phone-services/News')).status, 404)
})

t.test('a user profile is added, changed, and deleted when no user has it', async (t) => {
  const cluster = await loneCluster(t)
  const path = '/api/v1/user-profiles'
  t.match(await cluster.ask(`POST ${path}`, { name: 'Hot desking' }), {
    status: 201,
    body: { name: 'Hot desking', maySetMaximumLoginTime: false },
  })
  t.equal((await cluster.ask(`POST ${path}`, { name: 'Hot desking' })).status, 409)
  const changed = await cluster.ask(`PATCH ${path}/Hot%20desking`, { maySetMaximumLoginTime: true })
  t.match(changed, { status: 200, body: { maySetMaximumLoginTime: true } })
  await cluster.ask('PATCH /api/v1/users/bob', { userProfile: 'Hot desking' })
  t.match(await cluster.ask(`DELETE ${path}/Hot%20desking`), { status: 409, body: { detail: /bob/u } })
  await cluster.ask('PATCH /api/v1/users/bob', { userProfile: '' })
  t.equal((await cluster.ask(`DELETE ${path}/Hot%20desking`)).status, 204)
  t.equal((await cluster.ask(`GET ${path}/Hot%20desking`)).status, 404)
})

t.test('the credential policy is told and changed within its ranges', async (t) => {
  const cluster = await loneCluster(t)
  const path = '/api/v1/credential-policies'
  const name = 'Default Credential Policy'
  t.match((await cluster.ask(`GET ${path}`, undefined, 'reader')).body, [{ name }])
  const one = `${path}/${encodeURIComponent(name)}`
  t.match(await cluster.ask(`PATCH ${one}`, { minimumLength: 8, checkForTrivial: false }), {
    status: 200,
    body: { name, minimumLength: 8, checkForTrivial: false },
  })
  t.equal(cluster.database.credentialPolicies.current().minimumLength, 8)
  t.match(await cluster.ask(`PATCH ${one}`, { failedLogonAttempts: -1 }), { status: 400 })
  t.match(await cluster.ask(`PATCH ${one}`, { name: 'Mine' }), { status: 400, body: { detail: /name is unknown/u } })
  t.equal((await cluster.ask(`PATCH ${path}/other`, { minimumLength: 4 })).status, 404)
})

t.test('a model has one default device profile, put, changed and deleted', async (t) => {
  const cluster = await loneCluster(t)
  const path = '/api/v1/default-device-profiles/Cisco%208845'
  t.equal((await cluster.ask(`PATCH ${path}`, { doNotDisturb: true })).status, 404)
  t.match(await cluster.ask(`PUT ${path}`, { alwaysUsePrimeLine: 'On', userLocale: 'French_France' }), {
    status: 201,
    body: { model: 'Cisco 8845', alwaysUsePrimeLine: 'On', userLocale: 'French_France', phoneServices: [] },
  })
  t.match(await cluster.ask(`PATCH ${path}`, { doNotDisturb: true }), {
    status: 200,
    body: { doNotDisturb: true, alwaysUsePrimeLine: 'On' },
  })
  t.match(await cluster.ask(`PUT ${path}`, { privacy: 'On' }), {
    status: 200,
    body: { privacy: 'On', alwaysUsePrimeLine: 'Default', doNotDisturb: false },
  })
  t.match((await cluster.ask('GET /api/v1/default-device-profiles', undefined, 'reader')).body, [
    { model: 'Cisco 8845' },
  ])
  t.equal((await cluster.ask(`DELETE ${path}`)).status, 204)
  t.equal((await cluster.ask(`GET ${path}`)).status, 404)
})
