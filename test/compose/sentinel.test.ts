// The documented deployment for those who have outgrown one Redis: it dies, its replica takes over, and the clusters follow.
import t from 'tap'
import { startComposeLab } from '../fixtures/compose-lab.ts'
import type { ComposeLab, ComposeService } from '../fixtures/compose-lab.ts'
import { composeCommand } from './compose-command.ts'
import { waitFor } from '../fixtures/wait-for.ts'

t.setTimeout(900_000)

const { compose, reason } = await composeCommand()
const slowly = { timeoutMs: 60_000, intervalMs: 200 }

t.test(
  'Redis is killed for good, and bob’s login travels over the replica',
  compose === undefined ? { skip: reason } : {},
  async (t) => {
    if (compose === undefined) return
    const lab = await startComposeLab(t, compose, ['docker-compose.yml', 'docker-compose.sentinel.yml'])
    for (const name of ['cluster1', 'cluster2', 'cluster3'] as const) await lab.ready(name)
    await waitFor('cluster3 knows bob at home', async () => (await bobIsAt(lab, 'cluster3')) === 'cluster1', slowly)
    await waitFor(
      'the Super User Synchronization Tool has brought bob to cluster2',
      async () => {
        const { body } = await lab.curl('cluster2', 'GET', '/api/v1/users/bob')
        return body.userId === 'bob'
      },
      slowly,
    )
    await waitFor(
      'the Sentinels know the replica',
      async () => {
        const masters = await lab.compose('exec', '-T', 'sentinel1', 'redis-cli', '-p', '26379', 'info', 'sentinel')
        return masters.includes('slaves=1,sentinels=3')
      },
      slowly,
    )

    await lab.compose('kill', '-s', 'SIGKILL', 'redis')
    const login = { deviceName: 'SEP000000020003', userId: 'bob', pin: '12345' }
    const { status } = await lab.curl('cluster2', 'POST', '/api/v1/logins', login)
    t.equal(status, 201, 'bob logs in at cluster2 while there is no Redis')
    await waitFor(
      'cluster3 learns it over the new master',
      async () => (await bobIsAt(lab, 'cluster3')) === 'cluster2',
      slowly,
    )
    const { body } = await lab.curl('cluster3', 'POST', '/api/v1/calls', { from: '3000001', to: '1000-001' })
    t.match(body, { state: 'connected', to: { cluster: 'cluster2', userId: 'bob' } })

    await lab.compose('start', 'redis')
    await lab.curl('cluster2', 'DELETE', '/api/v1/logins/SEP000000020003')
    await waitFor(
      'and the logout, with the old Redis back',
      async () => (await bobIsAt(lab, 'cluster3')) === 'cluster1',
      slowly,
    )
  },
)

async function bobIsAt(lab: ComposeLab, asked: ComposeService): Promise<string | undefined> {
  return (await lab.curl(asked, 'GET', '/api/v1/locations/1000001')).body.cluster
}
