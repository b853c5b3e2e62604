// Advertised patterns, learned partitions, blocking rules and SIP route patterns.
import t from 'tap'
import { dialPlanCluster, root } from '../../../fixtures/dial-plan-cluster.ts'

t.test('an advertised pattern is added, changed and deleted, and ILS told each time', async (t) => {
  const cluster = await dialPlanCluster(t)
  const path = `${root}/advertised-patterns`
  const added = await cluster.ask(`POST ${path}`, { pattern: '+1408555xxxx', type: 'E.164 Number Pattern' })
  t.match(added, {
    status: 201,
    headers: { location: `${path}/${encodeURIComponent('\\+1408555XXXX')}` },
    body: { pattern: '\\+1408555XXXX', description: '', failover: { use: "Don't Use PSTN Failover" } },
  })
  const failover = { use: 'Strip Digits and Prepend Digits', prependDigits: '9' }
  const changed = await cluster.ask(`PATCH ${path}/${encodeURIComponent('+1408555XXXX')}`, { failover })
  t.match(changed, { status: 200, body: { failover: { ...failover, stripDigits: 0 } } })
  t.match((await cluster.ask(`GET ${path}`, undefined, 'reader')).body, [changed.body])
  t.equal((await cluster.ask(`DELETE ${path}/%5C%2B1408555XXXX`)).status, 204)
  t.equal((await cluster.ask(`GET ${path}/%5C%2B1408555XXXX`)).status, 404)
  t.equal((await cluster.ask(`DELETE ${path}/%5C%2B1408555XXXX`)).status, 404)
  t.strictSame(
    cluster.changes,
    [1, 2, 3].map(() => ({ part: 'pattern', pattern: '\\+1408555XXXX' })),
  )
  t.equal(cluster.callmanager.configurationChanges, 0, 'never used by the cluster that advertises it')
})

t.test('a pattern that cannot be advertised is refused', async (t) => {
  const cluster = await dialPlanCluster(t)
  const post = (body: unknown) => cluster.ask(`POST ${root}/advertised-patterns`, body)
  const type = 'Enterprise Number Pattern'
  t.match(await post({ pattern: '5[4XXX', type }), { status: 422, body: { detail: /bracket/u } })
  t.match(await post({ pattern: '+54XXX', type }), { status: 422, body: { detail: /begins with \+/u } })
  t.match(await post({ pattern: '54XXX' }), { status: 400, body: { detail: /type/u } })
  t.match(await post({ pattern: '54XXX', type, failover: { use: 'Always' } }), { status: 400 })
  t.equal((await post({ pattern: '54XXX', type })).status, 201)
  t.equal((await post({ pattern: '54XXX', type })).status, 409)
  t.equal(cluster.changes.length, 1)
})

t.test('the partitions for what is learned may be others, never <None>', async (t) => {
  const cluster = await dialPlanCluster(t)
  const path = `${root}/learned-partitions`
  const predefined = {
    enterpriseNumbers: 'Global Learned Enterprise Numbers',
    e164Numbers: 'Global Learned E.164 Numbers',
    enterprisePatterns: 'Global Learned Enterprise Patterns',
    e164Patterns: 'Global Learned E.164 Patterns',
  }
  t.strictSame((await cluster.ask(`GET ${path}`, undefined, 'reader')).body, predefined)
  await cluster.ask('POST /api/v1/partitions', { name: 'Learned' })
  const changed = await cluster.ask(`PATCH ${path}`, { e164Numbers: 'Learned' })
  t.strictSame([changed.status, changed.body], [200, { ...predefined, e164Numbers: 'Learned' }])
  t.strictSame(cluster.changes, [{ part: 'use' }])
  t.match(await cluster.ask(`PATCH ${path}`, { e164Numbers: '' }), { status: 400, body: { detail: /e164Numbers/u } })
  t.match(await cluster.ask(`PATCH ${path}`, { e164Numbers: 'Nowhere' }), { status: 422, body: { detail: /Nowhere/u } })
  t.match(await cluster.ask('DELETE /api/v1/partitions/Learned'), { status: 409, body: { detail: /in use/u } })
  t.equal(cluster.changes.length, 1)
  t.equal(cluster.callmanager.configurationChanges, 2)
})

t.test('a blocking rule is added, changed and deleted', async (t) => {
  const cluster = await dialPlanCluster(t)
  const path = `${root}/blocked-learned-patterns`
  const added = await cluster.ask(`POST ${path}`, { prefix: '+1900', clusterId: 'cluster2' })
  const rule = { description: '', pattern: '', prefix: '+1900', clusterId: 'cluster2', patternType: 'Any' }
  t.match(added, { status: 201, body: rule })
  const { id } = added.body as { id: string }
  const changed = await cluster.ask(`PATCH ${path}/${id}`, { clusterId: '', patternType: '+E.164 Pattern' })
  t.match(changed, { status: 200, body: { clusterId: '', patternType: '+E.164 Pattern', prefix: '+1900' } })
  t.match(await cluster.ask(`PATCH ${path}/${id}`, { prefix: '' }), {
    status: 422,
    body: { detail: /neither a pattern nor a prefix/u },
  })
  t.match(await cluster.ask(`POST ${path}`, {}), { status: 422, body: { detail: /neither a pattern nor a prefix/u } })
  t.match(await cluster.ask(`POST ${path}`, { pattern: 'bob' }), { status: 422 })
  t.match((await cluster.ask(`GET ${path}`, undefined, 'reader')).body, [changed.body])
  t.equal((await cluster.ask(`DELETE ${path}/${id}`)).status, 204)
  t.equal((await cluster.ask(`DELETE ${path}/${id}`)).status, 404)
  t.strictSame(
    cluster.changes,
    [1, 2, 3].map(() => ({ part: 'use' })),
  )
  t.equal(cluster.callmanager.configurationChanges, 3)
})

t.test('a SIP route pattern leaves through a trunk; all-digit labels between dashes are refused', async (t) => {
  const cluster = await dialPlanCluster(t)
  const path = `${root}/sip-route-patterns`
  await cluster.ask('POST /api/v1/trunks', { name: 'to-cluster2', remoteCluster: 'cluster2' })
  const post = (pattern: string, trunk = 'to-cluster2') => cluster.ask(`POST ${path}`, { pattern, trunk })
  t.match(await post('abc-123-def.xyz.com'), { status: 422, body: { detail: /between two dashes/u } })
  t.match(await post('abc-1d-efg.xyz.com'), { status: 201, body: { partition: '' } })
  t.match(await post('Cluster2.Example'), { status: 201, body: { pattern: 'cluster2.example' } })
  t.equal((await post('cluster2.example')).status, 409)
  t.match(await post('a.b', 'nowhere'), { status: 422, body: { detail: /nowhere/u } })
  t.match(await cluster.ask('DELETE /api/v1/trunks/to-cluster2'), { status: 409 })
  t.equal((await cluster.ask(`DELETE ${path}/CLUSTER2.example?partition=`)).status, 204)
  t.equal((await cluster.ask(`DELETE ${path}/cluster2.example`)).status, 404)
  t.match((await cluster.ask(`GET ${path}`, undefined, 'reader')).body, [
    { pattern: 'abc-1d-efg.xyz.com', partition: '', trunk: 'to-cluster2' },
  ])
  t.strictSame(cluster.changes, [], 'nothing that ILS replicates')
  t.equal(cluster.callmanager.configurationChanges, 4)
})

t.test('a reader changes nothing of the global dial plan', async (t) => {
  const cluster = await dialPlanCluster(t)
  for (const [request, body] of [
    ['POST advertised-patterns', { pattern: '54XXX', type: 'Enterprise Number Pattern' }],
    ['POST catalogs', { name: 'a', routeString: 'a.b' }],
    ['PATCH learned-partitions', {}],
    ['POST blocked-learned-patterns', { prefix: '1' }],
    ['POST sip-route-patterns', { pattern: 'a.b', trunk: 'x' }],
  ] as const) {
    const [method, resource] = request.split(' ')
    t.equal((await cluster.ask(`${method} ${root}/${resource}`, body, 'reader')).status, 403, request)
  }
  t.strictSame(cluster.changes, [])
})
