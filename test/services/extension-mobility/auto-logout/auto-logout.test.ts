import t from 'tap'
import type { Login } from '../../../../services/database/api.ts'
import {
  autoLogoutAt,
  createAutoLogoutList,
} from '../../../../services/extension-mobility/auto-logout/auto-logout-list.ts'
import { extensionMobility } from '../../../../services/extension-mobility/index.ts'
import { loneCluster } from '../../../fixtures/lone-cluster.ts'
import type { LoneCluster } from '../../../fixtures/lone-cluster.ts'
import { waitFor } from '../../../fixtures/wait-for.ts'
import { addPerson, logIn, logOut, other, phone, setParameter, third } from '../fixtures/requests.ts'

const hour = 3_600_000
const day = 24 * hour

async function enforce(cluster: LoneCluster, maximum: string): Promise<void> {
  await setParameter(cluster, 'Enforce Intra-cluster Maximum Login Time', 'True')
  await setParameter(cluster, 'Intra-cluster Maximum Login Time', maximum)
}

const loggedOut = (cluster: LoneCluster, deviceName: string) =>
  waitFor(`${deviceName} is logged out`, () => cluster.database.logins.on(deviceName) === undefined)

/** Every write that was queued before is on disk, and what it caused is too. */
async function settled({ database }: LoneCluster): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await database.write(() => {})
}

/** A new instance of the service on the same database, as after a restart. */
function startAgain(cluster: LoneCluster) {
  return extensionMobility.start(cluster.context, { credentialCacheMs: 0, credentialCacheUsers: 1 })
}

/** What Service Activation does. */
async function deactivate(cluster: LoneCluster): Promise<void> {
  const { serviceActivation } = cluster.database
  await cluster.database.write(() => serviceActivation.set('Cisco Extension Mobility', false))
  await cluster.stopMobility()
}

async function activate(cluster: LoneCluster) {
  const started = await startAgain(cluster)
  const { serviceActivation } = cluster.database
  await cluster.database.write(() => serviceActivation.set('Cisco Extension Mobility', true))
  return started
}

t.test('bob is logged out when his time is over, not before, and the others hear of it', async (t) => {
  const cluster = await loneCluster(t)
  await setParameter(cluster, 'Clear Call Logs on Intra-Cluster EM', 'True')
  await enforce(cluster, '8:00')
  await logIn(cluster)
  cluster.clock.advance(8 * hour - 1)
  await settled(cluster)
  t.match(cluster.database.logins.on(phone), { userId: 'bob' })
  cluster.clock.advance(1)
  await loggedOut(cluster, phone)
  t.match(cluster.told('logout'), [{ deviceName: phone, userId: 'bob', reason: 'maximumLoginTime' }])
  t.same(cluster.ils.told, ['login bob', 'logout bob'])
  t.same(cluster.callmanager.restarts, [`${phone} 19`, `${phone} 19`])
  t.equal(cluster.told('callLogsCleared').length, 1, 'by the login, not by the automatic logout')
})

t.test('each login ends at its own time, also those that came later and are due earlier', async (t) => {
  const cluster = await loneCluster(t)
  for (const user of ['alice', 'kally']) await addPerson(cluster, user)
  await logIn(cluster, { exclusiveDuration: 60 })
  await logIn(cluster, { userId: 'alice', deviceName: other, exclusiveDuration: 30 })
  await logIn(cluster, { userId: 'kally', deviceName: third })
  cluster.clock.advance(30 * 60_000)
  await loggedOut(cluster, other)
  t.match(cluster.database.logins.on(phone), { userId: 'bob' })
  cluster.clock.advance(30 * 60_000)
  await loggedOut(cluster, phone)
  cluster.clock.advance(100 * day)
  await settled(cluster)
  t.match(cluster.database.logins.on(third), { userId: 'kally' }, 'and one without a limit never')
})

t.test('a login that ended otherwise is not ended again, and a fresh session has its full time', async (t) => {
  const cluster = await loneCluster(t)
  await enforce(cluster, '1:00')
  await logIn(cluster)
  cluster.clock.advance(hour / 2)
  await logOut(cluster)
  await logIn(cluster)
  cluster.clock.advance(hour / 2)
  await settled(cluster)
  t.match(cluster.database.logins.on(phone), { userId: 'bob' })
  await cluster.ask(`PATCH /api/v1/devices/${phone}`, { extensionMobility: false })
  const before = cluster.told('logout').length
  cluster.clock.advance(hour)
  await settled(cluster)
  t.equal(cluster.told('logout').length, before, 'nobody is there any more')
})

t.test('automatic logout survives a restart of the cluster, and what was missed is made up for', async (t) => {
  const cluster = await loneCluster(t)
  await addPerson(cluster, 'alice')
  await logIn(cluster, { exclusiveDuration: 30 })
  await logIn(cluster, { userId: 'alice', deviceName: other, exclusiveDuration: 120 })
  await cluster.stopMobility()
  cluster.clock.advance(hour)
  await settled(cluster)
  t.match(cluster.database.logins.on(phone), { userId: 'bob' }, 'nobody is there to do it')
  const again = await startAgain(cluster)
  t.teardown(() => again.stop())
  cluster.clock.advance(0)
  await loggedOut(cluster, phone)
  cluster.clock.advance(hour)
  await loggedOut(cluster, other)
})

t.test('A1.6 Log Out: after the service was stopped, earlier logins end only once a day', async (t) => {
  const cluster = await loneCluster(t)
  await addPerson(cluster, 'alice')
  await logIn(cluster, { exclusiveDuration: 60 })
  cluster.clock.advance(60_000)
  await deactivate(cluster)
  cluster.clock.advance(60_000)
  const again = await activate(cluster)
  t.teardown(() => again.stop())
  const proof = { kind: 'pin', pin: '12345' } as const
  await again.api.login({ deviceName: other, userId: 'alice', proof, exclusiveDuration: 60 })
  cluster.clock.advance(hour)
  await loggedOut(cluster, other)
  t.match(cluster.database.logins.on(phone), { userId: 'bob' }, 'alice came later: her interval counts; his does not')
  cluster.clock.advance(day - hour - 60_000 - 1)
  await settled(cluster)
  t.match(cluster.database.logins.on(phone), { userId: 'bob' })
  cluster.clock.advance(1)
  await loggedOut(cluster, phone)
  t.match(cluster.told('logout').at(-1), { userId: 'bob', reason: 'maximumLoginTime' })
})

t.test('A1.6 Log Out: they can still be logged out by hand', async (t) => {
  const cluster = await loneCluster(t)
  await logIn(cluster, { exclusiveDuration: 60 })
  await deactivate(cluster)
  const again = await activate(cluster)
  t.teardown(() => again.stop())
  t.match(await again.api.logout(phone, 'manual'), { userId: 'bob' })
})

t.test('when a login ends', async (t) => {
  const login = { loginTime: 1000, loginDuration: 60 } as Login
  t.equal(autoLogoutAt(login, undefined), 61_000)
  t.equal(autoLogoutAt({ ...login, loginDuration: 0 }, undefined), Infinity)
  t.equal(autoLogoutAt(login, 999), 61_000, 'it was made after the stop')
  t.equal(autoLogoutAt(login, 1000), 1000 + day, 'it was made before')
  t.equal(autoLogoutAt(login, 100_000), 100_000 + day, 'it was over before the service stopped')
  t.equal(autoLogoutAt({ ...login, loginDuration: 36 * 3600 }, 1000), 1000 + 2 * day)
})

t.test('the list tells what is due and when to look again', async (t) => {
  let earlier = 0
  const list = createAutoLogoutList(undefined, () => earlier++)
  const login = (deviceName: string, loginDuration: number) => ({ deviceName, loginTime: 0, loginDuration }) as Login
  list.put(login('SEP1', 60))
  list.put(login('SEP2', 30))
  list.put(login('SEP3', 90))
  list.put(login('sep3', 0))
  t.equal(earlier, 2)
  t.equal(list.next, 30_000)
  t.same(list.take(30_000), ['SEP2'])
  t.equal(list.next, 60_000)
  list.remove('sep1')
  t.same(list.take(60_000), [])
  t.equal(list.next, Infinity)
})

t.test('a database that fails leaves the phone for the next minute', async (t) => {
  const cluster = await loneCluster(t)
  await logIn(cluster, { exclusiveDuration: 1 })
  const { close } = cluster.database.logins
  cluster.database.logins.close = () => {
    throw new Error('disk full')
  }
  cluster.clock.advance(60_000)
  await settled(cluster)
  t.match(cluster.logged.join(), /could not be logged out/u)
  cluster.database.logins.close = close
  cluster.clock.advance(60_000)
  await loggedOut(cluster, phone)
})
