import t from 'tap'
import type { Test } from 'tap'
import { Writable } from 'node:stream'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import pino from 'pino'
import { parseConfig } from '../../../services/super-user-sync/config.ts'
import { createSuperUserSync } from '../../../services/super-user-sync/create-super-user-sync.ts'
import type { SyncReport } from '../../../services/super-user-sync/report.ts'
import { waitFor } from '../../fixtures/wait-for.ts'
import { account, createTestCa, hash, send, startFakeCluster, superuser } from './fixtures/fake-cluster.ts'
import type { FakeCluster } from './fixtures/fake-cluster.ts'

/** What the tests look into of an answer's body. */
type Answer = SyncReport & { readonly running?: boolean }

const ca = await createTestCa()
const copy = superuser('bob', { homeCluster: false })
const authorization = `Basic ${Buffer.from('administrator:roamline').toString('base64')}`

/** Three clusters, bob at home in cluster1; each stops with the test. */
async function threeClusters(t: Test): Promise<[FakeCluster, FakeCluster, FakeCluster]> {
  const clusters = await Promise.all([
    startFakeCluster(ca, 'cluster1', [superuser('bob')]),
    startFakeCluster(ca, 'cluster2'),
    startFakeCluster(ca, 'cluster3'),
  ])
  t.teardown(() => Promise.all(clusters.map((cluster) => cluster.kill())))
  return clusters
}

/** The tool over these clusters; `more` goes into its configuration. Its log is kept for inspection. */
async function startTool(
  t: Test,
  clusters: FakeCluster[],
  more: { dataDirectory?: string; [key: string]: unknown } = {},
) {
  const directory = more.dataDirectory ?? t.testdir({})
  let logged = ''
  const sink = new Writable({ write: (chunk, _, done) => ((logged += String(chunk)), done()) })
  const config = parseConfig({
    dataDirectory: directory,
    secretsDirectory: directory,
    schedule: null,
    runOnStart: false,
    retryMs: 10,
    clusters: clusters.map(({ name, url }) => ({ name, url, ...account })),
    ...more,
  })
  const tool = await createSuperUserSync(config, { caPem: ca.caPem, log: pino({ level: 'trace' }, sink) })
  t.teardown(() => tool.stop())
  const ask = async (method: string, path: string, body?: unknown, headers: object = { authorization }) => {
    const json = body === undefined ? {} : { 'content-type': 'application/json' }
    const init = {
      method,
      headers: { ...headers, ...json },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }
    const reply = await fetch(tool.http + path, init)
    return {
      status: reply.status,
      type: reply.headers.get('content-type'),
      body: (await reply.json().catch(() => null)) as Answer,
    }
  }
  const run = async () => (await ask('POST', '/api/v1/runs')).body
  return { ...tool, directory, ask, run, log: () => logged }
}

t.test('a superuser is copied to the other clusters, once', async (t) => {
  const clusters = await threeClusters(t)
  const { run } = await startTool(t, clusters)
  const first = await run()
  t.match(first, {
    trigger: 'manual',
    clusters: [
      { name: 'cluster1', state: 'ok', superusers: 1 },
      { name: 'cluster2', state: 'ok', superusers: 0 },
      { name: 'cluster3', state: 'ok', superusers: 0 },
    ],
    users: [
      {
        userId: 'bob',
        homeCluster: 'cluster1',
        clusters: [
          { cluster: 'cluster2', outcome: 'created' },
          { cluster: 'cluster3', outcome: 'created' },
        ],
      },
    ],
    counts: { created: 2, updated: 0, unchanged: 0, conflicting: 0, removed: 0, skipped: 0, failed: 0 },
  })
  t.same(clusters[1].users.get('bob'), copy, 'with profile, lines and hash, and as a copy')
  t.match((await run()).counts, { created: 0, unchanged: 2 })
  t.same(clusters[1].written, ['PUT bob'])
})

t.test('a changed PIN travels with the next run, a superuser who is none any more is removed', async (t) => {
  const clusters = await threeClusters(t)
  const { run } = await startTool(t, clusters)
  await run()
  clusters[0].users.set('bob', superuser('bob', { pin: { hash: `${hash}2`, changedAt: 2 } }))
  t.match((await run()).counts, { updated: 2 })
  t.equal(clusters[2].users.get('bob')?.pin?.hash, `${hash}2`)
  clusters[0].users.clear()
  t.match((await run()).counts, { removed: 2 })
  t.equal(clusters[2].users.size, 0)
  t.match(await run(), { users: [] })
})

t.test('a dead home cluster costs nobody his copy, also after a restart of the tool', async (t) => {
  const clusters = await threeClusters(t)
  const tool = await startTool(t, clusters)
  await tool.run()
  await clusters[0].kill()
  const report = await tool.run()
  t.match(report.clusters[0], { state: 'unreachable', reason: /ECONNREFUSED|closed/ })
  t.match(report.counts, { skipped: 3, removed: 0 })
  await tool.stop()
  const again = await startTool(t, clusters, { dataDirectory: tool.directory })
  t.match((await again.run()).users, [{ homeCluster: 'cluster1' }])
  t.ok(clusters[1].users.has('bob'))
})

t.test('a cluster that was down gets its copy by itself when it is back', async (t) => {
  const clusters = await threeClusters(t)
  await clusters[2].kill()
  const { run, ask } = await startTool(t, clusters)
  t.match(await run(), { clusters: [{}, {}, { state: 'unreachable' }], counts: { created: 1, skipped: 1 } })
  await clusters[2].restart()
  await waitFor('bob at cluster3', () => clusters[2].users.has('bob'))
  const { body } = await waitFor('the report of it', async () => {
    const last = await ask('GET', '/api/v1/runs/last')
    return last.body.trigger === 'retry' ? last : undefined
  })
  t.match(body, { id: 2, counts: { created: 1, unchanged: 1 } })
})

t.test('a cluster that hangs costs one timeout and does not keep the others waiting for theirs', async (t) => {
  const clusters = await threeClusters(t)
  const users = Array.from({ length: 30 }, (_, n) => superuser(`user${n}`))
  for (const user of users) clusters[0].users.set(user.userId, user)
  clusters[1].intercept = (request) => request.method === 'PUT'
  const { run } = await startTool(t, clusters, { requestTimeoutMs: 300, concurrency: 3 })
  const running = run()
  await waitFor('cluster3 is done', () => clusters[2].users.size === 31)
  const report = await running
  t.match(report.clusters[1], { name: 'cluster2', state: 'unreachable', reason: 'no answer within 300 ms' })
  t.match(report.counts, { created: 31, skipped: 31 })
  t.ok(clusters[2].busiest > 1 && clusters[2].busiest <= 3, `${clusters[2].busiest} at once, at most 3`)
  clusters[1].intercept = () => false
})

t.test('wrong credentials and answers that make no sense are told apart from being down', async (t) => {
  const clusters = await threeClusters(t)
  clusters[1].intercept = (_, reply) => (send(reply, 401, { title: 'Unauthorized', detail: 'Who are you?' }), true)
  clusters[2].intercept = (_, reply) => (send(reply, 200, { superusers: [{ userId: 7 }] }), true)
  const { run } = await startTool(t, clusters)
  t.match((await run()).clusters, [
    { state: 'ok' },
    { state: 'refused', reason: 'HTTP 401: Who are you?' },
    { state: 'refused', reason: 'the answer is not the list of superusers' },
  ])
})

t.test('one user that a cluster refuses does not keep the next one from being copied', async (t) => {
  const clusters = await threeClusters(t)
  clusters[0].users.set('alice', superuser('alice'))
  clusters[1].intercept = (request, reply) => {
    if (request.method !== 'PUT' || !request.url?.endsWith('/alice')) return false
    send(reply, 422, { title: 'Unprocessable', detail: `no such partition, hash ${hash}` })
    return true
  }
  clusters[2].intercept = (request, reply) => {
    if (request.method !== 'PUT' || !request.url?.endsWith('/alice')) return false
    send(reply, 409, { outcome: 'conflicting', reason: 'alice is at home here' })
    return true
  }
  const { run } = await startTool(t, clusters)
  const report = await run()
  t.match(report.users, [
    {
      userId: 'alice',
      clusters: [
        { outcome: 'failed', reason: 'HTTP 422: no such partition, hash (hash)' },
        { outcome: 'conflicting', reason: 'alice is at home here' },
      ],
    },
    { userId: 'bob', clusters: [{ outcome: 'created' }, { outcome: 'created' }] },
  ])
})

t.test('the credentials go only to a process that proves to be that cluster', async (t) => {
  const clusters = await threeClusters(t)
  const stranger = await startFakeCluster(await createTestCa(), 'cluster2')
  t.teardown(() => stranger.kill())
  const wrong = [
    { ...clusters[0], name: 'cluster9' },
    { ...stranger, name: 'cluster2' },
  ]
  let asked = 0
  for (const one of [clusters[0], stranger]) one.intercept = () => (asked++, false)
  const { run } = await startTool(t, wrong)
  t.match((await run()).clusters, [
    { state: 'unreachable', reason: 'this is cluster1, not cluster9' },
    { state: 'unreachable', reason: /certificate/ },
  ])
  t.equal(asked, 0)
})

t.test('runs do not overlap: who asks during one shares the next', async (t) => {
  const clusters = await threeClusters(t)
  const { run, ask } = await startTool(t, clusters)
  let release: (() => void) | undefined
  clusters[1].intercept = (_, reply) => {
    release = () => send(reply, 200, [])
    return true
  }
  const first = run()
  await waitFor('the first run reads', () => release)
  t.equal((await ask('GET', '/api/v1/runs')).body.running, true)
  clusters[0].users.set('alice', superuser('alice'))
  const second = run()
  const third = run()
  clusters[1].intercept = () => false
  release?.()
  t.equal((await first).id, 1)
  t.match([(await second).id, (await third).id], [2, 2])
  t.ok(clusters[1].users.has('alice'), 'and it saw what was changed before it was asked for')
})

t.test('ready means that the first run is over', async (t) => {
  const clusters = await threeClusters(t)
  let release: (() => void) | undefined
  clusters[0].intercept = (_, reply) => ((release = () => send(reply, 200, [])), true)
  const { ask } = await startTool(t, clusters, { runOnStart: true })
  await waitFor('the first run reads', () => release)
  t.match(await ask('GET', '/health/ready', undefined, {}), {
    status: 503,
    type: /problem/,
    body: { title: 'Not ready' },
  })
  t.match(await ask('GET', '/health/live', undefined, {}), { status: 200 })
  release?.()
  await waitFor('ready', async () => (await ask('GET', '/health/ready', undefined, {})).status === 200)
  t.match((await ask('GET', '/api/v1/runs/last')).body, { id: 1, trigger: 'start' })
})

t.test('the schedule starts runs, can be changed, and outlives the process', async (t) => {
  const clusters = await threeClusters(t)
  const { ask, directory, stop } = await startTool(t, clusters, { schedule: '0 2 * * *' })
  t.match(await ask('GET', '/api/v1/schedule'), { status: 200, body: { pattern: '0 2 * * *', nextRun: /T..:00:00/ } })
  t.match(await ask('PUT', '/api/v1/schedule', { pattern: '* * * * * *' }), { status: 200 })
  await waitFor('a scheduled run is over', async () => (await ask('GET', '/api/v1/runs/1')).status === 200)
  t.ok(clusters[1].users.has('bob'))
  await stop()
  const again = await startTool(t, clusters, { schedule: '0 2 * * *', dataDirectory: directory })
  t.match((await again.ask('GET', '/api/v1/schedule')).body, { pattern: '* * * * * *' })
  t.match((await again.ask('GET', '/api/v1/runs/1')).body, { trigger: 'schedule', counts: { created: 2 } })
  t.match((await again.ask('PUT', '/api/v1/schedule', { pattern: null })).body, { pattern: null, nextRun: null })
})

t.test('bad input is answered with a problem and changes nothing', async (t) => {
  const { ask } = await startTool(t, await threeClusters(t), { schedule: '0 2 * * *' })
  const problem = (status: number) => ({ status, type: /^application\/problem\+json/, body: { status, title: String } })
  for (const pattern of ['at noon', '61 * * * *', '', 7, '0 0 31 2 *']) {
    t.match(await ask('PUT', '/api/v1/schedule', { pattern }), problem(400), `pattern ${pattern}`)
  }
  t.match(await ask('PUT', '/api/v1/schedule', {}), problem(400))
  t.match(await ask('PUT', '/api/v1/schedule', { pattern: 'x'.repeat(1_000_000) }), problem(413))
  t.match(await ask('GET', '/api/v1/runs/7'), problem(404))
  t.match(await ask('GET', '/api/v1/runs/last'), problem(404))
  t.match(await ask('GET', '/api/v1/runs/bob'), problem(400))
  t.match(await ask('GET', '/elsewhere'), problem(404))
  const wrong = { authorization: `Basic ${Buffer.from('administrator:x').toString('base64')}` }
  for (const headers of [{}, wrong, { authorization: 'Basic' }, { authorization: 'Bearer x' }]) {
    t.match(await ask('POST', '/api/v1/runs', undefined, headers), problem(401))
    t.match(await ask('GET', '/api/v1/runs', undefined, headers), problem(401))
  }
  t.match((await ask('GET', '/api/v1/schedule')).body, { pattern: '0 2 * * *' })
  t.match((await ask('GET', '/api/v1/runs')).body, { running: false, runs: [] })
})

t.test('no password, PIN hash or Basic header is logged or stored', async (t) => {
  const clusters = await threeClusters(t)
  clusters[2].intercept = (_, reply) => (send(reply, 500, { title: 'Broken', detail: `${hash} is not unique` }), true)
  const tool = await startTool(t, clusters)
  await tool.run()
  await tool.stop()
  const stored = readdirSync(tool.directory).map((file) => readFileSync(join(tool.directory, file)).toString('latin1'))
  const all = tool.log() + stored.join('')
  t.match(tool.log(), /superusers synchronized/)
  t.match(all, 'bob')
  for (const secret of ['$argon2', authorization.slice(6)]) t.notOk(all.includes(secret), secret)
  t.notOk(tool.log().includes(Buffer.from(`${account.userId}:${account.password}`).toString('base64')))
})

t.test('a stop during a run ends it at once and leaves no report', async (t) => {
  const clusters = await threeClusters(t)
  let read = false
  clusters[1].intercept = () => (read = true)
  const tool = await startTool(t, clusters)
  const running = tool.ask('POST', '/api/v1/runs').catch((error: Error) => error)
  await waitFor('the run reads', () => read)
  await tool.stop()
  await tool.stop()
  const answer = await running
  t.ok(answer instanceof Error || answer.status === 503, 'whoever asked is told')
  t.notMatch(tool.log(), /run failed/)
  const again = await startTool(t, clusters, { dataDirectory: tool.directory })
  t.match((await again.ask('GET', '/api/v1/runs')).body, { runs: [] })
})
