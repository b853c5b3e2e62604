// What Extension Mobility reads, as a seed may say it.
import t from 'tap'
import { Value } from 'typebox/value'
import { applySeed, ClusterSeed, createCredentialHasher } from '../../../services/database/index.ts'
import { noon, openTestDatabase, phone1, phone2 } from './fixtures/test-database.ts'

const hasher = createCredentialHasher({ pepper: Buffer.from('pepper'), memoryKiB: 8, passes: 1 })
const service = 'Cisco Extension Mobility'
const maximum = { service, name: 'Intra-cluster Maximum Login Time', value: '8:00' }
const enforce = { service, name: 'Enforce Intra-cluster Maximum Login Time' }

const seed: ClusterSeed = {
  partitions: ['Internal'],
  callingSearchSpaces: [{ name: 'Everything', partitions: ['Internal'] }],
  phoneServices: [
    { name: 'Extension Mobility', url: 'http://c1/emapp', description: 'Log in', vendor: 'Roamline', version: '1' },
    { name: 'Directory', url: 'http://c1/d', type: 'Directories', enterpriseSubscription: true },
  ],
  defaultDeviceProfiles: [{ model: 'Cisco 7821', softkeyTemplate: 'Short', phoneServices: ['Extension Mobility'] }],
  userProfiles: [{ name: 'Roamers', maySetMaximumLoginTime: true }],
  credentialPolicy: { failedLogonAttempts: 3, storedHistory: 4 },
  deviceProfiles: [
    {
      name: 'bob-profile',
      userLocale: 'French_France',
      doNotDisturb: true,
      modules: ['Left'],
      lines: [{ dn: '1000-001', forwardAll: '2000-001', forwardAllCallingSearchSpace: 'Everything' }],
      speedDials: [{ number: '2000-001', label: 'Alice' }, { number: '3000001' }, { number: '4000001', index: 7 }],
      blfSpeedDials: [{ number: '2000-001' }],
      intercomLines: [{ dn: '70-01', partition: 'Internal', target: '70-02' }],
      loginUserId: 'kally',
    },
    { name: 'night-profile', intercomLines: [{ dn: '7003', defaultDevice: phone2 }] },
  ],
  users: [
    {
      userId: 'bob',
      pin: '12345',
      pinMustChange: true,
      password: 'bob-builds',
      passwordMustChange: true,
      deviceProfiles: ['bob-profile'],
      userLocale: 'Danish_Denmark',
      userProfile: 'Roamers',
      maximumLoginTime: '4:00',
    },
    { userId: 'kally', pin: '34567' },
  ],
  phones: [
    { name: phone1, extensionMobility: true, loggedIn: 'bob', intercomLines: [{ dn: '7004' }] },
    {
      name: phone2,
      model: 'Cisco 7821',
      logoutProfile: 'night-profile',
      addressingMode: 'IPv6 Only',
      ipAddress: '2001:db8::7',
      securityMode: 'Encrypted',
      protectedDevice: true,
      privacy: 'On',
    },
  ],
  serviceParameters: [maximum],
}

t.test('every field reaches its table', async (t) => {
  const database = openTestDatabase(t)
  t.strictSame([...Value.Errors(ClusterSeed, seed)], [])
  await applySeed(database, hasher, seed, noon)
  t.match(database.deviceProfiles.find('bob-profile'), {
    userLocale: 'French_France',
    doNotDisturb: true,
    modules: ['Left'],
    lines: [{ dn: '1000001', forwardAll: '2000001', forwardAllCallingSearchSpace: 'Everything' }],
    speedDials: [
      { index: 1, number: '2000001', label: 'Alice' },
      { index: 2, number: '3000001', label: '' },
      { index: 7, number: '4000001', label: '' },
    ],
    blfSpeedDials: [{ index: 1, number: '2000001' }],
    // Bob is logged in there: the current device.
    intercomLines: [{ dn: '7001', partition: 'Internal', target: '7002', defaultDevice: phone1 }],
    loginUserId: 'kally',
  })
  t.match(database.deviceProfiles.find('night-profile')?.intercomLines, [{ dn: '7003', defaultDevice: phone2 }])
  t.match(database.devices.find(phone1)?.intercomLines, [{ dn: '7004', defaultDevice: phone1 }])
  const { name: _, ...phone } = seed.phones?.[1] ?? { name: '' }
  t.match(database.devices.find(phone2), phone)
  t.match(database.endUsers.find('bob'), {
    userLocale: 'Danish_Denmark',
    userProfile: 'Roamers',
    maximumLoginTime: '4:00',
  })
  t.match(database.userProfiles.list(), seed.userProfiles)
  t.match(database.defaultDeviceProfiles.list(), seed.defaultDeviceProfiles)
  t.match(database.credentialPolicies.current(), { failedLogonAttempts: 3, storedHistory: 4, minimumLength: 5 })
  t.match(database.phoneServices.list(), [
    { type: 'Directories', enterpriseSubscription: true },
    { vendor: 'Roamline' },
  ])
  t.match(database.devices.effective(phone1), { userId: 'bob', userLocale: 'Danish_Denmark' })
})

t.test('a user’s password is hashed beside the PIN, and either may have to change', async (t) => {
  const database = openTestDatabase(t)
  await applySeed(database, hasher, seed, noon)
  const password = database.credentials.find('bob', 'User Password')
  t.equal(password && (await hasher.verify('bob-builds', password)), true)
  t.match(database.credentials.state('bob', 'PIN'), { mustChange: true, history: [] })
  t.match(database.credentials.state('bob', 'User Password'), { mustChange: true })
  t.match(database.credentials.state('kally', 'PIN'), { mustChange: false })
  t.equal(database.credentials.find('kally', 'User Password'), undefined)
  t.notMatch(JSON.stringify(database.sql.prepare('SELECT * FROM credential').all()), 'bob-builds')
})

t.test(
  'A1.4 Enforce Intra-cluster Maximum Login Time: turns True by itself unless the seed speaks of it',
  async (t) => {
    for (const [serviceParameters, expected] of [
      [[maximum], 'True'],
      [[{ ...maximum, value: '0:00' }], undefined],
      [[maximum, { ...enforce, value: 'False' }], 'False'],
      [[], undefined],
    ] as const) {
      await t.test(JSON.stringify(serviceParameters.map(({ value }) => value)), async (t) => {
        const database = openTestDatabase(t)
        await applySeed(database, hasher, { serviceParameters: [...serviceParameters] }, noon)
        t.equal(database.serviceParameters.get(service, enforce.name), expected)
      })
    }
  },
)

t.test('what no door would take is refused by name, and nothing is left', async (t) => {
  const database = openTestDatabase(t)
  const parameter = (name: string, value: string) => ({ serviceParameters: [{ service, name, value }] })
  for (const [wrong, code, message] of [
    [parameter('Fastest Login', 'True'), 'DATABASE_UNKNOWN_REFERENCE', /no service parameter "Fastest Login"/u],
    [
      { serviceParameters: [{ ...maximum, service: 'Cisco Tftp' }] },
      'DATABASE_UNKNOWN_REFERENCE',
      /Cisco Tftp has no service parameter/u,
    ],
    [parameter(maximum.name, '169:00'), 'DATABASE_INVALID', /from 0:00 to 168:00/u],
    [parameter('Maximum Concurrent Requests', '0'), 'DATABASE_INVALID', /from 1 to 100/u],
    [
      {
        trunks: [{ name: 'to-cluster2', remoteCluster: 'cluster2' }],
        routePatterns: [{ pattern: '2[', trunk: 'to-cluster2' }],
      },
      'DATABASE_INVALID',
      /"2\["/u,
    ],
    [{ credentialPolicy: { minimumLength: 0 } }, 'DATABASE_INVALID', /credential policy/u],
    [{ deviceProfiles: [{ name: 'x', loginUserId: 'mallory' }] }, 'DATABASE_UNKNOWN_REFERENCE', /"mallory"/u],
    [{ phones: [{ name: phone1, logoutProfile: 'ghost' }] }, 'DATABASE_UNKNOWN_REFERENCE', /"ghost"/u],
    [{ phones: [{ name: phone1, speedDials: [{ number: 'call me' }] }] }, 'DATABASE_INVALID', /speed dial of SEP/u],
    [{ users: [{ userId: 'bob', pin: '1', maximumLoginTime: '8' }] }, 'DATABASE_INVALID', /end user bob/u],
  ] as const) {
    await t.rejects(applySeed(database, hasher, wrong as unknown as ClusterSeed, noon), { code, message })
  }
  t.strictSame(database.devices.list(), [])
  t.strictSame(database.deviceProfiles.list(), [])
})

t.test('the schema refuses what is not a choice of its setting', (t) => {
  for (const wrong of [
    { phones: [{ name: phone1, privacy: 'Sometimes' }] },
    { phones: [{ name: phone1, modules: ['1', '2', '3'] }] },
    { phones: [{ name: phone1, addressingMode: 'IPv5' }] },
    { deviceProfiles: [{ name: 'x', logoutProfile: 'y' }] },
    { defaultDeviceProfiles: [{ model: 'x', lines: [] }] },
    { phoneServices: [{ name: 'x', url: 'y', type: 'Faxes' }] },
    { credentialPolicy: { hardness: 5 } },
  ]) {
    t.notOk(Value.Check(ClusterSeed, wrong), JSON.stringify(wrong))
  }
  t.end()
})
