// The documented restriction: while a hub is down its spokes do not synchronise; when it is back, nothing is lost.
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { startLab } from '../fixtures/lab.ts'
import { waitFor } from '../fixtures/wait-for.ts'
import { sees } from './fixtures/reading.ts'

t.test(
  'A2.3 Hub ILS down: while the hub is down its spokes keep what they knew, and catch up when it is back',
  async (t) => {
    const lab = await startLab(t)
    const [cluster1, cluster2, cluster3] = [lab.cluster('cluster1'), lab.cluster('cluster2'), lab.cluster('cluster3')]
    await lab.process('hub').kill()
    await waitFor('cluster3 says that its hub is unreachable', () => sees(cluster3, 'hub', 'Unreachable'))
    await cluster2.login({ deviceName: 'SEP000000020003', userId: 'bob', pin: '12345' })
    t.match(await cluster3.where('1000001'), { cluster: 'cluster1' }, 'cluster3 keeps its last learned location')
    t.ok(
      (await cluster1.logins()).some((login) => login.userId === 'bob'),
      'cluster1 has not heard of it either',
    )

    await lab.process('hub').restart()
    await waitFor(
      'cluster3 learns the login made while the hub was down',
      async () => (await cluster3.where('1000001'))?.cluster === 'cluster2',
    )
    await waitFor('cluster1 logs the older session out', async () => (await cluster1.logins()).length === 0)
    t.match(await cluster3.call('3000001', '1000001'), {
      state: 'connected',
      to: { cluster: 'cluster2', userId: 'bob' },
    })
  },
)

t.test('a hub that lost its disk is filled again by its spokes', async (t) => {
  const lab = await startLab(t)
  const [cluster2, cluster3] = [lab.cluster('cluster2'), lab.cluster('cluster3')]
  await lab.process('cluster1').kill()
  await cluster2.login({ deviceName: 'SEP000000020003', userId: 'bob', pin: '12345' })
  await waitFor('cluster3 knows', async () => (await cluster3.where('1000001'))?.cluster === 'cluster2')
  await lab.process('hub').kill()
  const folder = join(lab.dataDirectory, 'hub')
  for (const file of await readdir(folder)) if (file.includes('sqlite')) await rm(join(folder, file))
  await lab.process('hub').restart()
  await lab.process('cluster1').restart()
  const cluster1 = lab.cluster('cluster1')
  await waitFor(
    'cluster1 learns through the new hub',
    async () => (await cluster1.where('1000001'))?.cluster === 'cluster2',
  )
  await waitFor('and logs the old session out', async () => (await cluster1.logins()).length === 0)
  t.pass('learned again')
})
