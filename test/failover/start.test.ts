import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { createClusterClient, orUndefined } from '../../scripts/cluster-client.ts'
import type { ClusterClient } from '../../scripts/cluster-client.ts'
import type { LabStatus } from '../../scripts/lab/runner.ts'
import { waitFor } from '../fixtures/wait-for.ts'
import { roamline } from '../scripts/fixtures/cli.ts'
import { isAlive } from '../scripts/fixtures/fake-lab.ts'
import { endWith } from '../fixtures/child-process.ts'

const cli = join(import.meta.dirname, '..', '..', 'scripts', 'roamline.ts')
const noCurl = spawnSync('curl', ['--version']).status === 0 ? {} : { skip: 'no curl on the PATH' }

t.test('what start prints works as printed, and Ctrl-C leaves no process', noCurl, async (t) => {
  const data = t.testdir({})
  const child = spawn(process.execPath, [cli, 'start', '--free-ports', '--data', data], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.teardown(() => child.kill('SIGTERM'))
  const printed: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => printed.push(line))
  await waitFor('the lab is up', () => printed.some((line) => line.includes('Ctrl-C')), { timeoutMs: 60_000 })

  const curl = (line: string): unknown => JSON.parse(spawnSync('sh', ['-c', line], { encoding: 'utf8' }).stdout)
  const [call = '', login = '', where = '', ...others] = printed.filter((line) => line.startsWith('  curl '))
  t.strictSame(others, [])
  t.match(curl(call), { state: 'connected', to: { cluster: 'cluster1', userId: 'bob' } })
  t.match(curl(login), { userId: 'bob', deviceName: 'SEP000000020002' })
  await waitFor('cluster3 has learned it', () => (curl(where) as { cluster: string }).cluster === 'cluster2')
  t.match(curl(call), { state: 'connected', to: { cluster: 'cluster2', deviceName: 'SEP000000020002' } })

  const trace = spawn(process.execPath, [cli, 'trace', '--json', '--data', data], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  endWith(t, trace)
  const seen: { type: string; cluster: string; deviceName?: string }[] = []
  createInterface({ input: trace.stdout }).on('line', (line) => seen.push(JSON.parse(line) as (typeof seen)[number]))
  await waitFor('the trace shows a logout at cluster2 and what it meant elsewhere', async () => {
    // Whatever happened before the trace was listening is not shown, so Bob goes and comes until it is.
    await roamline('logout', 'SEP000000020002', '--data', data)
    await roamline('login', 'bob', 'SEP000000020002', '--pin', '12345', '--data', data)
    const at = (cluster: string, type: string) => seen.some((one) => one.cluster === cluster && one.type === type)
    return at('cluster2', 'logout') && at('cluster3', 'ilsLocation')
  })
  trace.kill('SIGINT')
  await once(trace, 'exit')

  const { processes, redis } = JSON.parse((await roamline('status', '--json', '--data', data)).stdout) as LabStatus
  t.match(await roamline('kill', 'cluster3', '--data', data), { code: 0 })
  await waitFor('the death is told', () => printed.some((line) => line.endsWith('cluster3 is killed')))
  child.kill('SIGINT')
  const [code] = (await once(child, 'exit')) as [number]
  t.equal(code, 0)
  t.notOk([...processes.map(({ pid }) => pid), redis.pid].some((pid) => isAlive(pid)))
})

t.test('a lab comes up again as it was left: ILS deactivated here, a superuser gone there', async (t) => {
  const data = t.testdir({})
  const start = async () => {
    const child = spawn(process.execPath, [cli, 'start', '--free-ports', '--json', '--data', data], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    t.teardown(() => child.kill('SIGTERM'))
    const said = text(child.stderr)
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
    const { processes } = JSON.parse(line) as LabStatus
    const clusters = ['cluster1', 'cluster3'].map((name) => {
      const http = processes.find((one) => one.name === name)?.http ?? ''
      return createClusterClient({ name, http })
    })
    const end = async () => {
      child.kill('SIGINT')
      await once(child, 'exit')
      t.equal(await said, '', 'nothing was missing')
    }
    return { clusters: clusters as [ClusterClient, ClusterClient], end }
  }
  const first = await start()
  await first.clusters[1].put('/api/v1/services/ils', { active: false })
  await first.clusters[0].delete('/api/v1/users/bob')
  await first.end()

  const second = await start()
  const services = (await second.clusters[1].get('/api/v1/services')) as { name: string; active: boolean }[]
  t.match(
    services.find(({ name }) => name === 'ils'),
    { active: false },
  )
  t.equal(await orUndefined(second.clusters[0].get('/api/v1/users/bob')), undefined)
  await second.end()
})
