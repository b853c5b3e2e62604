import t from 'tap'
import { alices, desk, hotDesk, kallys, otherDesk } from './fixtures/hot-desk.ts'

t.test('A1.6 Call Back: a logout cancels all active call backs of the user, and nobody else’s', async (t) => {
  const { configure, login, logout, press, shows, told, cluster } = await hotDesk(t)
  await configure(({ serviceParameters }) => {
    serviceParameters.set('Cisco Extension Mobility', 'Multiple Login Behavior', 'Multiple Logins Allowed')
  })
  await cluster.dial(alices, '1000-003')
  await login(desk)
  await login(otherDesk)
  t.match(await press('POST', desk, 'call-back', { dn: '1000-002' }), {
    status: 201,
    body: { dn: '1000002', userId: 'bob' },
  })
  t.match(await press('POST', otherDesk, 'call-back', { dn: '1000-003' }), { status: 201 })
  t.match((await shows(desk)).callBacks, [{ dn: '1000002', userId: 'bob' }])
  await logout(desk)
  t.match(told('callBackCancelled'), [
    { deviceName: desk, userId: 'bob', dn: '1000002' },
    { deviceName: otherDesk, userId: 'bob', dn: '1000003' },
  ])
  t.strictSame((await shows(desk)).callBacks, [])
  t.strictSame((await shows(otherDesk)).callBacks, [], 'on whichever phone it was')
  t.match(await press('POST', desk, 'call-back', { dn: '1000-002' }), { status: 201, body: { userId: '' } })
  await logout(otherDesk)
  t.equal((await shows(desk)).callBacks.length, 1, 'nobody’s call back stays')
})

t.test('a number that was busy is announced when it is free', async (t) => {
  const { login, press, shows, told, cluster } = await hotDesk(t)
  const { id } = await cluster.dial(alices, '1000-003')
  await login(desk)
  await press('POST', desk, 'call-back', { dn: '1000-002' })
  await cluster.release((await cluster.dial(otherDesk, '9')).id)
  t.strictSame(told('callBackAvailable'), [], 'somebody else’s call ended')
  await cluster.release(id)
  t.match(told('callBackAvailable'), [{ deviceName: desk, userId: 'bob', dn: '1000002' }])
  t.strictSame((await shows(desk)).callBacks, [], 'it has done its work')
})

t.test('a number that did not answer is announced after its next call', async (t) => {
  const { configure, press, told, cluster } = await hotDesk(t)
  await configure(({ devices }) => devices.update(alices, { answerMode: 'never' }))
  t.match(await cluster.dial(desk, '1000-002'), { cause: 19 })
  t.match(await press('POST', desk, 'call-back', { dn: '1000-002' }), { status: 201 })
  t.match(await cluster.dial(kallys, '1000-002'), { cause: 19 }, 'somebody else, in vain')
  t.strictSame(told('callBackAvailable'), [])
  const { id } = await cluster.dial(alices, '1000-003')
  await cluster.release(id)
  t.match(told('callBackAvailable'), [{ deviceName: desk, userId: '', dn: '1000002' }])
})

t.test('a call back is cancelled by hand', async (t) => {
  const { press, told, cluster } = await hotDesk(t)
  await cluster.dial(alices, '1000-003')
  await press('POST', desk, 'call-back', { dn: '1000-002' })
  t.equal((await press('DELETE', desk, 'call-back/1000-002')).status, 204)
  t.match(told('callBackCancelled'), [{ deviceName: desk, userId: '', dn: '1000002' }])
  t.equal((await press('DELETE', desk, 'call-back/1000-002')).status, 404)
})

t.test('call back is refused where it makes no sense', async (t) => {
  const { press, shows, cluster } = await hotDesk(t)
  const status = async (deviceName: string, dn: string) => (await press('POST', deviceName, 'call-back', { dn })).status
  t.equal(await status('SEP999999999999', '1000002'), 404)
  t.equal(await status(desk, '9999999'), 404)
  t.equal(await status(desk, 'Alice'), 422)
  t.equal(await status(desk, '1000-002'), 409, 'it is idle and was never called')
  await cluster.dial(alices, '1000-003')
  t.equal(await status(desk, '1000-002'), 201)
  t.equal(await status(desk, '1000-002'), 409, 'twice')
  t.equal((await shows(desk)).callBacks.length, 1)
})
