// What travels with a superuser beside names and lines, and what does not exist at the other end.
import t from 'tap'
import type { DeviceProfileChanges, EndUserChanges } from '../../../services/database/api.ts'
import { settingsIn } from '../../../services/database/device-settings.ts'
import type { SuperUserRecord } from '../../../services/super-user-sync/api.ts'
import { loneCluster } from '../../fixtures/lone-cluster.ts'
import type { LoneCluster } from '../../fixtures/lone-cluster.ts'

const path = '/api/v1/superusers'
const phone = 'SEP000000010001'

const profile: DeviceProfileChanges = {
  userLocale: 'French_France',
  doNotDisturb: true,
  alwaysUsePrimeLine: 'On',
  modules: ['Left'],
  emccCallingSearchSpace: 'Everything',
  loginUserId: 'kally',
  speedDials: [{ index: 1, number: '2000001', label: 'Alice' }],
  blfSpeedDials: [{ index: 2, number: '3000001', label: 'Kally' }],
  intercomLines: [{ dn: '7001', partition: 'Internal', label: 'Desk', target: '7002', defaultDevice: phone }],
  lines: [{ dn: '1000001', label: 'Bob', forwardAll: '2000001', forwardAllCallingSearchSpace: 'Everything' }],
}
const user: EndUserChanges = { userLocale: 'Danish_Denmark', userProfile: 'Roamers', maximumLoginTime: '4:00' }

async function exportOfBob(home: LoneCluster): Promise<SuperUserRecord> {
  await nameEverything(home)
  await home.database.write(() => {
    home.database.deviceProfiles.update('bob-profile', profile)
    home.database.endUsers.update('bob', user)
  })
  const { body } = await home.ask(`GET ${path}`, undefined, 'superusersync')
  const bob = (body as SuperUserRecord[]).find(({ userId }) => userId === 'bob')
  return { ...(bob as SuperUserRecord), homeCluster: false }
}

/** Everything that bob's profile and bob name. */
async function nameEverything(cluster: LoneCluster): Promise<void> {
  const { dialPlan, endUsers, userProfiles, write } = cluster.database
  await write(() => {
    dialPlan.insertPartition('Internal')
    dialPlan.insertCallingSearchSpace('Everything', ['Internal'])
    userProfiles.insert({ name: 'Roamers', maySetMaximumLoginTime: true })
    endUsers.insert({ userId: 'kally', lastName: 'Keeper' })
  })
}

async function withoutBob(cluster: LoneCluster): Promise<LoneCluster> {
  await cluster.database.write(() => {
    cluster.database.endUsers.remove('bob')
    cluster.database.deviceProfiles.remove('bob-profile')
  })
  return cluster
}

const put = (cluster: LoneCluster, record: SuperUserRecord) =>
  cluster.ask(`PUT ${path}/bob`, record, 'superusersync').then(({ body }) => body)

t.test('settings, buttons, forwarding and the user’s own members arrive; a phone’s name does not travel', async (t) => {
  const record = await exportOfBob(await loneCluster(t))
  t.strictSame(record.deviceProfiles[0]?.intercomLines?.[0]?.defaultDevice, '')
  await t.test('at cluster2', async (t) => {
    const away = await withoutBob(await loneCluster(t))
    await nameEverything(away)
    t.same(await put(away, record), { outcome: 'created' })
    const copy = away.database.deviceProfiles.find('bob-profile')
    t.match(copy, { ...profile, intercomLines: [{ dn: '7001', partition: 'Internal', defaultDevice: '' }] })
    t.match(away.database.endUsers.find('bob'), user)
    t.same(await put(away, record), { outcome: 'unchanged' })
  })
})

t.test('what does not exist at the other cluster is left out, the rest arrives', async (t) => {
  const record = await exportOfBob(await loneCluster(t))
  await t.test('at cluster2', async (t) => {
    const away = await withoutBob(await loneCluster(t))
    t.same(await put(away, record), { outcome: 'created' })
    const copy = away.database.deviceProfiles.find('bob-profile')
    t.match(copy, { emccCallingSearchSpace: '', loginUserId: '', userLocale: 'French_France', modules: ['Left'] })
    t.match(copy?.lines, [{ forwardAll: '2000001', forwardAllCallingSearchSpace: '' }])
    t.match(copy?.intercomLines, [{ dn: '7001', partition: '' }])
    t.match(away.database.endUsers.find('bob'), { ...user, userProfile: '' })
    t.same(await put(away, record), { outcome: 'unchanged' })
  })
})

t.test('the default device that an administrator chose for the copy outlasts the next run', async (t) => {
  const record = await exportOfBob(await loneCluster(t))
  await t.test('at cluster2', async (t) => {
    const away = await withoutBob(await loneCluster(t))
    await nameEverything(away)
    await put(away, record)
    const { deviceProfiles, write } = away.database
    const chosen = deviceProfiles.find('bob-profile')?.intercomLines.map((line) => ({ ...line, defaultDevice: phone }))
    await write(() => deviceProfiles.update('bob-profile', { intercomLines: chosen ?? [] }))
    t.same(await put(away, { ...record, displayName: 'Bob the Roamer' }), { outcome: 'updated' })
    t.match(deviceProfiles.find('bob-profile')?.intercomLines, [{ dn: '7001', defaultDevice: phone }])
  })
})

t.test('a record of a cluster of an earlier version leaves the newer members as they are', async (t) => {
  const cluster = await loneCluster(t)
  const record = await exportOfBob(cluster)
  await cluster.database.write(() => cluster.database.endUsers.update('bob', { homeCluster: false }))
  const before = cluster.database.deviceProfiles.find('bob-profile')
  const { userLocale: _locale, userProfile: _profile, maximumLoginTime: _time, deviceProfiles, ...members } = record
  const older = deviceProfiles.map(({ name, lines = [] }) => ({
    name,
    lines: lines.map(({ dn, index = 1 }) => ({ dn, index })),
  }))
  t.same(await put(cluster, { ...members, displayName: 'Bob the Roamer', deviceProfiles: older }), {
    outcome: 'updated',
  })
  t.match(cluster.database.endUsers.find('bob'), { ...user, displayName: 'Bob the Roamer' })
  const after = cluster.database.deviceProfiles.find('bob-profile')
  t.strictSame(after && settingsIn(after), before && settingsIn(before))
  t.match(after, { speedDials: profile.speedDials, lines: [{ forwardAll: '2000001' }] })
})
