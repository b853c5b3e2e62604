import t from 'tap'
import { Value } from 'typebox/value'
import { LabFileError, parseLab } from '../../../scripts/lab/lab-file.ts'
import { fingerprintOfSeed, processConfigs } from '../../../scripts/lab/process-config.ts'
import type { Surroundings } from '../../../scripts/lab/process-config.ts'
import { ClusterSeed } from '../../../services/database/index.ts'

const without = `
name: dial-plans
ils: { network: dial-plans, password: secret }
clusters:
  - name: cluster1
    role: hub
    partitions: [Alternates]
    callingSearchSpaces:
      - { name: Everything, partitions: [Alternates, Global Learned E.164 Numbers] }
    trunks:
      - { name: to-cluster2, remoteCluster: cluster2 }
    phones:
      - { name: SEP000000010001, lines: [{ dn: 1000-001 }] }
  - name: cluster2
    hub: cluster1
`
const plan = `
    globalDialPlan:
      learnedPartitions: { enterprisePatterns: Alternates }
      numbers:
        - dn: 1000-001
          enterpriseAlternateNumber: { mask: 8555XXXX, partition: Alternates, advertise: true }
          e164AlternateNumber: { mask: +1408555XXXX, advertise: true }
          advertisedFailover: +E.164 Alternate Number
          directoryUris: [{ uri: bob@roamline.example, advertise: true }]
      advertisedPatterns:
        - { pattern: 54XXX, type: Enterprise Number Pattern }
        - { pattern: +1408XXX, type: E.164 Number Pattern, failover: { use: Use Pattern as PSTN Failover } }
      catalogs:
        - name: partner
          routeString: partner.example
          entries:
            - { type: Directory URI, pattern: kally@partner.example, failover: +14085550300 }
            - { type: Enterprise Pattern, pattern: 8666XXXX }
      blockedLearnedPatterns:
        - { prefix: +1900 }
      sipRoutePatterns:
        - { pattern: cluster2.example, trunk: to-cluster2 }
`
const withPlan = without
  .replace('    phones:\n', `${plan.slice(1)}    phones:\n`)
  .replace('SEP000000010001,', 'SEP000000010001, aarCallingSearchSpace: Everything,')

const around: Surroundings = {
  dataDirectory: '/data',
  secretsDirectory: '/data/secrets',
  redisUrl: 'redis://127.0.0.1:1',
  endpoint: () => ({ host: '127.0.0.1', httpPort: 1, httpsPort: 2, tftpHttpPort: 3, tftpPort: 4, advertise: 'here' }),
  clusterUrl: (cluster) => `https://${cluster}`,
}

/** The complaints about the lab above after one change to its text. */
function complaints(from: string, to: string): readonly string[] {
  if (!withPlan.includes(from)) throw new Error(`nothing to replace: ${from}`)
  try {
    parseLab(withPlan.replace(from, to), 'lab.yaml')
  } catch (error) {
    if (error instanceof LabFileError) return error.problems
    throw error
  }
  return []
}

t.test('the global dial plan of a lab file reaches the seed of its cluster', async (t) => {
  const lab = parseLab(withPlan, 'lab.yaml')
  const [first, second] = processConfigs(lab, around)
  const seed = first?.config['seed']
  t.ok(Value.Check(ClusterSeed, seed))
  t.match(seed, {
    phones: [{ aarCallingSearchSpace: 'Everything' }],
    globalDialPlan: {
      learnedPartitions: { enterprisePatterns: 'Alternates' },
      numbers: [{ dn: '1000-001', e164AlternateNumber: { mask: '+1408555XXXX' } }],
      advertisedPatterns: { length: 2 },
      catalogs: [{ name: 'partner', entries: { length: 2 } }],
      blockedLearnedPatterns: [{ prefix: '+1900' }],
      sipRoutePatterns: [{ trunk: 'to-cluster2' }],
    },
  })
  t.match(second?.config['seed'], { globalDialPlan: undefined })
})

t.test('a lab file without it has the fingerprint that it always had', async (t) => {
  const lab = parseLab(without.replace(', Global Learned E.164 Numbers', ''), 'lab.yaml')
  const [first] = lab.clusters
  const [changed] = parseLab(withPlan, 'lab.yaml').clusters
  if (!first || !changed) throw new Error('no cluster')
  // As the release before these keys made it.
  t.equal(fingerprintOfSeed(lab, first), 'fa7c39bbd2460dce68775087c6538fce7fba3b30570f8221cb2ed016062e0248')
  t.not(fingerprintOfSeed(lab, changed), fingerprintOfSeed(lab, first))
})

t.test('what the cluster would refuse when it starts is a complaint with its line', async (t) => {
  const complains = (from: string, to: string, complaint: RegExp) => {
    const all = complaints(from, to)
    t.match(all, { length: 1, 0: complaint }, `${from} → ${to}`)
  }
  complains('- dn: 1000-001\n', '- dn: 1000-002\n', /numbers\[0\].dn: no phone or device profile of cluster1 has/u)
  complains('- dn: 1000-001\n', '- dn: bob\n', /numbers\[0\].dn: "bob" cannot be dialled/u)
  complains('mask: 8555XXXX', 'mask: +8XXX', /enterpriseAlternateNumber.mask: .*only a \+E.164 number/u)
  complains('mask: +1408555XXXX', 'mask: 1408XXX', /e164AlternateNumber.mask: .*begins with \+/u)
  complains('8555XXXX, partition: Alternates', '8555XXXX, partition: Nowhere', /no partition "Nowhere"/u)
  complains('bob@roamline.example', 'bob', /directoryUris\[0\].uri: .*user@host/u)
  complains('enterprisePatterns: Alternates', 'enterprisePatterns: ""', /cannot be in <None>/u)
  complains('enterprisePatterns: Alternates', 'enterprisePatterns: Nowhere', /no partition "Nowhere"/u)
  complains('pattern: 54XXX', 'pattern: "5[4"', /advertisedPatterns\[0\].pattern: .*bracket/u)
  complains('pattern: +1408XXX', 'pattern: 1408XXX', /advertisedPatterns\[1\].pattern: .*begin with \+/u)
  complains('routeString: partner.example', 'routeString: a b', /routeString: .*not a label/u)
  complains('pattern: kally@partner.example', 'pattern: kally', /catalogs\[0\].entries\[0\]: .*user@host/u)
  complains(
    'prefix: +1900',
    'prefix: ""',
    /blockedLearnedPatterns\[0\]: it names neither a pattern nor a prefix nor a clusterId/u,
  )
  complains('pattern: cluster2.example', 'pattern: abc-123-def.xyz.com', /sipRoutePatterns\[0\].pattern: .*two dashes/u)
  complains('example, trunk: to-cluster2', 'example, trunk: nowhere', /no trunk "nowhere"/u)
  complains('type: Directory URI', 'type: URI', /type: must be one of Directory URI, Enterprise Number/u)
  complains('aarCallingSearchSpace: Everything', 'aarCallingSearchSpace: Nowhere', /no calling search space "Nowhere"/u)
  complains(
    '      learnedPartitions:',
    '      routeString: a.b\n      learnedPartitions:',
    /unknown key; allowed here: learned/u,
  )
})

t.test('only a hub has catalogs', async (t) => {
  const all = complaints('role: hub', 'role: standalone').join('\n')
  t.match(all, /only a cluster with role hub has catalogs, cluster1 is not one/u)
})
