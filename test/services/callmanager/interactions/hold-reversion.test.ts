import t from 'tap'
import { alices, desk, hotDesk, kallys } from './fixtures/hot-desk.ts'
import type { HotDesk } from './fixtures/hot-desk.ts'

const remindAfter = ({ configure }: HotDesk, seconds: number) =>
  configure(({ serviceParameters }) => {
    serviceParameters.set('Cisco CallManager', 'Hold Reversion Duration', String(seconds))
  })

const hold = ({ cluster }: HotDesk, id: string, deviceName: string, what = 'hold') =>
  cluster.ask('PUT', `calls/${id}/${what}`, { deviceName })

t.test(
  'A1.6 Hold Reversion: a phone with a logged-in user is not reminded of the call that it holds, another one is',
  async (t) => {
    const lab = await hotDesk(t)
    const { login, shows, told, clock, cluster } = lab
    await remindAfter(lab, 30)
    await login(desk)
    const bobs = await cluster.dial(desk, '1000-003')
    const others = await cluster.dial(alices, '1000-102')
    t.match(await hold(lab, bobs.id, desk), { status: 200, body: { heldBy: [desk] } })
    t.match(await hold(lab, others.id, alices), { status: 200 })
    t.match((await shows(desk)).calls, [{ state: 'held' }])
    clock.advance(29_999)
    t.strictSame(told('holdReversion'), [])
    clock.advance(1)
    t.match(told('holdReversion'), [{ id: others.id, deviceName: alices }])
    t.equal(told('holdReversion').length, 1, 'Bob’s phone is left in peace')
    clock.advance(60_000)
    t.equal(told('holdReversion').length, 1, 'once')
  },
)

t.test('who takes the call back, or releases it, is not reminded', async (t) => {
  const lab = await hotDesk(t)
  const { told, clock, cluster } = lab
  await remindAfter(lab, 10)
  const resumed = await cluster.dial(alices, '1000-102')
  await hold(lab, resumed.id, alices)
  t.match(await hold(lab, resumed.id, alices, 'resume'), { status: 200, body: { state: 'connected' } })
  t.notOk((await cluster.call(resumed.id)).heldBy)
  const released = await cluster.dial(kallys, '1000-101')
  await hold(lab, released.id, kallys)
  await cluster.release(released.id)
  t.notOk((await cluster.call(released.id)).heldBy)
  clock.advance(60_000)
  t.strictSame(told('holdReversion'), [])
  t.equal(told('callHeld').length, 2)
  t.equal(told('callResumed').length, 1)
})

t.test('Hold Reversion is off unless a duration is set', async (t) => {
  const lab = await hotDesk(t)
  const { id } = await lab.cluster.dial(alices, '1000-102')
  await hold(lab, id, alices)
  lab.clock.advance(3_600_000)
  t.strictSame(lab.told('holdReversion'), [])
})

t.test('a call is held by each side for itself, and only by a phone that has it', async (t) => {
  const lab = await hotDesk(t)
  const { cluster } = lab
  const { id } = await cluster.dial(alices, '1000-003')
  t.match(await hold(lab, id, kallys), { body: { heldBy: [kallys] } })
  t.match(await hold(lab, id, alices), { body: { heldBy: [kallys, alices] } })
  t.equal((await hold(lab, id, alices)).status, 409, 'twice')
  t.equal((await hold(lab, id, desk)).status, 409, 'not its call')
  t.equal((await hold(lab, id, desk, 'resume')).status, 409)
  t.equal((await hold(lab, id, 'SEP999999999999')).status, 404)
  t.equal((await hold(lab, 'unknown', alices)).status, 404)
  await cluster.release(id)
  t.equal((await hold(lab, id, alices)).status, 409, 'it is over')
})
