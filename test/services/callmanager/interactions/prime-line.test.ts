import t from 'tap'
import { desk, hotDesk } from './fixtures/hot-desk.ts'

const twoLines = { lines: [{ dn: '1000001', maxCalls: 1 }, { dn: '1000011' }] }

t.test(
  'A1.5 Prime Line: On in the device profile, the logged-in user’s phone takes the primary line, other lines ring on',
  async (t) => {
    const { configure, login, press, ring, shows, cluster } = await hotDesk(t, { noAnswerTimeoutMs: 20_000 })
    await configure(({ devices, deviceProfiles }) => {
      deviceProfiles.update('bob-profile', { ...twoLines, alwaysUsePrimeLine: 'On' })
      devices.update(desk, { answerMode: 'never' })
    })
    t.match((await shows(desk)).primeLine, { setting: 'Default', alwaysUsed: false })
    await login(desk)
    t.match((await shows(desk)).primeLine, { setting: 'On', alwaysUsed: true })
    const { id, outcome } = await ring('1000-002', '1000-011')
    const offHook = await press('POST', desk, 'off-hook', {})
    t.strictSame(offHook.body, { lineIndex: 1, dn: '1000001', stillRinging: [id] }, 'dial tone on the primary line')
    t.match(await press('POST', desk, 'off-hook', { lineIndex: 2 }), { body: { answered: id, lineIndex: 2 } })
    t.match(await outcome, { state: 'connected', to: { dn: '1000011' } })
    await cluster.dial(desk, '1000-003')
    t.equal((await cluster.ask('POST', 'calls', { from: desk, to: '1' })).status, 409, 'no other line in its place')
  },
)

t.test(
  'A1.5 Prime Line: Off, the phone answers on the line on which the call came in, and dials on the first free one',
  async (t) => {
    const { configure, login, press, ring, cluster } = await hotDesk(t, { noAnswerTimeoutMs: 20_000 })
    await configure(({ devices, deviceProfiles }) => {
      deviceProfiles.update('bob-profile', { ...twoLines, alwaysUsePrimeLine: 'Off' })
      devices.update(desk, { answerMode: 'never' })
    })
    await login(desk)
    t.match(await cluster.dial(desk, '1000-003'), { from: { dn: '1000001' } })
    t.match(await cluster.dial(desk, '9'), { from: { dn: '1000011' } }, 'the primary line is taken')
    t.equal((await press('POST', desk, 'off-hook', {})).status, 409, 'it is in a call')
    for (const { id } of await cluster.activeCalls()) await cluster.release(id)
    const { id, outcome } = await ring('1000-002', '1000-011')
    t.strictSame((await press('POST', desk, 'off-hook', {})).body, {
      lineIndex: 2,
      dn: '1000011',
      answered: id,
      stillRinging: [],
    })
    t.match(await outcome, { state: 'connected', to: { deviceName: desk, userId: 'bob', dn: '1000011' } })
  },
)

t.test('A1.5 Prime Line: Default is what the service parameter says', async (t) => {
  const { configure, login, shows } = await hotDesk(t)
  await login(desk)
  t.match((await shows(desk)).primeLine, { setting: 'Default', alwaysUsed: false })
  await configure(({ serviceParameters }) => {
    serviceParameters.set('Cisco CallManager', 'Always Use Prime Line', 'True')
  })
  t.match((await shows(desk)).primeLine, { setting: 'Default', alwaysUsed: true })
})

t.test('a button names the line that dials; an idle phone has dial tone on its first line', async (t) => {
  const { configure, press, cluster } = await hotDesk(t)
  await configure(({ devices }) => devices.update(desk, twoLines))
  t.match(await cluster.dial(desk, '1000-003', { lineIndex: 2 }), { from: { dn: '1000011' } })
  const dial = async (from: string, lineIndex: number) =>
    (await cluster.ask('POST', 'calls', { from, to: '1000003', lineIndex })).status
  t.equal(await dial(desk, 3), 404)
  t.equal(await dial('1000011', 1), 422)
  t.equal(await dial('1000011', 2), 201)
  t.equal(await dial(desk, 0), 400)
  t.match(await press('POST', 'SEP000000010002', 'off-hook', {}), { body: { lineIndex: 1, dn: '1000102' } })
  t.equal((await press('POST', desk, 'off-hook', { lineIndex: 3 })).status, 404)
  t.equal((await press('POST', 'SEP999999999999', 'off-hook', {})).status, 404)
})
