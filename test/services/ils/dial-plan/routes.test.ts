import Fastify from 'fastify'
import t from 'tap'
import type { Ils, LearnedPage } from '../../../../services/ils/api.ts'
import { registerLearnedRoutes } from '../../../../services/ils/dial-plan/routes.ts'
import type { Door, ServiceApp } from '../../../../services/service.ts'
import { oneCluster } from './one-cluster.ts'

async function withDoor(t: Parameters<typeof oneCluster>[0]) {
  const cluster = await oneCluster(t)
  // As at the doors of a cluster, where texts stay texts.
  const app = Fastify({ ajv: { customOptions: { coerceTypes: false, removeAdditional: false } } })
  t.teardown(() => app.close())
  const access: unknown[] = []
  app.addHook('onRoute', ({ config, method }) => void (method === 'GET' && access.push(config)))
  const api = { learnedObjects: (query) => cluster.dialPlan.list(query) } as Pick<Ils, 'learnedObjects'>
  registerLearnedRoutes(app as unknown as ServiceApp, { api: () => api } as Door<Ils>)
  const get = (path: string) => app.inject(`/api/v1/global-dial-plan/learned/${path}`)
  return { cluster, access, get }
}

t.test(
  'B3 Learned Numbers, Learned Patterns, Learned Directory URIs: each is listed with all that is known',
  async (t) => {
    const { cluster, access, get } = await withDoor(t)
    cluster.hear('cluster3', ['enterprise-number', '81', { f: '+4981' }])
    cluster.hear(
      'cluster2',
      ['enterprise-number', '81'],
      ['e164-number', '+4982', { c: ['other', 'pbx.example.com'] }],
      ['enterprise-pattern', '8XX', { f: { s: 1, p: '+49' } }],
      ['directory-uri', 'bob@example.com'],
      ['dial-plan', 'route-string', { routeString: 'two.example.com' }],
    )
    await cluster.change({ part: 'use' }, () => {
      const rule = { description: '', pattern: '', prefix: '+49', clusterId: '', patternType: 'Any' } as const
      cluster.database.globalDialPlan.insertBlockingRule(rule)
    })
    const numbers = await get('numbers')
    t.equal(numbers.statusCode, 200)
    t.same(numbers.json<LearnedPage>(), {
      total: 2,
      objects: [
        {
          kind: 'enterprise-number',
          pattern: '81',
          cluster: 'cluster3',
          partition: 'Global Learned Enterprise Numbers',
          routeString: 'cluster3',
          pstnFailover: '+4981',
          duplicates: ['cluster2'],
          blocked: false,
        },
        {
          kind: 'e164-number',
          pattern: '+4982',
          cluster: 'cluster2',
          partition: 'Global Learned E.164 Numbers',
          routeString: 'pbx.example.com',
          catalog: 'other',
          duplicates: [],
          blocked: true,
        },
      ],
    })
    const patterns = (await get('patterns')).json<LearnedPage>()
    t.match(patterns.objects, [
      { pattern: '8XX', routeString: 'two.example.com', pstnFailover: { stripDigits: 1, prependDigits: '+49' } },
    ])
    const uris = (await get('directory-uris')).json<LearnedPage>()
    t.match(uris, { total: 1, objects: [{ pattern: 'bob@example.com', partition: '', cluster: 'cluster2' }] })
    t.equal(access.length, 3)
    for (const one of access) t.match(one, { access: 'role', role: 'Standard CCM Read Only' })
  },
)

t.test('filters and pages', async (t) => {
  const { cluster, get } = await withDoor(t)
  const said = Array.from({ length: 250 }, (_, n) => ['enterprise-number', String(8000 + n)] as const)
  cluster.hear('cluster2', ...said)
  cluster.hear('cluster3', ['enterprise-number', '9001'], ['enterprise-number', '8001'])
  const numbers = async (query: string) => (await get(`numbers?${query}`)).json<LearnedPage>()
  const all = await numbers('')
  t.equal(all.total, 251)
  t.equal(all.objects.length, 100)
  t.match(await numbers('offset=250'), { total: 251, objects: [{ pattern: '9001' }] })
  t.match(await numbers('offset=1000'), { total: 251, objects: [] })
  t.match(await numbers('cluster=cluster3'), { total: 2, objects: [{ pattern: '8001' }, { pattern: '9001' }] })
  t.match(await numbers('contains=24&limit=1'), { total: 13, objects: [{ pattern: '8024' }] })
  t.match(await numbers('cluster=cluster9'), { total: 0, objects: [] })
})

t.test('a query that cannot be is refused', async (t) => {
  const { get } = await withDoor(t)
  for (const query of ['limit=0', 'limit=1001', 'limit=', 'offset=-1', 'offset=x', 'of=1']) {
    t.equal((await get(`numbers?${query}`)).statusCode, 400, query)
  }
})
