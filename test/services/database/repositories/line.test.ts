import t from 'tap'
import { login, openPeopledDatabase, phone1, phone2 } from '../fixtures/test-database.ts'

t.test('one number on several phones and profiles is one row', async (t) => {
  const database = await openPeopledDatabase(t)
  await database.write(() => {
    database.devices.update(phone2, { lines: [{ dn: '1000001' }] })
    database.devices.update(phone1, { lines: [{ dn: '1000001', label: 'Bob' }] })
  })
  t.match(database.lines.find('1000001'), [
    { dn: '1000001', partition: '', devices: [phone1, phone2], deviceProfiles: ['bob-profile'] },
  ])
  t.equal(database.lines.find('1000001').length, 1)
  t.equal(database.devices.find(phone1)?.lines[0]?.label, 'Bob')
  t.equal(database.devices.find(phone2)?.lines[0]?.label, '', 'a label belongs to the appearance')
})

t.test('the same digits in another partition are another number', async (t) => {
  const database = await openPeopledDatabase(t)
  await database.write(() => {
    database.dialPlan.insertPartition('Internal')
    database.devices.update(phone1, { lines: [{ dn: '1000001', partition: 'Internal' }] })
  })
  t.match(database.lines.find('1000001'), [
    { partition: '', devices: [], deviceProfiles: ['bob-profile'] },
    { partition: 'Internal', devices: [phone1], deviceProfiles: [] },
  ])
  t.same(
    database.lines.list().map(({ dn, partition }) => `${dn} ${partition}`),
    ['1000001 ', '1000001 Internal', '2000001 '],
  )
})

t.test('the calling search space belongs to the number, wherever it appears', async (t) => {
  const database = await openPeopledDatabase(t)
  await database.write(() => {
    database.dialPlan.insertPartition('Internal')
    database.dialPlan.insertCallingSearchSpace('Everything', ['Internal'])
    database.devices.update(phone1, { lines: [{ dn: '1000001', callingSearchSpace: 'Everything' }] })
  })
  t.equal(database.deviceProfiles.find('bob-profile')?.lines[0]?.callingSearchSpace, 'Everything')
  await database.write(() => database.devices.update(phone2, { lines: [{ dn: '1000001' }] }))
  t.equal(database.devices.find(phone2)?.lines[0]?.callingSearchSpace, 'Everything', 'unless somebody says so it stays')
})

t.test('a number goes with its last appearance and keeps its row while another is left', async (t) => {
  const database = await openPeopledDatabase(t)
  await database.write(() => database.devices.update(phone1, { lines: [{ dn: '5551' }] }))
  const [number] = database.lines.find('5551')
  await database.write(() => {
    database.devices.update(phone2, { lines: [{ dn: '5551' }] })
    database.devices.update(phone1, { lines: [{ dn: '5552' }] })
  })
  t.equal(database.lines.find('5551')[0]?.pkid, number?.pkid)
  await database.write(() => database.devices.update(phone2, { lines: [] }))
  t.strictSame(database.lines.find('5551'), [])
})

t.test('a phone shows its own lines, and the profile’s while somebody is logged in', async (t) => {
  const database = await openPeopledDatabase(t)
  const shown = () => database.lines.effective(phone1).map(({ dn }) => dn)
  await database.write(() => database.devices.update(phone1, { lines: [{ dn: '5551' }] }))
  t.strictSame(shown(), ['5551'])
  await database.write(() => database.logins.open(login(phone1, 'bob')))
  t.strictSame(shown(), ['1000001'])
  await database.write(() => database.logins.close(phone1))
  t.strictSame(shown(), ['5551'])
  t.strictSame(database.lines.effective('SEP000000019999'), [])
})

t.test('a route pattern’s digits cannot be a directory number of the same partition', async (t) => {
  const database = await openPeopledDatabase(t)
  await database.write(() => {
    database.dialPlan.insertTrunk({ name: 'to-cluster2', remoteCluster: 'cluster2', url: '' })
    database.dialPlan.insertRoutePattern({ pattern: '9', partition: '', trunk: 'to-cluster2' })
  })
  await t.rejects(
    database.write(() => database.devices.update(phone1, { lines: [{ dn: '9' }] })),
    { code: 'DATABASE_DUPLICATE', message: /9 is a route pattern/u },
  )
  t.strictSame(database.lines.find('9'), [], 'a route pattern is no directory number')
})

t.test(
  'a number is looked for on the phones that may show it: their own, and those with a profile that carries it',
  async (t) => {
    const database = await openPeopledDatabase(t)
    t.strictSame(database.lines.shownOn('1000001'), [])
    await database.write(() => {
      database.devices.insert({ name: 'SEP000000010003', lines: [{ dn: '1000001' }] })
      database.devices.insert({ name: 'SEP000000010004', logoutProfile: 'bob-profile' })
      database.logins.open(login(phone1, 'bob'))
      database.logins.open(login(phone2, 'alice'))
    })
    t.strictSame(database.lines.shownOn('1000001').toSorted(), [phone1, 'SEP000000010003', 'SEP000000010004'])
    await database.write(() => database.logins.close(phone1))
    t.strictSame(database.lines.shownOn('1000001').toSorted(), ['SEP000000010003', 'SEP000000010004'])
    t.strictSame(database.lines.shownOn('7'), [])
  },
)
