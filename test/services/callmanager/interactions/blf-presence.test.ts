import t from 'tap'
import { alices, desk, hotDesk } from './fixtures/hot-desk.ts'

const lamp = (number: string, label: string) => ({ index: 1, number, label })

t.test(
  'A1.5 BLF Presence: the profile’s buttons show the watched number after login, the phone’s own after logout',
  async (t) => {
    const { configure, login, logout, shows, cluster } = await hotDesk(t)
    await configure(({ devices, deviceProfiles }) => {
      devices.update(desk, { blfSpeedDials: [lamp('1000-003', 'Kally')] })
      deviceProfiles.update('bob-profile', { blfSpeedDials: [lamp('1000-002', 'Alice')] })
    })
    t.strictSame((await shows(desk)).blfSpeedDials, [{ ...lamp('1000-003', 'Kally'), state: 'idle' }])
    await login(desk)
    t.strictSame((await shows(desk)).blfSpeedDials, [{ ...lamp('1000-002', 'Alice'), state: 'idle' }])
    const { id } = await cluster.dial(alices, '1000-003')
    t.match((await shows(desk)).blfSpeedDials, [{ label: 'Alice', state: 'busy' }], 'Alice is in a call')
    await cluster.release(id)
    t.match((await shows(desk)).blfSpeedDials, [{ label: 'Alice', state: 'idle' }])
    await logout(desk)
    t.match((await shows(desk)).blfSpeedDials, [{ label: 'Kally', state: 'idle' }])
  },
)

t.test('A1.5 BLF Presence: after logout a log out profile’s buttons, where the phone has one', async (t) => {
  const { configure, login, logout, shows } = await hotDesk(t)
  await configure(({ devices, deviceProfiles }) => {
    deviceProfiles.insert({ name: 'reception', lines: [{ dn: '1000100' }], blfSpeedDials: [lamp('1000-003', 'Kally')] })
    devices.update(desk, { logoutProfile: 'reception', blfSpeedDials: [lamp('1000-002', 'Alice')] })
  })
  await login(desk)
  t.strictSame((await shows(desk)).blfSpeedDials, [])
  await logout(desk)
  t.match(await shows(desk), { deviceProfile: 'reception', blfSpeedDials: [{ label: 'Kally', state: 'idle' }] })
})

t.test('a lamp is unknown for what is no number here, on no phone, or a superuser’s who is elsewhere', async (t) => {
  const { configure, shows, cluster } = await hotDesk(t)
  const numbers = ['2000-001', '1000-001', 'nonsense', '1000-002']
  await configure(({ devices }) => {
    const blfSpeedDials = numbers.map((number, at) => ({ index: at + 1, number, label: '' }))
    devices.update(desk, { blfSpeedDials })
  })
  const states = async () => (await shows(desk)).blfSpeedDials.map(({ state }) => state)
  t.strictSame(await states(), ['unknown', 'unknown', 'unknown', 'idle'])
  const since = '2026-11-21T07:00:00.000Z'
  const roaming = { dn: '1000002', userId: 'alice', cluster: 'cluster2', deviceNames: [], since }
  cluster.ils.known.set('1000002', { ...roaming, source: 'learned' })
  t.strictSame(await states(), ['unknown', 'unknown', 'unknown', 'unknown'])
})

t.test('a phone that only rings does not light the lamp, the phone that dials does', async (t) => {
  const { configure, shows, cluster, ring } = await hotDesk(t, { noAnswerTimeoutMs: 20_000 })
  await configure(({ devices }) => {
    devices.update(alices, { answerMode: 'never' })
    devices.update(desk, { blfSpeedDials: [lamp('1000-002', 'Alice'), { ...lamp('1000-003', 'Kally'), index: 2 }] })
  })
  const { id, outcome } = await ring('1000-003', '1000-002')
  t.match((await shows(desk)).blfSpeedDials, [
    { label: 'Alice', state: 'idle' },
    { label: 'Kally', state: 'busy' },
  ])
  await cluster.release(id)
  await outcome
})
