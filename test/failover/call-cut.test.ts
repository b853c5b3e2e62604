// A cluster that dies in a call ends it on the other side, whichever side it was.
import t from 'tap'
import { startLab } from '../fixtures/lab.ts'
import { waitFor } from '../fixtures/wait-for.ts'
import { callState } from './fixtures/reading.ts'

t.test('a call between two clusters', async (t) => {
  const lab = await startLab(t)
  const [cluster1, cluster3] = [lab.cluster('cluster1'), lab.cluster('cluster3')]

  await t.test('either side may release a call between clusters', async (t) => {
    const first = await cluster3.call('3000001', '1000001')
    await cluster1.hangUp(first.id)
    await waitFor("released at the caller's side", async () => (await callState(cluster3, first.id)) === 'ended')
    const second = await cluster3.call('3000001', '1000001')
    await cluster3.hangUp(second.id)
    await waitFor("released at the called party's side", async () => (await callState(cluster1, second.id)) === 'ended')
    t.match(await cluster1.get(`/api/v1/calls/${second.id}`), { cause: 16 })
  })

  await t.test("the called party's cluster is killed and the caller's side ends the call", async (t) => {
    const call = await cluster3.call('3000001', '1000001')
    await cluster1.kill()
    await waitFor('the call ends at cluster3', async () => (await callState(cluster3, call.id)) === 'ended')
    t.match(await cluster3.get(`/api/v1/calls/${call.id}`), { state: 'ended', cause: 38 })
    await cluster1.restart()
    await lab.settled()
  })

  await t.test("the caller's cluster is killed and the called party's side ends the call", async (t) => {
    const call = await cluster3.call('3000001', '1000001')
    await cluster3.kill()
    await waitFor('the call ends at cluster1', async () => (await callState(cluster1, call.id)) === 'ended')
    t.match(await cluster1.call('1000102', '1000001'), { state: 'connected' }, "bob's line is free again")
  })
})
