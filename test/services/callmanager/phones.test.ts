import t from 'tap'
import type { Test } from 'tap'
import { waitFor } from '../../fixtures/wait-for.ts'
import { phone, startClusters } from './fixtures/clusters.ts'
import type { TestCluster, Timing } from './fixtures/clusters.ts'

const seed = {
  deviceProfiles: [{ name: 'bob-profile', lines: [{ dn: '1000-001' }] }],
  users: [{ userId: 'bob', pin: '12345', deviceProfiles: ['bob-profile'] }],
  phones: [
    phone('SEP000000010001', '', { lines: [{ dn: '1000101' }, { dn: '1000201' }] }),
    phone('SEP000000010002', '1000102'),
  ],
}

const oneCluster = async (t: Test, timing?: Timing) => (await startClusters(t, { cluster1: seed }, timing)).cluster1

async function bobLogsIn(cluster: TestCluster, deviceName: string): Promise<void> {
  const { database } = cluster
  const login = { deviceName, userId: 'bob', deviceProfile: 'bob-profile', loginTime: Date.now(), loginDuration: 0 }
  await database.write(() => database.logins.open(login))
  cluster.callManager.restartDevice(deviceName, 19)
}

/** What phones did, in order: `phoneRegistered SEP… 1000101`. */
function story(cluster: TestCluster): readonly string[] {
  return cluster.events
    .filter(({ type }) => type.startsWith('phone'))
    .map(({ type, deviceName, reason, lines }) => `${type} ${String(deviceName)} ${String(reason ?? lines)}`)
}

t.test('every phone registers its own lines when the service starts', async (t) => {
  const cluster1 = await oneCluster(t)
  t.match(cluster1.callManager.registrations(), [
    { deviceName: 'SEP000000010001', state: 'registered', lines: ['1000101', '1000201'] },
    { deviceName: 'SEP000000010002', state: 'registered', lines: ['1000102'] },
  ])
  t.equal(cluster1.callManager.registration('SEP000000019999'), undefined)
})

t.test('a login restarts the phone, which then shows the profile’s lines; the logout gives its own back', async (t) => {
  const cluster1 = await oneCluster(t)
  cluster1.events.length = 0
  await bobLogsIn(cluster1, 'SEP000000010001')
  t.match(cluster1.callManager.registration('sep000000010001'), { state: 'registered', reason: 19, lines: ['1000001'] })
  t.strictSame(story(cluster1), [
    'phoneRestarting SEP000000010001 19',
    'phoneUnregistered SEP000000010001 19',
    'phoneRegistered SEP000000010001 1000001',
  ])
  t.match(await cluster1.dial('1000102', '1000001'), { state: 'connected', to: { userId: 'bob' } })
  await cluster1.database.write(() => cluster1.database.logins.close('SEP000000010001'))
  cluster1.callManager.restartDevice('SEP000000010001', 19)
  t.match(await cluster1.dial('1000102', '1000001'), { state: 'failed', cause: 20 })
  t.match(await cluster1.dial('1000102', '1000101'), { state: 'connected' })
})

t.test('a restart takes as long as it is told to, and lasts from the last order', async (t) => {
  const cluster1 = await oneCluster(t, { phoneRestartMs: 50 })
  cluster1.events.length = 0
  cluster1.callManager.restartDevice('SEP000000010001', 19)
  t.match(cluster1.callManager.registration('SEP000000010001'), { state: 'restarting', reason: 19, lines: [] })
  t.match(await cluster1.dial('1000102', '1000101'), { state: 'failed', cause: 20 })
  cluster1.callManager.restartDevice('SEP000000010001', 17)
  await waitFor('it registers', () => cluster1.callManager.registration('SEP000000010001')?.state === 'registered')
  t.match(story(cluster1), [
    'phoneRestarting SEP000000010001 19',
    'phoneUnregistered SEP000000010001 19',
    'phoneRestarting SEP000000010001 17',
    'phoneRegistered SEP000000010001 1000101,1000201',
  ])
})

t.test('a phone that restarts in a call releases it first (16), whichever side it was', async (t) => {
  const cluster1 = await oneCluster(t)
  for (const deviceName of ['SEP000000010001', 'SEP000000010002']) {
    const call = await cluster1.dial('1000102', '1000101')
    t.equal(call.state, 'connected')
    cluster1.events.length = 0
    cluster1.callManager.restartDevice(deviceName, 19)
    t.match(await cluster1.call(call.id), { state: 'ended', cause: 16 })
    t.strictSame(
      cluster1.events.map(({ type }) => type),
      ['phoneRestarting', 'callEnded', 'phoneUnregistered', 'phoneRegistered'],
    )
  }
})

t.test('new phones register, removed ones leave, changed lines restart their phone', async (t) => {
  const cluster1 = await oneCluster(t)
  const { database, callManager } = cluster1
  cluster1.events.length = 0
  await database.write(() => {
    database.devices.insert({ name: 'SEP000000010003', lines: [{ dn: '1000103' }] })
    database.devices.remove('SEP000000010002')
    database.devices.update('SEP000000010001', { lines: [{ dn: '1000301' }] })
    database.afterCommit(() => callManager.configurationChanged())
  })
  t.match(callManager.registration('SEP000000010003'), { state: 'registered', lines: ['1000103'] })
  t.equal(callManager.registration('SEP000000010002'), undefined)
  t.match(callManager.registration('SEP000000010001'), { state: 'registered', reason: 17, lines: ['1000301'] })
  t.match(story(cluster1).toSorted(), [
    'phoneRegistered SEP000000010001 1000301',
    'phoneRegistered SEP000000010003 1000103',
    'phoneRestarting SEP000000010001 17',
    'phoneUnregistered SEP000000010001 17',
    'phoneUnregistered SEP000000010002 10',
  ])
  t.match(await cluster1.dial('1000103', '1000301'), { state: 'connected' })
})

t.test('a change is noticed by itself, without anybody asking', async (t) => {
  const cluster1 = await oneCluster(t)
  const { database, callManager } = cluster1
  await database.write(() => database.devices.insert({ name: 'SEP000000010003', lines: [{ dn: '1000103' }] }))
  callManager.configurationChanged()
  callManager.configurationChanged()
  await waitFor('registered', () => story(cluster1).at(-1) === 'phoneRegistered SEP000000010003 1000103')
  t.equal(story(cluster1).filter((one) => one.includes('SEP000000010003')).length, 1)
})

t.test('an unknown phone is told to restart: nothing happens', async (t) => {
  const cluster1 = await oneCluster(t)
  cluster1.events.length = 0
  cluster1.callManager.restartDevice('SEP000000019999', 19)
  t.strictSame(story(cluster1), [])
})

t.test('when the service stops all phones lose their registration and all calls end (41)', async (t) => {
  const cluster1 = await oneCluster(t)
  const call = await cluster1.dial('1000102', '1000101')
  cluster1.events.length = 0
  await cluster1.setActive(false)
  t.match(cluster1.events, [
    { type: 'callEnded', id: call.id, cause: 41 },
    { type: 'phoneUnregistered', reason: 15 },
    { type: 'phoneUnregistered', reason: 15 },
    { type: 'serviceDeactivated' },
  ])
  t.equal((await cluster1.ask('GET', 'calls')).status, 503)
  await cluster1.setActive(true)
  t.match(await cluster1.dial('1000102', '1000101'), { state: 'connected' })
  t.strictSame(await cluster1.ask('GET', `calls/${call.id}`).then(({ status }) => status), 404, 'it has forgotten')
})
