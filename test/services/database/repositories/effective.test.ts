// What a phone shows, by who is logged in and which profiles there are.
import t from 'tap'
import type { ClusterDatabase, DeviceSettings, EffectiveConfiguration } from '../../../../services/database/api.ts'
import { deviceSettingDefaults, settingsIn } from '../../../../services/database/device-settings.ts'
import { login, openPeopledDatabase, phone1, phone2 } from '../fixtures/test-database.ts'

const ownLine = { dn: '5551' }
const ownDial = { index: 1, number: '5552', label: 'Lobby' }
const bobsDial = { index: 1, number: '2000001', label: 'Alice' }

/** The phone has a line, a speed dial and music of its own, bob's profile has others; both were made for a Cisco 8845. */
async function open(test: Parameters<typeof openPeopledDatabase>[0]) {
  const database = await openPeopledDatabase(test)
  await database.write(() => {
    database.phoneServices.insert({ name: 'Weather', url: 'http://c1/weather' })
    database.devices.update(phone1, { lines: [ownLine], speedDials: [ownDial], userHoldMohAudioSource: 'phone' })
    database.deviceProfiles.update('bob-profile', { speedDials: [bobsDial], userHoldMohAudioSource: 'bob' })
  })
  const shown = (): EffectiveConfiguration => {
    const found = database.devices.effective(phone1)
    test.ok(found)
    test.strictSame(database.lines.effective(phone1), found?.lines, 'both ways to ask for the lines agree')
    return found as EffectiveConfiguration
  }
  const change = (work: (database: ClusterDatabase) => void) => database.write(() => work(database))
  return { ...database, shown, change }
}

const bobOnPhone1 = ({ logins }: ClusterDatabase) => logins.open(login(phone1, 'bob'))

t.test('a phone shows its own configuration while nobody is logged in', async (t) => {
  const { shown, devices } = await open(t)
  t.match(shown(), {
    deviceName: phone1,
    model: 'Cisco 8845',
    userId: '',
    deviceProfile: '',
    lines: [ownLine],
    speedDials: [ownDial],
    userHoldMohAudioSource: 'phone',
    phoneServices: [{ name: 'Extension Mobility', url: 'http://c1/emapp' }],
    mismatch: [],
  })
  t.equal(devices.effective('SEP000000019999'), undefined)
  t.equal(devices.effective(phone1.toLowerCase()), shown(), 'remembered, in any spelling')
})

t.test('a login brings the profile’s settings, lines and buttons, a logout takes them away', async (t) => {
  const { shown, change, deviceProfiles } = await open(t)
  const before = shown()
  await change(bobOnPhone1)
  t.match(shown(), {
    userId: 'bob',
    deviceProfile: 'bob-profile',
    lines: [{ dn: '1000001' }],
    speedDials: [bobsDial],
    userHoldMohAudioSource: 'bob',
  })
  t.strictSame(settingsIn(shown()), settingsIn(deviceProfiles.find('bob-profile') ?? shown()))
  await change(({ logins }) => logins.close(phone1))
  t.strictSame({ ...shown(), versionStamp: '' }, { ...before, versionStamp: '' })
})

t.test('a borrowed phone keeps its own calling search space', async (t) => {
  const { shown, change } = await open(t)
  await change(({ dialPlan, devices, deviceProfiles }) => {
    for (const name of ['Lobby', 'Bob']) dialPlan.insertCallingSearchSpace(name, [])
    devices.update(phone1, { callingSearchSpace: 'Lobby' })
    deviceProfiles.update('bob-profile', { callingSearchSpace: 'Bob' })
  })
  await change(bobOnPhone1)
  t.equal(shown().callingSearchSpace, 'Lobby')
})

/** Every setting of the profile and of the phone differs, so that each shows where it comes from. */
const profiles: DeviceSettings = {
  ...deviceSettingDefaults,
  protocol: 'SCCP',
  privacy: 'On',
  singleButtonBarge: 'Barge',
  joinAcrossLines: 'On',
  alwaysUsePrimeLine: 'On',
  dndOption: 'Ringer Off',
  dndIncomingCallAlert: 'Beep Only',
  doNotDisturb: true,
  ignorePresentationIndicators: true,
  userLocale: 'French_France',
  phoneButtonTemplate: 'profile',
  softkeyTemplate: 'profile',
  userHoldMohAudioSource: 'profile',
  modules: ['profile'],
  mlppDomain: 'profile',
}
const base = {
  ...deviceSettingDefaults,
  privacy: 'Off',
  alwaysUsePrimeLineForVoiceMessage: 'On',
  phoneButtonTemplate: 'base',
  softkeyTemplate: 'base',
  userHoldMohAudioSource: 'base',
  userLocale: 'German_Germany',
  modules: ['base'],
} as const
const featureSafe = {
  ...base,
  alwaysUsePrimeLine: 'On',
  dndOption: 'Ringer Off',
  dndIncomingCallAlert: 'Beep Only',
  doNotDisturb: true,
  ignorePresentationIndicators: true,
  userLocale: 'French_France',
  userHoldMohAudioSource: 'profile',
}

t.test('a profile of another model brings what does not depend on the model to the phone’s own settings', async (t) => {
  const { shown, change } = await open(t)
  await change(({ devices, deviceProfiles }) => {
    devices.update(phone1, base)
    deviceProfiles.update('bob-profile', { ...profiles, model: 'Cisco 7821' })
  })
  await change(bobOnPhone1)
  t.strictSame(settingsIn(shown()), featureSafe)
  t.match(shown(), { lines: [{ dn: '1000001' }], speedDials: [bobsDial], deviceProfile: 'bob-profile' })
})

t.test('where its model has a default device profile, that one stands in for the phone’s own settings', async (t) => {
  const { shown, change, devices } = await open(t)
  await change((database) => {
    database.devices.update(phone1, { phoneServices: [] })
    database.deviceProfiles.update('bob-profile', { ...profiles, model: 'Cisco 7821' })
    database.defaultDeviceProfiles.set('Cisco 8845', { ...base, phoneServices: ['Weather'] })
  })
  t.equal(shown().phoneButtonTemplate, '', 'nobody is logged in')
  await change(bobOnPhone1)
  t.strictSame(settingsIn(shown()), featureSafe)
  t.match(shown().phoneServices, [{ name: 'Weather' }])
  await change(({ deviceProfiles }) => deviceProfiles.update('bob-profile', { phoneServices: ['Extension Mobility'] }))
  t.match(shown().phoneServices, [{ name: 'Extension Mobility' }], 'the profile’s own come first')
  await change(({ defaultDeviceProfiles }) => defaultDeviceProfiles.remove('Cisco 8845'))
  t.strictSame(shown().modules, devices.find(phone1)?.modules)
})

t.test('A1.5 Prime Line: On in the device profile or in the default device profile is used after login', async (t) => {
  const { shown, change } = await open(t)
  await change(bobOnPhone1)
  await change(({ deviceProfiles }) => deviceProfiles.update('bob-profile', { alwaysUsePrimeLine: 'On' }))
  t.equal(shown().alwaysUsePrimeLine, 'On')
  await change(({ deviceProfiles, defaultDeviceProfiles }) => {
    deviceProfiles.update('bob-profile', { alwaysUsePrimeLine: 'Default', model: 'Cisco 7821' })
    defaultDeviceProfiles.set('Cisco 8845', { alwaysUsePrimeLine: 'On' })
  })
  t.equal(shown().alwaysUsePrimeLine, 'On')
  await change(({ deviceProfiles }) => deviceProfiles.update('bob-profile', { alwaysUsePrimeLine: 'Off' }))
  t.equal(shown().alwaysUsePrimeLine, 'Off')
})

t.test('A1.5 BLF Presence: the login’s profile, and after logout the log out profile', async (t) => {
  const { shown, change } = await open(t)
  const alices = { index: 1, number: '1000001', label: 'Bob' }
  await change(({ devices, deviceProfiles }) => {
    deviceProfiles.update('bob-profile', { blfSpeedDials: [bobsDial] })
    deviceProfiles.update('alice-profile', { blfSpeedDials: [alices], userHoldMohAudioSource: 'alice' })
    devices.update(phone1, { logoutProfile: 'alice-profile' })
  })
  const outOfHours = { userId: '', deviceProfile: 'alice-profile', blfSpeedDials: [alices], lines: [{ dn: '2000001' }] }
  t.match(shown(), { ...outOfHours, userHoldMohAudioSource: 'alice' })
  await change(bobOnPhone1)
  t.match(shown(), { userId: 'bob', deviceProfile: 'bob-profile', blfSpeedDials: [bobsDial] })
  await change(({ logins }) => logins.close(phone1))
  t.match(shown(), outOfHours)
  await change(({ deviceProfiles }) => deviceProfiles.remove('alice-profile'))
  t.match(shown(), { deviceProfile: '', blfSpeedDials: [], lines: [ownLine] })
})

t.test('A1.7 Phone services unavailable after login: the profile has none, and neither has the phone', async (t) => {
  const { shown, change } = await open(t)
  await change(({ devices }) => devices.update(phone1, { phoneServices: [] }))
  await change(bobOnPhone1)
  t.strictSame(shown().phoneServices, [])
  await change(({ devices }) => devices.update(phone1, { phoneServices: ['Extension Mobility'] }))
  t.match(shown().phoneServices, [{ name: 'Extension Mobility' }], 'one remedy: the phone’s configuration')
  await change(({ devices, deviceProfiles }) => {
    devices.update(phone1, { phoneServices: [] })
    deviceProfiles.update('bob-profile', { phoneServices: ['Weather'] })
  })
  t.match(shown().phoneServices, [{ name: 'Weather' }], 'the other one: the user’s profile')
})

t.test('the user’s own locale comes before the profile’s, and that before the phone’s', async (t) => {
  const { shown, change } = await open(t)
  await change(({ devices }) => devices.update(phone1, { userLocale: 'German_Germany' }))
  await change(bobOnPhone1)
  t.match(shown(), { userLocale: 'German_Germany', mismatch: [] })
  await change(({ deviceProfiles }) => deviceProfiles.update('bob-profile', { userLocale: 'French_France' }))
  t.match(shown(), { userLocale: 'French_France', mismatch: ['userLocale'] })
  await change(({ endUsers }) => endUsers.update('bob', { userLocale: 'Danish_Denmark' }))
  t.match(shown(), { userLocale: 'Danish_Denmark', mismatch: ['userLocale'] })
})

t.test('A1.6 Locale: a locale or modules other than the phone’s are told, so that it resets', async (t) => {
  const { shown, change } = await open(t)
  await change(({ deviceProfiles }) => deviceProfiles.update('bob-profile', { userLocale: 'English_United_States' }))
  await change(bobOnPhone1)
  t.strictSame(shown().mismatch, [], 'the locale of the device pool is not another one than <None>')
  await change(({ deviceProfiles }) => {
    deviceProfiles.update('bob-profile', { userLocale: 'French_France', modules: ['Left'] })
  })
  t.strictSame(shown().mismatch, ['userLocale', 'modules'])
  await change(({ devices }) => devices.update(phone1, { modules: ['Left'] }))
  t.strictSame(shown().mismatch, ['userLocale'])
  await change(({ logins }) => logins.close(phone1))
  t.strictSame(shown().mismatch, [])
})

t.test('two logins in a row leave nothing of the first', async (t) => {
  const { shown, change } = await open(t)
  await change(bobOnPhone1)
  t.equal(shown().userId, 'bob')
  await change(({ logins }) => logins.open(login(phone1, 'alice')))
  t.match(shown(), { userId: 'alice', deviceProfile: 'alice-profile', lines: [{ dn: '2000001' }], speedDials: [] })
})

t.test('a login that is undone has never been shown', async (t) => {
  const { shown, change } = await open(t)
  const before = shown()
  await t.rejects(
    change((database) => {
      bobOnPhone1(database)
      t.equal(shown().userId, 'bob')
      throw new Error('no')
    }),
  )
  t.strictSame(shown(), before)
})

t.test('the version stamp is another one after each login, logout and change, and no other phone’s', async (t) => {
  const { shown, change, devices } = await open(t)
  const stamps = new Set<string>([shown().versionStamp])
  const other = devices.effective(phone2)?.versionStamp
  const works: readonly ((database: ClusterDatabase) => void)[] = [
    bobOnPhone1,
    bobOnPhone1,
    (database) => database.devices.stamp(phone1.toLowerCase()),
    (database) => database.deviceProfiles.update('bob-profile', { softkeyTemplate: 'Short' }),
    (database) => database.endUsers.update('bob', { userLocale: 'French_France' }),
    (database) => database.logins.close(phone1),
    (database) => database.devices.update(phone1, { description: 'lobby', logoutProfile: 'alice-profile' }),
    (database) => database.deviceProfiles.update('alice-profile', { softkeyTemplate: 'Short' }),
    bobOnPhone1,
    (database) => database.endUsers.remove('bob'),
    (database) => database.devices.update(phone1, { extensionMobility: false }),
    (database) => database.devices.stamp(phone1),
  ]
  for (const work of works) {
    await change(work)
    const { versionStamp } = shown()
    t.match(versionStamp, /^\d{10}-[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/u)
    t.notOk(stamps.has(versionStamp), String(work))
    stamps.add(versionStamp)
  }
  t.equal(devices.effective(phone2)?.versionStamp, other)
  for (const work of [
    (database: ClusterDatabase) => database.defaultDeviceProfiles.set('Cisco 8845', { privacy: 'On' }),
    (database: ClusterDatabase) => database.phoneServices.update('Extension Mobility', { url: 'http://c1/other' }),
  ]) {
    await change(work)
    t.notOk(stamps.has(shown().versionStamp), 'what reaches every phone renews every stamp')
    stamps.add(shown().versionStamp)
  }
  t.not(devices.effective(phone2)?.versionStamp, other)
})

t.test('a stamp outlives the process, and only an existing phone gets one, inside write', async (t) => {
  const { change, devices, sql } = await open(t)
  await change(bobOnPhone1)
  const row = sql.prepare('SELECT versionstamp FROM extensionmobilitydynamic WHERE fkenduser IS NOT NULL').get()
  t.equal(row?.['versionstamp'], devices.effective(phone1)?.versionStamp)
  await t.rejects(
    change((database) => database.devices.stamp('SEP000000019999')),
    { code: 'DATABASE_NOT_FOUND' },
  )
  t.throws(() => devices.stamp(phone1), { code: 'DATABASE_OUTSIDE_WRITE' })
})
