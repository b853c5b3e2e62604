import t from 'tap'
import { FaultInjected, createFaults } from '../../../services/extension-mobility/faults.ts'
import type { FaultPoint } from '../../../services/extension-mobility/faults.ts'
import { loneCluster } from '../../fixtures/lone-cluster.ts'
import type { LoneCluster } from '../../fixtures/lone-cluster.ts'
import { atPhone, byEmApi, logIn, logOut, phone } from './fixtures/requests.ts'

/** The next request fails at this point. */
const breakAt = (cluster: LoneCluster, point: FaultPoint) => cluster.mobility.faults.arm({ point, times: 1 })

t.test('a fault hits as often as it was armed for', async (t) => {
  const faults = createFaults()
  faults.arm({ point: 'policy', times: 2 })
  t.throws(() => faults.pass('policy'), FaultInjected)
  t.same(faults.list(), [{ point: 'policy', times: 1 }])
  faults.pass('database')
  t.throws(() => faults.pass('policy'), FaultInjected)
  faults.pass('policy')
  t.same(faults.list(), [])
})

t.test('each point has its code at login, changes nothing, and the next login works', async (t) => {
  const rows: [FaultPoint, number][] = [
    ['unexpected', 0],
    ['policy', 4],
    ['database', 6],
    ['autoLogout', 7],
    ['userInfo', 9],
    ['hotelingStatus', 21],
    ['directory', 204],
  ]
  for (const [point, code] of rows) {
    const cluster = await loneCluster(t)
    breakAt(cluster, point)
    await t.rejects(logIn(cluster), { code, operation: 'login' }, point)
    t.same(cluster.database.logins.list(), [], point)
    t.match(cluster.logged.join(), new RegExp(`fault injected at ${point}`, 'u'), point)
    t.match(await logIn(cluster), { userId: 'bob' }, point)
  }
})

t.test('each point has its code at logout, and the login stays', async (t) => {
  const cluster = await loneCluster(t)
  await logIn(cluster)
  const rows: [FaultPoint, number][] = [
    ['unexpected', 0],
    ['policy', 4],
    ['database', 6],
    ['autoLogout', 7],
    ['hotelingStatus', 21],
  ]
  for (const [point, code] of rows) {
    breakAt(cluster, point)
    await t.rejects(logOut(cluster), { code, operation: 'logout' }, point)
    t.match(cluster.database.logins.on(phone), { userId: 'bob' }, point)
  }
  breakAt(cluster, 'autoLogout')
  await t.rejects(cluster.mobility.logoutAll('manual', byEmApi), { code: 7 })
  t.match(await logOut(cluster), { userId: 'bob' })
})

t.test('queries fail at the points they pass', async (t) => {
  const cluster = await loneCluster(t)
  const { mobility } = cluster
  const rows: [FaultPoint, () => Promise<unknown>, number][] = [
    ['unexpected', () => mobility.deviceUsers([phone], byEmApi), 0],
    ['policy', () => mobility.deviceUsers([phone], byEmApi), 4],
    ['database', () => mobility.deviceUsers([phone], byEmApi), 6],
    ['hotelingStatus', () => mobility.deviceUsers([phone], byEmApi), 21],
    ['userInfo', () => mobility.userDevices(['bob'], byEmApi), 9],
    ['userInfo', () => mobility.deviceProfiles(['bob'], byEmApi), 9],
  ]
  for (const [point, ask, code] of rows) {
    breakAt(cluster, point)
    await t.rejects(ask(), { code }, point)
  }
})

t.test('a directory that does not answer is 204 on the phone and 9 for programs', async (t) => {
  const cluster = await loneCluster(t)
  const proof = { kind: 'pin', pin: '12345' } as const
  breakAt(cluster, 'directory')
  await t.rejects(cluster.mobility.authenticate({ userId: 'bob', proof }), {
    code: 204,
    facts: { phoneDisplay: 'Login is unavailable (204)' },
  })
  breakAt(cluster, 'directory')
  await t.rejects(logIn(cluster, { origin: { ...atPhone, door: 'json' } }), { code: 9 })
  breakAt(cluster, 'directory')
  await t.rejects(logIn(cluster, { origin: byEmApi }), { code: 9 })
})

t.test('the JSON door arms, shows and disarms them, for administrators', async (t) => {
  const cluster = await loneCluster(t)
  const arm = (body: unknown, who?: string) => cluster.ask('PUT /api/v1/faults', body, who)
  t.match(await arm({ point: 'database', times: 1 }), { status: 200, body: [{ point: 'database', times: 1 }] })
  t.match(await arm({ point: 'nothing', times: 1 }), { status: 400, body: { detail: /point/u } })
  t.match(await arm({ point: 'policy', times: -1 }), { status: 400, body: { detail: /times/u } })
  t.equal((await arm({ point: 'policy', times: 1 }, 'emproxy')).status, 403)
  t.match(await cluster.ask('GET /api/v1/faults'), { status: 200, body: [{ point: 'database', times: 1 }] })
  const login = () => cluster.ask('POST /api/v1/logins', { deviceName: phone, userId: 'bob', pin: '12345' })
  t.match(await login(), { status: 500, body: { code: 6 } })
  await arm({ point: 'database', times: 3 })
  await arm({ point: 'policy', times: 3 })
  t.equal((await cluster.ask('DELETE /api/v1/faults')).status, 204)
  t.match(await cluster.ask('GET /api/v1/faults'), { body: [] })
  t.equal((await login()).status, 201)
})
