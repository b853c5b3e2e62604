import t from 'tap'
import { alices, desk, hotDesk, kallys, otherDesk } from './fixtures/hot-desk.ts'

const line = (dn: string, target: string, defaultDevice: string) => ({
  dn,
  partition: '',
  label: `Intercom ${dn}`,
  target,
  defaultDevice,
})

t.test('A1.5 Intercom: a profile’s intercom line is presented on its default device alone', async (t) => {
  const { configure, login, logout, press, shows } = await hotDesk(t)
  await configure(({ devices, deviceProfiles }) => {
    deviceProfiles.update('bob-profile', { intercomLines: [line('4000001', '4000-002', desk)] })
    devices.update(alices, { intercomLines: [line('4000002', '4000001', alices)] })
  })
  t.strictSame((await shows(desk)).intercomLines, [], 'nobody is logged in')
  await login(otherDesk)
  t.strictSame((await shows(otherDesk)).intercomLines, [], 'not the default device')
  t.match(await press('POST', otherDesk, 'intercom', { dn: '4000-001' }), { status: 409 })
  await logout(otherDesk)
  await login(desk)
  t.match((await shows(desk)).intercomLines, [{ dn: '4000001', label: 'Intercom 4000001', target: '4000-002' }])
  const call = await press('POST', desk, 'intercom', { dn: '4000-001' })
  t.match(call, {
    status: 201,
    body: {
      state: 'connected',
      intercom: true,
      from: { deviceName: desk, userId: 'bob', dn: '4000001' },
      to: { deviceName: alices, dn: '4000002' },
    },
  })
  t.match(await shows(alices), { calls: [{ dn: '4000002', state: 'connected' }] })
})

t.test(
  'A1.5 Intercom: a line without a default device gets the current device, and loses it when that is deleted',
  async (t) => {
    const { configure, login, press, shows } = await hotDesk(t)
    await configure(({ devices, deviceProfiles }) => {
      devices.insert({ name: 'SEP000000010009', lines: [{ dn: '1000109' }] })
      deviceProfiles.update('bob-profile', { intercomLines: [line('4000001', '4000002', 'SEP000000010009')] })
      devices.update(alices, { intercomLines: [line('4000002', '4000001', '')] })
    })
    t.match((await shows(alices)).intercomLines, [{ dn: '4000002' }], 'the phone itself')
    t.match(await press('POST', alices, 'intercom', { dn: '4000002' }), { body: { state: 'failed', cause: 20 } })
    await configure(({ devices }) => devices.remove('SEP000000010009'))
    await login(desk)
    t.strictSame((await shows(desk)).intercomLines, [])
    t.match(await press('POST', desk, 'intercom', { dn: '4000001' }), { status: 409 }, 'it is presented nowhere now')
  },
)

t.test('the target answers by itself, in a call and in Do Not Disturb too; one intercom call at a time', async (t) => {
  const { configure, press, shows, cluster } = await hotDesk(t)
  await configure(({ devices }) => {
    devices.update(desk, { intercomLines: [line('4000001', '4000002', desk)] })
    devices.update(kallys, { intercomLines: [line('4000003', '4000002', kallys)] })
    const dnd = { doNotDisturb: true, dndOption: 'Call Reject' } as const
    devices.update(alices, { ...dnd, answerMode: 'never', intercomLines: [line('4000002', '', alices)] })
  })
  await cluster.dial('1000-002', '1000-003')
  const { body: call } = await press('POST', desk, 'intercom', { dn: '4000001' })
  t.match(call, { state: 'connected' })
  t.match(await press('POST', kallys, 'intercom', { dn: '4000003' }), { body: { state: 'failed', cause: 17 } })
  t.match(await press('POST', desk, 'intercom', { dn: '4000001' }), { status: 409 }, 'the own line is in use')
  t.match((await shows(alices)).callLogs, [{ kind: 'received' }, { kind: 'placed' }])
  t.equal(await cluster.release(String(call.id)), 204)
  t.match(await press('POST', kallys, 'intercom', { dn: '4000003' }), { body: { state: 'connected' } })
})

t.test('what is no intercom line, has no target or leads nowhere', async (t) => {
  const { configure, press } = await hotDesk(t)
  await configure(({ devices }) => {
    devices.update(desk, { intercomLines: [line('4000001', '', desk), line('4000005', '4999999', desk)] })
    devices.update(alices, { intercomLines: [line('4000006', '4000006', alices)] })
  })
  const status = async (deviceName: string, dn: string) => (await press('POST', deviceName, 'intercom', { dn })).status
  t.equal(await status('SEP999999999999', '4000001'), 404)
  t.equal(await status(desk, '4999999'), 404)
  t.equal(await status(desk, 'bob'), 422)
  t.equal(await status(desk, '4000001'), 422, 'no target')
  t.match(await press('POST', desk, 'intercom', { dn: '4000005' }), { body: { state: 'failed', cause: 1 } })
  t.match(
    await press('POST', alices, 'intercom', { dn: '4000006' }),
    { body: { state: 'failed', cause: 17 } },
    'itself',
  )
})
