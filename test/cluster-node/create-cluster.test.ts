import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import t from 'tap'
import { createCluster } from '../../cluster-node/create-cluster.ts'
import type { ServiceContext } from '../../services/service.ts'
import { basic, configIn, fakeDisk, fakeParts, fakeService } from './fixtures/fake-parts.ts'
import type { Diary } from './fixtures/fake-parts.ts'
import { startCluster } from './fixtures/start-cluster.ts'

t.test('two clusters live in one process and know nothing of each other', async (t) => {
  const folder = t.testdir()
  const one = await startCluster(t, {
    folder: `${folder}/one`,
    config: { secretsDirectory: `${folder}/secrets` },
  }).catch((error: Error) => error)
  t.match(one, /the folder .*one does not exist/u, 'folders are made one level deep, so that a typing error makes none')

  const secretsDirectory = `${folder}/secrets`
  const names = ['cluster1', 'cluster2']
  const clusters = await Promise.all(
    names.map((name) =>
      startCluster(t, { folder, config: { name, secretsDirectory, dataDirectory: `${folder}/${name}` } }),
    ),
  )
  const seen: unknown[] = []
  clusters[0]?.cluster.events.subscribe(({ type, cluster }) => seen.push([type, cluster]))
  for (const { cluster } of clusters) cluster.events.publish('alarm')
  t.same(seen, [['alarm', 'cluster1']])
  for (const [index, { addresses }] of clusters.entries()) {
    const metrics = await (await fetch(`${addresses.http}/metrics`)).text()
    t.match(metrics, `roamline_build_info{cluster="${names[index]}"`)
  }
  await clusters[0]?.cluster.close()
  t.equal((await fetch(`${clusters[1]?.addresses.http}/health/live`)).status, 200)
})

t.test('readiness says what is being waited for', async (t) => {
  let waiting: string | undefined = 'the hub has not answered'
  const { addresses, cluster } = await startCluster(t, {
    services: [fakeService('ils', [], { notReady: () => waiting })],
  })
  const ready = await fetch(`${addresses.http}/health/ready`)
  t.equal(ready.status, 503)
  t.same(await ready.json(), { status: 'waiting', waitingFor: ['the hub has not answered'] })
  t.equal((await fetch(`${addresses.http}/health/live`)).status, 200)
  waiting = undefined
  t.same(await (await fetch(`${addresses.http}/health/ready`)).json(), { status: 'ready', waitingFor: [] })
  await cluster.services.setActive('ils', false)
  t.equal(
    (await fetch(`${addresses.http}/health/ready`)).status,
    200,
    'nobody waits for a service that is switched off',
  )
})

t.test('services get their configuration, their cluster and its address', async (t) => {
  const seen: unknown[] = []
  const starting = (context: ServiceContext, config: unknown): void => {
    seen.push(config, context.clusterId, context.address().http, context.identity.name)
    t.throws(() => context.use('database'), /without declaring it/u)
    t.ok(context.find('database'))
    t.equal(context.find('callmanager'), undefined)
  }
  const { addresses } = await startCluster(t, { services: [fakeService('ils', [], { starting })] })
  t.same(seen, [{}, 'cluster1', addresses.http, 'cluster1'])
})

t.test('the document lists every route, and the page shows it', async (t) => {
  const { addresses } = await startCluster(t)
  const document = (await (await fetch(`${addresses.http}/openapi.json`)).json()) as { openapi: string; paths: object }
  t.match(document.openapi, /^3\./u)
  t.match(Object.keys(document.paths).sort(), [
    '/api/v1/events',
    '/api/v1/services',
    '/api/v1/services/{name}',
    '/health/live',
  ])
  const page = await fetch(`${addresses.http}/documentation/`)
  t.match([page.status, page.headers.get('content-type')], [200, /text\/html/u])
  t.match(await page.text(), /swagger-ui/u)
  t.equal((await fetch(`${addresses.http}/documentation/static/swagger-ui.css`)).status, 200)
})

t.test('metrics are open on this machine and ask others for a role', async (t) => {
  const { cluster } = await startCluster(t)
  const from = (remoteAddress: string, headers = {}) => cluster.app.inject({ url: '/metrics', remoteAddress, headers })
  t.match(await from('127.0.0.7'), { statusCode: 200, headers: { 'content-type': /^text\/plain/u } })
  t.equal((await from('::1')).statusCode, 200)
  t.equal((await from('192.0.2.1')).statusCode, 401)
  t.equal((await from('192.0.2.1', basic('emproxy', 'secret'))).statusCode, 403)
  t.equal((await from('192.0.2.1', basic('reader', 'secret'))).statusCode, 200)
})

t.test('a port that is taken is told by number and place, and the cluster leaves nothing behind', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1')
  t.teardown(() => taken.close())
  await once(taken, 'listening')
  const { port } = taken.address() as AddressInfo
  for (const member of ['httpPort', 'httpsPort']) {
    const diary: Diary = []
    const listen = { httpPort: 0, httpsPort: 0, [member]: port }
    const cluster = createCluster(configIn(t.testdirName, { listen }), { parts: fakeParts([], { diary }) })
    t.testdir()
    await t.rejects(cluster.start(), {
      code: 'CLUSTER_CANNOT_LISTEN',
      message: `127.0.0.1 port ${port} is in use: stop the process that listens there, or change listen.${member} (0 takes any free port)`,
    })
    t.same(diary, ['start database', 'stop database'])
  }
})

t.test('an address that this machine does not have is told', async (t) => {
  const listen = { host: '192.0.2.1', httpPort: 0, httpsPort: 0 }
  const cluster = createCluster(configIn(t.testdir(), { listen, insecureDefaults: true }), { parts: fakeParts([]) })
  await t.rejects(cluster.start(), {
    code: 'CLUSTER_CANNOT_LISTEN',
    message: /this machine has no such address: change listen\.host/u,
  })
})

t.test('with standard passwords a cluster listens on loopback only, unless it is told otherwise', async (t) => {
  const disk = fakeDisk()
  const start = (changes: object) =>
    startCluster(t, { disk, config: { listen: { host: '0.0.0.0', httpPort: 0, httpsPort: 0 }, ...changes } })
  await t.rejects(start({}), {
    code: 'CLUSTER_INSECURE_DEFAULTS',
    message: /will not listen on 0\.0\.0\.0 while administrator can/u,
  })
  await start({ insecureDefaults: true })
  await start({ listen: { host: '127.0.0.99', httpPort: 0, httpsPort: 0 } })
  disk.passwords.set('administrator', 'something else')
  await start({})
})

t.test('a cluster that could not start once does not start again', async (t) => {
  const starting = (): never => {
    throw new Error('the disk burns')
  }
  const parts = fakeParts([fakeService('callmanager', [], { kind: 'network', starting })])
  const cluster = createCluster(configIn(t.testdir()), { parts })
  await t.rejects(cluster.start(), /the disk burns/u)
  await t.rejects(cluster.start(), /the disk burns/u)
  await cluster.close()
})
