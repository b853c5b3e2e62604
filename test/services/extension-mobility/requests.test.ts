import { Registry } from 'prom-client'
import { pino } from 'pino'
import t from 'tap'
import { CredentialHasherBusy } from '../../../services/database/index.ts'
import { createEmMetrics } from '../../../services/extension-mobility/metrics.ts'
import { EmRefusal } from '../../../services/refusals.ts'
import { asked, createRequests, inside, query } from '../../../services/extension-mobility/requests.ts'
import { loneCluster, quickHasher } from '../../fixtures/lone-cluster.ts'
import { addPerson, counter, logIn, logOut, other, phone, setParameter, third } from './fixtures/requests.ts'

function requestsOf(registry: Registry, limit = 5) {
  const logged: string[] = []
  const log = pino({}, { write: (line: string) => void logged.push(line) })
  return { logged, requests: createRequests({ metrics: createEmMetrics(registry), log, limit: () => limit }) }
}

t.test('requests are counted while they run and when they are answered, whatever the answer', async (t) => {
  const registry = new Registry()
  const { requests, logged } = requestsOf(registry)
  const { promise, resolve } = Promise.withResolvers<void>()
  const running = requests.run(asked, 'login', () => promise)
  t.match(await registry.metrics(), /roamline_em_requests_in_progress 1/u)
  resolve()
  await running
  const bug = requests.run(inside, 'logout', () => Promise.reject(new TypeError('a bug')))
  await t.rejects(bug, { code: 0, facts: { status: 500, phoneDisplay: 'Logout is unavailable(0)' } })
  t.match(logged.join(), /a bug/u, 'what nobody expected is in the log, in full')
  const text = await registry.metrics()
  t.match(text, /roamline_em_requests_in_progress 0/u)
  t.match(text, /roamline_em_requests_handled_total 2/u)
  t.match(text, /Cisco Extension Mobility: RequestsHandled/u)
})

t.test('too many PINs waiting to be hashed are the vendor’s error 26', async (t) => {
  const { requests } = requestsOf(new Registry())
  const busy = requests.run(asked, 'login', () => Promise.reject(new CredentialHasherBusy(1024)))
  await t.rejects(busy, { code: 26, facts: { status: 503, phoneDisplay: 'Login is unavailable(26)' } })
})

t.test('only logins and logouts from outside take a place, and give it back also when they fail', async (t) => {
  const { requests } = requestsOf(new Registry(), 1)
  const { promise, reject } = Promise.withResolvers<void>()
  const first = requests.run(asked, 'login', () => promise)
  await t.rejects(
    requests.run(asked, 'logout', () => Promise.resolve()),
    { code: 26 },
  )
  await requests.run(inside, 'logout', () => Promise.resolve())
  await requests.run(query, 'login', () => Promise.resolve())
  reject(new EmRefusal(18, 'login', 'Another user is logged in.'))
  await t.rejects(first, { code: 18 })
  await requests.run(asked, 'login', () => Promise.resolve())
})

t.test('A1.4 Maximum Concurrent Requests: one login or logout too many is refused', async (t) => {
  const cluster = await loneCluster(t)
  for (const user of ['alice', 'kally']) await addPerson(cluster, user)
  await logIn(cluster, { userId: 'alice', deviceName: other })
  await setParameter(cluster, 'Maximum Concurrent Requests', '2')
  const answers = await Promise.allSettled([
    logIn(cluster),
    logOut(cluster, other),
    logIn(cluster, { userId: 'kally', deviceName: third }),
    cluster.mobility.deviceUsers([phone]),
    cluster.mobility.login({ deviceName: third, userId: 'alice', proof: { kind: 'proxy', applicationUser: 'x' } }),
  ])
  t.same(
    answers.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
    'neither a query nor what the cluster does itself takes a place',
  )
  t.match(answers[2], { reason: { code: 26, message: /Maximum Concurrent Requests/u } })
  t.equal(await counter(cluster, 'RequestsThrottled'), 1)
  t.equal(await counter(cluster, 'RequestsInProgress'), 0)
})

t.test('A1.4 Maximum Concurrent Requests: five unless it is set', async (t) => {
  const cluster = await loneCluster(t)
  const answers = await Promise.allSettled(Array.from({ length: 7 }, () => logIn(cluster)))
  const codes = answers.map((answer) => (answer.status === 'rejected' ? answer.reason.code : 'done'))
  t.same(codes, ['done', 'done', 'done', 'done', 'done', 26, 26])
})

t.test('A1.7 Error 26 Busy Please Try Again: RequestsInProgress shows why, a higher limit helps', async (t) => {
  const { promise: verifying, resolve } = Promise.withResolvers<void>()
  const quick = quickHasher()
  const slow = {
    ...quick,
    verify: async (...args: Parameters<typeof quick.verify>) => {
      await verifying
      return quick.verify(...args)
    },
  }
  const cluster = await loneCluster(t, { hasher: slow })
  await setParameter(cluster, 'Maximum Concurrent Requests', '1')
  const first = logIn(cluster)
  await t.rejects(logIn(cluster, { deviceName: other }), {
    code: 26,
    facts: { phoneDisplay: 'Login is unavailable(26)', status: 503 },
  })
  t.equal(await counter(cluster, 'RequestsInProgress'), 1)
  await setParameter(cluster, 'Maximum Concurrent Requests', '2')
  const second = logIn(cluster)
  resolve()
  await Promise.all([first, second])
})

t.test('a login on a phone is two requests, and so is a logout', async (t) => {
  const cluster = await loneCluster(t)
  const figures = async () => ({
    handled: await counter(cluster, 'RequestsHandled'),
    attempted: await counter(cluster, 'Total Login/LogoutRequestsAttempted'),
    logins: await counter(cluster, 'LoginsSuccessful'),
    logouts: await counter(cluster, 'LogoutsSuccessful'),
  })
  await cluster.mobility.deviceUsers([phone])
  await cluster.mobility.authenticate({ userId: 'bob', proof: { kind: 'pin', pin: '12345' } })
  await logIn(cluster)
  t.same(await figures(), { handled: 2, attempted: 1, logins: 1, logouts: 0 })
  await cluster.mobility.deviceUsers([phone])
  await logOut(cluster)
  t.same(await figures(), { handled: 4, attempted: 2, logins: 1, logouts: 1 })
  await t.rejects(logOut(cluster), { code: 19 })
  t.same(await figures(), { handled: 5, attempted: 3, logins: 1, logouts: 1 })
})

t.test('stop waits for the logins under way', async (t) => {
  const cluster = await loneCluster(t)
  const login = logIn(cluster)
  await cluster.stopMobility()
  t.equal(cluster.database.logins.list().length, 1)
  t.match(await login, { userId: 'bob' })
})

t.test('counters go on where an earlier activation left them', async (t) => {
  const registry = new Registry()
  createEmMetrics(registry).loginsSuccessful.inc()
  createEmMetrics(registry).loginsSuccessful.inc()
  t.match(await registry.metrics(), /roamline_em_logins_successful_total 2/u)
})
