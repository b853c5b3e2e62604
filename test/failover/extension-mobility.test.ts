// What phones and applications were told holds: over SIGKILL in the very next moment, and over a restart.
import t from 'tap'
import { waitFor } from '../fixtures/wait-for.ts'
import { oneCluster } from './fixtures/one-cluster.ts'

const [desk, lobby, lounge] = ['SEP000000010001', 'SEP000000010002', 'SEP000000010003'] as const

t.test('logins and logouts that were answered survive SIGKILL in the next moment', async (t) => {
  const { lab, proxyLogin, emApi, phonePage, logins } = await oneCluster(t)
  const { kill, restart } = lab.process('cluster1')

  t.match(await proxyLogin('kally', lounge), '<success/>')
  await kill()
  await restart()
  t.strictSame(await logins(), [`${lounge} kally`], 'over the EM API')

  t.match(await phonePage(`device=${lobby}&userid=bob&seq=12345`), /bob is logged in/u)
  await kill()
  await restart()
  t.strictSame(await logins(), [`${lobby} bob`, `${lounge} kally`], 'over the page of the phone')

  t.match(await phonePage(`device=${lobby}&doLogout=true`), /bob is logged out/u)
  await kill()
  await restart()
  t.strictSame(await logins(), [`${lounge} kally`], 'and the logout too')

  const appInfo = '<appInfo><appID>emproxy</appID><appCertificate>roamline</appCertificate></appInfo>'
  const query = `<query>${appInfo}<deviceUserQuery><deviceName>${lounge}</deviceName></deviceUserQuery></query>`
  t.match(await emApi(query), '<userID>kally</userID>', 'as applications see it')
})

t.test('automatic logout survives the death of the cluster, whether its time comes then or afterwards', async (t) => {
  const { lab, proxyLogin, logins, setLoginTime } = await oneCluster(t)
  const { kill, restart } = lab.process('cluster1')
  const hour = 3_600_000
  t.match(await proxyLogin('bob', desk, 60), '<success/>')
  t.match(await proxyLogin('kally', lobby, 60), '<success/>')
  await kill()
  setLoginTime(desk, Date.now() - hour)
  await restart()
  await waitFor('bob’s time was over', async () => !(await logins()).includes(`${desk} bob`))
  t.strictSame(await logins(), [`${lobby} kally`], 'kally has time left')

  await kill()
  const due = Date.now() + 5000
  setLoginTime(lobby, due - hour)
  await restart()
  t.strictSame(await logins(), [`${lobby} kally`])
  t.ok(Date.now() < due, 'it was asked before her time was over')
  await waitFor('the timer was armed again', async () => (await logins()).length === 0)
  t.ok(Date.now() >= due)
})

t.test('a restart keeps what Service Activation was told, logins, and the phones’ files byte for byte', async (t) => {
  const { lab, cluster, proxyLogin, phoneFile, logins, phonePage } = await oneCluster(t)
  const { kill, restart } = lab.process('cluster1')
  const activation = async () => {
    const services = await cluster.get<{ name: string; active: boolean }[]>('/api/v1/services')
    return services.filter(({ active }) => !active).map(({ name }) => name)
  }
  t.match(await proxyLogin('bob', desk), '<success/>')
  await cluster.put('/api/v1/services/callmanager', { active: false })
  await cluster.put('/api/v1/services/bulk-administration', { active: false })
  const inactive = await activation()
  t.strictSame(inactive.toSorted(), ['bulk-administration', 'callmanager'])
  const files = [await phoneFile(desk), await phoneFile(lobby)]
  t.match(files[0]?.toString(), '1000001', 'bob’s line is on it')

  for (const [how, again] of [
    ['restarted', restart],
    ['killed and restarted', () => kill().then(restart)],
  ] as const) {
    await again()
    t.strictSame(await activation(), inactive, how)
    t.strictSame(await logins(), [`${desk} bob`], how)
    t.ok(files[0]?.equals(await phoneFile(desk)), `${how}: the file of bob’s phone`)
    t.ok(files[1]?.equals(await phoneFile(lobby)), `${how}: the file of a phone on which nobody is`)
    await t.rejects(cluster.get('/api/v1/calls'), /not active/u, how)
  }
  t.match(await phonePage(`device=${desk}`), /bob/u, 'Extension Mobility goes on')
})
