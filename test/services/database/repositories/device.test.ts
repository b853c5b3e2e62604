import t from 'tap'
import { login, openPeopledDatabase, openTestDatabase, phone1, phone2 } from '../fixtures/test-database.ts'

t.test('a new phone has what was given and defaults for the rest', async (t) => {
  const database = openTestDatabase(t)
  const phone = await database.write(() => database.devices.insert({ name: phone1, lines: [{ dn: '1000001' }] }))
  t.match(phone, {
    name: phone1,
    description: '',
    model: 'Cisco 8845',
    extensionMobility: false,
    owner: '',
    callingSearchSpace: '',
    devicePool: 'Default',
    phoneServices: [],
    answerMode: 'immediately',
    lines: [
      {
        index: 1,
        dn: '1000001',
        partition: '',
        label: '',
        display: '',
        callingSearchSpace: '',
        busyTrigger: 2,
        maxCalls: 4,
      },
    ],
  })
  t.strictSame(database.devices.find(phone1.toLowerCase()), phone)
  t.strictSame(database.devices.list(), [phone])
})

t.test('phones, profiles and trunks share one space of names', async (t) => {
  const database = await openPeopledDatabase(t)
  await database.write(() => database.dialPlan.insertTrunk({ name: 'to-cluster2', remoteCluster: 'cluster2', url: '' }))
  for (const [name, kind] of [
    [phone1.toLowerCase(), /phone named/u],
    ['bob-profile', /device profile named/u],
    ['TO-cluster2', /trunk named/u],
  ] as const) {
    const refusal = { code: 'DATABASE_DUPLICATE', message: kind }
    await t.rejects(
      database.write(() => database.devices.insert({ name })),
      refusal,
    )
    await t.rejects(
      database.write(() => database.deviceProfiles.insert({ name })),
      refusal,
    )
  }
  t.equal(database.devices.find('bob-profile'), undefined, 'a profile is no phone')
  t.equal(database.deviceProfiles.find(phone1), undefined, 'a phone is no profile')
})

t.test('changes replace what they name and keep the rest', async (t) => {
  const database = await openPeopledDatabase(t)
  await database.write(() => {
    database.dialPlan.insertPartition('Internal')
    database.dialPlan.insertCallingSearchSpace('Everything', ['Internal'])
  })
  const changes = {
    owner: 'bob',
    description: 'lobby',
    callingSearchSpace: 'Everything',
    devicePool: 'Branch',
    model: 'Cisco 7821',
    answerMode: 'never',
  } as const
  const before = database.devices.find(phone1)
  const after = await database.write(() => database.devices.update(phone1, changes))
  t.strictSame(after, { ...before, ...changes })
  await database.write(() => database.devices.update(phone1, { phoneServices: [] }))
  t.strictSame(database.devices.find(phone1)?.phoneServices, [])
  await t.rejects(
    database.write(() => database.devices.update('SEP000000019999', {})),
    { code: 'DATABASE_NOT_FOUND' },
  )
})

t.test('references to what is not there are refused by name, and nothing changes', async (t) => {
  const database = await openPeopledDatabase(t)
  const before = database.devices.find(phone1)
  for (const [changes, named] of [
    [{ owner: 'mallory' }, /device SEP000000010001.*end user "mallory"/u],
    [{ callingSearchSpace: 'Nowhere' }, /calling search space "Nowhere"/u],
    [{ phoneServices: ['Weather'] }, /phone service "Weather"/u],
    [{ lines: [{ dn: '1', partition: 'Nowhere' }] }, /line 1.*partition "Nowhere"/u],
    [{ lines: [{ dn: '1', callingSearchSpace: 'Nowhere' }] }, /line 1.*calling search space "Nowhere"/u],
  ] as const) {
    await t.rejects(
      database.write(() => database.devices.update(phone1, { description: 'changed', ...changes })),
      { code: 'DATABASE_UNKNOWN_REFERENCE', message: named },
    )
  }
  t.strictSame(database.devices.find(phone1), before)
})

t.test('a button or a number twice on one phone is refused, and so is button 0', async (t) => {
  const database = await openPeopledDatabase(t)
  const update = (...lines: { dn: string; index?: number }[]) =>
    database.write(() => database.devices.update(phone1, { lines }))
  await t.rejects(update({ dn: '1' }, { dn: '2', index: 1 }), {
    code: 'DATABASE_DUPLICATE',
    message: /button is taken/u,
  })
  await t.rejects(update({ dn: '1' }, { dn: '1' }), { code: 'DATABASE_DUPLICATE', message: /number is on button 1/u })
  await t.rejects(update({ dn: '1', index: 0 }), { code: 'DATABASE_INVALID' })
  await update({ dn: '1', index: 3 }, { dn: '2' }, { dn: '3', index: 1 })
  t.strictSame(
    database.devices.find(phone1)?.lines.map(({ index, dn }) => [index, dn]),
    [
      [1, '3'],
      [3, '1'],
      [4, '2'],
    ],
  )
})

t.test('a phone has a row of logins exactly while Extension Mobility is enabled', async (t) => {
  const database = await openPeopledDatabase(t)
  const count = () => database.sql.prepare('select count(*) as phones from extensionmobilitydynamic').get()?.['phones']
  t.equal(count(), 2)
  await database.write(() => {
    database.logins.open(login(phone1, 'bob'))
    database.devices.update(phone1, { description: 'still logged in' })
  })
  t.equal(database.logins.on(phone1)?.userId, 'bob')
  await database.write(() => database.devices.update(phone1, { extensionMobility: false }))
  t.equal(count(), 1)
  t.equal(database.logins.on(phone1), undefined)
  t.strictSame(database.logins.of('bob'), [])
})

t.test('a removed phone ends its login and leaves no row behind', async (t) => {
  const database = await openPeopledDatabase(t)
  await database.write(() => {
    database.devices.update(phone1, { lines: [{ dn: '5551' }] })
    database.logins.open(login(phone1, 'bob'))
  })
  t.equal(await database.write(() => database.devices.remove(phone1)), true)
  t.strictSame(database.logins.of('bob'), [])
  t.strictSame(database.lines.find('5551'), [])
  t.strictSame(
    database.devices.list().map(({ name }) => name),
    [phone2],
  )
  for (const table of ['devicenumplanmap', 'telecastersubscribedservice', 'extensionmobilitydynamic']) {
    const count = database.sql.prepare(
      `SELECT count(*) AS rows FROM ${table} WHERE fkdevice NOT IN (SELECT pkid FROM device)`,
    )
    t.equal(count.get()?.['rows'], 0, table)
  }
  t.equal(await database.write(() => database.devices.remove(phone1)), false)
})

t.test('version stamps of phones are read by name, a page at a time', async (t) => {
  const database = await openPeopledDatabase(t)
  const { devices } = database
  const stampOf = (name: string) => ({ name, versionStamp: devices.effective(name)?.versionStamp })
  t.same(devices.versionStamps('', 10), [stampOf(phone1), stampOf(phone2)])
  t.same(devices.versionStamps('', 1), [stampOf(phone1)])
  t.same(devices.versionStamps(phone1.toLowerCase(), 10), [stampOf(phone2)], 'names compare without regard to case')
  const before = devices.versionStamps('', 1)
  await database.write(() => database.logins.open(login(phone1, 'bob')))
  t.same(devices.versionStamps('', 1), [stampOf(phone1)], 'that of the login')
  t.notSame(devices.versionStamps('', 1), before)
})
