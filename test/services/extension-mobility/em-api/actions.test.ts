// What the documents ask for, on a cluster whose rules are the real ones. Codes by em-wire 1.6.
import t from 'tap'
import { loneCluster } from '../../../fixtures/lone-cluster.ts'
import type { LoneCluster } from '../../../fixtures/lone-cluster.ts'
import { loginOf, logoutOf, post, query, request } from './em-api-door.ts'

const phone = 'SEP000000010001'
const second = 'SEP000000010002'
const head = '<?xml version="1.0"?>\n<response>\n'

const login = (cluster: LoneCluster, userId = 'bob', deviceName = phone, more = '') =>
  post(cluster, request(loginOf(userId, deviceName, more)))

/** The content of the answer to a query, line by line. */
async function told(cluster: LoneCluster, content: string): Promise<readonly string[]> {
  const { text } = await post(cluster, query(content))
  return text.split('\n').slice(3, -3)
}

async function addAlice(cluster: LoneCluster): Promise<void> {
  await cluster.database.write(() => cluster.database.deviceProfiles.insert({ name: 'alice-profile', lines: [] }))
  await cluster.addUser({ userId: 'alice', deviceProfiles: ['alice-profile'] })
}

t.test('bob is logged in and out: on disk, the phone restarts, the other clusters hear of it', async (t) => {
  const cluster = await loneCluster(t)
  t.equal((await login(cluster)).text, `${head}<success/>\n</response>\n`)
  t.match(cluster.database.logins.list(), [{ deviceName: phone, userId: 'bob', deviceProfile: 'bob-profile' }])
  t.equal(
    (await post(cluster, request(logoutOf(phone, '<userID>somebody</userID>')))).text,
    `${head}<success/>\n</response>\n`,
  )
  t.same(cluster.database.logins.list(), [])
  t.same(cluster.ils.told, ['login bob', 'logout bob'])
  t.match(cluster.told('logout'), [{ deviceName: phone, userId: 'bob', reason: 'manual' }])
})

t.test(
  'em-wire 1.3 deviceProfile: a named profile is used, another one than the user’s is 12, absent is the default',
  async (t) => {
    const cluster = await loneCluster(t)
    await cluster.database.write(() => {
      cluster.database.deviceProfiles.insert({ name: 'bob-travel', lines: [] })
      cluster.database.deviceProfiles.insert({ name: 'alice-profile', lines: [] })
      cluster.database.endUsers.update('bob', {
        deviceProfiles: ['bob-profile', 'bob-travel'],
        defaultProfile: 'bob-travel',
      })
    })
    const profile = () => cluster.database.logins.on(phone)?.deviceProfile
    await login(cluster)
    t.equal(profile(), 'bob-travel')
    await login(cluster, 'bob', phone, '<deviceProfile>BOB-profile</deviceProfile>')
    t.equal(profile(), 'bob-profile')
    t.match(await login(cluster, 'bob', phone, '<deviceProfile>alice-profile</deviceProfile>'), { outcome: 'error 12' })
    t.equal(profile(), 'bob-profile')
  },
)

t.test(
  'em-wire 1.3 exclusiveDuration: a login lasts the minutes that were asked for, or until it is ended',
  async (t) => {
    const cluster = await loneCluster(t)
    const duration = () => cluster.database.logins.on(phone)?.loginDuration
    await login(cluster, 'bob', phone, '<exclusiveDuration><time>60</time></exclusiveDuration>')
    t.equal(duration(), 3600)
    await login(cluster, 'bob', phone, '<exclusiveDuration><indefinite/></exclusiveDuration>')
    t.equal(duration(), 0)
  },
)

t.test('em-wire 1.6: each refusal of a login has its code and a text that is no success', async (t) => {
  const cluster = await loneCluster(t)
  await addAlice(cluster)
  await cluster.addUser({ userId: 'kally' })
  await cluster.database.write(() =>
    cluster.database.devices.insert({ name: 'SEP000000010009', extensionMobility: false }),
  )
  await login(cluster, 'alice', second)
  const refusals: readonly (readonly [code: number, userId: string, deviceName: string])[] = [
    [11, 'bob', 'SEPNOSUCH'],
    [11, 'bob', ''],
    [12, 'kally', phone],
    [18, 'bob', second],
    [22, 'bob', 'SEP000000010009'],
    [23, 'nobody', phone],
    [23, '', phone],
    [23, 'success', phone],
    [25, 'alice', phone],
  ]
  for (const [code, userId, deviceName] of refusals) {
    const answer = await login(cluster, userId, deviceName)
    t.match(answer, { status: 200, outcome: `error ${code}` }, `${code} ${userId} ${deviceName}`)
    t.match(
      answer.text,
      /^<\?xml version="1\.0"\?>\n<response>\n<failure>\n<error code="\d+">[^<>]+<\/error>\n<\/failure>\n<\/response>\n$/u,
    )
    t.notMatch(answer.text, /success/iu)
  }
  t.equal(
    (await login(cluster, 'bob', second)).text,
    `${head}<failure>\n<error code="18">Another user logged in</error>\n</failure>\n</response>\n`,
  )
  t.match(await post(cluster, request(logoutOf(phone))), { outcome: 'error 19' })
  t.match(await post(cluster, request(logoutOf('SEP000000010009'))), { outcome: 'error 20' })
  t.match(await post(cluster, query('<whoIsThereQuery/>')), { outcome: 'error 8' })
})

t.test('em-wire 1.4 logoutAll: everybody is logged out', async (t) => {
  const cluster = await loneCluster(t)
  await addAlice(cluster)
  await login(cluster)
  await login(cluster, 'alice', second)
  t.match(await post(cluster, request('<logoutAll/>')), { outcome: 'success' })
  t.same(cluster.database.logins.list(), [])
  t.match(
    await post(cluster, request('<logoutAll/>')),
    { outcome: 'success' },
    'nobody is left: that is what was asked for',
  )
})

t.test('em-wire 1.5 deviceUserQuery: who is logged in, who was before', async (t) => {
  const cluster = await loneCluster(t)
  await addAlice(cluster)
  const names = [phone, second, 'SEP0'].map((name) => `<deviceName>${name}</deviceName>`).join('')
  const row = (name: string, ...content: string[]) => [`<device name="${name}">`, ...content, '</device>']
  await login(cluster, 'alice')
  await post(cluster, request(logoutOf(phone)))
  await login(cluster)
  t.same(await told(cluster, `<deviceUserQuery>${names}<loginType>UID</loginType></deviceUserQuery>`), [
    ...row(phone, '<userID>bob</userID>', '<lastlogin>alice</lastlogin>', '<emccDevice>no</emccDevice>'),
    ...row(second, '<none/>', '<none/>', '<emccDevice>no</emccDevice>'),
    ...row('SEP0', '<doesNotExist/>'),
  ])
})

t.test(
  'em-wire 1.5 userDevicesQuery, deviceProfileQuery and checkUser: IDs come back as they were asked for',
  async (t) => {
    const cluster = await loneCluster(t)
    await cluster.addUser({ userId: 'kally@example.com' })
    await login(cluster)
    const users = ['BOB', 'kally@example.com', 'nobody'].map((id) => `<userID>${id}</userID>`).join('')
    const rows = (...bob: string[]) => ['<user id="BOB">', ...bob, '</user>', '<user id="kally%40example.com">']
    const nobody = ['</user>', '<user id="nobody">', '<doesNotExist/>', '</user>']
    t.same(await told(cluster, `<userDevicesQuery>${users}</userDevicesQuery>`), [
      ...rows(`<deviceName>${phone}</deviceName>`),
      '<none/>',
      ...nobody,
    ])
    const profile = [
      '<deviceProfile>',
      '<deviceProfileName>bob-profile</deviceProfileName>',
      '<isDefaultDeviceProfile>f</isDefaultDeviceProfile>',
      '</deviceProfile>',
    ]
    for (const name of ['deviceProfileQuery', 'userDeviceProfileQuery']) {
      t.same(await told(cluster, `<${name}>${users}</${name}>`), [...rows(...profile), '<none/>', ...nobody], name)
    }
    t.same(await told(cluster, `<checkUser>${users}</checkUser>`), [
      ...rows('<exists>BOB</exists>'),
      '<exists>kally%40example.com</exists>',
      ...nobody,
    ])
  },
)

t.test('em-wire 1.7 remoteIPAddr and isViaHeaderSet: they are validated where the parameters say so', async (t) => {
  const cluster = await loneCluster(t)
  const set = (name: string, value: string) =>
    cluster.database.write(() => cluster.database.serviceParameters.set('Cisco Extension Mobility', name, value))
  await set('Validate IP Address', 'True')
  await set('Trusted List of IPs', '192.0.2.7')
  const from = (address: string, via?: string) =>
    login(
      cluster,
      'bob',
      phone,
      `<remoteIPAddr>${address}</remoteIPAddr>${via === undefined ? '' : `<isViaHeaderSet>${via}</isViaHeaderSet>`}`,
    )
  t.match(await from('192.0.2.7', 'false'), { outcome: 'success' })
  t.match(await from('192.0.2.8', 'false'), { outcome: 'error 28' })
  t.match(await from('192.0.2.7', 'true'), { outcome: 'error 30' })
  t.match(await from('192.0.2.7'), { outcome: 'success' })
  t.match(await login(cluster), { outcome: 'error 28' }, 'without remoteIPAddr it is the address of the application')
  await set('Trusted List of IPs', '192.0.2.7;127.0.0.1')
  t.match(await login(cluster), { outcome: 'success' })
  t.match(
    await post(cluster, query(`<checkUser><userID>bob</userID><remoteIPAddr>192.0.2.9</remoteIPAddr></checkUser>`)),
    { outcome: 'error 28' },
  )
})

t.test('em-wire 1.1 max concurrency: 26 for one request more than Maximum Concurrent Requests', async (t) => {
  const cluster = await loneCluster(t)
  await cluster.database.write(() =>
    cluster.database.serviceParameters.set('Cisco Extension Mobility', 'Maximum Concurrent Requests', '1'),
  )
  const answers = await Promise.all([login(cluster), login(cluster), login(cluster)])
  t.same(answers.map(({ outcome }) => outcome).toSorted(), ['error 26', 'error 26', 'success'])
})

t.test('trouble inside has its code and says nothing about the inside', async (t) => {
  const cluster = await loneCluster(t)
  const points = { unexpected: 0, policy: 4, database: 6, userInfo: 9, hotelingStatus: 21 } as const
  for (const [point, code] of Object.entries(points)) {
    cluster.mobility.faults.arm({ point: point as keyof typeof points, times: 1 })
    const answer = await login(cluster)
    t.match(answer, { status: 200, outcome: `error ${code}` }, point)
    t.notMatch(answer.text, /fault/iu)
  }
  t.same(cluster.database.logins.list(), [])
})
