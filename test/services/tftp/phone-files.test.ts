// What a login and a logout change in a phone's file, and what they do not.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import t from 'tap'
import type { Test } from 'tap'
import { tftp } from '../../../services/tftp/index.ts'
import { parsePhoneConfiguration } from '../../../services/wire/phone-configuration/index.ts'
import { loneCluster } from '../../fixtures/lone-cluster.ts'
import type { LoneCluster } from '../../fixtures/lone-cluster.ts'
import { needsCurl } from './fixtures/curl.ts'
import { TftpClient } from './fixtures/tftp-client.ts'

const config = {
  host: '127.0.0.1',
  httpPort: 0,
  tftpPort: 0,
  retransmitMs: 1000,
  mostTransfers: 10,
  mostTransfersPerSource: 10,
}
const phone = 'SEP000000010001'

/** Bob's profile has something of everything that a profile can have. */
async function cluster(t: Test) {
  const lone = await loneCluster(t, { also: [[tftp as never, config]] })
  const { database } = lone
  await database.write(() => {
    database.phoneServices.insert({
      name: 'Extension Mobility',
      url: 'http://cluster1:8080/emapp/EMAppServlet?device=#DEVICENAME#',
    })
    database.phoneServices.insert({ name: 'Lost & Found', url: 'http://lost', type: 'Directories' })
    database.devices.update(phone, { owner: 'bob', phoneServices: ['Extension Mobility'] })
    database.deviceProfiles.update('bob-profile', {
      lines: [{ dn: '1000001', label: 'Bob the Builder', display: 'Bob' }, { dn: '1000011' }],
      speedDials: [{ index: 1, number: '2000001', label: 'Alice' }],
      blfSpeedDials: [{ index: 1, number: '3000001', label: 'Kally' }],
      softkeyTemplate: 'Standard Feature',
      phoneServices: ['Extension Mobility', 'Lost & Found'],
    })
  })
  return lone
}

const address = ({ context }: LoneCluster) => context.find('tftp')?.address() ?? { http: '', tftpPort: 0 }

async function fetchFile(lone: LoneCluster, name = `${phone}.cnf.xml`): Promise<string> {
  const answer = await fetch(`${address(lone).http}/${name}`)
  if (answer.status !== 200) throw new Error(`${name}: ${answer.status}`)
  return await answer.text()
}

const logIn = (lone: LoneCluster) =>
  lone.mobility.login({ deviceName: phone, userId: 'bob', proof: { kind: 'pin', pin: '12345' } })

/** Every element that holds text, by its path: `device/sipProfile/sipLines/line 1/name`; and what the document is without texts. */
function elements(file: string): Map<string, string> {
  const found = new Map<string, string>()
  const path: string[] = []
  for (const [, close, name = '', attributes = '', text, ended] of file.matchAll(
    /<(\/?)(\w+)([^>]*)>(?:([^<\n]*)(<\/\2>))?/gu,
  )) {
    if (close) path.pop()
    else {
      path.push(name + attributes)
      if (ended) found.set(path.join('/'), `${found.get(path.join('/')) ?? ''}${text};`)
      if (ended) path.pop()
    }
  }
  return found
}

/** The documented elements in which two files differ, each by the name under which em-wire.md §3.4 has it. */
function differences(before: string, after: string): string[] {
  const [one, other] = [elements(before), elements(after)]
  const changed = new Set<string>()
  for (const path of new Set([...one.keys(), ...other.keys()])) {
    if (one.get(path) === other.get(path)) continue
    const [, first = '', second = ''] = path.split('/')
    changed.add(first === 'sipProfile' ? `sipProfile/${second}` : (first.split(' ')[0] ?? ''))
  }
  return [...changed]
}

/** The file without the elements that a login may change. */
function rest(file: string): string {
  return file
    .replace(/<versionStamp>.*<\/versionStamp>/u, '')
    .replace(/<sipLines>.*<\/sipLines>/su, '')
    .replace(/<phoneLabel>.*<\/phoneLabel>/u, '')
    .replace(/<softKeyFile>.*<\/softKeyFile>/u, '')
    .replace(/<userLocale>.*<\/userLocale>/su, '')
    .replace(/<phoneServices .*<\/phoneServices>/su, '')
    .replace(/<userId>.*<\/userId>/u, '')
}

t.test('a login changes exactly the documented elements, and the logout gives them back', async (t) => {
  const lone = await cluster(t)
  const { database } = lone
  await database.write(() => database.endUsers.update('bob', { userLocale: 'French_France' }))
  const before = await fetchFile(lone)
  await logIn(lone)
  const during = await fetchFile(lone)
  t.strictSame(differences(before, during), [
    'sipProfile/phoneLabel',
    'sipProfile/sipLines',
    'sipProfile/softKeyFile',
    'versionStamp',
    'userLocale',
    'userId',
    'phoneServices',
  ])
  t.equal(rest(during), rest(before), 'everything else is the same to the byte')
  await lone.mobility.logout(phone, 'manual')
  const after = await fetchFile(lone)
  t.strictSame(differences(before, after), ['versionStamp'])
  t.equal(rest(after), rest(before))
})

t.test('the file of a phone with somebody logged in shows the profile', async (t) => {
  const lone = await cluster(t)
  const empty = parsePhoneConfiguration(await fetchFile(lone))
  t.match(empty, { phoneLabel: '1000101', userId: '', ownerId: 'bob', userLocale: { name: 'English_United_States' } })
  t.strictSame(
    empty.services.map(({ name }) => name),
    ['Extension Mobility'],
  )
  await logIn(lone)
  const file = parsePhoneConfiguration(await fetchFile(lone))
  t.match(file, { phoneLabel: 'Bob the Buil', userId: 'bob', ownerId: 'bob' })
  t.match(file.buttons, [
    { kind: 'line', dn: '1000001', label: 'Bob the Builder', displayName: 'Bob', shared: false },
    { kind: 'line', dn: '1000011', label: '1000011' },
    { kind: 'speedDial', number: '2000001', index: 1 },
    { kind: 'blfSpeedDial', number: '3000001', label: 'Kally' },
  ])
  t.match(file.services, [
    { name: 'Extension Mobility', button: 'services', url: /device=#DEVICENAME#$/u },
    { name: 'Lost & Found', button: 'directories' },
  ])
  t.not(file.softKeyFile, empty.softKeyFile)
  t.match(file.softKeyFile, /^SK[0-9a-f-]{36}\.xml$/u)
  t.match(file.versionStamp, /^\d+-[0-9a-f-]{36}$/u)
})

t.test('the same state gives the same bytes, over HTTP as over TFTP', async (t) => {
  const lone = await cluster(t)
  const file = await fetchFile(lone)
  t.equal(await fetchFile(lone), file)
  const client = await TftpClient.open(t, address(lone).tftpPort)
  t.equal(String(await client.fetch(`${phone}.cnf.xml`, { blksize: '1024' })), file)
  t.equal(String(await client.fetch(`${phone}.cnf.xml`)), file)
})

t.test('the name of a file is read without regard to case', async (t) => {
  const lone = await cluster(t)
  const { database } = lone
  await database.write(() => database.devices.insert({ name: 'SEP00AABBCCDDEE', lines: [{ dn: '1000199' }] }))
  const file = await fetchFile(lone, 'SEP00AABBCCDDEE.cnf.xml')
  t.equal(await fetchFile(lone, 'sep00aabbccddee.CNF.XML'), file)
})

t.test('what this lab has no file for is not found', async (t) => {
  const lone = await cluster(t)
  const { softKeyFile } = parsePhoneConfiguration(await fetchFile(lone))
  const names = [
    `${phone}.cnf.xml.sgn`,
    `CTL${phone}.tlv`,
    `ITL${phone}.tlv`,
    'ITLFile.tlv',
    softKeyFile,
    'SEP000000019999.cnf.xml',
    'bob-profile.cnf.xml',
    'XMLDefault.cnf.xml',
    'cluster.sqlite',
    '.cnf.xml',
  ]
  for (const name of names) t.equal((await fetch(`${address(lone).http}/${name}`)).status, 404, name)
})

t.test('nothing secret is in a file, also not when PIN and password are well-known words', async (t) => {
  const lone = await cluster(t)
  const { hasher, database } = lone
  const secret = await hasher.hash('open-sesame')
  await database.write(() => {
    database.credentials.set('bob', 'PIN', secret)
    database.credentials.set('bob', 'User Password', secret)
  })
  await lone.mobility.login({ deviceName: phone, userId: 'bob', proof: { kind: 'pin', pin: 'open-sesame' } })
  const file = await fetchFile(lone)
  t.notMatch(file, /open-sesame|argon2|12345/u)
  t.match(file, /<authPassword><\/authPassword>/u)
  t.match(file, /<phonePassword><\/phonePassword>/u)
})

t.test('settings of the phone are in its file as a phone reads them', async (t) => {
  const lone = await cluster(t)
  const { database } = lone
  await database.write(() => {
    database.devices.update(phone, {
      addressingMode: 'IPv6 Only',
      securityMode: 'Encrypted',
      modules: ['7915 12-Button Line Expansion Module', 'CKEM', 'BEKEM'].slice(0, 2),
      alwaysUsePrimeLine: 'On',
      joinAcrossLines: 'On',
      singleButtonBarge: 'Barge',
      privacy: 'On',
      dndIncomingCallAlert: 'Beep Only',
      mlppIndication: 'On',
      mlppPreemption: 'Forceful',
      userLocale: 'Portuguese_Brazil',
    })
  })
  t.match(parsePhoneConfiguration(await fetchFile(lone)), {
    addressing: 'IPv6 Only',
    security: 'Encrypted',
    modules: [
      { type: '7915 12-Button Line Expansion Module', lineKeys: 12 },
      { type: 'CKEM', lineKeys: 36 },
    ],
    alwaysUsePrimeLine: true,
    joinAcrossLines: true,
    barge: true,
    privacy: 'On',
    dndAlert: 'Beep Only',
    mlppIndication: 'On',
    mlppPreemption: 'Forceful',
    userLocale: { name: 'Portuguese_Brazil', languageCode: 'pt_BR', characterSet: 'utf-8' },
  })
})

t.test('Default stands for the service parameter; a protected device never joins across lines', async (t) => {
  const lone = await cluster(t)
  const { database } = lone
  t.match(parsePhoneConfiguration(await fetchFile(lone)), { alwaysUsePrimeLine: false, joinAcrossLines: false })
  await database.write(() => {
    database.serviceParameters.set('Cisco CallManager', 'Always Use Prime Line', 'True')
    database.serviceParameters.set('Cisco CallManager', 'Join Across Lines Policy', 'On')
  })
  t.match(parsePhoneConfiguration(await fetchFile(lone)), { alwaysUsePrimeLine: true, joinAcrossLines: true })
  await database.write(() => database.devices.update(phone, { protectedDevice: true, extensionMobility: false }))
  t.match(parsePhoneConfiguration(await fetchFile(lone)), { joinAcrossLines: false })
})

t.test('the JSON door says where phones get their files', async (t) => {
  const lone = await cluster(t)
  const { http, tftpPort } = address(lone)
  t.match(await lone.ask('GET /api/v1/tftp', undefined, 'reader'), {
    status: 200,
    body: { http, tftp: `tftp://127.0.0.1:${tftpPort}` },
  })
})

t.test('curl gets the file over TFTP', needsCurl, async (t) => {
  const run = promisify(execFile)
  const lone = await cluster(t)
  const url = `tftp://127.0.0.1:${address(lone).tftpPort}/${phone}.cnf.xml`
  const { stdout } = await run('curl', ['--silent', '--max-time', '10', url])
  t.equal(stdout, await fetchFile(lone))
})
