import { Registry } from 'prom-client'
import { pino } from 'pino'
import t from 'tap'
import { CredentialHasherBusy } from '../../../services/database/index.ts'
import { createEmMetrics } from '../../../services/extension-mobility/metrics.ts'
import { createRequests } from '../../../services/extension-mobility/requests.ts'
import { loneCluster } from '../../fixtures/lone-cluster.ts'

const log = pino({ level: 'silent' })

t.test('requests are counted while they run and when they are answered, whatever the answer', async (t) => {
  const registry = new Registry()
  const requests = createRequests(createEmMetrics(registry), log)
  const { promise, resolve } = Promise.withResolvers<void>()
  const running = requests.run('login', () => promise)
  t.match(await registry.metrics(), /roamline_em_requests_in_progress 1/u)
  resolve()
  await running
  await t.rejects(
    requests.run('logout', () => Promise.reject(new TypeError('a bug'))),
    TypeError,
  )
  const text = await registry.metrics()
  t.match(text, /roamline_em_requests_in_progress 0/u)
  t.match(text, /roamline_em_requests_handled_total 2/u)
  t.match(text, /Cisco Extension Mobility: RequestsHandled/u)
})

t.test('too many PINs waiting to be hashed are the vendor’s error 26', async (t) => {
  const requests = createRequests(createEmMetrics(new Registry()), log)
  const busy = requests.run('login', () => Promise.reject(new CredentialHasherBusy(1024)))
  await t.rejects(busy, { code: 26, facts: { status: 503, phoneDisplay: 'Login is unavailable(26)' } })
})

t.test('stop waits for the logins under way', async (t) => {
  const cluster = await loneCluster(t)
  const login = cluster.mobility.login({
    deviceName: 'SEP000000010001',
    userId: 'bob',
    proof: { kind: 'pin', pin: '12345' },
  })
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
