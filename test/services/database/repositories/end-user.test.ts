import t from 'tap'
import { superUsersGroup } from '../../../../services/database/api.ts'
import { login, openPeopledDatabase, openTestDatabase, phone1, phone2 } from '../fixtures/test-database.ts'

t.test('a new user has what was given and defaults for the rest', async (t) => {
  const database = openTestDatabase(t)
  const kally = await database.write(() => database.endUsers.insert({ userId: 'kally', lastName: 'Karr' }))
  t.match(kally, {
    userId: 'kally',
    firstName: '',
    lastName: 'Karr',
    displayName: '',
    homeCluster: true,
    primaryExtension: '',
    selfServiceUserId: '',
    deviceProfiles: [],
    defaultProfile: '',
    groups: [],
    superuser: false,
  })
  t.match(kally.pkid, /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/u)
  t.ok(Object.isFrozen(kally))
})

t.test('user IDs compare without regard to case, and only for letters A to Z', async (t) => {
  const database = await openPeopledDatabase(t)
  t.equal(database.endUsers.find('BoB')?.userId, 'bob')
  await database.write(() => database.endUsers.insert({ userId: 'Ärger', lastName: 'x' }))
  t.ok(database.endUsers.find('Ärger'))
  t.equal(database.endUsers.find('ärger'), undefined)
  t.equal(database.endUsers.find('ÄRGER')?.userId, 'Ärger')
  await t.rejects(
    database.write(() => database.endUsers.insert({ userId: 'BOB', lastName: 'x' })),
    { code: 'DATABASE_DUPLICATE', message: /"BOB"/u },
  )
})

t.test('a user without an ID is refused', async (t) => {
  const database = openTestDatabase(t)
  await t.rejects(
    database.write(() => database.endUsers.insert({ userId: '', lastName: 'x' })),
    { code: 'DATABASE_INVALID' },
  )
})

t.test('changes replace what they name and keep the rest', async (t) => {
  const database = await openPeopledDatabase(t)
  const before = database.endUsers.find('bob')
  const after = await database.write(() => database.endUsers.update('BOB', { firstName: 'Bob', homeCluster: false }))
  t.strictSame(after, { ...before, firstName: 'Bob', homeCluster: false })
  t.strictSame(database.endUsers.find('bob'), after)
  await t.rejects(
    database.write(() => database.endUsers.update('mallory', {})),
    { code: 'DATABASE_NOT_FOUND', message: /mallory/u },
  )
})

t.test('device profiles keep the order in which they were associated', async (t) => {
  const database = await openPeopledDatabase(t)
  const deviceProfiles = ['bob-profile', 'alice-profile']
  await database.write(() => database.endUsers.update('bob', { deviceProfiles, defaultProfile: 'alice-profile' }))
  t.match(database.endUsers.find('bob'), { deviceProfiles, defaultProfile: 'alice-profile' })
  const turned = deviceProfiles.toReversed()
  await database.write(() => database.endUsers.update('bob', { deviceProfiles: turned }))
  t.match(database.endUsers.find('bob'), { deviceProfiles: turned, defaultProfile: 'alice-profile' })
  await database.write(() => database.endUsers.update('bob', { deviceProfiles: ['bob-profile'] }))
  t.match(database.endUsers.find('bob'), { deviceProfiles: ['bob-profile'], defaultProfile: '' })
})

t.test('references to what is not there are refused by name, and nothing changes', async (t) => {
  const database = await openPeopledDatabase(t)
  const before = database.endUsers.find('bob')
  for (const [changes, named] of [
    [{ deviceProfiles: ['bob-profile', 'ghost-profile'] }, /end user bob.*device profile "ghost-profile"/u],
    [{ deviceProfiles: [phone1] }, /device profile "SEP000000010001"/u],
    [{ defaultProfile: 'ghost-profile' }, /ghost-profile/u],
    [{ defaultProfile: 'alice-profile' }, /"alice-profile" is not among/u],
    [{ groups: ['Standard Ghosts'] }, /access control group "Standard Ghosts"/u],
  ] as const) {
    await t.rejects(
      database.write(() => database.endUsers.update('bob', changes)),
      { code: 'DATABASE_UNKNOWN_REFERENCE', message: named },
    )
  }
  t.strictSame(database.endUsers.find('bob'), before)
})

t.test('members of the roaming group are superusers', async (t) => {
  const database = await openPeopledDatabase(t)
  await database.write(() => database.endUsers.update('bob', { groups: [superUsersGroup] }))
  t.equal(database.endUsers.find('bob')?.superuser, true)
  t.strictSame(
    database.endUsers.superusers().map(({ userId }) => userId),
    ['bob'],
  )
  await database.write(() => database.accessControlGroups.removeMember(superUsersGroup, 'bob'))
  t.equal(database.endUsers.find('bob')?.superuser, false)
})

t.test('users are found by their primary extension, all of them', async (t) => {
  const database = await openPeopledDatabase(t)
  const users = (dn: string) => database.endUsers.findByPrimaryExtension(dn).map(({ userId }) => userId)
  t.strictSame(users('1000001'), ['bob'])
  await database.write(() => database.endUsers.update('alice', { primaryExtension: '1000001' }))
  t.strictSame(users('1000001'), ['alice', 'bob'])
  await database.write(() => database.endUsers.update('alice', { primaryExtension: '' }))
  t.strictSame(users('1000001'), ['bob'])
})

t.test('a primary extension that nothing carries is kept as an unassigned number until nobody has it', async (t) => {
  const database = await openPeopledDatabase(t)
  await database.write(() => database.endUsers.update('bob', { primaryExtension: '1000009' }))
  t.match(database.lines.find('1000009'), [{ dn: '1000009', devices: [], deviceProfiles: [] }])
  await database.write(() => database.endUsers.update('bob', { primaryExtension: '1000001' }))
  t.strictSame(database.lines.find('1000009'), [])
})

t.test('a primary extension means the number on the own profile where several partitions have it', async (t) => {
  const database = await openPeopledDatabase(t)
  await database.write(() => {
    database.dialPlan.insertPartition('Internal')
    database.deviceProfiles.insert({ name: 'kally-profile', lines: [{ dn: '1000001', partition: 'Internal' }] })
    const kally = { userId: 'kally', lastName: 'x', deviceProfiles: ['kally-profile'], primaryExtension: '1000001' }
    database.endUsers.insert(kally)
  })
  const partition = database.sql
    .prepare(
      `SELECT p.name FROM endusernumplanmap x JOIN enduser u ON u.pkid = x.fkenduser JOIN numplan n ON n.pkid = x.fknumplan
       JOIN routepartition p ON p.pkid = n.fkroutepartition WHERE u.userid = 'kally'`,
    )
    .get()
  t.equal(partition?.['name'], 'Internal')
})

t.test('self-service user IDs are unique and found', async (t) => {
  const database = await openPeopledDatabase(t)
  await database.write(() => database.endUsers.update('bob', { selfServiceUserId: '777' }))
  t.equal(database.endUsers.findBySelfServiceUserId('777')?.userId, 'bob')
  t.equal(database.endUsers.findBySelfServiceUserId(''), undefined)
  await t.rejects(
    database.write(() => database.endUsers.update('alice', { selfServiceUserId: '777' })),
    { code: 'DATABASE_DUPLICATE', message: /bob has self-service user ID 777/u },
  )
  await database.write(() => database.endUsers.update('bob', { selfServiceUserId: '777', firstName: 'Bob' }))
})

t.test('a removed user is gone from logins, phones, groups and credentials', async (t) => {
  const database = await openPeopledDatabase(t)
  await database.write(() => {
    database.endUsers.update('bob', { groups: [superUsersGroup] })
    database.credentials.set('bob', 'PIN', { hash: 'h', changedAt: 1 })
    database.devices.update(phone2, { owner: 'bob' })
    database.logins.open(login(phone1, 'bob'))
  })
  t.equal(await database.write(() => database.endUsers.remove('Bob')), true)
  t.equal(database.endUsers.find('bob'), undefined)
  t.equal(database.logins.on(phone1), undefined)
  t.strictSame(database.logins.of('bob'), [])
  t.equal(database.logins.lastUser(phone1), '')
  t.equal(database.devices.find(phone2)?.owner, '')
  t.strictSame(database.accessControlGroups.find(superUsersGroup)?.members, [])
  t.equal(database.credentials.find('bob', 'PIN'), undefined)
  t.match(database.lines.find('1000001'), [{ deviceProfiles: ['bob-profile'] }], 'the profile keeps its number')
  for (const table of ['enduserdevicemap', 'endusernumplanmap', 'enduserdirgroupmap']) {
    const count = database.sql.prepare(
      `SELECT count(*) AS rows FROM ${table} WHERE fkenduser NOT IN (SELECT pkid FROM enduser)`,
    )
    t.equal(count.get()?.['rows'], 0, table)
  }
  t.equal(await database.write(() => database.endUsers.remove('bob')), false)
})
