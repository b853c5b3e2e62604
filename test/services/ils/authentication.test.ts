// ILS Authentication: Use Password, Use TLS Certificates, both; and what no node starts with.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { loadIdentity } from '../../../services/certificates/index.ts'
import type { Identity } from '../../../services/certificates/api.ts'
import { loadAuthentication } from '../../../services/ils/authentication.ts'
import type { IlsConfig } from '../../../services/ils/config.ts'
import { parseHubConfig } from '../../../services/ils/hub/config.ts'
import { waitFor } from '../../fixtures/wait-for.ts'
import { ilsLab } from './ils-lab.ts'
import type { LabCluster } from './ils-lab.ts'

/** Certificates of one lab's CA. */
function authority(directory: string, name: string) {
  return (node: string): Promise<Identity> =>
    loadIdentity({
      secretsDirectory: join(directory, `secrets-of-${name}`),
      dataDirectory: join(directory, `${name}-${node}`),
      name: node,
      hosts: ['127.0.0.1'],
    })
}

async function labWith(t: Test, authentication: IlsConfig['authentication']) {
  const issue = authority(t.testdir(), 'lab')
  return { lab: await ilsLab(t, { authentication }, await issue('hub')), issue }
}

const statusOf = ({ ils }: LabCluster, peer: string) =>
  ils.status().peers.find(({ clusterId }) => clusterId === peer)?.status

const alarmsOf = ({ events }: LabCluster) =>
  events.filter(({ type }) => type === 'alarm').map(({ name, peer }) => `${String(name)} ${String(peer)}`)

for (const authentication of ['certificates', 'both'] as const) {
  t.test(`B2 Use TLS Certificates: clusters with certificates of one CA meet (${authentication})`, async (t) => {
    const { lab, issue } = await labWith(t, authentication)
    const one = await lab.cluster('cluster1', { authentication }, await issue('cluster1'))
    const two = await lab.cluster('cluster2', { authentication }, await issue('cluster2'))
    await one.addUser('bob')
    await waitFor('bob to be known', () => two.ils.locate('1000001'))
    t.equal(one.ils.status().authentication, authentication)
    // A busy machine may well let a heartbeat of 50 ms go by: only what says something about authentication counts.
    t.same(
      alarmsOf(one).filter((alarm) => alarm.includes('Authentication')),
      [],
    )
  })
}

t.test('B4 ILSTLSAuthenticationFailed: a certificate of a strange CA is an alarm, and teaches nothing', async (t) => {
  const { lab, issue } = await labWith(t, 'certificates')
  const one = await lab.cluster('cluster1', { authentication: 'certificates' }, await issue('cluster1'))
  await one.addUser('bob')
  const stranger = await authority(t.testdirName, 'strangers')('cluster2')
  const two = await lab.cluster('cluster2', { authentication: 'certificates', catchUpGraceMs: 100 }, stranger)
  await waitFor('the alarm', () => alarmsOf(two).includes('ILSTLSAuthenticationFailed hub'))
  const alarm = two.events.find(({ name }) => name === 'ILSTLSAuthenticationFailed')
  t.match(alarm, { severity: 'Alert', text: 'TLS Failure to ILS at remote cluster', peer: 'hub' })
  t.equal(await two.ils.caughtUp(), 'stale')
  t.equal(two.ils.locate('1000001'), undefined)
  t.match(two.ils.status().warnings, [/^ILSTLSAuthenticationFailed \(hub\): TLS Failure to ILS at remote cluster$/u])
  t.match(await two.metrics.metrics(), /ils_alarms_total\{name="ILSTLSAuthenticationFailed"\} [1-9]/u)
})

t.test('certificates that were exchanged are as good as those of the lab’s CA', async (t) => {
  const directory = t.testdir()
  const [ours, theirs] = [authority(directory, 'ours'), authority(directory, 'theirs')]
  const [hub, foreign] = [await ours('hub'), await theirs('cluster2')]
  const file = join(directory, 'cluster2.pem')
  writeFileSync(file, foreign.certPem)
  const hubFile = join(directory, 'hub.pem')
  writeFileSync(hubFile, hub.certPem)
  const lab = await ilsLab(t, { authentication: 'certificates', trustedCertificates: [file] }, hub)
  const two = await lab.cluster('cluster2', { authentication: 'certificates', trustedCertificates: [hubFile] }, foreign)
  await waitFor('they meet', () => statusOf(two, 'hub') === 'Up to Date')
})

t.test('a lab of another CA joins by trustedAuthorities', async (t) => {
  const directory = t.testdir()
  const [ours, theirs] = [authority(directory, 'ours'), authority(directory, 'theirs')]
  const [hub, foreign] = [await ours('hub'), await theirs('cluster2')]
  const [ourCa, theirCa] = [join(directory, 'ours.pem'), join(directory, 'theirs.pem')]
  writeFileSync(ourCa, hub.caPem)
  writeFileSync(theirCa, foreign.caPem)
  const lab = await ilsLab(t, { authentication: 'certificates', trustedAuthorities: [theirCa] }, hub)
  const two = await lab.cluster('cluster2', { authentication: 'certificates', trustedAuthorities: [ourCa] }, foreign)
  await waitFor('they meet', () => statusOf(two, 'hub') === 'Up to Date')
})

t.test('who asks for more than the network does not settle for less', async (t) => {
  const { lab, issue } = await labWith(t, 'password')
  const one = await lab.cluster('cluster1', { authentication: 'both', catchUpGraceMs: 100 }, await issue('cluster1'))
  await waitFor('an alarm', () => alarmsOf(one).some((alarm) => alarm.startsWith('ILSTLSAuthenticationFailed')))
  t.not(statusOf(one, 'hub'), 'Up to Date')
  t.equal(await one.ils.caughtUp(), 'stale')
})

t.test('certificates that cannot be used stop the start in a sentence', async (t) => {
  const directory = t.testdir({
    'text.pem': 'Dear diary',
    'cut.pem': '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
  })
  const issue = authority(directory, 'lab')
  const identity = await issue('cluster1')
  const load = (
    trustedCertificates: string[],
    self = 'cluster1',
    by: Identity = identity,
    trustedAuthorities: string[] = [],
  ) =>
    loadAuthentication({
      self,
      settings: { authentication: 'certificates', password: '', trustedCertificates, trustedAuthorities },
      identity: () => by,
      clock: Date,
    })
  await t.resolves(load([]))
  await t.rejects(load([join(directory, 'nowhere.pem')]), {
    code: 'ILS_CONFIG',
    message: /nowhere\.pem cannot be read/u,
  })
  await t.rejects(load([join(directory, 'text.pem')]), { code: 'ILS_CONFIG', message: /holds no certificate/u })
  await t.rejects(load([join(directory, 'cut.pem')]), { code: 'ILS_CONFIG', message: /cut\.pem cannot be read/u })
  const authorities = (file: string) => load([], 'cluster1', identity, [join(directory, file)])
  await t.rejects(authorities('text.pem'), { message: /^trustedAuthorities: .*text\.pem holds no certificate/u })
  await t.rejects(authorities('cut.pem'), { message: /trustedAuthorities: .*cut\.pem cannot be read/u })
  writeFileSync(join(directory, 'leaf.pem'), identity.certPem)
  await t.rejects(authorities('leaf.pem'), { message: /leaf\.pem is not that of a CA/u })
  writeFileSync(join(directory, 'ca.pem'), identity.caPem)
  await t.resolves(authorities('ca.pem'))
  await t.rejects(load([], 'cluster2'), { code: 'ILS_CONFIG', message: /names cluster1, and not cluster2/u })
  await t.rejects(load([], 'cluster1', { ...identity, keyPem: 'no key' }), { code: 'ILS_CONFIG', message: /key/u })
})

t.test(
  'B2 Use Password: passwords need no certificate, certificates no password, and a hub says where its own comes from',
  async (t) => {
    const unused = () => t.fail('nobody looks at it') as never
    const settings = { authentication: 'password', password: 'secret' } as const
    const loaded = await loadAuthentication({
      self: 'x',
      settings: { ...settings, trustedCertificates: [], trustedAuthorities: [] },
      identity: unused,
      clock: Date,
    })
    t.same(loaded, { mode: 'password', password: 'secret' })
    const hub =
      (ils: object, more: object = {}) =>
      () =>
        parseHubConfig({ dataDirectory: '/tmp/x', ils, ...more })
    t.throws(hub({ authentication: 'certificates' }), { code: 'ILS_CONFIG', message: /secretsDirectory/u })
    t.throws(hub({ authentication: 'both' }, { secretsDirectory: '/s' }), { code: 'ILS_CONFIG', message: /password/u })
    t.doesNotThrow(hub({ authentication: 'certificates' }, { secretsDirectory: '/s' }))
  },
)
