// Who may use the EM API: em-wire 1.2.
import t from 'tap'
import { loneCluster } from '../../../fixtures/lone-cluster.ts'
import type { LoneCluster } from '../../../fixtures/lone-cluster.ts'
import { CredentialHasherBusy } from '../../../../services/database/credential-hasher.ts'
import { Role } from '../../../../services/service.ts'
import { appInfo, loginOf, logoutOf, password, post, query, request } from './em-api-door.ts'

const phone = 'SEP000000010001'
const second = 'SEP000000010002'
const ofBob = appInfo('bob', 'bobs-password')

/** Gives bob a password and adds alice, with a profile and the same password. */
async function withPasswords(cluster: LoneCluster): Promise<void> {
  const { database } = cluster
  await database.write(() => database.deviceProfiles.insert({ name: 'alice-profile', lines: [] }))
  await cluster.addUser({ userId: 'alice', deviceProfiles: ['alice-profile'] })
  const stored = await cluster.hasher.hash('bobs-password')
  await database.write(() => {
    for (const user of ['bob', 'alice']) database.credentials.set(user, 'User Password', stored)
  })
}

t.test(
  '3 for an unknown application user and for a wrong password, in one text that two clients look for',
  async (t) => {
    const cluster = await loneCluster(t)
    const infos = [
      appInfo('emproxy', 'wrong'),
      appInfo('nobody'),
      appInfo(''),
      appInfo('emproxy', ''),
      appInfo('success', 'success'),
    ]
    const answers = await Promise.all(infos.map((info) => post(cluster, request(loginOf('bob', phone), info))))
    for (const { outcome, text } of answers) {
      t.equal(outcome, 'error 3')
      t.match(text, /Application Authentication Error/u)
      t.match(text, /Could not authenticate/u)
      t.notMatch(text, /success/iu)
    }
    t.equal(new Set(answers.map(({ text }) => text)).size, 1)
  },
)

t.test('2 for an encrypted certificate, which only the cluster itself uses', async (t) => {
  const cluster = await loneCluster(t)
  const info = '<appInfo><appID>CCMSysUser</appID><appEncryptedCertificate>00</appEncryptedCertificate></appInfo>'
  t.match(await post(cluster, request(loginOf('bob', phone), info)), { outcome: 'error 2' })
})

t.test(
  '10 for an application user without Standard EM Authentication Proxy Rights, whatever is asked for',
  async (t) => {
    const cluster = await loneCluster(t)
    const reader = appInfo('reader')
    for (const document of [
      request(loginOf('bob', phone), reader),
      request(loginOf('nobody', 'SEP0'), reader),
      request(logoutOf('SEP0'), reader),
      request('<logoutAll/>', reader),
      query('<userDevicesQuery><userID>bob</userID></userDevicesQuery>', reader),
    ]) {
      t.match(await post(cluster, document), { outcome: 'error 10' }, document)
    }
  },
)

t.test('an end user acts for himself and for nobody else', async (t) => {
  const cluster = await loneCluster(t)
  await withPasswords(cluster)
  t.match(await post(cluster, request(loginOf('Bob', phone), ofBob)), { outcome: 'success' })
  t.match(await post(cluster, query('<userDevicesQuery><userID>bob</userID></userDevicesQuery>', ofBob)), {
    outcome: 'userDevicesResults',
  })
  await post(cluster, request(loginOf('alice', second)))
  for (const document of [
    request(loginOf('alice', 'SEP000000010003'), ofBob),
    request(loginOf('nobody', 'SEP0'), ofBob),
    request(logoutOf(second), ofBob),
    request(logoutOf('SEP000000010003'), ofBob),
    request(logoutOf('SEP0'), ofBob),
    request('<logoutAll/>', ofBob),
    query('<userDevicesQuery><userID>bob</userID><userID>alice</userID></userDevicesQuery>', ofBob),
    query(`<deviceUserQuery><deviceName>${phone}</deviceName></deviceUserQuery>`, ofBob),
  ]) {
    t.match(await post(cluster, document), { outcome: 'error 10' }, document)
  }
  t.match(await post(cluster, request(logoutOf(phone), ofBob)), { outcome: 'success' })
  t.match(cluster.database.logins.list(), [{ userId: 'alice' }])
})

t.test('A1.6 User Group: an end user in the proxy group may still not act for others', async (t) => {
  const cluster = await loneCluster(t)
  await withPasswords(cluster)
  await cluster.database.write(() => cluster.database.accessControlGroups.addMember(Role.emProxy, 'bob'))
  t.match(await post(cluster, request(loginOf('alice', phone), ofBob)), { outcome: 'error 10' })
})

t.test('3 for a wrong password of an end user and for a locked account, 27 for one that must be changed', async (t) => {
  const cluster = await loneCluster(t)
  await withPasswords(cluster)
  const { database } = cluster
  const login = (info: string) => post(cluster, request(loginOf('bob', phone), info))
  t.match(await login(appInfo('bob', 'wrong')), { outcome: 'error 3' })
  t.match(await login(appInfo('bob', '12345')), { outcome: 'error 3' }, 'a PIN is no password')
  await database.write(() => database.credentials.setState('bob', 'User Password', { mustChange: true }))
  t.match(await login(ofBob), { outcome: 'error 27' })
  t.match(await login(appInfo('bob', 'wrong')), { outcome: 'error 3' })
  const lockedUntil = cluster.clock.now() + 60_000
  await database.write(() => database.credentials.setState('bob', 'User Password', { mustChange: false, lockedUntil }))
  t.match(await login(ofBob), { outcome: 'error 3' })
  cluster.clock.advance(60_001)
  t.match(await login(ofBob), { outcome: 'success' })
})

t.test('9 when the directory cannot say whether a password is right, 26 when too many are being checked', async (t) => {
  const cluster = await loneCluster(t)
  await withPasswords(cluster)
  cluster.mobility.faults.arm({ point: 'directory', times: 1 })
  t.match(await post(cluster, request(loginOf('bob', phone), ofBob)), { outcome: 'error 9' })
  const busy = await loneCluster(t, {
    hasher: { hash: cluster.hasher.hash, verify: async () => Promise.reject(new CredentialHasherBusy(1)) },
  })
  await withPasswords(busy)
  t.match(await post(busy, request(loginOf('bob', phone), ofBob)), { outcome: 'error 26' })
})

t.test('nothing of a caller’s password is told, logged or published', async (t) => {
  const cluster = await loneCluster(t)
  await withPasswords(cluster)
  const answers = [
    await post(cluster, request(loginOf('bob', phone), ofBob)),
    await post(cluster, request(loginOf('bob', second), appInfo('bob', 'bobs-password-'))),
    await post(cluster, request(loginOf('bob', second))),
  ]
  const everything = [...answers.map(({ text }) => text), ...cluster.logged, JSON.stringify(cluster.heard)].join('\n')
  t.notMatch(everything, new RegExp(`bobs-password|${password}`, 'u'))
})

t.test('an end user is not somebody else whose ID only some would fold into the same', async (t) => {
  const cluster = await loneCluster(t)
  await withPasswords(cluster)
  const { database } = cluster
  await cluster.addUser({ userId: 'kally', deviceProfiles: ['alice-profile'] })
  await cluster.addUser({ userId: '\u212Aally', deviceProfiles: ['alice-profile'] })
  const stored = await cluster.hasher.hash('another-password')
  await database.write(() => database.credentials.set('\u212Aally', 'User Password', stored))
  const info = appInfo('\u212Aally', 'another-password')
  t.match(await post(cluster, request(loginOf('kally', phone), info)), { outcome: 'error 10' })
  t.match(await post(cluster, request(loginOf('\u212AALLY', phone), info)), { outcome: 'success' })
  t.match(await post(cluster, request(loginOf('kally', phone))), { outcome: 'error 18' }, 'nor replaces his login')
})

t.test('an end user’s logout ends his own login, also when the phone changes hands meanwhile', async (t) => {
  const cluster = await loneCluster(t)
  await withPasswords(cluster)
  await post(cluster, request(loginOf('bob', phone)))
  const { logout } = cluster.mobility
  cluster.mobility.logout = async (...given) => {
    await logout(phone, 'manual')
    await cluster.mobility.login({
      deviceName: phone,
      userId: 'alice',
      proof: { kind: 'proxy', applicationUser: 'emproxy' },
    })
    return logout(...given)
  }
  t.match(await post(cluster, request(logoutOf(phone), ofBob)), { outcome: 'error 10' })
  t.match(cluster.database.logins.list(), [{ userId: 'alice' }])
})

t.test('Validate IP Address: an application says where the phone is, an end user does not', async (t) => {
  const cluster = await loneCluster(t)
  await withPasswords(cluster)
  const set = (name: string, value: string) =>
    cluster.ask(`PUT /api/v1/service-parameters/Cisco%20Extension%20Mobility/${encodeURIComponent(name)}`, { value })
  await set('Validate IP Address', 'True')
  await set('Trusted List of IPs', '203.0.113.9')
  const said = '<remoteIPAddr>203.0.113.9</remoteIPAddr><isViaHeaderSet>false</isViaHeaderSet>'
  t.match(await post(cluster, request(loginOf('bob', phone, said), ofBob)), { outcome: 'error 28' })
  t.match(await post(cluster, request(loginOf('bob', phone, said))), { outcome: 'success' })
  await set('Trusted List of IPs', '127.0.0.1')
  const proxied = said.replace('false', 'true')
  t.match(await post(cluster, request(loginOf('bob', second, proxied), ofBob)), { outcome: 'error 30' })
})

t.test('whoever is refused with 3 costs one commit, be he an end user, an application user or nobody', async (t) => {
  const cluster = await loneCluster(t)
  await withPasswords(cluster)
  const { database } = cluster
  const write = database.write.bind(database)
  let writes = 0
  Object.assign(database, { write: (work: () => unknown) => (writes++, write(work)) })
  for (const info of [appInfo('bob', 'wrong'), appInfo('emproxy', 'wrong'), appInfo('nobody', 'wrong')]) {
    writes = 0
    t.match(await post(cluster, request(loginOf('bob', phone), info)), { outcome: 'error 3' })
    t.equal(writes, 1, info)
  }
})
