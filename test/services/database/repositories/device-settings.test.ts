import t from 'tap'
import type { DeviceSettings } from '../../../../services/database/api.ts'
import {
  deviceSettingChoices,
  deviceSettingDefaults,
  settingsIn,
} from '../../../../services/database/device-settings.ts'
import { openPeopledDatabase, phone1, phone2 } from '../fixtures/test-database.ts'

/** Every setting at a value that is not its default. */
const unusual: DeviceSettings = {
  ...(Object.fromEntries(Object.entries(deviceSettingChoices).map(([name, values]) => [name, values.at(-1)])) as Pick<
    DeviceSettings,
    keyof typeof deviceSettingChoices
  >),
  userHoldMohAudioSource: '3-Jazz',
  userLocale: 'French_France',
  phoneButtonTemplate: 'Five lines',
  softkeyTemplate: 'Short',
  ignorePresentationIndicators: true,
  doNotDisturb: true,
  emccCallingSearchSpace: 'Everything',
  modules: ['Left', 'Right'],
  mlppDomain: 'Command',
}

async function open(test: Parameters<typeof openPeopledDatabase>[0]) {
  const database = await openPeopledDatabase(test)
  await database.write(() => database.dialPlan.insertCallingSearchSpace('Everything', []))
  return database
}

t.test('every setting is kept on a phone, on a device profile and on a default device profile', async (t) => {
  const { devices, deviceProfiles, defaultDeviceProfiles, write } = await open(t)
  t.strictSame(settingsIn(devices.find(phone1) ?? unusual), deviceSettingDefaults)
  const kept = await write(() => [
    devices.update(phone1, unusual),
    deviceProfiles.update('bob-profile', unusual),
    defaultDeviceProfiles.set('Cisco 8845', unusual),
    devices.insert({ name: 'SEP000000010003', ...unusual }),
    deviceProfiles.insert({ name: 'kally-profile', ...unusual }),
  ])
  for (const one of kept) t.strictSame(settingsIn(one), unusual)
  await write(() => devices.update(phone1, { description: 'lobby', modules: ['Left'] }))
  t.strictSame(settingsIn(devices.find(phone1) ?? unusual), { ...unusual, modules: ['Left'] })
})

for (const [name, values] of Object.entries(deviceSettingChoices)) {
  t.test(`${name} takes its documented values and no other`, async (t) => {
    const { devices, sql, write } = await open(t)
    for (const value of values) {
      const phone = await write(() => devices.update(phone1, { [name]: value }))
      t.equal(phone[name as keyof typeof deviceSettingChoices], value)
    }
    await t.rejects(
      write(() => devices.update(phone1, { [name]: 'Sometimes' })),
      { code: 'DATABASE_INVALID', message: new RegExp(`${phone1}: ${name} is one of: ${values[0]}`, 'u') },
    )
    t.equal(devices.find(phone1)?.[name as keyof typeof deviceSettingChoices], values.at(-1))
    const column = sql.prepare('SELECT name FROM pragma_table_info(?) WHERE lower(name) LIKE ?')
    t.ok(column.get('device', `rl_${name.toLowerCase().replace('voicemessage', 'vm')}`), 'in a column of its own')
  })
}

t.test('three modules, a nameless one and an unknown calling search space are refused', async (t) => {
  const { devices, write } = await open(t)
  const update = (changes: Partial<DeviceSettings>) => write(() => devices.update(phone1, changes))
  await t.rejects(update({ modules: ['1', '2', '3'] }), { code: 'DATABASE_INVALID', message: /one or two/u })
  await t.rejects(update({ modules: ['', '2'] }), { code: 'DATABASE_INVALID' })
  await t.rejects(update({ emccCallingSearchSpace: 'Nowhere' }), { code: 'DATABASE_UNKNOWN_REFERENCE' })
  t.strictSame(devices.find(phone1)?.modules, [])
})

t.test('what only a phone has is kept, and a log out profile must exist', async (t) => {
  const { devices, write } = await open(t)
  const members = {
    logoutProfile: 'bob-profile',
    addressingMode: 'IPv4 and IPv6',
    ipAddress: '2001:db8::7',
    securityMode: 'Encrypted',
    protectedDevice: true,
  } as const
  t.match(await write(() => devices.update(phone1, members)), members)
  t.match(devices.find(phone2), {
    logoutProfile: '',
    addressingMode: 'IPv4 Only',
    ipAddress: '',
    securityMode: 'Non Secure',
    protectedDevice: false,
  })
  await t.rejects(
    write(() => devices.update(phone1, { logoutProfile: 'ghost' })),
    { code: 'DATABASE_UNKNOWN_REFERENCE', message: /device profile "ghost"/u },
  )
})

t.test('a profile’s Login User ID is a user, and nobody once that one has gone', async (t) => {
  const { deviceProfiles, endUsers, write } = await open(t)
  await write(() => deviceProfiles.update('bob-profile', { loginUserId: 'ALICE' }))
  t.equal(deviceProfiles.find('bob-profile')?.loginUserId, 'alice')
  await t.rejects(
    write(() => deviceProfiles.update('bob-profile', { loginUserId: 'mallory' })),
    { code: 'DATABASE_UNKNOWN_REFERENCE', message: /"mallory"/u },
  )
  await write(() => endUsers.remove('alice'))
  t.equal(deviceProfiles.find('bob-profile')?.loginUserId, '')
})

t.test('speed dials and BLF speed dials are kept in the order of their buttons', async (t) => {
  const { deviceProfiles, devices, write } = await open(t)
  const first = { index: 1, number: '2000001', label: 'Alice' }
  const third = { index: 3, number: '3000001', label: '' }
  for (const list of ['speedDials', 'blfSpeedDials'] as const) {
    await write(() => {
      devices.update(phone1, { [list]: [third, first] })
      deviceProfiles.update('bob-profile', { [list]: [first] })
    })
    t.strictSame(devices.find(phone1)?.[list], [first, third])
    t.strictSame(deviceProfiles.find('bob-profile')?.[list], [first])
    await t.rejects(
      write(() => devices.update(phone1, { [list]: [first, { ...third, index: 1 }] })),
      { code: 'DATABASE_DUPLICATE' },
    )
    await write(() => devices.update(phone1, { description: 'lobby' }))
    t.strictSame(devices.find(phone1)?.[list], [first, third], 'what a change does not name stays')
    await write(() => devices.update(phone1, { [list]: [] }))
    t.strictSame(devices.find(phone1)?.[list], [])
  }
})

t.test('forwarding belongs to the number, wherever it appears, and goes with it', async (t) => {
  const { devices, deviceProfiles, sql, write } = await open(t)
  const forwarded = { forwardAll: '2000001', forwardAllCallingSearchSpace: 'Everything' }
  await write(() => devices.update(phone1, { lines: [{ dn: '1000001', ...forwarded }] }))
  t.match(deviceProfiles.find('bob-profile')?.lines, [forwarded])
  await write(() => deviceProfiles.update('bob-profile', { lines: [{ dn: '1000001' }] }))
  t.match(devices.find(phone1)?.lines, [forwarded], 'unless somebody says so it stays')
  await write(() => deviceProfiles.update('bob-profile', { lines: [{ dn: '1000001', forwardAll: '' }] }))
  t.match(devices.find(phone1)?.lines, [{ ...forwarded, forwardAll: '' }])
  const off = { forwardAll: '', forwardAllCallingSearchSpace: '' }
  await write(() => devices.update(phone1, { lines: [{ dn: '1000001', ...off }] }))
  t.match(deviceProfiles.find('bob-profile')?.lines, [off])
  t.equal(sql.prepare('SELECT count(*) AS rows FROM callforwarddynamic').get()?.['rows'], 0)
  await t.rejects(
    write(() => devices.update(phone1, { lines: [{ dn: '1', forwardAllCallingSearchSpace: 'Nowhere' }] })),
    { code: 'DATABASE_UNKNOWN_REFERENCE', message: /"Nowhere"/u },
  )
})
