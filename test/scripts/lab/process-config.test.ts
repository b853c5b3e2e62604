import { join } from 'node:path'
import t from 'tap'
import { Value } from 'typebox/value'
import { configFor } from '../../../scripts/lab/become-process.ts'
import { loadLab, parseLab } from '../../../scripts/lab/lab-file.ts'
import { processConfigs, tftpAddress } from '../../../scripts/lab/process-config.ts'
import type { Surroundings } from '../../../scripts/lab/process-config.ts'
import { ClusterSeed } from '../../../services/database/index.ts'

const file = join(import.meta.dirname, '..', '..', '..', 'labs', 'three-clusters.yaml')
const around: Surroundings = {
  dataDirectory: '/data',
  secretsDirectory: '/data/secrets',
  redisUrl: 'redis://127.0.0.1:1',
  endpoint: ({ length }) => ({
    host: '127.0.0.1',
    httpPort: 2 * length,
    httpsPort: 3 * length,
    tftpHttpPort: 4 * length,
    tftpPort: 5 * length,
    advertise: 'here',
  }),
  clusterUrl: (cluster) => `https://${cluster}`,
}
const configs = () => new Map(processConfigs(loadLab(file), around).map(({ name, config }) => [name, config]))

t.test('a lab becomes one configuration per process, hubs first, the tool last', async (t) => {
  t.strictSame(
    processConfigs(loadLab(file), around).map(({ name, kind }) => [name, kind]),
    [
      ['hub', 'hub'],
      ['cluster1', 'cluster'],
      ['cluster2', 'cluster'],
      ['cluster3', 'cluster'],
      ['super-user-sync', 'super-user-sync'],
    ],
  )
})

t.test('a cluster is told its place, its hub and what its new database holds', async (t) => {
  t.match(configs().get('cluster1'), {
    name: 'cluster1',
    publisher: true,
    dataDirectory: '/data/cluster1',
    secretsDirectory: '/data/secrets',
    listen: { host: '127.0.0.1', httpPort: 16, httpsPort: 24, advertise: 'here' },
    insecureDefaults: false,
    services: {
      tftp: { host: '127.0.0.1', advertise: 'here', httpPort: 32, tftpPort: 40 },
      ils: {
        role: 'spoke',
        hub: 'hub',
        network: 'three-clusters',
        password: 'three-clusters-ils',
        redisUrl: 'redis://127.0.0.1:1',
        heartbeatMs: undefined,
      },
    },
    seed: {
      routePatterns: [
        { pattern: '2XXXXXX', trunk: 'to-cluster2' },
        { pattern: '3XXXXXX', trunk: 'to-cluster3' },
      ],
      phoneServices: [
        {
          url: 'http://here:16/emapp/EMAppServlet?device=#DEVICENAME#',
          secureUrl: 'https://here:24/emapp/EMAppServlet?device=#DEVICENAME#',
        },
        {
          url: 'http://here:16/changecredential/ChangeCredentialServlet?device=#DEVICENAME#',
          secureUrl: 'https://here:24/changecredential/ChangeCredentialServlet?device=#DEVICENAME#',
        },
      ],
      deviceProfiles: [{ name: 'bob-profile', lines: [{ dn: '1000001' }] }],
      phones: [
        { name: 'SEP000000010001', owner: 'bob', loggedIn: 'bob', extensionMobility: true, lines: [{ dn: '1000001' }] },
        {
          name: 'SEP000000010002',
          extensionMobility: true,
          phoneServices: ['Extension Mobility', 'Change Credential'],
          lines: [{ dn: '1000102' }],
        },
      ],
    },
  })
})

t.test('hub and tool get what they need and no more', async (t) => {
  const { hub, sync } = { hub: configs().get('hub'), sync: configs().get('super-user-sync') }
  t.match(hub, { ils: { network: 'three-clusters', password: 'three-clusters-ils', redisUrl: 'redis://127.0.0.1:1' } })
  t.match(sync, { schedule: '0 2 * * *', runOnStart: true, secretsDirectory: '/data/secrets' })
  t.strictSame(sync?.['clusters'], [
    { name: 'cluster1', url: 'https://cluster1', userId: 'superusersync', password: 'roamline' },
    { name: 'cluster2', url: 'https://cluster2', userId: 'superusersync', password: 'roamline' },
    { name: 'cluster3', url: 'https://cluster3', userId: 'superusersync', password: 'roamline' },
  ])
})

t.test('a cluster’s own settings win, and a password of its own reaches the tool', async (t) => {
  const lab = parseLab(
    `name: a
ils: { network: n, password: p, heartbeatMs: 500 }
hubs: [{ name: hub }]
superUserSync: { schedule: null }
clusters:
  - name: cluster1
    hub: hub
    services: { ils: { heartbeatMs: 100 }, callmanager: { phoneRestartMs: 5 } }
    applicationUsers: [{ userId: superusersync, password: other, groups: [g] }]
  - { name: cluster2, publisher: false, hub: hub }
`,
    'a.yaml',
  )
  const [, first, second, sync] = processConfigs(lab, around)
  t.match(first?.config, { services: { ils: { heartbeatMs: 100, hub: 'hub' }, callmanager: { phoneRestartMs: 5 } } })
  t.strictSame(Object.keys(second?.config['services'] ?? {}), ['tftp'], 'ILS runs on publishers only')
  t.match(sync?.config, { schedule: null, clusters: [{ password: 'other' }, { password: 'roamline' }] })
})

t.test(
  'what a lab says of profiles, policy and settings is passed on, and nothing of it where it says nothing',
  async (t) => {
    const lab = parseLab(
      `name: a
ils: { network: n, password: p }
phoneDefaults: { userLocale: French_France, securityMode: Encrypted }
clusters:
  - name: cluster1
    role: standalone
    userProfiles: [{ name: Hot desking, maySetMaximumLoginTime: true }]
    defaultDeviceProfiles: [{ model: Cisco 7960, softkeyTemplate: Standard Feature }]
    credentialPolicy: { minimumLength: 6 }
    users: [{ userId: bob, pin: '12345', password: secret, passwordMustChange: true, userProfile: Hot desking }]
    phones: [{ name: SEP1, securityMode: Authenticated, speedDials: [{ number: '2001' }] }]
  - { name: cluster2, role: standalone }
`,
      'a.yaml',
    )
    const [first, second] = processConfigs(lab, around)
    t.match(first?.config['seed'], {
      userProfiles: [{ name: 'Hot desking', maySetMaximumLoginTime: true }],
      defaultDeviceProfiles: [{ model: 'Cisco 7960', softkeyTemplate: 'Standard Feature' }],
      credentialPolicy: { minimumLength: 6 },
      users: [{ password: 'secret', passwordMustChange: true, userProfile: 'Hot desking' }],
      phones: [{ userLocale: 'French_France', securityMode: 'Authenticated', speedDials: [{ number: '2001' }] }],
    })
    const seed = second?.config['seed'] as object
    for (const key of ['userProfiles', 'defaultDeviceProfiles', 'credentialPolicy']) t.notOk(key in seed, key)
    t.ok(Value.Check(ClusterSeed, first?.config['seed']))
  },
)

t.test('where phones get their files follows from a cluster’s configuration', async (t) => {
  const [hub, cluster1] = processConfigs(loadLab(file), around)
  t.equal(hub && tftpAddress(hub), undefined)
  t.strictSame(cluster1 && tftpAddress(cluster1), { http: 'http://here:32', tftp: 'tftp://here:40' })
  const lab = parseLab(
    `name: a
ils: { network: n, password: p }
hubs: [{ name: hub }]
clusters:
  - { name: cluster1, hub: hub, services: { tftp: { httpPort: 7000, tftpPort: 7001 } } }
  - { name: cluster2, hub: hub, services: { tftp: { tftpPort: 0 } } }
`,
    'a.yaml',
  )
  const [, first, second] = processConfigs(lab, around)
  t.strictSame(first && tftpAddress(first), { http: 'http://here:7000', tftp: 'tftp://here:7001' }, 'the lab file wins')
  t.equal(second && tftpAddress(second), undefined, 'nobody knows it yet')
})

t.test('in a container everything but the lab comes from the environment', async (t) => {
  const environment = {
    ROAMLINE_DATA: '/d',
    ROAMLINE_SECRETS: '/s',
    ROAMLINE_REDIS_URL: 'redis://redis:6379',
    ROAMLINE_INSECURE_DEFAULTS: '1',
    ROAMLINE_CLUSTER_URL_PATTERN: 'https://<cluster>.lab:9443',
  }
  t.match(configFor('cluster2', file, environment), {
    kind: 'cluster',
    config: {
      dataDirectory: '/d/cluster2',
      secretsDirectory: '/s',
      insecureDefaults: true,
      listen: { host: '0.0.0.0', httpPort: 8080, httpsPort: 8443, advertise: 'cluster2' },
      services: { tftp: { host: '0.0.0.0', advertise: 'cluster2', httpPort: 6970, tftpPort: 6969 } },
      seed: { phoneServices: [{ url: 'http://cluster2:8080/emapp/EMAppServlet?device=#DEVICENAME#' }, {}] },
    },
  })
  t.match(configFor('super-user-sync', file, environment).config, {
    clusters: [{ url: 'https://cluster1.lab:9443' }, {}, {}],
  })
  t.match(configFor('hub', file, {}).config, { dataDirectory: '/data/hub', ils: { redisUrl: 'redis://redis:6379' } })
})

t.test('a wrong name or variable is refused', async (t) => {
  t.throws(() => configFor('cluster9', file, {}), {
    code: 'LAB_PROCESS_UNKNOWN',
    message: /no process "cluster9"; it has: hub, cluster1, cluster2, cluster3, super-user-sync$/u,
  })
  t.throws(() => configFor('cluster1', file, { ROAMLINE_HTTP_PORT: 'http' }), {
    code: 'LAB_USAGE',
    message: 'ROAMLINE_HTTP_PORT must be a port number from 0 to 65535, not "http"',
  })
})
