// Phones follow what is changed on disk: which of them, in which order, and without keeping anybody waiting.
import t from 'tap'
import type { Test } from 'tap'
import type { CallProcessing } from '../../../services/callmanager/call-processing.ts'
import { callmanager } from '../../../services/callmanager/index.ts'
import { waitFor } from '../../fixtures/wait-for.ts'
import { loneCluster } from '../../fixtures/lone-cluster.ts'

const timing = { phoneRestartMs: 0, noAnswerTimeoutMs: 150, supervisionIntervalMs: 100, trunkTimeoutMs: 1000 }
const desk = 'SEP000000010001'
const lobby = 'SEP000000010002'

async function cluster(t: Test) {
  const lone = await loneCluster(t)
  const { database, context, events } = lone
  const running = await callmanager.start(
    { ...context, find: (name) => (name === 'callmanager' ? running.api : context.find(name)) as never },
    timing,
  )
  t.teardown(() => running.stop())
  const api = running.api as CallProcessing
  lone.callmanager.restartDevice = (deviceName, reason) => api.restartDevice(deviceName, reason)
  lone.callmanager.configurationChanged = (names) => api.configurationChanged(names)
  const heard: string[] = []
  events.subscribe(
    ({ type, deviceName, action, reason, changed }) =>
      heard.push([deviceName, type, action ?? reason, changed].filter((one) => one !== undefined).join(' ')),
    ['phoneRestarting', 'phoneRegistered', 'phoneUnregistered'],
  )
  return {
    ...lone,
    api,
    /** What phones did since this was asked last, all of them settled. */
    story: () => {
      api.registrations()
      return heard.splice(0)
    },
    heard,
    /** Somebody changes something, and CallManager hears of it. */
    async change(work: () => unknown, deviceNames?: readonly string[]) {
      await database.write(() => void work())
      api.configurationChanged(deviceNames)
    },
  }
}

const restarted = (name: string, changed: string) => [
  `${name} phoneRestarting restart`,
  `${name} phoneUnregistered 17`,
  `${name} phoneRegistered${changed && ` ${changed}`}`,
]
const reset = (name: string, changed: string) =>
  restarted(name, changed).toSpliced(2, 0, `${name} phoneRestarting reset ${changed}`)

t.test(
  'an administrator changes a phone, which restarts for what it is told and resets for locale and modules',
  async (t) => {
    const { database, change, story } = await cluster(t)
    const changeDesk = (changes: Parameters<typeof database.devices.update>[1]) =>
      change(() => database.devices.update(desk, changes), [desk])
    await changeDesk({ userLocale: 'French_France' })
    t.strictSame(story(), reset(desk, 'userLocale'))
    await changeDesk({ modules: ['CKEM'] })
    t.strictSame(story(), reset(desk, 'modules'))
    await changeDesk({ privacy: 'On' })
    t.strictSame(story(), restarted(desk, 'privacy'))
    await changeDesk({ speedDials: [{ index: 1, number: '2000001', label: 'Alice' }] })
    t.strictSame(story(), restarted(desk, 'speedDials'))
    await changeDesk({ securityMode: 'Encrypted' })
    t.strictSame(story(), restarted(desk, ''), 'the phone’s own part of its file')
    await changeDesk({ lines: [{ dn: '1000101', label: 'Reception' }] })
    t.strictSame(story(), restarted(desk, 'lines'))
  },
)

t.test(
  'no phone restarts for what it is not told: where calls are forwarded, do not disturb, a description',
  async (t) => {
    const { database, change, story, api } = await cluster(t)
    const before = api.registration(desk)
    const unheard = [
      { lines: [{ dn: '1000101', forwardAll: '2000001' }] },
      { doNotDisturb: true },
      { description: 'Reception' },
      { answerMode: 'never' as const },
    ]
    for (const changes of unheard) {
      await change(() => database.devices.update(desk, changes))
      t.strictSame(story(), [], JSON.stringify(changes))
    }
    t.strictSame(api.registration(desk), before, 'it has registered with the configuration from before')
    await change(() => database.devices.update(desk, { privacy: 'On' }))
    t.strictSame(story(), restarted(desk, 'privacy'), 'and that is all that is new for it')
  },
)

t.test('a phone service that changes restarts the phones that have it', async (t) => {
  const { database, change, story } = await cluster(t)
  const url = 'http://127.0.0.1/emapp/EMAppServlet?device=#DEVICENAME#'
  await change(() => {
    database.phoneServices.insert({ name: 'Extension Mobility', url })
    database.devices.update(lobby, { phoneServices: ['Extension Mobility'] })
  })
  t.strictSame(story(), restarted(lobby, 'phoneServices'))
  await change(() => database.phoneServices.update('Extension Mobility', { url: url.replace('http:', 'https:') }))
  t.strictSame(story(), restarted(lobby, 'phoneServices'))
})

t.test(
  'a profile that changes restarts the phone on which it is, and a user’s locale the phone where they are',
  async (t) => {
    const { database, ask, mobility, change, story } = await cluster(t)
    await mobility.login({ deviceName: desk, userId: 'bob', proof: { kind: 'pin', pin: '12345' } })
    story()
    await change(() => database.deviceProfiles.update('bob-profile', { softkeyTemplate: 'Standard Feature' }))
    t.strictSame(story(), restarted(desk, 'softkeyTemplate'))
    t.equal((await ask('PATCH /api/v1/users/bob', { userLocale: 'French_France' })).status, 200)
    t.strictSame(story(), reset(desk, 'userLocale'))
  },
)

t.test('phones that are named are looked at, and no other', async (t) => {
  const { database, change, story, api } = await cluster(t)
  const french = { userLocale: 'French_France' }
  await change(
    () => [desk, lobby].map((name) => database.devices.update(name, french)),
    [lobby.toLowerCase(), 'SEPNOWHERE'],
  )
  t.strictSame(story(), reset(lobby, 'userLocale'))
  api.configurationChanged()
  t.strictSame(story(), reset(desk, 'userLocale'))
  await change(() => database.devices.remove(lobby), [lobby])
  t.strictSame(story(), [`${lobby} phoneUnregistered 10`])
})

const manyPhones = 1500
const nameOf = (index: number) => `SEP9${String(index).padStart(11, '0')}`
const dnOf = (index: number) => String(7_000_000 + index)

t.test('of many new phones the one that is asked for registers at once, the others a few at a time', async (t) => {
  const { database, change, heard, api } = await cluster(t)
  await change(() => {
    for (let index = 0; index < manyPhones; index++) {
      database.devices.insert({ name: nameOf(index), lines: [{ dn: dnOf(index) }] })
    }
  })
  t.match(api.registration(nameOf(900)), { state: 'registered', lines: [dnOf(900)] })
  t.match(api.locations.locate(dnOf(901)), { deviceNames: [nameOf(901)] }, 'also by its number')
  api.restartDevice(nameOf(902), 17)
  t.strictSame(
    heard.splice(0).map((one) => one.replace(/ phone.*/u, '')),
    [900, 901, 902, 902, 902, 902].map(nameOf),
    'and nobody else so far',
  )
  const slices: number[] = []
  await waitFor(
    'all to register',
    () => {
      slices.push(heard.length)
      return heard.length === manyPhones - 3
    },
    { intervalMs: 0 },
  )
  t.ok(new Set(slices).size > 2, `between slices others have a turn: ${slices.join(', ')}`)
  t.equal(api.registrations().length, manyPhones + 3)
})

t.test('a change while many phones are still looked at is not missed', async (t) => {
  const { database, change, heard, api } = await cluster(t)
  await change(() => {
    for (let index = 0; index < manyPhones; index++) database.devices.insert({ name: nameOf(index) })
  })
  await waitFor('the first ones', () => heard.length > 0, { intervalMs: 0 })
  await change(() => {
    database.devices.update(nameOf(0), { userLocale: 'French_France' })
    database.devices.remove(lobby)
  })
  await waitFor(
    'all of it',
    () => heard.includes(`${lobby} phoneUnregistered 10`) && heard.includes(`${nameOf(0)} phoneRegistered userLocale`),
  )
  t.equal(api.registration(lobby), undefined)
})

t.test('a number that goes from one phone to another is found where it is, whoever was looked at first', async (t) => {
  const { database, change, api } = await cluster(t)
  t.match(api.locations.locate('1000101'), { deviceNames: [desk] })
  await change(() => {
    database.devices.update(desk, { lines: [] })
    database.devices.update(lobby, { lines: [{ dn: '1000101' }] })
  })
  t.match(api.locations.locate('1000101'), { deviceNames: [lobby] })
})

t.test('when the service stops, nothing is looked at any more', async (t) => {
  const lone = await loneCluster(t)
  const running = await callmanager.start(lone.context, timing)
  running.api.configurationChanged()
  await running.stop()
  await lone.database.write(() => lone.database.devices.update(desk, { privacy: 'On' }))
  running.api.configurationChanged()
  await new Promise((resolve) => setImmediate(resolve))
  t.strictSame(running.api.registrations(), [])
})
