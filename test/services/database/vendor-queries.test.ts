// Queries that administrators run, word for word apart from the values they look for.
import t from 'tap'
import { login, noon, openPeopledDatabase, phone1, phone2 } from './fixtures/test-database.ts'

async function openQueried(test: Parameters<typeof openPeopledDatabase>[0]) {
  const database = await openPeopledDatabase(test)
  await database.write(() => {
    database.logins.open(login(phone2, 'alice'))
    database.logins.close(phone2)
    database.logins.open({ ...login(phone1, 'bob'), loginDuration: 36_000 })
  })
  const query = (text: string) =>
    database.sql
      .prepare(text)
      .all()
      .map((row) => ({ ...row }))
  return { database, query }
}

t.test('who is logged in where, and which phones are logged out', async (t) => {
  const { query } = await openQueried(t)
  const rows = query(
    `select d.name as devicename,p.name as profile,eu.userid as user from extensionmobilitydynamic emd
     left join device d on emd.fkdevice=d.pkid left join device p on emd.fkdevice_currentloginprofile=p.pkid
     left join enduser eu on emd.fkenduser=eu.pkid order by devicename`,
  )
  t.strictSame(rows, [
    { devicename: phone1, profile: 'bob-profile', user: 'bob' },
    { devicename: phone2, profile: null, user: null },
  ])
})

t.test('logins by comma joins', async (t) => {
  const { query } = await openQueried(t)
  const rows = query(
    `select u.userid as userid,p.name as profile,d.name as device from enduser u,device p,device d,extensionmobilitydynamic em
     where em.fkdevice=d.pkid and em.fkdevice_currentloginprofile=p.pkid and em.fkenduser=u.pkid`,
  )
  t.strictSame(rows, [{ userid: 'bob', profile: 'bob-profile', device: phone1 }])
})

t.test('phones where a user was the last', async (t) => {
  const { query } = await openQueried(t)
  const rows = query(
    `select distinct d.name as device from enduser u,device d,extensionmobilitydynamic em
     where em.fkdevice=d.pkid and em.fkenduser_lastlogin=u.pkid and u.userid='alice'`,
  )
  t.strictSame(rows, [{ device: phone2 }])
})

t.test('the login of one phone by its pkid', async (t) => {
  const { database, query } = await openQueried(t)
  const rows = query(
    `SELECT u.userid, dp.name deviceprofilename, d.loginduration, d.logintime FROM extensionmobilitydynamic d
     JOIN enduser u ON d.fkenduser = u.pkid JOIN device dp ON d.fkdevice_currentloginprofile = dp.pkid
     WHERE d.fkdevice = '${database.devices.find(phone1)?.pkid}'`,
  )
  const logintime = Math.floor(noon / 1000)
  t.strictSame(rows, [{ userid: 'bob', deviceprofilename: 'bob-profile', loginduration: 36_000, logintime }])
})

t.test('the phone and user of a device profile, in mixed case', async (t) => {
  const { query } = await openQueried(t)
  const rows = query(
    `SELECT D2.name phone, E.userid FROM device D1 JOIN extensionmobilitydynamic EMD ON EMD.fkDevice_CurrentLoginProfile = D1.pkid
     JOIN device D2 ON D2.pkid = EMD.fkDevice JOIN enduser E ON E.pkid = EMD.fkEnduser WHERE D1.name = 'bob-profile'`,
  )
  t.strictSame(rows, [{ phone: phone1, userid: 'bob' }])
})

t.test('how many phones have Extension Mobility, and which', async (t) => {
  const { query } = await openQueried(t)
  t.strictSame(query('select count(*) from extensionmobilitydynamic'), [{ 'count(*)': 2 }])
  const rows = query(
    'select dv.name from extensionmobilitydynamic emd inner join device dv on emd.fkdevice = dv.pkid order by dv.name',
  )
  t.strictSame(rows, [{ name: phone1 }, { name: phone2 }])
})

t.test('device profiles that nobody has', async (t) => {
  const { database, query } = await openQueried(t)
  await database.write(() => database.deviceProfiles.insert({ name: 'orphan' }))
  const rows = query(
    `SELECT d.name FROM device d WHERE (0 = (SELECT COUNT(edm.pkid) FROM enduserdevicemap edm WHERE edm.fkdevice = d.pkid))
     AND d.tkclass = 254`,
  )
  t.strictSame(rows, [{ name: 'orphan' }])
})

t.test('phones with Extension Mobility that are not subscribed to its service', async (t) => {
  const { database, query } = await openQueried(t)
  await database.write(() => database.devices.update(phone2, { phoneServices: [] }))
  const rows = query(
    `SELECT d.name FROM device d WHERE d.allowhotelingflag = 't' AND (0 = (SELECT COUNT(s.pkid)
     FROM telecastersubscribedservice s WHERE s.fkdevice = d.pkid AND s.servicename = 'Extension Mobility'))`,
  )
  t.strictSame(rows, [{ name: phone2 }])
})

t.test('device, model and pool of those who are logged in', async (t) => {
  const { query } = await openQueried(t)
  const rows = query(
    `SELECT dp.name AS devicepool, tm.name AS devicetype, eu.userid AS userid, d.name AS devicename
     FROM extensionmobilitydynamic emd INNER JOIN enduser eu on emd.fkenduser=eu.pkid
     INNER JOIN device d on emd.fkdevice=d.pkid INNER JOIN typemodel tm on d.tkmodel=tm.enum
     INNER JOIN devicepool dp on d.fkdevicepool=dp.pkid ORDER BY dp.name,tm.name,eu.userid,d.name`,
  )
  t.strictSame(rows, [{ devicepool: 'Default', devicetype: 'Cisco 8845', userid: 'bob', devicename: phone1 }])
})
