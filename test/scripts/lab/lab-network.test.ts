// The ILS network of a lab: what can be, what cannot, and what its processes are told of it.
import { join } from 'node:path'
import t from 'tap'
import { loadLab, parseLab } from '../../../scripts/lab/lab-file.ts'
import { processConfigs } from '../../../scripts/lab/process-config.ts'
import { parseHubConfig } from '../../../services/ils/hub/config.ts'

const around = {
  dataDirectory: '/data',
  secretsDirectory: '/data/secrets',
  redisUrl: 'redis://127.0.0.1:1',
  endpoint: () => ({ host: '127.0.0.1', httpPort: 1, httpsPort: 2, advertise: 'here' }),
  clusterUrl: (cluster: string) => `https://${cluster}`,
}

function problems(ils: string, ...lines: readonly string[]): string {
  try {
    parseLab([`name: a`, `ils: { network: n, ${ils} }`, ...lines].join('\n'), 'a.yaml')
    return ''
  } catch (error) {
    return (error as Error).message
  }
}

function configsOf(...lines: readonly string[]) {
  const lab = parseLab(['name: a', ...lines].join('\n'), 'a.yaml')
  return new Map(processConfigs(lab, around).map(({ name, config }) => [name, config]))
}

const spokes = 'clusters: [{ name: cluster1, hub: hub1 }]'

t.test(
  'hubs without a registration server are told of one another, one with it finds the others by itself',
  async (t) => {
    const configs = configsOf(
      'ils: { network: n, password: p, synchronizeClustersEveryMinutes: 7 }',
      'hubs: [{ name: hub1 }, { name: hub2 }, { name: hub3, registrationServer: hub2 }]',
      'clusters: [{ name: cluster1, role: hub }, { name: cluster2, role: hub, registrationServer: hub3 }, { name: cluster3, hub: cluster2 }]',
    )
    const ilsOf = (name: string) => {
      const config = configs.get(name) as { ils?: object; services?: { ils: object } } | undefined
      return config?.ils ?? config?.services?.ils
    }
    t.match(ilsOf('hub1'), { hubs: ['hub2', 'cluster1'], synchronizeClustersEveryMinutes: 7 })
    t.match(ilsOf('hub3'), { registrationServer: 'hub2', hubs: undefined })
    t.match(ilsOf('cluster1'), { role: 'hub', hubs: ['hub1', 'hub2'] })
    t.match(ilsOf('cluster2'), { role: 'hub', registrationServer: 'hub3', hubs: undefined })
    t.match(ilsOf('cluster3'), { role: 'spoke', hub: 'cluster2' })
    for (const name of ['hub1', 'hub3']) t.doesNotThrow(() => parseHubConfig(hubInput(configs.get(name))), name)
  },
)

/** As it stands in the configuration file. */
function hubInput(config: unknown): unknown {
  return JSON.parse(JSON.stringify(config))
}

t.test('hubs get a certificate only where somebody asks for it', async (t) => {
  const hub = (ils: string) => configsOf(`ils: { network: n, ${ils} }`, 'hubs: [{ name: hub1 }]', spokes).get('hub1')
  t.notOk('secretsDirectory' in (hub('password: p') ?? {}))
  t.match(hub('authentication: certificates'), {
    secretsDirectory: '/data/secrets',
    ils: { authentication: 'certificates' },
  })
  t.match(hub('authentication: both, password: p'), { secretsDirectory: '/data/secrets', ils: { password: 'p' } })
})

t.test('what a hub has of its own goes before what the lab says of the network', async (t) => {
  const hubs = 'hubs: [{ name: hub1, ils: { redisUrl: "redis://127.0.0.1:7000", heartbeatMs: 200 } }, { name: hub2 }]'
  const configs = configsOf('ils: { network: n, password: p }', hubs, spokes)
  t.match(configs.get('hub1'), {
    ils: { network: 'n', password: 'p', redisUrl: 'redis://127.0.0.1:7000', heartbeatMs: 200 },
  })
  t.match(configs.get('hub2'), { ils: { network: 'n', redisUrl: around.redisUrl, heartbeatMs: undefined } })
})

t.test('route strings and the exchange are the cluster’s own', async (t) => {
  const configs = configsOf(
    'ils: { network: n, password: p }',
    'hubs: [{ name: hub1 }]',
    'clusters: [{ name: cluster1, hub: hub1, advertisedRouteString: east.lab, exchangeGlobalDialPlan: false }]',
  )
  t.match(configs.get('cluster1'), {
    services: { ils: { advertisedRouteString: 'east.lab', exchangeGlobalDialPlan: false } },
  })
})

t.test('what cannot be of a network is refused, with its line', async (t) => {
  const hub = 'hubs: [{ name: hub1 }]'
  const wrong: readonly (readonly [string, RegExp])[] = [
    [problems('authentication: both', hub, spokes), /a\.yaml:2: ils: password is missing/u],
    [
      problems('authentication: maybe, password: p', hub, spokes),
      /ils\.authentication: must be one of password, cert/u,
    ],
    [
      problems('password: p', 'hubs: [{ name: hub1, registrationServer: hub1 }]', spokes),
      /cannot register with itself/u,
    ],
    [
      problems('password: p', 'hubs: [{ name: hub1, registrationServer: moon }]', spokes),
      /no hub "moon"; there are: hub1/u,
    ],
    [problems('password: p', hub, 'clusters: [{ name: cluster1, hub: moon }]'), /no hub "moon"/u],
    [problems('password: p', hub, 'clusters: [{ name: cluster1 }]'), /hub is missing; there are: hub1/u],
    [problems('password: p', hub, 'clusters: [{ name: c, role: hub, hub: hub1 }]'), /a hub has no hub above it/u],
    [
      problems('password: p', hub, 'clusters: [{ name: c, hub: hub1, registrationServer: hub1 }]'),
      /clusters\[0\]\.registrationServer: only a hub has a registration server/u,
    ],
    [
      problems('password: p', hub, "clusters: [{ name: c, hub: hub1, advertisedRouteString: 'a b' }]"),
      /advertisedRouteString: .*not a label/u,
    ],
    [
      problems(
        'password: p',
        'hubs: [{ name: hub1 }, { name: hub2, registrationServer: hub3 }, { name: hub3, registrationServer: hub2 }]',
        spokes,
      ),
      /hub2 never meets hub1/u,
    ],
  ]
  for (const [found, expected] of wrong) t.match(found, expected)
  t.equal(
    problems('', 'clusters: [{ name: c, role: standalone }]'),
    '',
    'where there is no network no password is needed',
  )
  t.equal(problems('authentication: certificates', hub, spokes), '')
})

t.test('the shipped lab of two hubs has two spokes at each, and hub2 finds hub1 by itself', async (t) => {
  const lab = loadLab(join(import.meta.dirname, '..', '..', '..', 'labs', 'two-hubs.yaml'))
  t.strictSame(
    lab.clusters.map(({ name, hub, advertisedRouteString }) => [name, hub, advertisedRouteString]),
    [
      ['cluster1', 'hub1', 'cluster1.lab'],
      ['cluster2', 'hub1', 'cluster2.lab'],
      ['cluster3', 'hub2', 'cluster3.lab'],
      ['cluster4', 'hub2', 'cluster4.lab'],
    ],
  )
  t.match(lab.hubs, [{ name: 'hub1' }, { name: 'hub2', registrationServer: 'hub1' }])
})
