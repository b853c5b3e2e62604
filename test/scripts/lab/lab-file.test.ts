import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { LabSchema } from '../../../scripts/lab/lab.ts'
import { ClusterSeed } from '../../../services/database/index.ts'
import { LabFileError, loadLab, parseLab } from '../../../scripts/lab/lab-file.ts'

const file = join(import.meta.dirname, '..', '..', '..', 'labs', 'three-clusters.yaml')
const text = readFileSync(file, 'utf8')

/** The complaints about the default lab after one change to its text. */
function complaints(from: string | RegExp, to: string): readonly string[] {
  const changed = text.replace(from, to)
  if (changed === text) throw new Error(`nothing to replace: ${String(from)}`)
  try {
    parseLab(changed, 'lab.yaml')
  } catch (error) {
    if (error instanceof LabFileError) return error.problems
    throw error
  }
  return []
}

t.test('the default lab is the one that the interfaces promise', async (t) => {
  const lab = loadLab(file)
  t.equal(lab.name, 'three-clusters')
  t.strictSame(
    lab.hubs?.map(({ name, address }) => [name, address]),
    [['hub', '127.0.0.10']],
  )
  const promised = [
    ['cluster1', '127.0.0.11', 'bob', '12345', '1000-001', 'bob-profile', true],
    ['cluster2', '127.0.0.12', 'alice', '23456', '2000-001', 'alice-profile', undefined],
    ['cluster3', '127.0.0.13', 'kally', '34567', '3000-001', 'kally-profile', undefined],
  ]
  t.strictSame(
    lab.clusters.map(({ name, address, users = [] }) => {
      const [user] = users
      return [name, address, user?.userId, user?.pin, user?.primaryExtension, user?.defaultProfile, user?.superuser]
    }),
    promised,
  )
  for (const [index, { phones = [], users = [], deviceProfiles = [] }] of lab.clusters.entries()) {
    const n = index + 1
    const names = [1, 2, 3, 4, 5, 6].map((phone) => `SEP0000000${n}000${phone}`)
    t.strictSame(
      phones.map(({ name }) => name),
      names,
    )
    t.equal(phones[0]?.loggedIn, users[0]?.userId, 'the first one has its owner logged in')
    t.strictSame(phones[0]?.lines, deviceProfiles[0]?.lines, 'and is reached under the same number without a login')
    t.equal(phones[1]?.lines?.[0]?.dn, `${n}000102`)
  }
  t.equal(lab.phoneDefaults?.extensionMobility, true)
  const services = ['Extension Mobility', 'Change Credential']
  t.strictSame(
    lab.phoneServices?.map(({ name }) => name),
    services,
  )
  t.strictSame(lab.phoneDefaults?.phoneServices, services)
  for (const { deviceProfiles = [] } of lab.clusters) t.strictSame(deviceProfiles[0]?.phoneServices, services)
  t.ok(Object.isFrozen(lab.clusters[0]?.phones?.[0]))
})

t.test('an unknown key is refused with file, line, key path and what is allowed', async (t) => {
  const line = text.split('\n').findIndex((one) => one.includes('firstName: Bob')) + 1
  t.strictSame(complaints('firstName: Bob', 'fristName: Bob'), [
    `lab.yaml:${line}: clusters[0].users[0].fristName: unknown key; allowed here: userId, pin, pinMustChange, password, ` +
      'passwordMustChange, firstName, lastName, displayName, primaryExtension, selfServiceUserId, deviceProfiles, ' +
      'defaultProfile, superuser, homeCluster, groups, userLocale, userProfile, maximumLoginTime',
  ])
  t.match(complaints('name: three-clusters\n', 'name: three-clusters\ncolour: blue\n'), [
    /^lab\.yaml:\d+: colour: unknown key/u,
  ])
})

t.test('a directory number has one cluster and one owner, however it is written', async (t) => {
  t.match(complaints("dn: '2000102'", 'dn: (1000) 001'), [/directory number 1000001 is already at cluster1/u])
  const secondOwner = complaints(
    /- \{ name: SEP000000010002, lines: .*\}/u,
    '- { name: SEP000000010002, owner: eve, lines: [{ dn: 1000-001 }] }',
  )
  t.match(secondOwner, [/no user "eve"; there are: bob/u, /1000001 already belongs to bob, it cannot be eve's too/u])
  t.strictSame(complaints("dn: '1000102'", "dn: '1000103'"), [], 'two phones without an owner may share a line')
  t.match(complaints("dn: '2000102'", 'dn: extension'), [/"extension" cannot be dialled; allowed: digits/u])
})

t.test('names are given once', async (t) => {
  const twice = (from: string, to: string, what: RegExp) => {
    t.ok(
      complaints(from, to).some((one) => what.test(one)),
      `${from} → ${to}`,
    )
  }
  twice(
    'name: cluster2',
    'name: cluster1',
    /clusters\[1\]\.name: "cluster1" is there twice, first at clusters\[0\]\.name/u,
  )
  twice('name: hub', 'name: cluster2', /"cluster2" is there twice/u)
  twice('SEP000000020003', 'sep000000010003', /"sep000000010003" is there twice, first in cluster1/u)
  twice('127.0.0.12', '127.0.0.11', /"127\.0\.0\.11:8080" is there twice, first at clusters\[0\]\.address/u)
  twice('userId: alice', 'userId: Bob', /clusters\[1\]\.users\[0\]\.userId: "Bob" already has a home, cluster1/u)
  twice('name: to-cluster3', 'name: to-cluster2', /trunks\[1\]\.name: "to-cluster2" is there twice/u)
  twice('pattern: 3XXXXXX', 'pattern: 2XXXXXX', /routePatterns\[1\]\.pattern: "2XXXXXX" is there twice/u)
  twice('name: hub', 'name: redis', /"redis" is the name of the Redis that the lab brings/u)
})

t.test('two ports of one process differ', async (t) => {
  t.match(complaints('address: 127.0.0.12', 'address: 127.0.0.12\n    httpsPort: 8080'), [
    /"127\.0\.0\.12:8080" is there twice/u,
  ])
})

t.test('a reference leads somewhere', async (t) => {
  t.match(complaints('hub: hub', 'hub: hob'), [/clusters\[0\]\.hub: there is no hub "hob"; there are: hub/u])
  t.match(complaints('    hub: hub\n', ''), [/clusters\[0\]: hub is missing; there are: hub/u])
  t.match(complaints('loggedIn: bob', 'loggedIn: alice'), [
    /loggedIn: there is no user with a device profile "alice"; there are: bob/u,
  ])
  t.match(complaints('trunk: to-cluster2', 'trunk: to-moon'), [
    /there is no trunk "to-moon"; there are: to-cluster2, to-cluster3/u,
  ])
  t.match(complaints('remoteCluster: cluster2', 'remoteCluster: cluster1'), [/there is no other cluster "cluster1"/u])
  t.match(complaints('deviceProfiles: [bob-profile]', 'deviceProfiles: [bobs-profile]'), [
    /there is no device profile "bobs-profile"; there are: bob-profile/u,
  ])
  t.match(complaints('phoneServices: [Extension Mobility,', 'phoneServices: [Extensions,'), [
    /phoneDefaults\.phoneServices\[0\]: there is no phone service of the lab "Extensions"; there are: Extension Mobility, Change/u,
  ])
})

t.test('a value of the wrong kind is refused with what is allowed', async (t) => {
  t.match(complaints('pattern: 2XXXXXX', 'pattern: 2Y'), [
    /routePatterns\[0\]\.pattern: The pattern "2Y" cannot be used/u,
  ])
  t.match(complaints('extensionMobility: true', 'answerMode: sometimes'), [
    /answerMode: must be one of immediately, never, reject/u,
  ])
  t.match(complaints('127.0.0.10', 'localhost'), [/hubs\[0\]\.address: must be an IPv4 address, not "localhost"/u])
  t.match(complaints('127.0.0.10', '127.0.0.10\n    httpPort: 70000'), [
    /httpPort: must be a whole number from 1 to 65535, not 70000/u,
  ])
  t.match(complaints('name: cluster2', 'name: Cluster_2'), [
    /clusters\[1\]\.name: must be lower-case letters, digits and hyphens/u,
  ])
  t.match(complaints('superuser: true', 'superuser: [yes]'), [/superuser: must be true or false/u])
})

/** The complaints about a lab of one cluster with these keys, each without file and path of the cluster. */
function complaintsOf(keys: string): readonly string[] {
  const cluster = keys.trim().replaceAll(/^ */gmu, '    ')
  const lab = `name: a
ils: { network: n, password: p }
phoneServices: [{ name: Extension Mobility, url: '{http}/emapp' }]
clusters:
  - name: cluster1
    role: standalone
    callingSearchSpaces: [{ name: Everything, partitions: [] }]
${cluster}
`
  try {
    parseLab(lab, 'lab.yaml')
    return []
  } catch (error) {
    return (error as LabFileError).problems.map((one) => one.replace(/^lab\.yaml:(\d+): clusters\[0\]\./u, '$1 '))
  }
}

t.test('everything that a new database can hold may stand in a lab', async (t) => {
  const all = `
    userProfiles: [{ name: Hot desking, maySetMaximumLoginTime: true }]
    defaultDeviceProfiles: [{ model: Cisco 7960, phoneServices: [Extension Mobility], userLocale: French_France }]
    credentialPolicy: { minimumLength: 6, checkForTrivial: true, lockoutMinutes: 0 }
    serviceParameters: [{ service: Cisco Extension Mobility, name: Maximum Concurrent Requests, value: '20' }]
    users: [{ userId: bob, pin: 00123, pinMustChange: true, password: secret, userProfile: Hot desking, maximumLoginTime: '8:00' }]
    deviceProfiles: [{ name: lobby, loginUserId: bob, modules: [CKEM], dndOption: Ringer Off, emccCallingSearchSpace: Everything }]
    phones: [{ name: SEP1, logoutProfile: lobby, privacy: Off, speedDials: [{ number: 2000-001 }], intercomLines: [{ dn: '7001', defaultDevice: SEP1 }], addressingMode: IPv6 Only, ipAddress: '2001:db8::1' }]`
  t.strictSame(complaintsOf(all), [])
})

t.test('what a cluster would refuse of it is refused here, with its line', async (t) => {
  const wrong: Record<string, string | RegExp> = {
    'users: [{ userId: bob }]': '8 users[0]: pin is missing',
    "users: [{ userId: bob, pin: '1', userProfile: Roamers }]":
      '8 users[0].userProfile: there is no user profile "Roamers"; there are: none',
    "users: [{ userId: bob, pin: '1', maximumLoginTime: 8h }]":
      '8 users[0].maximumLoginTime: must be a time HHH:MM, e.g. 8:00, not "8h"',
    'userProfiles: [{ name: A }, { name: a }]':
      '8 userProfiles[1].name: "a" is there twice, first at clusters[0].userProfiles[0].name',
    'phones: [{ name: SEP1, privacy: Sometimes }]':
      '8 phones[0].privacy: must be one of Default, Off, On, not "Sometimes"',
    'phones: [{ name: SEP1, logoutProfile: lobby }]':
      '8 phones[0].logoutProfile: there is no device profile "lobby"; there are: none',
    'phones: [{ name: SEP1, modules: [A, B, C] }]': '8 phones[0].modules: must be at most two modules',
    "phones: [{ name: SEP1, ipAddress: '::1' }]":
      /"::1" is no address of a phone whose IP Addressing Mode is IPv4 Only/u,
    'phones: [{ name: SEP1, callingSearchSpace: Abroad }]':
      '8 phones[0].callingSearchSpace: there is no calling search space "Abroad"; there are: Everything',
    'phones: [{ name: SEP1, speedDials: [{ number: home }] }]': /speedDials\[0\]\.number: "home" cannot be dialled/u,
    "phones: [{ name: SEP1, lines: [{ dn: '1', forwardAll: home }] }]": /lines\[0\]\.forwardAll: "home" cannot/u,
    "deviceProfiles: [{ name: p, intercomLines: [{ dn: '1', defaultDevice: SEP9 }] }]":
      /intercomLines\[0\]\.defaultDevice: there is no phone "SEP9"/u,
    'deviceProfiles: [{ name: p, loginUserId: eve }]': /loginUserId: there is no user "eve"/u,
    'defaultDeviceProfiles: [{ model: M, phoneServices: [News] }]':
      /defaultDeviceProfiles\[0\]\.phoneServices\[0\]: there is no phone service "News"/u,
    'credentialPolicy: { minimumLength: 0 }':
      '8 credentialPolicy.minimumLength: must be a whole number from 1 to 64, not 0',
    'serviceParameters: [{ service: Cisco Extension Mobility, name: Maximum Concurrent Requests, value: many }]':
      '8 serviceParameters[0].value: Maximum Concurrent Requests is a whole number from 1 to 100.',
    "serviceParameters: [{ service: Cisco Extension Mobility, name: Colour, value: '1' }]":
      /name: Cisco Extension Mobility has no parameter "Colour"; it has: .*Maximum Concurrent Requests/u,
    "serviceParameters: [{ service: Cisco Tomcat, name: Colour, value: '1' }]":
      /service: no service "Cisco Tomcat" has parameters; these have: .*Cisco Extension Mobility/u,
  }
  for (const [keys, complaint] of Object.entries(wrong)) t.match(complaintsOf(keys), [complaint], keys)
})

/** Keys of a schema with those of its parts: `users[].pin`. */
function keysOf(schema: unknown, path = ''): string[] {
  const { properties, items } = (schema ?? {}) as { properties?: object; items?: object }
  if (items) return keysOf(items, `${path}[]`)
  return Object.entries(properties ?? {}).flatMap(([key, member]) => {
    const here = path === '' ? key : `${path}.${key}`
    return [here, ...keysOf(member, here)]
  })
}

t.test('a lab’s cluster has every key of a seed', async (t) => {
  const { items } = LabSchema.properties.clusters
  const allowed = new Set(keysOf(items))
  t.strictSame(
    keysOf(ClusterSeed).filter((key) => !allowed.has(key)),
    [],
  )
})

t.test('a PIN is never quoted in a complaint', async (t) => {
  const [complaint = ''] = complaints("pin: '12345'", `pin: ${'9'.repeat(70)}`)
  t.match(complaint, /users\[0\]\.pin: must be a PIN$/u)
})

t.test('every digit of a number or PIN counts, quoted or not', async (t) => {
  const lab = parseLab(
    text.replace("pin: '12345'", 'pin: 00123').replace("dn: '1000102'", 'dn: +14085550100'),
    'lab.yaml',
  )
  t.equal(lab.clusters[0]?.users?.[0]?.pin, '00123')
  t.equal(lab.clusters[0]?.phones?.[1]?.lines?.[0]?.dn, '+14085550100')
})

t.test('what is not YAML, not a lab or not there is refused', async (t) => {
  t.throws(() => parseLab('clusters: [\n', 'lab.yaml'), { code: 'LAB_FILE_INVALID', message: /^lab\.yaml:\d+:\d+: / })
  t.throws(() => parseLab('', 'lab.yaml'), {
    message: /name is missing\n.*ils is missing\n.*clusters is missing$/u,
  })
  t.throws(() => parseLab('- a\n- b\n', 'lab.yaml'), { message: /must be a map of keys$/u })
  t.throws(() => parseLab('a: &a [*a]\n', 'lab.yaml'), LabFileError)
  t.throws(() => loadLab('/nowhere/lab.yaml'), { message: /^\/nowhere\/lab\.yaml: cannot be read: ENOENT/u })
})

t.test('at most ten complaints are made at once', async (t) => {
  const many = complaints(/lines: \[\{ dn: '/gu, "owner: nobody, lines: [{ dn: '")
  t.equal(many.length, 11)
  t.match(many[10], /and \d+ more/u)
})
