import { Agent, get } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { once } from 'node:events'
import { connect } from 'node:net'
import t from 'tap'
import { createCluster } from '../../cluster-node/create-cluster.ts'
import type { ServiceApp } from '../../services/service.ts'
import { waitFor } from '../fixtures/wait-for.ts'
import { basic, configIn, fakeParts, fakeService } from './fixtures/fake-parts.ts'
import type { Diary } from './fixtures/fake-parts.ts'
import { startCluster } from './fixtures/start-cluster.ts'

/** Far below the 5 s that a process has, far above what a stop without obstacles takes. */
const promptMs = 2000

async function durationOf(work: Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work
  return performance.now() - startedAt
}

async function openEvents(http: string): Promise<IncomingMessage> {
  const request = get(`${http}/api/v1/events`, { headers: basic('administrator', 'roamline'), agent: false })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return response
}

t.test('open event streams and idle keep-alive connections do not delay a stop', async (t) => {
  const { cluster, addresses } = await startCluster(t)
  const agent = new Agent({ keepAlive: true })
  t.teardown(() => agent.destroy())
  const [answer] = (await once(get(`${addresses.http}/health/live`, { agent }), 'response')) as [IncomingMessage]
  await once(answer.resume(), 'end')
  const silent = connect(Number(new URL(addresses.http).port), '127.0.0.1')
  await once(silent, 'connect')
  const events = await openEvents(addresses.http)
  const ended = once(events.resume(), 'end')

  t.ok((await durationOf(cluster.close())) < promptMs)
  await ended
  await t.rejects(fetch(`${addresses.http}/health/live`), 'and the door is closed')
  await t.rejects(fetch(`${addresses.https}/health/live`))
})

t.test('what was asked before the stop is answered, by services that still run', async (t) => {
  const diary: Diary = []
  let answer = (): void => {}
  const routes = (app: ServiceApp): void => {
    app.get('/slow', { config: { access: 'open' } }, async () => {
      diary.push('asked')
      await new Promise<void>((resolve) => (answer = resolve))
      diary.push('answered')
      return { slow: true }
    })
  }
  const { cluster, addresses } = await startCluster(t, { services: [fakeService('callmanager', diary, { routes })] })
  const response = fetch(`${addresses.http}/slow`)
  await waitFor('the request to arrive', () => diary.includes('asked'))
  const closed = cluster.close()
  const late = await fetch(`${addresses.http}/health/live`).then(
    ({ status }) => status,
    () => 'refused',
  )
  t.ok(late === 503 || late === 'refused', `a request after that is not taken: ${late}`)
  answer()
  t.same(await (await response).json(), { slow: true })
  await closed
  t.same(diary, ['start callmanager', 'asked', 'answered', 'stop callmanager'])
})

t.test('a request that never ends is cut', async (t) => {
  const routes = (app: ServiceApp): void => {
    app.get('/stuck', { config: { access: 'open' } }, () => new Promise(() => {}))
  }
  const { cluster, addresses } = await startCluster(t, { services: [fakeService('callmanager', [], { routes })] })
  const response = fetch(`${addresses.http}/stuck`)
  const outcome = t.rejects(response)
  await waitFor(
    'the connection',
    () => new Promise((resolve) => cluster.app.server.getConnections((_e, count) => resolve(count > 0))),
  )
  t.ok((await durationOf(cluster.close())) < 4000)
  await outcome
})

t.test('a service that cannot stop does not keep the others from stopping', async (t) => {
  const diary: Diary = []
  const broken = fakeService('ils', diary)
  const start = broken.start.bind(broken)
  Object.assign(broken, {
    start: async (...args: Parameters<typeof start>) => ({
      ...(await start(...args)),
      stop: () => Promise.reject(new Error('no')),
    }),
  })
  const { cluster } = await startCluster(t, { services: [fakeService('callmanager', diary), broken] })
  await cluster.close()
  t.same(diary, ['start callmanager', 'start ils', 'stop callmanager'])
})

t.test('closing twice closes once', async (t) => {
  const diary: Diary = []
  const { cluster } = await startCluster(t, { services: [fakeService('ils', diary)] })
  await Promise.all([cluster.close(), cluster.close()])
  await cluster[Symbol.asyncDispose]()
  t.same(diary, ['start ils', 'stop ils'])
})

t.test('a stop during the start waits for the start and undoes it', async (t) => {
  const diary: Diary = []
  const started = Promise.withResolvers<void>()
  const service = fakeService('ils', diary, { starting: () => started.promise })
  const cluster = createCluster(configIn(t.testdir()), { parts: fakeParts([service], { diary }) })
  const start = cluster.start()
  await waitFor('the database', () => diary.includes('start database'))
  const closed = cluster.close()
  started.resolve()
  await Promise.all([start, closed])
  t.same(diary, ['start database', 'start ils', 'stop ils', 'stop database'])
})
