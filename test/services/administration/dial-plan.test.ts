// Partitions, calling search spaces, route patterns and trunks.
import { isDeepStrictEqual } from 'node:util'
import t from 'tap'
import { loneCluster } from '../../fixtures/lone-cluster.ts'

t.test('what calls need to leave the cluster is added and deleted, and CallManager told each time', async (t) => {
  const cluster = await loneCluster(t)
  const added = [
    ['partitions', { name: 'Internal' }],
    ['calling-search-spaces', { name: 'Everything', partitions: ['Internal', 'Global Learned E.164 Numbers'] }],
    ['trunks', { name: 'to-cluster2', remoteCluster: 'cluster2', url: '' }],
    ['route-patterns', { pattern: '2XXX', partition: 'Internal', trunk: 'to-cluster2' }],
  ] as const
  for (const [resource, body] of added) {
    t.match(await cluster.ask(`POST /api/v1/${resource}`, body), { status: 201, body }, resource)
    t.equal((await cluster.ask(`POST /api/v1/${resource}`, body)).status, 409, resource)
    const all = (await cluster.ask(`GET /api/v1/${resource}`, undefined, 'reader')).body as unknown[]
    t.ok(
      all.some((one) => isDeepStrictEqual(one, body)),
      resource,
    )
    t.equal((await cluster.ask(`POST /api/v1/${resource}`, body, 'reader')).status, 403, resource)
  }
  t.match(await cluster.ask('DELETE /api/v1/partitions/Internal'), { status: 409, body: { detail: /in use/u } })
  t.match(await cluster.ask('DELETE /api/v1/trunks/to-cluster2'), { status: 409, body: { detail: /2XXX/u } })
  for (const one of [
    'route-patterns/2XXX?partition=Internal',
    'trunks/to-cluster2',
    'calling-search-spaces/Everything',
    'partitions/Internal',
  ]) {
    t.equal((await cluster.ask(`DELETE /api/v1/${one}`)).status, 204, one)
    const again = one.startsWith('route-patterns') ? 'route-patterns/2XXX' : one
    t.equal((await cluster.ask(`DELETE /api/v1/${again}`)).status, 404, one)
  }
  t.equal(cluster.callmanager.configurationChanges, 8)
})

t.test('what leads nowhere or means nothing is refused', async (t) => {
  const cluster = await loneCluster(t)
  t.match(await cluster.ask('POST /api/v1/partitions', { name: '<None>' }), {
    status: 422,
    body: { detail: /always there/u },
  })
  const refuses = async (resource: string, body: unknown, status: number, detail: RegExp) =>
    t.match(await cluster.ask(`POST /api/v1/${resource}`, body), { status, body: { detail } })
  await refuses('partitions', { name: '' }, 400, /name/u)
  await refuses('calling-search-spaces', { name: 'Some', partitions: ['Nowhere'] }, 422, /Nowhere/u)
  await refuses('route-patterns', { pattern: '2XXX', trunk: 'nowhere' }, 422, /nowhere/u)
  await refuses('route-patterns', { pattern: '2[XX', trunk: 'nowhere' }, 422, /bracket/u)
  await refuses('trunks', { name: 'to-cluster2', remoteCluster: 'cluster2', url: 'cluster2' }, 400, /url/u)
  await refuses('trunks', { name: 'bob-profile', remoteCluster: 'cluster2' }, 409, /device profile/u)
  t.equal(cluster.callmanager.configurationChanges, 0)
})

t.test('a route pattern is there once, however it is spelled, and not beside the number that it is', async (t) => {
  const cluster = await loneCluster(t)
  await cluster.ask('POST /api/v1/partitions', { name: 'Internal' })
  await cluster.ask('POST /api/v1/trunks', { name: 'to-cluster2', remoteCluster: 'cluster2' })
  const add = (pattern: string, partition = '') =>
    cluster.ask('POST /api/v1/route-patterns', { pattern, partition, trunk: 'to-cluster2' })
  t.equal((await add('2XXX')).status, 201)
  for (const alike of ['2XXX', '2xxx', '2-XXX']) {
    t.match(await add(alike), { status: 409, body: { detail: 'That partition has the pattern "2XXX" already' } }, alike)
  }
  t.equal((await add('2-XXX', 'Internal')).status, 201)
  t.equal((await add('\\+1408!')).status, 201)
  t.equal((await add('\\+1-408!')).status, 409)
  t.equal((await add('1000-001')).status, 409, "bob's number")
})

t.test('a phone is given an AAR calling search space', async (t) => {
  const cluster = await loneCluster(t)
  const path = '/api/v1/devices/SEP000000010001'
  t.match((await cluster.ask(`GET ${path}`)).body, { aarCallingSearchSpace: '' })
  await cluster.ask('POST /api/v1/calling-search-spaces', { name: 'PSTN', partitions: [] })
  t.match(await cluster.ask(`PATCH ${path}`, { aarCallingSearchSpace: 'PSTN' }), {
    status: 200,
    body: { aarCallingSearchSpace: 'PSTN' },
  })
  t.match(await cluster.ask(`PATCH ${path}`, { aarCallingSearchSpace: 'Nowhere' }), { status: 422 })
})
