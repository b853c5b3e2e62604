import t from 'tap'
import { loneCluster } from '../../fixtures/lone-cluster.ts'
import type { LoneCluster } from '../../fixtures/lone-cluster.ts'

const phone = 'SEP000000010001'
const proof = { kind: 'pin', pin: '12345' } as const

function logOut(cluster: LoneCluster, deviceName: string, userId = 'emproxy') {
  return cluster.ask(`DELETE /api/v1/logins/${encodeURIComponent(deviceName)}`, undefined, userId)
}

t.test('bob logs out: the phone is free on disk, restarts, and the other clusters hear of it', async (t) => {
  const cluster = await loneCluster(t)
  await cluster.mobility.login({ deviceName: phone, userId: 'bob', proof })
  t.equal((await logOut(cluster, phone.toLowerCase())).status, 204)
  t.same(cluster.database.logins.list(), [])
  t.equal(cluster.database.logins.lastUser(phone), 'bob')
  t.match(cluster.told('logout'), [
    { deviceName: phone, userId: 'bob', deviceProfile: 'bob-profile', reason: 'manual' },
  ])
  t.same(cluster.ils.told, ['login bob', 'logout bob'])
  t.same(cluster.callmanager.restarts, [`${phone} 19`, `${phone} 19`])
  t.match(await cluster.context.metrics.metrics(), /roamline_em_logouts_successful_total 1/u)
})

t.test('19 when nobody is logged in', async (t) => {
  const cluster = await loneCluster(t)
  t.match(await logOut(cluster, phone), {
    status: 409,
    body: { code: 19, title: 'No user logged in', phoneDisplay: 'Logout is unavailable(19)' },
  })
})

t.test('11 when there is no such phone, in the words of a logout', async (t) => {
  const cluster = await loneCluster(t)
  t.match(await logOut(cluster, 'SEP0'), {
    status: 404,
    body: { code: 11, phoneDisplay: 'Logout is unavailable(11)' },
  })
})

t.test('207 when the device name is blank', async (t) => {
  const cluster = await loneCluster(t)
  t.match(await logOut(cluster, ' '), {
    status: 422,
    body: { code: 207, phoneDisplay: 'Logout is unavailable(207)' },
  })
})

t.test('of two logouts that race one finds nobody', async (t) => {
  const cluster = await loneCluster(t)
  await cluster.mobility.login({ deviceName: phone, userId: 'bob', proof })
  const answers = await Promise.all([logOut(cluster, phone), logOut(cluster, phone)])
  t.same(answers.map(({ status }) => status).toSorted(), [204, 409])
  t.equal(cluster.told('logout').length, 1)
})

t.test('whoever may only read may not log anybody out', async (t) => {
  const cluster = await loneCluster(t)
  await cluster.mobility.login({ deviceName: phone, userId: 'bob', proof })
  t.equal((await logOut(cluster, phone, 'reader')).status, 403)
  t.equal(cluster.database.logins.list().length, 1)
})
