import t from 'tap'
import type { IntercomLine } from '../../../../services/database/api.ts'
import { login, openPeopledDatabase, phone1, phone2 } from '../fixtures/test-database.ts'

function intercom(dn: string, defaultDevice = ''): IntercomLine {
  return { dn, partition: '', label: 'Front desk', target: '7002', defaultDevice }
}

t.test('A1.5 Intercom: the line of a profile is presented on its default device alone', async (t) => {
  const { devices, deviceProfiles, logins, write } = await openPeopledDatabase(t)
  const shown = (name: string) => devices.effective(name)?.intercomLines.map(({ dn }) => dn)
  await write(() => {
    deviceProfiles.update('bob-profile', { intercomLines: [intercom('7001', phone2.toLowerCase()), intercom('7003')] })
    logins.open(login(phone1, 'bob'))
  })
  t.strictSame(shown(phone1), [])
  await write(() => {
    logins.close(phone1)
    logins.open(login(phone2, 'bob'))
  })
  t.strictSame(shown(phone2), ['7001'], 'an unset default device presents it nowhere')
  t.equal(devices.effective(phone2)?.intercomLines[0]?.defaultDevice, phone2)
})

t.test('A1.5 Intercom: an empty default device becomes the current device at assignment', async (t) => {
  const { devices, deviceProfiles, logins, write } = await openPeopledDatabase(t)
  const assigned = (lines: readonly IntercomLine[] | undefined) => lines?.map(({ defaultDevice }) => defaultDevice)
  await write(() => devices.update(phone1, { intercomLines: [intercom('7001'), intercom('7003', phone2)] }))
  t.strictSame(assigned(devices.find(phone1)?.intercomLines), [phone1, phone2])
  await write(() => devices.insert({ name: 'SEP000000010003', intercomLines: [intercom('7001')] }))
  t.strictSame(assigned(devices.find('SEP000000010003')?.intercomLines), ['SEP000000010003'])

  await write(() => deviceProfiles.update('bob-profile', { intercomLines: [intercom('7001')] }))
  t.strictSame(assigned(deviceProfiles.find('bob-profile')?.intercomLines), [''], 'the profile is in use nowhere')
  await write(() => logins.open(login(phone2, 'bob')))
  await write(() => deviceProfiles.update('bob-profile', { intercomLines: [intercom('7001')] }))
  t.strictSame(assigned(deviceProfiles.find('bob-profile')?.intercomLines), [phone2])
})

t.test('A1.5 Intercom: deleting the default device unsets it', async (t) => {
  const { devices, deviceProfiles, write } = await openPeopledDatabase(t)
  await write(() => deviceProfiles.update('bob-profile', { intercomLines: [intercom('7001', phone2)] }))
  await write(() => devices.remove(phone2))
  t.match(deviceProfiles.find('bob-profile')?.intercomLines, [{ dn: '7001', defaultDevice: '' }])
})

t.test('an intercom line naming an unknown phone or partition, or a profile as its phone, is refused', async (t) => {
  const { devices, write } = await openPeopledDatabase(t)
  for (const wrong of [
    intercom('7001', 'SEP000000019999'),
    intercom('7001', 'bob-profile'),
    { ...intercom('7001'), partition: 'Nowhere' },
  ]) {
    await t.rejects(
      write(() => devices.update(phone1, { intercomLines: [wrong] })),
      { code: 'DATABASE_UNKNOWN_REFERENCE', message: /SEP000000010001, intercom line 7001/u },
    )
  }
  t.strictSame(devices.find(phone1)?.intercomLines, [])
})
