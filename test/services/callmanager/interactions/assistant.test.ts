import t from 'tap'
import { alices, desk, hotDesk, kallys, otherDesk } from './fixtures/hot-desk.ts'

const service = { name: 'Cisco IP Manager Assistant', url: 'http://127.0.0.1/assistant' }

t.test('A1.5 Assistant: a manager logs in, chooses the service, and calls are filtered to the assistant', async (t) => {
  const { configure, login, logout, press, shows, cluster } = await hotDesk(t)
  await configure(({ phoneServices, deviceProfiles }) => {
    phoneServices.insert(service)
    deviceProfiles.update('bob-profile', { phoneServices: [service.name] })
  })
  const filter = { callFiltering: true, assistant: '1000-002' }
  t.match(await press('PUT', desk, 'assistant', filter), { status: 409 }, 'nobody is logged in')
  await login(desk)
  t.strictSame((await shows(desk)).assistant, { assistant: '', callFiltering: false, doNotDisturb: false })
  t.match(await press('PUT', desk, 'assistant', filter), { status: 200, body: { assistant: '1000002' } })
  const call = await cluster.dial('1000-003', '1000-001')
  t.match(call, { state: 'connected', divertedBy: ['1000001'], to: { deviceName: alices } })
  t.ok(call.hops.some(({ action }) => action === 'filtered, sent to the assistant 1000002'))
  t.match(
    await cluster.dial(alices, '1000-001'),
    { state: 'connected', to: { deviceName: desk } },
    'Alice gets through',
  )
  t.match(await press('PUT', desk, 'assistant', { callFiltering: false }), { body: { assistant: '1000002' } })
  t.match(await cluster.dial(kallys, '1000-001'), { state: 'connected', to: { deviceName: desk } })
  await press('PUT', desk, 'assistant', { callFiltering: true })
  await logout(desk)
  t.notOk((await shows(desk)).assistant)
  t.match(await cluster.dial('1000-003', '1000-001'), { state: 'failed', cause: 20 }, 'the service runs no more')
  await login(otherDesk)
  t.match((await shows(otherDesk)).assistant, { assistant: '1000002', callFiltering: true }, 'as it was left')
  t.match(await cluster.dial('1000-101', '1000-001'), { state: 'connected', to: { deviceName: alices } })
})

t.test('A1.5 Assistant: Do Not Disturb keeps the manager’s phone silent', async (t) => {
  const { configure, login, press, cluster } = await hotDesk(t)
  await configure(({ phoneServices, deviceProfiles }) => {
    phoneServices.insert(service)
    deviceProfiles.update('bob-profile', { phoneServices: [service.name] })
  })
  await login(desk)
  await press('PUT', desk, 'assistant', { doNotDisturb: true })
  const call = await cluster.dial('1000-003', '1000-001')
  t.ok(call.hops.some(({ action }) => action === `ringing ${desk} (do not disturb of the Assistant)`))
})

t.test('what cannot be is refused and changes nothing', async (t) => {
  const { configure, login, press, shows } = await hotDesk(t)
  await configure(({ phoneServices, deviceProfiles }) => {
    phoneServices.insert(service)
    deviceProfiles.update('bob-profile', { phoneServices: [service.name] })
  })
  await login(desk)
  const status = async (deviceName: string, body: object) => (await press('PUT', deviceName, 'assistant', body)).status
  t.equal(await status('SEP999999999999', {}), 404)
  t.equal(await status(alices, { doNotDisturb: true }), 409, 'without the service')
  t.equal(await status(desk, { callFiltering: true }), 422, 'without an assistant')
  t.equal(await status(desk, { assistant: 'Alice' }), 422)
  t.equal(await status(desk, { assistant: '1000-001' }), 422, 'the manager’s own number')
  t.equal(await status(desk, { callFiltering: 'yes' }), 400)
  t.strictSame((await shows(desk)).assistant, { assistant: '', callFiltering: false, doNotDisturb: false })
})
