import t from 'tap'
import { Value } from 'typebox/value'
import { superUsersGroup } from '../../../services/database/api.ts'
import { applySeed, ClusterSeed, createCredentialHasher, isNew } from '../../../services/database/index.ts'
import { noon, openTestDatabase, phone1, phone2 } from './fixtures/test-database.ts'

const hasher = createCredentialHasher({ pepper: Buffer.from('pepper'), memoryKiB: 8, passes: 1 })

const seed: ClusterSeed = {
  partitions: ['Internal'],
  callingSearchSpaces: [{ name: 'Everything', partitions: ['Internal'] }],
  trunks: [{ name: 'to-cluster2', remoteCluster: 'cluster2' }],
  routePatterns: [{ pattern: '2XXXXXX', trunk: 'to-cluster2' }],
  phoneServices: [{ name: 'Extension Mobility', url: 'http://c1/emapp' }],
  deviceProfiles: [{ name: 'bob-profile', lines: [{ dn: '1000-001', callingSearchSpace: 'Everything' }] }],
  users: [
    {
      userId: 'bob',
      pin: '12345',
      firstName: 'Bob',
      lastName: 'Baker',
      primaryExtension: '1000-001',
      deviceProfiles: ['bob-profile'],
      defaultProfile: 'bob-profile',
      superuser: true,
    },
    { userId: 'kally', pin: '34567', homeCluster: false },
  ],
  phones: [
    { name: phone1, extensionMobility: true, owner: 'bob', phoneServices: ['Extension Mobility'], loggedIn: 'bob' },
    { name: phone2, lines: [{ dn: '1000 (002)' }] },
  ],
  serviceParameters: [{ service: 'Cisco Extension Mobility', name: 'Multiple Login Behavior', value: 'Auto Logout' }],
}

t.test('a seed fills a new database once', async (t) => {
  const database = openTestDatabase(t)
  t.equal(isNew(database), true)
  t.ok(Value.Check(ClusterSeed, seed))
  await applySeed(database, hasher, seed, noon)
  t.equal(isNew(database), false)
  t.match(database.endUsers.find('bob'), {
    displayName: 'Bob Baker',
    primaryExtension: '1000001',
    defaultProfile: 'bob-profile',
    groups: ['Standard CCM End Users', superUsersGroup],
    superuser: true,
    homeCluster: true,
  })
  t.match(database.endUsers.find('kally'), {
    lastName: 'kally',
    displayName: 'kally',
    superuser: false,
    homeCluster: false,
  })
  t.match(database.deviceProfiles.find('bob-profile')?.lines, [{ dn: '1000001', callingSearchSpace: 'Everything' }])
  t.match(database.devices.find(phone2)?.lines, [{ dn: '1000002' }])
  t.match(database.logins.on(phone1), { userId: 'bob', deviceProfile: 'bob-profile', loginTime: noon })
  t.match(database.dialPlan.routePatterns(), [{ pattern: '2XXXXXX', trunk: 'to-cluster2' }])
  t.match(database.phoneServices.find('Extension Mobility'), { enabled: true, secureUrl: '' })
  t.equal(database.serviceParameters.get('Cisco Extension Mobility', 'Multiple Login Behavior'), 'Auto Logout')
  await t.rejects(applySeed(database, hasher, {}, noon), { code: 'DATABASE_ALREADY_SEEDED' })
})

t.test('secrets are stored hashed', async (t) => {
  const database = openTestDatabase(t)
  await applySeed(database, hasher, seed, noon)
  const pin = database.credentials.find('bob', 'PIN')
  t.ok(pin)
  t.equal(pin && (await hasher.verify('12345', pin)), true)
  const password = database.credentials.find('administrator', 'Password')
  t.equal(password && (await hasher.verify('roamline', password)), true)
  const text = JSON.stringify(database.sql.prepare('SELECT * FROM credential').all())
  for (const secret of ['12345', '34567', 'roamline']) t.notMatch(text, secret)
})

t.test('the lab’s application users are there, unless the seed says otherwise of the same ID', async (t) => {
  const database = openTestDatabase(t)
  const applicationUsers = [
    { userId: 'robot', password: 'secret', groups: ['Standard CCM Read Only'] },
    { userId: 'Administrator', password: 'secret', groups: ['Standard CCM Super Users'] },
  ]
  await applySeed(database, hasher, { applicationUsers }, noon)
  t.strictSame(
    database.applicationUsers.list().map(({ userId }) => userId),
    ['Administrator', 'emproxy', 'robot', 'superusersync'],
  )
  const password = database.credentials.find('administrator', 'Password')
  t.equal(password && (await hasher.verify('secret', password)), true)
  t.equal(password && (await hasher.verify('roamline', password)), false)
})

t.test('a seed that contradicts itself is refused by name and leaves a new database', async (t) => {
  const database = openTestDatabase(t)
  const phone = { name: phone1, extensionMobility: true }
  const bob = { userId: 'bob', pin: '12345' }
  for (const [wrong, code, message] of [
    [{ phones: [{ ...phone, owner: 'mallory' }] }, 'DATABASE_UNKNOWN_REFERENCE', /SEP000000010001.*"mallory"/u],
    [{ phones: [{ ...phone, loggedIn: 'mallory' }] }, 'DATABASE_UNKNOWN_REFERENCE', /loggedIn.*"mallory"/u],
    [
      { users: [bob], phones: [{ ...phone, loggedIn: 'bob' }] },
      'DATABASE_UNKNOWN_REFERENCE',
      /bob has no device profile/u,
    ],
    [{ users: [{ ...bob, deviceProfiles: ['ghost'] }] }, 'DATABASE_UNKNOWN_REFERENCE', /"ghost"/u],
    [{ users: [bob, bob] }, 'DATABASE_DUPLICATE', /"bob"/u],
    [{ phones: [phone, phone] }, 'DATABASE_DUPLICATE', /SEP000000010001/u],
    [{ phones: [{ ...phone, lines: [{ dn: 'call me' }] }] }, 'DATABASE_INVALID', /line of SEP.*"call me"/u],
    [{ routePatterns: [{ pattern: '9', trunk: 'ghost' }] }, 'DATABASE_UNKNOWN_REFERENCE', /trunk "ghost"/u],
    [
      { applicationUsers: [{ userId: 'x', password: 'y', groups: ['Ghosts'] }] },
      'DATABASE_UNKNOWN_REFERENCE',
      /Ghosts/u,
    ],
  ] as const) {
    await t.rejects(applySeed(database, hasher, wrong as unknown as ClusterSeed, noon), { code, message })
  }
  t.equal(isNew(database), true)
  t.strictSame(database.endUsers.list(), [])
})

t.test('the schema knows every key and refuses others', (t) => {
  t.ok(Value.Check(ClusterSeed, {}))
  for (const wrong of [
    { telephones: [] },
    { users: [{ userId: 'bob' }] },
    { users: [{ userId: 'bob', pin: '' }] },
    { phones: [{ name: phone1, answerMode: 'sometimes' }] },
    { phones: [{ name: phone1, lines: [{ dn: '1', index: 0 }] }] },
    { deviceProfiles: [{ name: 'x', colour: 'red' }] },
  ]) {
    t.notOk(Value.Check(ClusterSeed, wrong), JSON.stringify(wrong))
  }
  t.end()
})
