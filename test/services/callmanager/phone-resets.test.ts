// What a phone does with its configuration: restart, or restart and reset, and what it tells of it.
import t from 'tap'
import type { Test } from 'tap'
import { callmanager } from '../../../services/callmanager/index.ts'
import { changedParts, resetCauses } from '../../../services/callmanager/phone-configuration.ts'
import type { DeviceChanges, DeviceProfileChanges, EffectiveConfiguration } from '../../../services/database/api.ts'
import { loneCluster } from '../../fixtures/lone-cluster.ts'
import { waitFor } from '../../fixtures/wait-for.ts'

const timing = { noAnswerTimeoutMs: 150, supervisionIntervalMs: 100, trunkTimeoutMs: 1000 }
const phone = 'SEP000000010001'

interface Furniture {
  readonly profile?: DeviceProfileChanges
  readonly device?: DeviceChanges
  readonly userLocale?: string
  readonly phoneRestartMs?: number
}

/** Bob and his phone, with CallManager and Extension Mobility at work. */
async function cluster(t: Test, { profile, device, userLocale, phoneRestartMs = 0 }: Furniture = {}) {
  const lone = await loneCluster(t)
  const { database, context, events } = lone
  await database.write(() => {
    if (profile) database.deviceProfiles.update('bob-profile', profile)
    if (device) database.devices.update(phone, device)
    if (userLocale !== undefined) database.endUsers.update('bob', { userLocale })
  })
  const running = await callmanager.start(
    { ...context, find: (name) => (name === 'callmanager' ? running.api : context.find(name)) as never },
    { ...timing, phoneRestartMs },
  )
  t.teardown(() => running.stop())
  // Extension Mobility tells the notes of the fixture to restart the phone; here they are passed on.
  lone.callmanager.restartDevice = (deviceName, reason) => running.api.restartDevice(deviceName, reason)
  const heard: string[] = []
  events.subscribe(
    ({ type, action, lines, changed, userLocale: locale }) =>
      heard.push([type, action, lines, changed && `changed ${String(changed)}`, locale].filter(Boolean).join(' ')),
    ['phoneRestarting', 'phoneRegistered', 'phoneUnregistered'],
  )
  return {
    ...lone,
    registration: () => running.api.registration(phone),
    /** What the phone did since it was asked last. */
    story: () => heard.splice(0),
    logIn: (userId = 'bob') => lone.mobility.login({ deviceName: phone, userId, proof: { kind: 'pin', pin: '12345' } }),
    logOut: () => lone.mobility.logout(phone, 'manual'),
  }
}

t.test('a login and a logout restart the phone, which says what is different', async (t) => {
  const speedDials = [{ index: 1, number: '2000001', label: 'Alice' }]
  const { story, logIn, logOut, registration } = await cluster(t, { profile: { speedDials } })
  const before = registration()?.versionStamp
  await logIn()
  t.strictSame(story(), [
    'phoneRestarting restart',
    'phoneUnregistered',
    'phoneRegistered 1000001 changed userId,lines,speedDials',
  ])
  const { versionStamp, ...during } = registration() ?? {}
  t.match(during, { state: 'registered', reason: 19, lastRestart: 'restart', lines: ['1000001'] })
  t.not(versionStamp, before)
  await logOut()
  t.strictSame(story(), [
    'phoneRestarting restart',
    'phoneUnregistered',
    'phoneRegistered 1000101 changed userId,lines,speedDials',
  ])
})

t.test('A1.6 Locale: a profile in another locale than the phone makes it restart and then reset', async (t) => {
  const { story, logIn, logOut, registration } = await cluster(t, { profile: { userLocale: 'French_France' } })
  await logIn()
  t.strictSame(story(), [
    'phoneRestarting restart',
    'phoneUnregistered',
    'phoneRestarting reset changed userLocale',
    'phoneRegistered 1000001 changed userId,lines,userLocale French_France',
  ])
  t.match(registration(), { state: 'registered', lastRestart: 'reset', reason: 19 })
  await logOut()
  t.strictSame(
    story(),
    [
      'phoneRestarting restart',
      'phoneUnregistered',
      'phoneRestarting reset changed userLocale',
      'phoneRegistered 1000101 changed userId,lines,userLocale',
    ],
    'and so it does on the way back',
  )
})

t.test('A1.6 Locale: a user in another locale than the phone has the same effect', async (t) => {
  const { story, logIn } = await cluster(t, { userLocale: 'French_France' })
  await logIn()
  t.strictSame(story(), [
    'phoneRestarting restart',
    'phoneUnregistered',
    'phoneRestarting reset changed userLocale',
    'phoneRegistered 1000001 changed userId,lines,userLocale French_France',
  ])
})

t.test('A1.6 Locale: add-on modules that differ have the same effect', async (t) => {
  const { story, logIn } = await cluster(t, { profile: { modules: ['CKEM'] } })
  await logIn()
  t.strictSame(story(), [
    'phoneRestarting restart',
    'phoneUnregistered',
    'phoneRestarting reset changed modules',
    'phoneRegistered 1000001 changed userId,lines,modules',
  ])
})

t.test('A1.6 Locale: the phone’s own locale, or none, is no difference', async (t) => {
  const own = { userLocale: 'French_France' }
  const french = await cluster(t, { profile: own, device: own })
  await french.logIn()
  t.notMatch(french.story().join('\n'), /reset/u)
  t.equal(french.registration()?.lastRestart, 'restart')
})

t.test('A1.7 Phone resets instead of restarting: a locale change is why, and nothing has to be done', async (t) => {
  const { database, story, logIn, logOut, registration } = await cluster(t, {
    profile: { userLocale: 'French_France' },
  })
  await logIn()
  t.equal(registration()?.lastRestart, 'reset')
  await logOut()
  t.match(registration(), { state: 'registered', lines: ['1000101'] }, 'it came back by itself')
  await database.write(() => database.deviceProfiles.update('bob-profile', { userLocale: '' }))
  story()
  await logIn()
  t.notMatch(story().join('\n'), /reset/u)
  t.equal(registration()?.lastRestart, 'restart')
})

t.test('another user in the same foreign locale makes the phone reset again', async (t) => {
  const lone = await cluster(t, { profile: { userLocale: 'French_France' } })
  const { database, story, logIn, addUser } = lone
  await database.write(() => {
    database.deviceProfiles.insert({ name: 'alice-profile', userLocale: 'French_France', lines: [{ dn: '2000001' }] })
  })
  await addUser({ userId: 'alice', deviceProfiles: ['alice-profile'] })
  await logIn()
  story()
  await lone.logOut()
  await logIn('alice')
  t.equal(story().filter((one) => one.startsWith('phoneRestarting reset')).length, 2)
})

t.test('a reset takes its time, and an order in the middle of it begins anew', async (t) => {
  const {
    callmanager: phones,
    logIn,
    story,
    registration,
  } = await cluster(t, {
    profile: { userLocale: 'French_France' },
    phoneRestartMs: 20,
  })
  await logIn()
  t.match(registration(), { state: 'restarting', lines: [], lastRestart: 'restart' })
  await waitFor('the reset', () => registration()?.lastRestart === 'reset')
  phones.restartDevice(phone, 17)
  t.match(registration(), { state: 'restarting', lastRestart: 'restart', reason: 17 })
  await waitFor('it registers', () => registration()?.state === 'registered')
  t.match(registration(), { lastRestart: 'reset', lines: ['1000001'] })
  t.strictSame(story(), [
    'phoneRestarting restart',
    'phoneUnregistered',
    'phoneRestarting reset changed userLocale',
    'phoneRestarting restart',
    'phoneRestarting reset changed userLocale',
    'phoneRegistered 1000001 changed userId,lines,userLocale French_France',
  ])
})

t.test('a phone that stayed as it was restarts without a word about changes', async (t) => {
  const { callmanager: phones, story } = await cluster(t)
  phones.restartDevice(phone, 17)
  t.strictSame(story(), ['phoneRestarting restart', 'phoneUnregistered', 'phoneRegistered 1000101'])
})

t.test('equal values in other objects are no change, other values are', async (t) => {
  const { database } = await cluster(t)
  const before = database.devices.effective(phone) as EffectiveConfiguration
  const copy = { ...structuredClone(before), versionStamp: 'another' }
  t.strictSame(changedParts(before, copy), [])
  t.strictSame(changedParts(before, { ...copy, modules: ['CKEM'], userLocale: 'x', privacy: 'On' }), [
    'userLocale',
    'modules',
    'privacy',
  ])
  t.strictSame(resetCauses(undefined, { ...copy, mismatch: ['modules'] }), ['modules'])
  const french = { ...copy, userId: 'bob', userLocale: 'French_France', mismatch: ['userLocale' as const] }
  t.strictSame(resetCauses(french, { ...french, versionStamp: 'third' }), [], 'its user stays, and so does the locale')
})
