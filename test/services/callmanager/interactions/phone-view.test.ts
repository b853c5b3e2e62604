import t from 'tap'
import { request } from 'undici'
import { alices, desk, hotDesk, kallys } from './fixtures/hot-desk.ts'

t.test(
  'a phone shows its own configuration, the profile’s while somebody is logged in, and its own again',
  async (t) => {
    const { configure, login, logout, shows } = await hotDesk(t)
    await configure(({ phoneServices, deviceProfiles, devices, endUsers }) => {
      phoneServices.insert({ name: 'Weather', url: 'http://127.0.0.1/weather' })
      const speedDials = [{ index: 1, number: '1000-002', label: 'Alice' }]
      deviceProfiles.update('bob-profile', { speedDials, phoneServices: ['Weather'] })
      devices.update(desk, { speedDials: [{ index: 1, number: '112', label: 'Help' }] })
      endUsers.update('bob', { userLocale: 'French_France' })
    })
    const own = {
      deviceName: desk,
      registration: 'registered',
      userId: '',
      deviceProfile: '',
      header: '1000101',
      userLocale: 'English_United_States',
      lines: [{ index: 1, dn: '1000101' }],
      speedDials: [{ label: 'Help' }],
      phoneServices: [],
    }
    t.match(await shows(desk), own)
    await login(desk)
    t.match(await shows(desk), {
      userId: 'bob',
      deviceProfile: 'bob-profile',
      header: 'Bob',
      userLocale: 'French_France',
      lines: [{ index: 1, dn: '1000001', label: 'Bob' }],
      speedDials: [{ label: 'Alice' }],
      phoneServices: [{ name: 'Weather', type: 'Services' }],
    })
    await logout(desk)
    t.match(await shows(desk), own)
  },
)

t.test('an unknown phone is 404, a name without regard to case is the phone', async (t) => {
  const { cluster, shows } = await hotDesk(t)
  t.equal((await cluster.ask('GET', 'phones/SEP999999999999')).status, 404)
  t.match(await shows(desk.toLowerCase()), { deviceName: desk })
})

t.test('a phone keeps logs of placed, received and missed calls, newest first', async (t) => {
  const { configure, shows, cluster } = await hotDesk(t)
  await configure(({ devices }) => devices.update(kallys, { answerMode: 'never' }))
  const answered = await cluster.dial(alices, '1000-101')
  await cluster.release(answered.id)
  const missed = await cluster.dial('1000-102', '1000-003', { presentation: 'restricted' })
  await cluster.dial(kallys, '1000-002')
  t.match((await shows(alices)).callLogs, [
    { kind: 'received', number: '1000003', name: 'Kally' },
    { kind: 'placed', number: '1000101', call: answered.id },
  ])
  t.match((await shows(desk)).callLogs, [{ kind: 'received', number: '1000002', name: 'Alice' }])
  t.match((await shows(kallys)).callLogs, [
    { kind: 'placed' },
    { kind: 'missed', number: '', name: '', call: missed.id },
  ])
})

t.test('a call that another phone of the line answered was not missed', async (t) => {
  const { configure, shows, cluster } = await hotDesk(t)
  await configure(({ devices }) => {
    devices.update(desk, { answerMode: 'never', lines: [{ dn: '1000101' }, { dn: '1000002' }] })
  })
  t.match(await cluster.dial(kallys, '1000-002'), { to: { deviceName: alices } })
  t.strictSame((await shows(desk)).callLogs, [])
})

t.test(
  'A1.4 Clear Call Logs: a manual login and logout clear the phone’s call logs, other phones keep theirs',
  async (t) => {
    const { configure, login, logout, shows, cluster } = await hotDesk(t)
    await cluster.release((await cluster.dial(desk, '1000-002')).id)
    await login(desk)
    t.equal((await shows(desk)).callLogs.length, 1, 'not while the parameter is False')
    await configure(({ serviceParameters }) => {
      serviceParameters.set('Cisco Extension Mobility', 'Clear Call Logs on Intra-Cluster EM', 'True')
    })
    await cluster.release((await cluster.dial(desk, '1000-002')).id)
    t.equal((await shows(desk)).callLogs.length, 2)
    await logout(desk)
    t.strictSame((await shows(desk)).callLogs, [])
    await cluster.release((await cluster.dial(desk, '1000-002')).id)
    await login(desk)
    t.strictSame((await shows(desk)).callLogs, [])
    t.equal((await shows(alices)).callLogs.length, 3)
  },
)

t.test('A1.4 Clear Call Logs: an automatic logout leaves them', async (t) => {
  const { configure, login, shows, cluster } = await hotDesk(t)
  await configure(({ serviceParameters }) => {
    serviceParameters.set('Cisco Extension Mobility', 'Clear Call Logs on Intra-Cluster EM', 'True')
    serviceParameters.set('Cisco Extension Mobility', 'Multiple Login Behavior', 'Auto Logout')
  })
  await login(desk)
  await cluster.release((await cluster.dial(desk, '1000-002')).id)
  await login('SEP000000010002')
  t.match(await shows(desk), { userId: '', callLogs: [{ kind: 'placed', number: '1000002' }] })
})

t.test('the last hundred calls are kept', async (t) => {
  const { shows, cluster } = await hotDesk(t)
  const { control } = cluster.callManager
  for (let n = 0; n < 101; n += 1) await control.place(desk, String(9000 + n))
  const { callLogs } = await shows(desk)
  t.equal(callLogs.length, 100)
  t.match([callLogs[0]?.number, callLogs.at(-1)?.number], ['9100', '9001'])
})

t.test('the doors of phones want a user with the right role', async (t) => {
  const { cluster } = await hotDesk(t)
  const asked = async (userId: string, method: 'GET' | 'PUT', path: string) => {
    const authorization = `Basic ${Buffer.from(`${userId}:roamline`).toString('base64')}`
    const headers = { authorization, 'content-type': 'application/json' }
    const body = method === 'PUT' ? { body: '{"enabled":true}' } : {}
    const answer = await request(`${cluster.http}/api/v1/phones/${desk}${path}`, { method, headers, ...body })
    await answer.body.dump()
    return answer.statusCode
  }
  t.equal(await asked('administrator', 'GET', ''), 200)
  t.equal(await asked('emproxy', 'GET', ''), 403)
  t.equal(await asked('emproxy', 'PUT', '/do-not-disturb'), 403)
  t.equal(await asked('nobody', 'GET', ''), 401)
  t.equal(cluster.database.devices.find(desk)?.doNotDisturb, false)
})
