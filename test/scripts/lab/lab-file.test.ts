import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
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
  t.strictSame(lab.phoneDefaults?.phoneServices, ['Extension Mobility'])
  t.ok(Object.isFrozen(lab.clusters[0]?.phones?.[0]))
})

t.test('an unknown key is refused with file, line, key path and what is allowed', async (t) => {
  t.strictSame(complaints('firstName: Bob', 'fristName: Bob'), [
    'lab.yaml:67: clusters[0].users[0].fristName: unknown key; allowed here: userId, pin, firstName, lastName, displayName, ' +
      'primaryExtension, selfServiceUserId, deviceProfiles, defaultProfile, superuser, homeCluster, groups',
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
  t.match(complaints('phoneServices: [Extension Mobility]', 'phoneServices: [Extensions]'), [
    /phoneDefaults\.phoneServices\[0\]: there is no phone service of the lab "Extensions"; there are: Extension Mobility/u,
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
