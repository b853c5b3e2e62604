import t from 'tap'
import type { Engine } from '../../../services/extension-mobility/engine.ts'
import { extensionMobility } from '../../../services/extension-mobility/index.ts'
import { loneCluster } from '../../fixtures/lone-cluster.ts'
import type { LoneCluster } from '../../fixtures/lone-cluster.ts'
import { addPerson, logIn, other, phone } from './fixtures/requests.ts'

const upgrade = (cluster: LoneCluster, action: string, who?: string) =>
  cluster.ask('POST /api/v1/upgrade', { action }, who)

t.test('A1.7 EM performance during upgrade: who logs in while the publisher is inactive is logged out', async (t) => {
  const cluster = await loneCluster(t)
  await addPerson(cluster, 'alice')
  await logIn(cluster, { userId: 'alice', deviceName: other })
  cluster.clock.advance(1000)
  t.match(await upgrade(cluster, 'begin'), {
    status: 200,
    body: { publisher: 'inactive', inactiveSince: '2026-11-21T08:00:01.000Z', logins: [] },
  })
  cluster.clock.advance(1000)
  t.match(await logIn(cluster), { userId: 'bob' }, 'the login works')
  const restarts = cluster.callmanager.restarts.length
  t.match(await upgrade(cluster, 'switch-version'), {
    status: 200,
    body: { publisher: 'active', logins: [{ userId: 'bob', deviceName: phone }] },
  })
  t.match(cluster.told('logout'), [{ deviceName: phone, userId: 'bob', reason: 'switchVersion' }])
  t.same(cluster.callmanager.restarts.slice(restarts), [`${phone} 19`], 'the phone registers its own lines again')
  t.match(cluster.database.logins.list(), [{ userId: 'alice' }], 'who was logged in before still is')
  t.match(await logIn(cluster), { userId: 'bob' }, 'and bob can log in again')
})

t.test('the state can be read, and a step that makes no sense is 409', async (t) => {
  const cluster = await loneCluster(t)
  t.match(await cluster.ask('GET /api/v1/upgrade', undefined, 'reader'), {
    status: 200,
    body: { publisher: 'active', logins: [] },
  })
  t.match(await upgrade(cluster, 'switch-version'), { status: 409, body: { detail: /begin an upgrade first/u } })
  await upgrade(cluster, 'begin')
  t.match(await upgrade(cluster, 'begin'), { status: 409, body: { detail: /begun already/u } })
  await logIn(cluster)
  t.match(await cluster.ask('GET /api/v1/upgrade'), { body: { publisher: 'inactive', logins: [{ userId: 'bob' }] } })
  t.match(await upgrade(cluster, 'cancel'), { status: 400, body: { detail: /action/u } })
  t.equal((await upgrade(cluster, 'switch-version', 'reader')).status, 403)
})

t.test('an upgrade outlives a restart, and is the publisher’s business', async (t) => {
  const cluster = await loneCluster(t)
  await upgrade(cluster, 'begin')
  await logIn(cluster)
  await cluster.stopMobility()
  const again = await extensionMobility.start(cluster.context, { credentialCacheMs: 0, credentialCacheUsers: 1 })
  t.teardown(() => again.stop())
  t.match(await (again.api as Engine).upgrade.switchVersion(), [{ userId: 'bob' }])
  Object.assign(cluster.context, { publisher: false })
  t.match(await upgrade(cluster, 'begin'), { status: 409, body: { detail: /no publisher/u } })
})

t.test('who logs in while the others are logged out by a switch-version is lost as well', async (t) => {
  const cluster = await loneCluster(t)
  await addPerson(cluster, 'alice')
  await upgrade(cluster, 'begin')
  await logIn(cluster)
  const proof = { kind: 'proxy', applicationUser: 'emproxy' } as const
  const leave = cluster.events.subscribe(
    ({ userId }) => userId === 'bob' && void cluster.mobility.login({ userId: 'alice', deviceName: other, proof }),
    ['logout'],
  )
  t.teardown(leave)
  t.match(await upgrade(cluster, 'switch-version'), { body: { logins: [{ userId: 'bob' }, { userId: 'alice' }] } })
  t.same(cluster.database.logins.list(), [])
})
