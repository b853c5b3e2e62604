import t from 'tap'
import { deviceSettingDefaults } from '../../../../services/database/device-settings.ts'
import { openPeopledDatabase } from '../fixtures/test-database.ts'

t.test('a model has one default device profile at most, and changes keep what they do not name', async (t) => {
  const { defaultDeviceProfiles, write } = await openPeopledDatabase(t)
  t.equal(defaultDeviceProfiles.find('Cisco 8845'), undefined)
  await write(() => defaultDeviceProfiles.set('Cisco 8845', { privacy: 'On', phoneServices: ['Extension Mobility'] }))
  await write(() => defaultDeviceProfiles.set('Cisco 8845', { softkeyTemplate: 'Short' }))
  await write(() => defaultDeviceProfiles.set('Cisco 7821', {}))
  const known = { ...deviceSettingDefaults, model: 'Cisco 8845', privacy: 'On', softkeyTemplate: 'Short' }
  t.strictSame({ ...defaultDeviceProfiles.find('Cisco 8845') }, { ...known, phoneServices: ['Extension Mobility'] })
  t.match(defaultDeviceProfiles.list(), [{ model: 'Cisco 7821', phoneServices: [] }, { model: 'Cisco 8845' }])
  t.equal(await write(() => defaultDeviceProfiles.remove('Cisco 7821')), true)
  t.equal(await write(() => defaultDeviceProfiles.remove('Cisco 7821')), false)
  t.equal(defaultDeviceProfiles.find('Cisco 7821'), undefined)
})

t.test('it is neither a phone nor a user device profile', async (t) => {
  const { defaultDeviceProfiles, devices, deviceProfiles, sql, write } = await openPeopledDatabase(t)
  const count = () => devices.list().length + deviceProfiles.list().length
  const before = count()
  await write(() => defaultDeviceProfiles.set('Cisco 8845', {}))
  t.equal(count(), before)
  const orphans = sql.prepare(
    `SELECT d.name FROM device d WHERE (0 = (SELECT COUNT(edm.pkid) FROM enduserdevicemap edm WHERE edm.fkdevice = d.pkid))
     AND d.tkclass = 254`,
  )
  t.strictSame(orphans.all(), [], 'nor does an administrator’s query for orphaned profiles find it')
})

t.test('an unknown service, a wrong setting and no model are refused, and nothing is left', async (t) => {
  const { defaultDeviceProfiles, write } = await openPeopledDatabase(t)
  await t.rejects(
    write(() => defaultDeviceProfiles.set('Cisco 8845', { phoneServices: ['Horoscope'] })),
    { code: 'DATABASE_UNKNOWN_REFERENCE', message: /default device profile of Cisco 8845.*"Horoscope"/u },
  )
  await t.rejects(
    write(() => defaultDeviceProfiles.set('Cisco 8845', { modules: ['1', '2', '3'] })),
    { code: 'DATABASE_INVALID' },
  )
  await t.rejects(
    write(() => defaultDeviceProfiles.set('', {})),
    { code: 'DATABASE_INVALID' },
  )
  t.strictSame(defaultDeviceProfiles.list(), [])
})
