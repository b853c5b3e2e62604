import t from 'tap'
import type { SuperUserRecord } from '../../../services/super-user-sync/api.ts'
import { loneCluster } from '../../fixtures/lone-cluster.ts'
import type { LoneCluster } from '../../fixtures/lone-cluster.ts'

const path = '/api/v1/superusers'
const phone = 'SEP000000010001'
const superusers = 'Standard EM Roaming Across Clusters Super Users'

async function hashOf(cluster: LoneCluster, pin: string) {
  return { ...(await cluster.hasher.hash(pin)), changedAt: 1_700_000_000_000 }
}

/** Dora of cluster2, as the tool brings her. */
async function dora(cluster: LoneCluster): Promise<SuperUserRecord> {
  return {
    userId: 'dora',
    firstName: 'Dora',
    lastName: 'Explorer',
    displayName: 'Dora',
    homeCluster: false,
    primaryExtension: '2000004',
    selfServiceUserId: '',
    defaultProfile: 'dora-profile',
    deviceProfiles: [
      { name: 'dora-profile', description: 'Everywhere', lines: [{ index: 1, dn: '2000004', label: 'Dora' }] },
    ],
    pin: await hashOf(cluster, '45678'),
  }
}

function put(cluster: LoneCluster, record: object, userId = 'dora') {
  return cluster.ask(`PUT ${path}/${userId}`, record, 'superusersync')
}

t.test(
  'the superusers of a cluster are exported with profiles, lines and the PIN’s hash, for the tool alone',
  async (t) => {
    const cluster = await loneCluster(t)
    await cluster.addUser({ userId: 'alice' })
    const answer = await cluster.ask(`GET ${path}`, undefined, 'superusersync')
    t.equal(answer.headers['cache-control'], 'no-store')
    t.match(answer.body, [
      {
        userId: 'bob',
        homeCluster: true,
        primaryExtension: '1000001',
        selfServiceUserId: '4711',
        deviceProfiles: [{ name: 'bob-profile', lines: [{ index: 1, dn: '1000001', display: 'Bob' }] }],
        pin: cluster.database.credentials.find('bob', 'PIN'),
      },
    ])
    t.equal((answer.body as unknown[]).length, 1)
    t.notMatch(JSON.stringify(answer.body), /pkid|groups/u)
    t.equal((await cluster.ask(`GET ${path}`, undefined, 'reader')).status, 403)
    t.equal((await cluster.ask(`GET ${path}`, undefined, 'emproxy')).status, 403)
  },
)

t.test('an imported superuser can log in here with the PIN of home', async (t) => {
  const cluster = await loneCluster(t)
  t.same((await put(cluster, await dora(cluster))).body, { outcome: 'created' })
  t.match(cluster.database.endUsers.find('dora'), {
    homeCluster: false,
    superuser: true,
    defaultProfile: 'dora-profile',
    primaryExtension: '2000004',
  })
  const login = { deviceName: phone, userId: 'dora', pin: '45678' }
  t.equal((await cluster.ask('POST /api/v1/logins', login, 'emproxy')).status, 201)
  t.match(cluster.database.lines.effective(phone), [{ dn: '2000004', label: 'Dora' }])
  t.same(cluster.ils.told, ['superuser dora', 'login dora'])
  t.equal(cluster.callmanager.configurationChanges, 1)
})

t.test('what is exported here and imported there is unchanged the second time', async (t) => {
  const home = await loneCluster(t)
  const [bob] = (await home.ask(`GET ${path}`, undefined, 'superusersync')).body as [SuperUserRecord]
  await t.test('at cluster2', async (t) => {
    const away = await loneCluster(t)
    await away.ask('DELETE /api/v1/users/bob')
    await away.ask('DELETE /api/v1/device-profiles/bob-profile')
    t.same((await put(away, { ...bob, homeCluster: false }, 'bob')).body, { outcome: 'created' })
    t.same((await put(away, { ...bob, homeCluster: false }, 'bob')).body, { outcome: 'unchanged' })
    const [copy] = (await away.ask(`GET ${path}`, undefined, 'superusersync')).body as [SuperUserRecord]
    t.same(copy, { ...bob, homeCluster: false })
  })
})

t.test('a record that says what is so already writes nothing and tells nobody', async (t) => {
  const cluster = await loneCluster(t)
  const record = await dora(cluster)
  await put(cluster, record)
  const before = cluster.database.sql.prepare('SELECT total_changes() AS n').get()
  t.same((await put(cluster, record)).body, { outcome: 'unchanged' })
  t.same(cluster.database.sql.prepare('SELECT total_changes() AS n').get(), before)
  t.same(cluster.ils.told, ['superuser dora'])
  t.equal(cluster.callmanager.configurationChanges, 1)
})

t.test('any field that differs makes an update', async (t) => {
  const cluster = await loneCluster(t)
  const record = await dora(cluster)
  await put(cluster, record)
  const [profile] = record.deviceProfiles
  const differing: Partial<SuperUserRecord>[] = [
    { displayName: 'Dora the Explorer' },
    { primaryExtension: '' },
    { selfServiceUserId: '4712' },
    { defaultProfile: '' },
    { deviceProfiles: [{ ...profile, name: 'dora-profile', description: 'Nowhere' }] },
    { deviceProfiles: [{ name: 'dora-profile', lines: [{ index: 2, dn: '2000004' }] }] },
    { pin: await hashOf(cluster, '99') },
  ]
  for (const change of differing) {
    t.same((await put(cluster, { ...record, ...change })).body, { outcome: 'updated' }, JSON.stringify(change))
    t.same((await put(cluster, { ...record, ...change })).body, { outcome: 'unchanged' })
    await put(cluster, record)
  }
})

t.test(
  'a copy that was taken out of the superusers’ group comes back into it, and keeps its other groups',
  async (t) => {
    const cluster = await loneCluster(t)
    const record = await dora(cluster)
    await put(cluster, record)
    await cluster.ask('PATCH /api/v1/users/dora', { groups: ['Standard CCM End Users'] })
    t.same((await put(cluster, record)).body, { outcome: 'updated' })
    t.same(cluster.database.endUsers.find('dora')?.groups, ['Standard CCM End Users', superusers])
  },
)

t.test('a user of this cluster’s own is never touched', async (t) => {
  const cluster = await loneCluster(t)
  const before = cluster.database.endUsers.find('bob')
  const answer = await put(cluster, { ...(await dora(cluster)), userId: 'BOB' }, 'bob')
  t.match(answer, { status: 200, body: { outcome: 'conflicting', reason: /Home Cluster is checked for bob/u } })
  t.same(cluster.database.endUsers.find('bob'), before)
  t.notOk(cluster.database.deviceProfiles.find('dora-profile'))
})

t.test('nor is a device profile of a user of this cluster', async (t) => {
  const cluster = await loneCluster(t)
  const record = { ...(await dora(cluster)), defaultProfile: '', deviceProfiles: [{ name: 'Bob-Profile' }] }
  t.match((await put(cluster, record)).body, { outcome: 'conflicting', reason: /belongs to bob/u })
  const named = { ...record, deviceProfiles: [{ name: phone }] }
  t.match((await put(cluster, named)).body, { outcome: 'conflicting', reason: /phone/u })
  t.notOk(cluster.database.endUsers.find('dora'))
})

t.test('what does not exist here is left out rather than refused, and is no difference', async (t) => {
  const cluster = await loneCluster(t)
  const record = {
    ...(await dora(cluster)),
    deviceProfiles: [
      {
        name: 'dora-profile',
        callingSearchSpace: 'CSS_of_cluster2',
        phoneServices: ['Weather'],
        lines: [{ dn: '2000004', partition: 'PT_of_cluster2', callingSearchSpace: 'CSS_of_cluster2' }],
      },
    ],
  }
  t.same((await put(cluster, record)).body, { outcome: 'created' })
  t.match(cluster.database.deviceProfiles.find('dora-profile'), {
    callingSearchSpace: '',
    phoneServices: [],
    lines: [{ dn: '2000004', partition: '', callingSearchSpace: '' }],
  })
  t.same((await put(cluster, record)).body, { outcome: 'unchanged' })
  await cluster.database.write(() => cluster.database.dialPlan.insertPartition('PT_of_cluster2'))
  t.same((await put(cluster, record)).body, { outcome: 'updated' })
  t.match(cluster.database.deviceProfiles.find('dora-profile')?.lines, [{ partition: 'PT_of_cluster2' }])
})

t.test('a profile that home dropped goes, once nobody is logged in with it', async (t) => {
  const cluster = await loneCluster(t)
  const record = await dora(cluster)
  await put(cluster, record)
  await cluster.mobility.login({ deviceName: phone, userId: 'dora', proof: { kind: 'pin', pin: '45678' } })
  const moved = { ...record, defaultProfile: 'dora-new', deviceProfiles: [{ name: 'dora-new' }] }
  t.same((await put(cluster, moved)).body, { outcome: 'updated' })
  t.ok(cluster.database.deviceProfiles.find('dora-profile'), 'it is in use')
  t.match(cluster.database.logins.on(phone), { deviceProfile: 'dora-profile' })
  await cluster.mobility.logout(phone, 'manual')
  t.same((await put(cluster, moved)).body, { outcome: 'updated' })
  t.notOk(cluster.database.deviceProfiles.find('dora-profile'))
  t.same((await put(cluster, moved)).body, { outcome: 'unchanged' })
})

t.test('a copy is removed with its profiles, and logged out first', async (t) => {
  const cluster = await loneCluster(t)
  await put(cluster, await dora(cluster))
  await cluster.mobility.login({ deviceName: phone, userId: 'dora', proof: { kind: 'pin', pin: '45678' } })
  const answer = await cluster.ask(`DELETE ${path}/dora`, undefined, 'superusersync')
  t.same(answer.body, { outcome: 'removed' })
  t.notOk(cluster.database.endUsers.find('dora'))
  t.notOk(cluster.database.deviceProfiles.find('dora-profile'))
  t.match(cluster.told('logout'), [{ deviceName: phone, userId: 'dora', reason: 'administrator' }])
  t.same(cluster.ils.told, ['superuser dora', 'login dora', 'logout dora', 'superuser dora'])
  t.same(cluster.database.lines.find('2000004'), [])
  t.equal((await cluster.ask(`DELETE ${path}/dora`, undefined, 'superusersync')).status, 404)
})

t.test('a user of this cluster is not removed this way, and a profile that others control stays', async (t) => {
  const cluster = await loneCluster(t)
  t.match(await cluster.ask(`DELETE ${path}/bob`, undefined, 'superusersync'), {
    status: 409,
    body: { detail: /bob/u },
  })
  t.ok(cluster.database.endUsers.find('bob'))
  await put(cluster, await dora(cluster))
  await cluster.addUser({ userId: 'kally', deviceProfiles: ['dora-profile'] })
  await cluster.ask(`DELETE ${path}/dora`, undefined, 'superusersync')
  t.ok(cluster.database.deviceProfiles.find('dora-profile'))
})

t.test('a record that is not one is refused', async (t) => {
  const cluster = await loneCluster(t)
  const record = await dora(cluster)
  const { lastName: _lastName, ...nameless } = record
  t.match(await put(cluster, nameless), { status: 400, body: { detail: /lastName/u } })
  t.match(await put(cluster, { ...record, pin: { hash: '12345', changedAt: 0 } }), {
    status: 400,
    body: { detail: /pin/u },
  })
  t.match(await put(cluster, { ...record, groups: [] }), { status: 400, body: { detail: /groups/u } })
  t.match(await put(cluster, record, 'kally'), { status: 422, body: { title: 'Two user IDs' } })
  t.match(await put(cluster, { ...record, primaryExtension: 'x' }), { status: 422 })
  t.match(await put(cluster, { ...record, defaultProfile: 'no-such' }), { status: 422, body: { detail: /no-such/u } })
  t.equal((await cluster.ask(`PUT ${path}/dora`, record, 'reader')).status, 403)
  t.same(
    cluster.database.endUsers.list().map((user) => user.userId),
    ['bob'],
  )
  t.notMatch(cluster.logged.join(), /argon2id/u)
})
