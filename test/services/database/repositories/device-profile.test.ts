import t from 'tap'
import { login, openPeopledDatabase, phone1 } from '../fixtures/test-database.ts'

t.test('a profile is a row of class 254 with its lines and services', async (t) => {
  const database = await openPeopledDatabase(t)
  const profile = await database.write(() =>
    database.deviceProfiles.insert({
      name: 'kally-profile',
      description: 'roaming',
      model: 'Cisco 7821',
      phoneServices: ['Extension Mobility'],
      lines: [{ dn: '3000001', label: 'Kally', display: 'Kally Karr', busyTrigger: 1, maxCalls: 2 }],
    }),
  )
  t.match(profile, {
    model: 'Cisco 7821',
    phoneServices: ['Extension Mobility'],
    lines: [{ label: 'Kally', maxCalls: 2 }],
  })
  t.strictSame(database.deviceProfiles.find('KALLY-profile'), profile)
  const row = database.sql.prepare(`SELECT tkclass, tkdeviceprofile, tkmodel FROM device WHERE name = 'kally-profile'`)
  t.strictSame({ ...row.get() }, { tkclass: 254, tkdeviceprofile: 1, tkmodel: 621 })
})

t.test('changed lines are what the phone shows while the profile is logged in', async (t) => {
  const database = await openPeopledDatabase(t)
  await database.write(() => database.logins.open(login(phone1, 'bob')))
  await database.write(() => database.deviceProfiles.update('bob-profile', { lines: [{ dn: '1000002' }] }))
  t.match(database.lines.effective(phone1), [{ index: 1, dn: '1000002' }])
})

t.test('an unknown profile cannot be changed or removed', async (t) => {
  const database = await openPeopledDatabase(t)
  await t.rejects(
    database.write(() => database.deviceProfiles.update('ghost', {})),
    { code: 'DATABASE_NOT_FOUND', message: /ghost/u },
  )
  t.equal(await database.write(() => database.deviceProfiles.remove('ghost')), false)
  t.equal(await database.write(() => database.deviceProfiles.remove(phone1)), false, 'a phone is no profile')
})

t.test('a removed profile ends its logins and is taken from its users', async (t) => {
  const database = await openPeopledDatabase(t)
  await database.write(() => {
    database.endUsers.update('bob', { defaultProfile: 'bob-profile' })
    database.logins.open(login(phone1, 'bob'))
  })
  t.equal(await database.write(() => database.deviceProfiles.remove('bob-profile')), true)
  t.equal(database.logins.on(phone1), undefined)
  t.equal(database.logins.lastUser(phone1), 'bob')
  t.match(database.endUsers.find('bob'), { deviceProfiles: [], defaultProfile: '' })
  t.strictSame(database.lines.effective(phone1), [])
})
