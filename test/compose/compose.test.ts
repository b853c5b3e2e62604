// The story of the documents in containers, told by curl: docker-compose.yml as it is, with ports and a name of its own.
import t from 'tap'
import { startComposeLab } from '../fixtures/compose-lab.ts'
import type { ComposeLab, ComposeService } from '../fixtures/compose-lab.ts'
import { docker } from '../fixtures/engine.ts'
import { composeCommand } from './compose-command.ts'
import { waitFor } from '../fixtures/wait-for.ts'

// An image is built and seven containers start, possibly on a busy machine.
t.setTimeout(900_000)

const clusters = ['cluster1', 'cluster2', 'cluster3'] as const
const story = 'the lab stands up in containers, and bob is reached wherever he is'
const { compose, reason } = await composeCommand()

t.test(story, compose === undefined ? { skip: reason } : {}, async (t) => {
  if (compose === undefined) return
  t.comment(`by ${compose.join(' ')}`)
  const lab = await startComposeLab(t, compose)
  const at = people(lab)
  await lab.ready('super-user-sync')
  for (const name of clusters) await at(name).knows(clusters.filter((other) => other !== name))

  await t.test('the Super User Synchronization Tool has brought bob to the other clusters', async (t) => {
    const { body } = await lab.curl('super-user-sync', 'GET', '/api/v1/runs/last')
    t.match(body, {
      users: [{ userId: 'bob', homeCluster: 'cluster1' }],
      counts: { conflicting: 0, skipped: 0, failed: 0 },
    })
    t.equal(body.users[0].clusters.length, 2)
  })

  await t.test('kally reaches bob at home', async (t) => {
    t.match(await at('cluster3').call('3000001', '1000-001'), reaches('cluster1'))
  })

  await t.test('cluster1 is killed, bob logs in at cluster2, and kally reaches him there', async (t) => {
    await lab.compose('kill', '-s', 'SIGKILL', 'cluster1')
    await t.rejects(lab.curl('cluster1', 'GET', '/health/live'))
    await at('cluster2').login('bob', 'SEP000000020003', '12345')
    await at('cluster3').learns('1000001', 'cluster2')
    t.match(await at('cluster3').call('3000001', '1000-001'), reaches('cluster2', 'SEP000000020003'))
  })

  await t.test('cluster1 is back, has logged the old session out, and sends calls on to cluster2', async (t) => {
    await lab.compose('start', 'cluster1')
    await lab.ready('cluster1')
    await waitFor('the old session is gone', async () => (await at('cluster1').users()).every((user) => user !== 'bob'))
    t.match(await at('cluster1').call('1000102', '1000001'), reaches('cluster2', 'SEP000000020003'))
  })

  await t.test('bob logs out and is reached at home again', async (t) => {
    const { status } = await lab.curl('cluster2', 'DELETE', '/api/v1/logins/SEP000000020003')
    t.equal(status, 204)
    await at('cluster3').learns('1000001', 'cluster1')
    t.match(await at('cluster3').call('3000001', '1000001'), reaches('cluster1'))
  })

  await t.test('a phone logs in by its pages, a program by the EM API, and the phone’s file follows', async (t) => {
    const phone = 'SEP000000030003'
    const address = await lab.compose('port', 'cluster3', '6970')
    const file = async () => (await fetch(`http://${address}/${phone}.cnf.xml`)).text()
    t.match(await file(), '<userId></userId>')
    await lab.curl('cluster3', 'GET', '/emapp/EMAppServlet?device=SEP000000030001&doLogout=true')
    const page = await lab.curl('cluster3', 'GET', `/emapp/EMAppServlet?device=${phone}&userid=kally&seq=34567`)
    t.match(page.body, 'kally is logged in')
    t.match(await file(), '<userId>kally</userId>')
    const appInfo = '<appInfo><appID>emproxy</appID><appCertificate>roamline</appCertificate></appInfo>'
    const logout = `<request>${appInfo}<logout><deviceName>${phone}</deviceName></logout></request>`
    const done = await lab.curl('cluster3', 'GET', `/emservice/EMServiceServlet?xml=${encodeURIComponent(logout)}`)
    t.match(done.body, '<success/>')
    t.match(await file(), '<userId></userId>')
  })

  await t.test(
    'nobody is root, nothing but /data, /secrets and /tmp can be written, every port is on loopback',
    async (t) => {
      t.equal(await lab.compose('exec', '-T', 'cluster2', 'id', '-u'), '1000')
      await t.rejects(lab.compose('exec', '-T', 'cluster2', 'touch', '/roamline/labs/mine.yaml'))
      for (const id of (await lab.compose('ps', '-q')).split('\n')) {
        const published = await docker('port', id)
        for (const line of published.split('\n').filter(Boolean)) t.match(line, / -> 127\.0\.0\.1:\d+$/)
      }
    },
  )

  await t.test('every process stops cleanly within its grace', async (t) => {
    const ids = (await lab.compose('ps', '-q')).split('\n')
    await lab.compose('stop')
    for (const id of ids) t.equal(await docker('inspect', '--format', '{{.State.ExitCode}}', id), '0', await nameOf(id))
  })
})

interface Peer {
  readonly clusterId: string
  readonly https?: string
}

/** What people do at a cluster. A refused step is an error that says what the cluster answered. */
function people(lab: ComposeLab) {
  return (cluster: ComposeService) => {
    const ask = async (method: string, path: string, body?: object) => {
      const answer = await lab.curl(cluster, method, path, body)
      if (answer.status < 300) return answer.body
      throw new Error(`${method} ${path} at ${cluster}: ${answer.status} ${JSON.stringify(answer.body)}`)
    }
    return {
      login: (userId: string, deviceName: string, pin: string) =>
        ask('POST', '/api/v1/logins', { userId, deviceName, pin }),
      async call(from: string, to: string) {
        const call = await ask('POST', '/api/v1/calls', { from, to })
        if (call.state === 'connected') await ask('DELETE', `/api/v1/calls/${call.id}`)
        return call
      },
      async knows(others: readonly string[]) {
        const probe = async () => {
          const { peers } = await ask('GET', '/api/v1/ils')
          return others.every((name) => peers.some((peer: Peer) => peer.clusterId === name && peer.https !== undefined))
        }
        await waitFor(`${cluster} knows where the other clusters are`, probe, { timeoutMs: 30_000, intervalMs: 100 })
      },
      async learns(dn: string, where: string) {
        const probe = async () => (await ask('GET', `/api/v1/locations/${dn}`)).cluster === where
        await waitFor(`${cluster} learns that ${dn} is at ${where}`, probe, { timeoutMs: 20_000, intervalMs: 100 })
      },
      async users(): Promise<string[]> {
        const logins = await ask('GET', '/api/v1/logins')
        return (logins.logins ?? logins).map((login: { userId: string }) => login.userId)
      },
    }
  }
}

function reaches(cluster: string, deviceName?: string) {
  const to = { cluster, userId: 'bob', dn: '1000001', ...(deviceName === undefined ? {} : { deviceName }) }
  return { state: 'connected', to }
}

function nameOf(id: string): Promise<string> {
  return docker('inspect', '--format', '{{.Name}}', id)
}
