import t from 'tap'
import { alices, desk, hotDesk, otherDesk } from './fixtures/hot-desk.ts'

t.test(
  'A1.5 Do Not Disturb: what a logged-in user sets is kept with the profile for the next login, the phone’s own settings stay',
  async (t) => {
    const { login, logout, press, shows, cluster } = await hotDesk(t)
    const own = cluster.database.devices.find(desk)
    await login(desk)
    const pressed = await press('PUT', desk, 'do-not-disturb', { enabled: true, incomingCallAlert: 'Flash Only' })
    t.match(pressed, { status: 200, body: { enabled: true, option: 'Ringer Off', incomingCallAlert: 'Flash Only' } })
    t.match((await shows(desk)).doNotDisturb, { enabled: true, incomingCallAlert: 'Flash Only' })
    await logout(desk)
    t.match((await shows(desk)).doNotDisturb, { enabled: false, incomingCallAlert: 'Beep Only' })
    t.match(cluster.database.devices.find(desk), {
      doNotDisturb: own?.doNotDisturb,
      dndIncomingCallAlert: own?.dndIncomingCallAlert,
    })
    await login(otherDesk)
    t.match(
      (await shows(otherDesk)).doNotDisturb,
      { enabled: true, incomingCallAlert: 'Flash Only' },
      'at the next login',
    )
    await press('PUT', otherDesk, 'do-not-disturb', { enabled: false })
    t.match((await shows(otherDesk)).doNotDisturb, { enabled: false, incomingCallAlert: 'Flash Only' })
  },
)

t.test('while nobody is logged in the button changes the phone’s own setting', async (t) => {
  const { login, press, shows, cluster } = await hotDesk(t)
  await press('PUT', desk, 'do-not-disturb', { enabled: true })
  t.equal(cluster.database.devices.find(desk)?.doNotDisturb, true)
  t.match(await shows(desk), { doNotDisturb: { enabled: true } })
  await login(desk)
  t.match((await shows(desk)).doNotDisturb, { enabled: false }, 'Bob’s profile says otherwise')
})

t.test('Ringer Off: the phone rings silently, with its alert, and can be answered', async (t) => {
  const { configure, press, ring, shows } = await hotDesk(t, { noAnswerTimeoutMs: 20_000 })
  await configure(({ devices }) => devices.update(alices, { answerMode: 'never', dndOption: 'Ringer Off' }))
  await press('PUT', alices, 'do-not-disturb', { enabled: true })
  const { id, outcome } = await ring('1000-003', '1000-002')
  t.match((await shows(alices)).calls, [{ id, state: 'ringing', display: 'Kally (1000003)' }], 'the call is shown')
  t.match(await press('POST', alices, 'off-hook', {}), { status: 200, body: { answered: id } })
  const call = await outcome
  t.match(call, { state: 'connected' })
  t.ok(call.hops.some(({ action }) => action === `ringing ${alices} (do not disturb, beeps)`))
})

t.test('Call Reject: the caller hears busy (17), a shared line rings on elsewhere', async (t) => {
  const { configure, press, shows, cluster } = await hotDesk(t)
  await configure(({ devices }) => {
    devices.update(alices, { dndOption: 'Call Reject' })
    devices.update(otherDesk, { lines: [{ dn: '1000102' }, { dn: '1000002' }] })
  })
  await press('PUT', alices, 'do-not-disturb', { enabled: true, incomingCallAlert: 'Disable' })
  t.match(await cluster.dial('1000-003', '1000-002'), { state: 'connected', to: { deviceName: otherDesk } })
  await press('PUT', otherDesk, 'do-not-disturb', { enabled: true })
  await configure(({ devices }) => devices.update(otherDesk, { dndOption: 'Call Reject' }))
  const call = await cluster.dial('1000-101', '1000-002')
  t.match(call, { state: 'failed', cause: 17 })
  t.ok(call.hops.some(({ action }) => action === `rejected by ${alices} (do not disturb, no alert)`))
  t.strictSame((await shows(alices)).callLogs, [], 'Call Reject shows nothing of the call')
})

t.test('a 7960 that runs SCCP knows only Ringer Off', async (t) => {
  const { configure, press } = await hotDesk(t)
  await configure(({ devices }) => {
    devices.update(alices, { model: 'Cisco 7960', protocol: 'SCCP', dndOption: 'Call Reject' })
  })
  t.match(await press('PUT', alices, 'do-not-disturb', { enabled: true }), { body: { option: 'Ringer Off' } })
})

t.test('pressing it again during a call keeps the call', async (t) => {
  const { login, press, cluster } = await hotDesk(t)
  await login(desk)
  const { id } = await cluster.dial('1000-002', '1000-001')
  await press('PUT', desk, 'do-not-disturb', { enabled: true })
  cluster.callManager.configurationChanged()
  t.match(cluster.callManager.registration(desk), { state: 'registered' })
  t.match(await cluster.call(id), { state: 'connected' })
})

t.test('an unknown phone, one that restarts, and a wrong alert are refused', async (t) => {
  const { press, cluster } = await hotDesk(t, { phoneRestartMs: 60_000 })
  const status = async (deviceName: string, body: object) =>
    (await press('PUT', deviceName, 'do-not-disturb', body)).status
  t.equal(await status('SEP999999999999', { enabled: true }), 404)
  t.equal(await status(desk, { enabled: true, incomingCallAlert: 'Siren' }), 400)
  t.equal(await status(desk, {}), 400)
  cluster.callManager.restartDevice(desk, 19)
  t.equal(await status(desk, { enabled: true }), 409)
  t.equal(cluster.database.devices.find(desk)?.doNotDisturb, false)
})
