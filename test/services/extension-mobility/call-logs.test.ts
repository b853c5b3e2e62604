import t from 'tap'
import { LogoutReason } from '../../../services/extension-mobility/api.ts'
import { loneCluster } from '../../fixtures/lone-cluster.ts'
import { logIn, logOut, other, phone, setParameter } from './fixtures/requests.ts'

const parameter = 'Clear Call Logs on Intra-Cluster EM'

t.test('A1.4 Clear Call Logs on Intra-Cluster EM: a manual login and a manual logout clear them', async (t) => {
  const cluster = await loneCluster(t)
  await setParameter(cluster, parameter, 'True')
  await logIn(cluster)
  t.match(cluster.told('callLogsCleared'), [{ deviceName: phone }])
  await logOut(cluster)
  t.match(cluster.told('callLogsCleared'), [{ deviceName: phone }, { deviceName: phone }])
})

t.test('A1.4 Clear Call Logs on Intra-Cluster EM: they stay while it is False', async (t) => {
  const cluster = await loneCluster(t)
  await logIn(cluster)
  await logOut(cluster)
  t.same(cluster.told('callLogsCleared'), [])
})

t.test('A1.4 Clear Call Logs on Intra-Cluster EM: no automatic logout clears them', async (t) => {
  const cluster = await loneCluster(t)
  await setParameter(cluster, parameter, 'True')
  await setParameter(cluster, 'Multiple Login Behavior', 'Auto Logout')
  await logIn(cluster)
  await logIn(cluster, { deviceName: other })
  t.match(cluster.told('logout'), [{ deviceName: phone, reason: 'autoLogout' }])
  for (const reason of Object.values(LogoutReason).filter((one) => one !== LogoutReason.manual)) {
    await cluster.mobility.logout(other, reason)
    await logIn(cluster, { deviceName: other })
  }
  const cleared = cluster.told('callLogsCleared').map(({ deviceName }) => deviceName)
  t.equal(cleared.filter((name) => name === phone).length, 1, 'by the login alone')
  t.equal(cleared.length, 1 + 1 + 5, 'and on the other phone by the logins alone')
})
