// A cluster that stands still past its heartbeat is not dead: when it goes on it catches up before anybody notices twice.
import t from 'tap'
import { startLab } from '../fixtures/lab.ts'
import { waitFor } from '../fixtures/wait-for.ts'
import { quickLab } from './fixtures/quick-lab.ts'
import { callState, sees } from './fixtures/reading.ts'

t.test('a cluster that stands still', async (t) => {
  const lab = await startLab(t, { lab: quickLab() })
  const [cluster1, cluster2, cluster3] = [lab.cluster('cluster1'), lab.cluster('cluster2'), lab.cluster('cluster3')]

  await t.test('a call to a paused cluster fails in time, and a call in progress with it ends', async (t) => {
    const call = await cluster3.call('3000001', '1000001')
    t.match(call, { state: 'connected', to: { cluster: 'cluster1' } })
    await cluster1.pause()
    await waitFor('the call with the paused cluster ends', async () => (await callState(cluster3, call.id)) === 'ended')
    t.match(await cluster2.call('2000001', '1000001'), { state: 'failed', cause: 38 })
    await cluster1.resume()
    const again = await waitFor('reachable again', async () => {
      const one = await cluster2.call('2000001', '1000001')
      return one.state === 'connected' ? one : undefined
    })
    await cluster2.hangUp(again.id)
    await waitFor('the hub hears it again', () => sees(lab.hub('hub'), 'cluster1', 'Up to Date'))
  })

  await t.test('a cluster paused past its heartbeat learns on resuming what it missed', async (t) => {
    await cluster1.pause()
    await waitFor('the hub counts cluster1 as unreachable', () => sees(lab.hub('hub'), 'cluster1', 'Unreachable'))
    await cluster2.login({ deviceName: 'SEP000000020003', userId: 'bob', pin: '12345' })
    await waitFor('cluster3 knows', async () => (await cluster3.where('1000001'))?.cluster === 'cluster2')
    await cluster1.resume()
    await waitFor('cluster1 logs the older session out', async () => (await cluster1.logins()).length === 0)
    t.match(await cluster1.call('1000102', '1000001'), {
      state: 'connected',
      to: { cluster: 'cluster2', userId: 'bob' },
    })
  })
})
