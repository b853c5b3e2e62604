import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t from 'tap'
import type { Test } from 'tap'
import { LabError } from '../../../scripts/lab/lab-error.ts'
import type { ManagedProcess } from '../../../scripts/lab/managed-process.ts'
import { startRunner } from '../../../scripts/lab/runner.ts'
import type { RunningLab } from '../../../scripts/lab/runner.ts'
import { waitFor } from '../../fixtures/wait-for.ts'
import { fakeLab, fakePrograms, isAlive } from '../fixtures/fake-lab.ts'
import { endWith } from '../../fixtures/child-process.ts'

async function start(test: Test, clusters: string[], onState?: (process: ManagedProcess) => void): Promise<RunningLab> {
  const lab = await startRunner({
    lab: fakeLab(...clusters),
    dataDirectory: test.testdir({}),
    freePorts: true,
    programs: fakePrograms,
    ...(onState ? { onState } : {}),
  })
  test.teardown(() => lab.stop())
  return lab
}

const process_ = (lab: RunningLab, name: string) => lab.status().processes.find((one) => one.name === name)
const answers = async (http: string | null | undefined, timeoutMs = 2000) =>
  fetch(http ?? '', { signal: AbortSignal.timeout(timeoutMs) }).then(
    () => true,
    () => false,
  )

t.test('a lab starts all its processes, and stops all of them', async (t) => {
  const lab = await start(t, ['cluster1', 'cluster2'])
  const { processes, redis } = lab.status()
  t.strictSame(
    processes.map(({ name, kind, state }) => [name, kind, state]),
    [
      ['hub', 'hub', 'running'],
      ['cluster1', 'cluster', 'running'],
      ['cluster2', 'cluster', 'running'],
    ],
  )
  t.equal(redis.state, 'running')
  for (const { http } of processes) t.ok(await answers(http))
  const pids = [...processes.map(({ pid }) => pid), redis.pid]
  t.ok(pids.every((pid) => isAlive(pid)))
  await lab.stop()
  t.notOk(pids.some((pid) => isAlive(pid)))
  t.ok(lab.status().processes.every(({ state }) => state === 'stopped'))
  await lab.stop()
})

t.test('what holds passwords is readable by its owner only', async (t) => {
  const lab = await start(t, ['cluster1'])
  const file = join(lab.dataDirectory, 'cluster1', 'config.json')
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.match(JSON.parse(readFileSync(file, 'utf8')), { services: { ils: { password: 'secret', hub: 'hub' } } })
})

t.test('a killed process comes back on the same port, in the same folder', async (t) => {
  const lab = await start(t, ['cluster1', 'cluster2'])
  const before = process_(lab, 'cluster1')
  await lab.kill('cluster1')
  t.match(process_(lab, 'cluster1'), { state: 'killed', pid: null, http: before?.http })
  t.notOk(isAlive(before?.pid))
  t.notOk(await answers(before?.http))
  t.equal(process_(lab, 'cluster2')?.state, 'running', 'the others go on')
  await t.rejects(lab.kill('cluster1'), {
    code: 'LAB_PROCESS_STATE',
    message: 'cluster1 is killed and cannot be killed',
  })
  await lab.restart('cluster1')
  t.match(process_(lab, 'cluster1'), { state: 'running', http: before?.http })
  t.not(process_(lab, 'cluster1')?.pid, before?.pid)
  t.ok(await answers(before?.http))
})

t.test(
  'a process whose folder was deleted, or came back from an old backup, starts as the lab file says',
  async (t) => {
    const lab = await start(t, ['cluster1'])
    const folder = join(lab.dataDirectory, 'cluster1')
    const file = join(folder, 'config.json')
    const before = readFileSync(file, 'utf8')
    await lab.kill('cluster1')
    rmSync(folder, { recursive: true })
    await lab.restart('cluster1')
    t.match(process_(lab, 'cluster1'), { state: 'running' })
    t.equal(readFileSync(file, 'utf8'), before)
    t.equal(statSync(folder).mode & 0o777, 0o700)
    t.equal(statSync(file).mode & 0o777, 0o600)
    await lab.kill('cluster1')
    writeFileSync(file, before.replace('secret', 'the password of last year'))
    await lab.restart('cluster1')
    t.equal(readFileSync(file, 'utf8'), before)
  },
)

t.test('restarting a running process stops it first', async (t) => {
  const lab = await start(t, ['cluster1'])
  const before = process_(lab, 'cluster1')?.pid
  await lab.restart('cluster1')
  t.notOk(isAlive(before))
  t.ok(isAlive(process_(lab, 'cluster1')?.pid))
})

t.test('a paused process keeps its port and does not answer until it is resumed', async (t) => {
  const lab = await start(t, ['cluster1'])
  const http = process_(lab, 'cluster1')?.http
  await lab.pause('cluster1')
  t.equal(process_(lab, 'cluster1')?.state, 'paused')
  t.notOk(await answers(http, 200))
  await t.rejects(lab.pause('cluster1'), { message: 'cluster1 is paused and cannot be paused' })
  await lab.resume('cluster1')
  t.ok(await answers(http))
  await t.rejects(lab.resume('cluster1'), { message: 'cluster1 is running and cannot be resumed' })
})

t.test('a paused process is stopped and killed like any other', async (t) => {
  const lab = await start(t, ['cluster1', 'cluster2'])
  await lab.pause('cluster1')
  await lab.pause('cluster2')
  const pids = ['cluster1', 'cluster2'].map((name) => process_(lab, name)?.pid)
  await lab.kill('cluster1')
  await lab.stop()
  t.notOk(pids.some((pid) => isAlive(pid)))
})

t.test('the lab’s own Redis can be killed and restarted on its port', async (t) => {
  const lab = await start(t, ['cluster1'])
  const { url, pid } = lab.status().redis
  await lab.kill('redis')
  t.match(lab.status().redis, { state: 'killed', url, pid: null })
  t.notOk(isAlive(pid))
  await lab.restart('redis')
  t.match(lab.status().redis, { state: 'running', url })
})

t.test('a process that dies by itself is told as crashed, and the lab goes on', async (t) => {
  const seen: string[] = []
  const lab = await start(t, ['cluster1', 'cluster2'], ({ name, state }) => seen.push(`${name} ${state}`))
  process.kill(process_(lab, 'cluster1')?.pid ?? 0, 'SIGKILL')
  await waitFor('the crash is seen', () => seen.includes('cluster1 crashed'))
  t.match(process_(lab, 'cluster1'), { state: 'crashed', note: 'died: SIGKILL' })
  t.equal(process_(lab, 'cluster2')?.state, 'running')
  await lab.restart('cluster1')
  t.notOk(process_(lab, 'cluster1')?.note)
})

t.test('a process that refuses its configuration is quoted, and nothing is left running', async (t) => {
  const states = new Map<string, ManagedProcess>()
  const starting = start(t, ['cluster1', 'broken'], (one) => states.set(one.name, one))
  await t.rejects(starting, {
    code: 'LAB_PROCESS_START',
    message:
      /^broken ended before it was ready \(exit code 2\):\nthe configuration is wrong: seed\.users\[0\]\.pin is missing$/u,
  })
  t.ok(states.has('cluster1'))
  t.notOk([...states.values()].some(({ pid }) => isAlive(pid)))
})

t.test('a program that is not there is an error with its name', async (t) => {
  const starting = startRunner({
    lab: fakeLab('cluster1'),
    dataDirectory: t.testdir({}),
    freePorts: true,
    programs: { ...fakePrograms, cluster: '/nowhere/main.ts' },
  })
  await t.rejects(starting, {
    code: 'LAB_PROCESS_START',
    message: /^cluster1 ended .*Cannot find module '\/nowhere\/main\.ts'/su,
  })
})

t.test('a process that ignores SIGTERM is killed in the end', async (t) => {
  const lab = await start(t, ['deaf'])
  const pid = process_(lab, 'deaf')?.pid
  await lab.stop()
  t.notOk(isAlive(pid))
})

t.test('an unknown process is an error that names those that are there', async (t) => {
  const lab = await start(t, ['cluster1'])
  await t.rejects(lab.kill('cluster9'), {
    code: 'LAB_PROCESS_UNKNOWN',
    message: 'There is no process "cluster9"; there are: hub, cluster1, redis',
  })
})

t.test('ports are kept from one lab to the next on the same data, unless somebody took them', async (t) => {
  const dataDirectory = t.testdir({})
  const options = { lab: fakeLab('cluster1'), dataDirectory, freePorts: true, programs: fakePrograms }
  const first = await startRunner(options)
  const before = [process_(first, 'cluster1')?.http, process_(first, 'hub')?.http, first.status().redis.url]
  await first.stop()
  const second = await startRunner(options)
  t.strictSame([process_(second, 'cluster1')?.http, process_(second, 'hub')?.http, second.status().redis.url], before)
  await second.stop()
  const squatter = createServer().listen(Number(new URL(before[0] ?? '').port), '127.0.0.1')
  await once(squatter, 'listening')
  t.teardown(() => squatter.close())
  const third = await startRunner(options)
  t.teardown(() => third.stop())
  t.not(process_(third, 'cluster1')?.http, before[0])
  t.equal(process_(third, 'hub')?.http, before[1])
})

t.test('a lab file that was edited after the databases were made is told', async (t) => {
  const dataDirectory = t.testdir({})
  const startWith = async (description: string) => {
    const fake = fakeLab('cluster1', 'cluster2')
    const [first, second] = fake.clusters
    if (!first || !second) throw new Error('the fake lab has two clusters')
    const profile = { name: 'bob-profile', description }
    const lab = { ...fake, clusters: [{ ...first, deviceProfiles: [profile] }, second] }
    const running = await startRunner({ lab, dataDirectory, freePorts: true, programs: fakePrograms })
    t.teardown(() => running.stop())
    const notes = running.status().processes.map(({ note }) => note)
    await running.stop()
    return notes
  }
  t.strictSame(await startWith('as it was'), [undefined, undefined, undefined])
  t.match(await startWith('edited'), [undefined, /those of an earlier lab file/u, undefined])
  t.match(await startWith('edited'), [undefined, /--data DIR/u, undefined], 'not only once')
  t.strictSame(await startWith('as it was'), [undefined, undefined, undefined])
})

t.test('an external Redis is checked, used and left alone', async (t) => {
  const own = await start(t, ['cluster1'])
  const { url } = own.status().redis
  const lab = await startRunner({
    lab: fakeLab('cluster1'),
    dataDirectory: t.testdir({ other: {} }),
    freePorts: true,
    redis: url,
    programs: fakePrograms,
  })
  t.teardown(() => lab.stop())
  t.match(lab.status().redis, { provider: 'given', state: 'external', pid: null })
  await t.rejects(lab.kill('redis'), { code: 'LAB_PROCESS_UNKNOWN', message: /is not this lab's own/u })
  await lab.stop()
  t.equal(own.status().redis.state, 'running')
})

t.test('a Redis URL behind which there is something else stops the start', async (t) => {
  const stranger = createServer((socket) => socket.on('error', () => {}).end('SSH-2.0-OpenSSH_9.2p1\r\n'))
  stranger.listen(0, '127.0.0.1')
  await once(stranger, 'listening')
  t.teardown(() => stranger.close())
  const { port } = stranger.address() as AddressInfo
  const options = { lab: fakeLab('cluster1'), freePorts: true, programs: fakePrograms }
  const refused = (redis: string) => startRunner({ ...options, dataDirectory: t.testdir({}), redis })
  await t.rejects(refused(`redis://127.0.0.1:${port}`), { code: 'LAB_REDIS', message: /is not a Redis/u })
  await t.rejects(refused('http://127.0.0.1:80'), { code: 'LAB_REDIS', message: /redis:\/\/host:port/u })
  await t.rejects(refused('nonsense'), LabError)
})

t.test('when the runner is killed none of its processes survives, not even a paused one or Redis', async (t) => {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, '..', 'fixtures', 'runner-process.ts'), t.testdir({})],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  endWith(t, child)
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const pids = JSON.parse(line) as number[]
  t.equal(pids.length, 4)
  t.ok(pids.every((pid) => isAlive(pid)))
  child.kill('SIGKILL')
  await waitFor('all of them are gone', () => pids.every((pid) => !isAlive(pid)))
})
