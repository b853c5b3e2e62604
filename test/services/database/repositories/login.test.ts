import t from 'tap'
import { login, noon, openPeopledDatabase, phone1, phone2 } from '../fixtures/test-database.ts'

t.test('a login is seen from the phone and from the user, in any spelling', async (t) => {
  const database = await openPeopledDatabase(t)
  t.equal(database.logins.on(phone1), undefined)
  t.strictSame(database.logins.of('bob'), [])
  const spelled = { ...login(phone1.toLowerCase(), 'BOB'), deviceProfile: 'Bob-Profile' }
  await database.write(() => database.logins.open(spelled))
  const kept = login(phone1, 'bob')
  t.strictSame(database.logins.on(phone1.toLowerCase()), kept)
  t.strictSame(database.logins.of('Bob'), [kept])
  t.strictSame(database.logins.list(), [kept])
  t.equal(database.logins.lastUser(phone1), '', 'nobody was here before')
})

t.test('the row has the vendor’s seconds and our milliseconds, and keeps the last user', async (t) => {
  const database = await openPeopledDatabase(t)
  const row = () => {
    const text = `SELECT e.*, d.name FROM extensionmobilitydynamic e JOIN device d ON d.pkid = e.fkdevice WHERE d.name = ?`
    return { ...database.sql.prepare(text).get(phone1) }
  }
  const bob = database.endUsers.find('bob')?.pkid
  t.match(row(), { fkenduser: null, fkenduser_lastlogin: null, logintime: null, loginduration: null })
  t.equal(row()['pkid'], row()['fkdevice'])
  await database.write(() => database.logins.open({ ...login(phone1, 'bob'), loginDuration: 36_000 }))
  t.match(row(), {
    fkenduser: bob,
    fkenduser_lastlogin: null,
    fkdevice_currentloginprofile: database.deviceProfiles.find('bob-profile')?.pkid,
    logintime: Math.floor(noon / 1000),
    rl_logintimems: noon,
    loginduration: 36_000,
    datetimestamp: Math.floor(noon / 1000),
  })
  await database.write(() => database.logins.close(phone1))
  t.match(row(), {
    fkenduser: null,
    fkenduser_lastlogin: bob,
    fkdevice_currentloginprofile: null,
    logintime: null,
    loginduration: null,
  })
  t.equal(database.logins.lastUser(phone1), 'bob')
})

t.test('a user’s logins are listed in their order, and each ends alone', async (t) => {
  const database = await openPeopledDatabase(t)
  await database.write(() => database.logins.open(login(phone2, 'bob')))
  await database.write(() => database.logins.open({ ...login(phone1, 'bob'), loginTime: noon + 1 }))
  const phones = () => database.logins.of('bob').map(({ deviceName }) => deviceName)
  t.strictSame(phones(), [phone2, phone1])
  await database.write(() => database.logins.close(phone2))
  t.strictSame(phones(), [phone1])
  t.strictSame(
    database.logins.list().map(({ deviceName }) => deviceName),
    [phone1],
  )
})

t.test('a login on a phone in use replaces the one before', async (t) => {
  const database = await openPeopledDatabase(t)
  await database.write(() => database.logins.open(login(phone1, 'bob')))
  t.equal(database.logins.of('bob').length, 1)
  await database.write(() => database.logins.open(login(phone1, 'alice')))
  t.strictSame(database.logins.of('bob'), [])
  t.equal(database.logins.of('alice').length, 1)
  t.equal(database.logins.lastUser(phone1), 'bob')
  await database.write(() => database.logins.open(login(phone1, 'alice')))
  t.equal(database.logins.lastUser(phone1), 'bob', 'who logs in again has not been here before themselves')
})

t.test('a login naming something unknown, or on a phone without Extension Mobility, is refused', async (t) => {
  const database = await openPeopledDatabase(t)
  await database.write(() => database.devices.insert({ name: 'SEP000000010003' }))
  const refuses = (wrong: Partial<ReturnType<typeof login>>, code: string, message: RegExp) =>
    t.rejects(
      database.write(() => database.logins.open({ ...login(phone1, 'bob'), ...wrong })),
      { code, message },
    )
  await refuses({ deviceName: 'SEP000000019999' }, 'DATABASE_UNKNOWN_REFERENCE', /device "SEP000000019999"/u)
  await refuses({ userId: 'mallory' }, 'DATABASE_UNKNOWN_REFERENCE', /end user "mallory"/u)
  await refuses({ deviceProfile: phone2 }, 'DATABASE_UNKNOWN_REFERENCE', /device profile "SEP000000010002"/u)
  await refuses({ deviceName: 'SEP000000010003' }, 'DATABASE_NOT_FOUND', /not enabled on SEP000000010003/u)
  t.strictSame(database.logins.list(), [])
})

t.test('closing where nobody is logged in, or on no phone at all, does nothing', async (t) => {
  const database = await openPeopledDatabase(t)
  await database.write(() => {
    database.logins.close(phone1)
    database.logins.close('SEP000000019999')
  })
  t.equal(database.logins.on('SEP000000019999'), undefined)
  t.equal(database.logins.lastUser('SEP000000019999'), '')
  t.strictSame(database.logins.of('mallory'), [])
})
