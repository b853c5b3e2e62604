// A real process at the other end of a call, killed or stopped by the operating system.
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { waitFor } from '../../../fixtures/wait-for.ts'
import { phone, startClusters, TestCluster } from '../fixtures/clusters.ts'
import type { Order } from '../fixtures/cluster-process.ts'
import { kallysHome } from '../fixtures/people.ts'
import { endWith } from '../../../fixtures/child-process.ts'

const timing = { noAnswerTimeoutMs: 30_000, supervisionIntervalMs: 100, trunkTimeoutMs: 2000 }
const trunkTo = (remoteCluster: string, url: string) => ({ name: 'trunk', remoteCluster, url })

async function order(child: ChildProcess, what: Order): Promise<{ http: string; https: string }> {
  child.send(what)
  const [answer] = (await once(child, 'message')) as [{ http: string; https: string }]
  return answer
}

/** Kally's cluster3 here, cluster2 in a process, each with a trunk to the other. */
async function twoProcesses(t: Test) {
  const { cluster3, directory } = await startClusters(t, { cluster3: kallysHome }, timing)
  const child = fork(join(import.meta.dirname, '../fixtures/cluster-process.ts'), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  endWith(t, child)
  const cluster2 = new TestCluster('cluster2')
  const addresses = await order(child, {
    start: {
      name: 'cluster2',
      dataDirectory: join(directory, 'cluster2'),
      secretsDirectory: join(directory, 'secrets'),
      listen: { host: '127.0.0.1', httpPort: 0, httpsPort: 0 },
      log: { level: 'silent' },
      services: { callmanager: timing },
      seed: {
        phones: [phone('SEP000000020001', '2000001'), phone('SEP000000020002', '2000002', { answerMode: 'never' })],
      },
    },
  })
  Object.assign(cluster2, addresses)
  const to = (pattern: string) => ({ pattern, partition: '', trunk: 'trunk' })
  await order(child, {
    dialPlan: { trunks: [trunkTo('cluster3', cluster3.https)], routePatterns: [to('3XXXXXX')] },
  })
  await cluster3.database.write(() => {
    cluster3.database.dialPlan.insertTrunk(trunkTo('cluster2', cluster2.https))
    cluster3.database.dialPlan.insertRoutePattern(to('2XXXXXX'))
  })
  cluster3.callManager.configurationChanged()
  return { child, cluster2, cluster3 }
}

async function isOver(t: Test, cluster: TestCluster, id: string): Promise<void> {
  await waitFor('the call is over', async () => (await cluster.call(id)).state === 'ended')
  t.match(await cluster.call(id), { state: 'ended', cause: 38 })
}

t.test('the called cluster is killed in a call', async (t) => {
  const { child, cluster3 } = await twoProcesses(t)
  const call = await cluster3.dial('3000001', '2000001')
  t.match(call, { state: 'connected', to: { cluster: 'cluster2' } })
  child.kill('SIGKILL')
  await isOver(t, cluster3, call.id)
  t.match(await cluster3.dial('3000001', '2000001'), { state: 'failed', cause: 38 }, 'and cannot be reached')
})

t.test('the caller’s cluster is killed in a call', async (t) => {
  const { child, cluster2, cluster3 } = await twoProcesses(t)
  const call = await cluster2.dial('2000001', '3000001')
  t.match(call, { state: 'connected', to: { cluster: 'cluster3', userId: 'kally' } })
  child.kill('SIGKILL')
  await isOver(t, cluster3, call.id)
  t.match(await cluster3.dial('3000102', '3000001'), { state: 'connected' }, 'Kally’s phone is free again')
})

t.test('the called cluster is killed while its phone rings', async (t) => {
  const { child, cluster2, cluster3 } = await twoProcesses(t)
  const dialling = cluster3.dial('3000001', '2000002')
  await waitFor('ringing', async () => (await cluster2.activeCalls()).length === 1)
  child.kill('SIGKILL')
  t.match(await dialling, { state: 'failed', cause: 38 })
})

t.test('the called cluster is stopped in a call; back, it has ended its side too', async (t) => {
  const { child, cluster2, cluster3 } = await twoProcesses(t)
  const call = await cluster3.dial('3000001', '2000001')
  child.kill('SIGSTOP')
  await isOver(t, cluster3, call.id)
  child.kill('SIGCONT')
  await waitFor('cluster2 has no call', async () => (await cluster2.activeCalls()).length === 0)
  t.match(await cluster3.dial('3000001', '2000001'), { state: 'connected' }, 'and takes the next one')
})

t.test('a stopped cluster cannot be reached (38)', async (t) => {
  const { child, cluster3 } = await twoProcesses(t)
  child.kill('SIGSTOP')
  t.match(await cluster3.dial('3000001', '2000001'), { state: 'failed', cause: 38 })
  child.kill('SIGCONT')
})
