import { once } from 'node:events'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { LabFacts } from '../../scripts/lab/lab-facts.ts'
import type { LabStatus } from '../../scripts/lab/runner.ts'
import { waitFor } from '../fixtures/wait-for.ts'
import { roamline, startForegroundProcess } from './fixtures/cli.ts'
import { isAlive } from './fixtures/fake-lab.ts'

const verbs =
  'start status login logout call where ils kill restart pause resume trace demo bulk explain reproduce down run'.split(
    ' ',
  )

t.test('every verb has help with an example, and --json', async (t) => {
  const helps = await Promise.all(verbs.map(async (verb) => ({ verb, ...(await roamline(verb, '--help')) })))
  for (const { verb, code, stdout } of helps) {
    t.equal(code, 0)
    t.match(stdout, /--json/u, verb)
    t.match(stdout, /Example:\n {2}\$ .*(?:roamline|npm)/u, verb)
  }
})

t.test('what is not understood leaves with 2 and says what is', async (t) => {
  t.match(await roamline('fly'), { code: 2, stderr: /unknown command 'fly'/u })
  t.match(await roamline('login', 'bob', '--pin', '1'), { code: 2, stderr: /missing required argument 'device'/u })
  t.match(await roamline('login', 'bob', 'SEP000000020002'), { code: 2, stderr: /--pin/u })
  t.match(await roamline('status', '--jsn'), { code: 2, stderr: /unknown option '--jsn'/u })
})

t.test('without a running lab verbs say so', async (t) => {
  const data = t.testdir({})
  t.match(await roamline('status', '--data', data), { code: 1, stdout: '', stderr: /^No lab runs on .*npm start/u })
  const { code, stderr } = await roamline('kill', 'cluster1', '--data', data, '--json')
  t.equal(code, 1)
  t.match(JSON.parse(stderr), { code: 'LAB_NOT_RUNNING' })
})

t.test('a bad lab file is refused before anything starts', async (t) => {
  const data = t.testdir({
    'lab.yaml': 'name: a\nils: { network: a, password: b }\nclusters: [{ name: c, hub: h }]\ncolour: blue\n',
  })
  const { code, stderr } = await roamline('start', '--lab', join(data, 'lab.yaml'), '--data', join(data, 'data'))
  t.equal(code, 1)
  t.match(stderr, /lab\.yaml:4: colour: unknown key; allowed here: name, /u)
  t.notMatch(stderr, /at .*\.ts:/u, 'no stack')
  t.notOk(existsSync(join(data, 'data')))
})

t.test('one process of a lab that cannot be is refused', async (t) => {
  const file = join(import.meta.dirname, '..', '..', 'labs', 'three-clusters.yaml')
  t.match(await roamline('run', 'cluster9', '--lab', file), {
    code: 1,
    stderr: /no process "cluster9"; it has: hub, cluster1/u,
  })
})

t.test('the verbs steer a running lab', async (t) => {
  const data = t.testdir({})
  const { child, lines } = await startForegroundProcess(t, data)
  const on = (...arguments_: string[]) => roamline(...arguments_, '--data', data)
  const status = async () => JSON.parse((await on('status', '--json')).stdout) as LabStatus
  const processOf = async (name: string) => (await status()).processes.find((one) => one.name === name)

  await t.test('its facts are there for its owner only', async (t) => {
    t.equal(statSync(join(data, 'lab.json')).mode & 0o777, 0o600)
    const { url } = JSON.parse(readFileSync(join(data, 'lab.json'), 'utf8')) as LabFacts
    const stranger = await fetch(`${url}/processes/cluster1/kill`, {
      method: 'POST',
      headers: { authorization: 'Bearer x' },
    })
    t.equal(stranger.status, 401)
    t.equal((await processOf('cluster1'))?.state, 'running')
  })

  await t.test('status is a table for people and JSON for programs', async (t) => {
    const { stdout, code } = await on('status')
    t.equal(code, 0)
    t.match(stdout, /cluster1 .*running.*http:\/\/127\.0\.0\.1:\d+/u)
    t.match(stdout, /^cluster1: phones get their files from http:\/\/127\.0\.0\.1:\d+ and tftp:\/\/127\.0\.0\.1:\d+$/mu)
    t.notMatch(stdout, '\u001B', 'no colours into a pipe')
    const { processes, redis } = await status()
    t.strictSame(
      processes.map(({ name }) => name),
      ['hub', 'cluster1', 'cluster2', 'cluster3'],
    )
    t.match(processes[1], { kind: 'cluster', state: 'running', pid: Number, http: /^http:/u, https: /^https:/u })
    t.match(redis, { url: /^redis:/u, state: 'running' })
  })

  await t.test('kill, restart, pause and resume', async (t) => {
    const before = await processOf('cluster1')
    t.match(await on('kill', 'cluster1'), { code: 0, stdout: 'cluster1 is killed\n' })
    t.notOk(isAlive(before?.pid))
    t.match(await on('kill', 'cluster1'), { code: 1, stderr: 'cluster1 is killed and cannot be killed\n' })
    t.match(await on('restart', 'cluster1'), { code: 0, stdout: /^cluster1 is running again \(process \d+\)$/mu })
    t.match(await on('pause', 'hub', '--json'), { code: 0, stdout: /"state":"paused"/u })
    t.match(await on('resume', 'hub'), { code: 0 })
    t.match(await on('kill', 'moon'), { code: 1, stderr: /no process "moon"; there are: hub, cluster1/u })
  })

  await t.test('login finds the cluster by the phone', async (t) => {
    t.match(await on('login', 'bob', 'SEP000000020002', '--pin', '12345'), {
      code: 0,
      stdout: 'bob is logged in on SEP000000020002 at cluster2 (bob-profile)\n',
    })
    t.match(await on('login', 'bob', 'SEP000000090001', '--pin', '1'), {
      code: 1,
      stderr: /has a phone "SEP000000090001"/u,
    })
    t.match(await on('logout', 'SEP000000020002'), { code: 0, stdout: /any more/u })
    t.match(await on('logout', 'SEP000000020001'), { code: 1, stderr: 'Nobody is logged in. (code 19)\n' })
  })

  await t.test('a refusal carries the vendor’s code and display', async (t) => {
    const login = ['login', 'bob', 'SEP000000020002', '--pin', '999', '--cluster', 'cluster2']
    t.match(await on(...login), {
      code: 1,
      stdout: '',
      stderr: 'User ID or PIN is wrong. (code 201, the phone shows [201]-Authentication error)\n',
    })
    const { stderr } = await on(...login, '--json')
    t.strictSame(JSON.parse(stderr), {
      detail: 'User ID or PIN is wrong.',
      status: 403,
      code: 201,
      phoneDisplay: '[201]-Authentication error',
    })
    t.match(await on('login', 'bob', 'SEP000000020002', '--pin', '1', '--cluster', 'moon'), {
      code: 1,
      stderr: /no cluster "moon"/u,
    })
    t.match(await on('where', '1000001', '--password', 'wrong'), { code: 1, stderr: 'Who are you?\n' })
  })

  await t.test('call finds the caller’s cluster, tells the way and leaves with the outcome', async (t) => {
    const { code, stdout } = await on('call', '3000-001', '1000-001')
    t.equal(code, 0)
    t.match(
      stdout,
      /^3000-001 → 1000001: connected to bob on SEP000000020002 at cluster2\n +0 ms {2}cluster3 +dialled 1000001$/mu,
    )
    t.match(await on('call', 'SEP000000010002', '1000-001', '--json'), { code: 0, stdout: /"cluster":"cluster1"/u })
    t.match(await on('call', '3000-001', '555'), { code: 1, stdout: /failed: unallocated number \(cause 1\)/u })
    t.match(await on('call', '4000-001', '555'), { code: 1, stderr: /No phone with the number 4000-001/u })
  })

  await t.test('where shows who believes what, also that a cluster does not answer', async (t) => {
    const { stdout } = await on('where', '1000-001', '--json')
    const answers = JSON.parse(stdout) as { asked: string; location: { source: string } }[]
    t.strictSame(
      answers.map(({ asked, location }) => [asked, location.source]),
      [
        ['cluster1', 'learned'],
        ['cluster2', 'local'],
        ['cluster3', 'learned'],
      ],
    )
    t.match((await on('where', '1000-001')).stdout, /cluster2 .*SEP000000020002.*bob.*local/u)
    t.match(await on('where', '5551234'), { code: 1, stderr: /Nobody knows 5551234 \(cluster1: unknown there/u })
  })

  await t.test('a second lab on the same data is refused', async (t) => {
    const second = await startForegroundProcess(t, data)
    t.strictSame(second.lines, ['LAB_ALREADY_RUNNING'])
    t.equal((await processOf('cluster1'))?.state, 'running')
  })

  await t.test('down ends all of it', async (t) => {
    const pids = (await status()).processes.map(({ pid }) => pid)
    t.match(await on('down'), { code: 0, stdout: 'The lab fake is down.\n' })
    t.notOk(pids.some((pid) => isAlive(pid)))
    await waitFor('the runner has said why', () => lines.includes('down'))
    t.equal(child.exitCode ?? (await once(child, 'exit'))[0], 0)
    t.notOk(existsSync(join(data, 'lab.json')))
  })
})

t.test('Ctrl-C, also twice, ends the lab and takes its facts away', async (t) => {
  const data = t.testdir({})
  const { child, lines } = await startForegroundProcess(t, data)
  const { stdout } = await roamline('status', '--json', '--data', data)
  const { processes, redis } = JSON.parse(stdout) as LabStatus
  child.kill('SIGINT')
  child.kill('SIGINT')
  await once(child, 'exit')
  t.strictSame(lines, ['up', 'SIGINT'])
  t.notOk([...processes.map(({ pid }) => pid), redis.pid].some((pid) => isAlive(pid)))
  t.notOk(existsSync(join(data, 'lab.json')))
})

t.test('a data folder that cannot be made is refused in one sentence', async (t) => {
  const file = join(t.testdir({ file: '' }), 'file')
  for (const data of [file, join(file, 'below')]) {
    const refused = await roamline('start', '--data', data, '--free-ports')
    t.match(refused, { code: 1, stderr: /^A lab cannot keep its data in [^\n]+\n$/u })
  }
})

t.test('facts that a killed runner left behind are no obstacle', async (t) => {
  const data = t.testdir({})
  const first = await startForegroundProcess(t, data)
  first.child.kill('SIGKILL')
  await once(first.child, 'exit')
  t.ok(existsSync(join(data, 'lab.json')))
  t.match(await roamline('status', '--data', data), { code: 1, stderr: /No lab runs on/u })
  const second = await startForegroundProcess(t, data)
  t.strictSame(second.lines, ['up'])
})

t.test('facts that cannot be read are no obstacle either', async (t) => {
  const data = t.testdir({})
  writeFileSync(join(data, 'lab.json'), '{"pid":')
  const { lines } = await startForegroundProcess(t, data)
  t.strictSame(lines, ['up'])
})
