import { spawn } from 'node:child_process'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { get } from 'node:http'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import type { Test } from 'tap'
import { main } from '../../cluster-node/main.ts'
import { basic, configIn } from './fixtures/fake-parts.ts'
import { endWith } from '../fixtures/child-process.ts'

const program = fileURLToPath(new URL('../../cluster-node/main.ts', import.meta.url))

interface Run {
  readonly child: ChildProcessWithoutNullStreams
  /** Everything on stderr, once it ended. */
  readonly stderr: Promise<string>
  readonly exit: Promise<[code: number | null, signal: string | null]>
}

function run(t: Test, args: readonly string[], env: NodeJS.ProcessEnv = {}): Run {
  const child = spawn(process.execPath, [program, ...args], { env: { ...process.env, ...env } })
  endWith(t, child)
  return { child, stderr: text(child.stderr), exit: once(child, 'exit') as Run['exit'] }
}

interface Ready {
  readonly ready: true
  readonly name: string
  readonly kind: string
  readonly pid: number
  readonly http: string
  readonly https: string
}

async function readyLine({ child, stderr }: Run): Promise<Ready> {
  const lines = createInterface({ input: child.stdout })
  const [line] = (await Promise.race([
    once(lines, 'line'),
    once(child, 'exit').then(async () => Promise.reject(new Error(await stderr))),
  ])) as [string]
  return JSON.parse(line) as Ready
}

/** A configuration file in the folder. Without network, so that no Redis is needed. */
async function configFile(folder: string, changes: Record<string, unknown> = {}): Promise<string> {
  const services = { ils: { active: false } }
  await mkdir(folder, { recursive: true })
  await writeFile(`${folder}/cluster1.json`, JSON.stringify(configIn(folder, { services, ...changes })))
  return `${folder}/cluster1.json`
}

const withinMs = 5000
t.setTimeout(120_000)

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  t.test(`the process tells one line when it is ready and ends cleanly on ${signal}`, async (t) => {
    const process_ = run(t, ['--config', await configFile(t.testdir())])
    const ready = await readyLine(process_)
    t.match(ready, {
      ready: true,
      name: 'cluster1',
      kind: 'cluster',
      pid: process_.child.pid,
      http: /^http:/u,
      https: /^https:/u,
    })
    t.equal((await fetch(`${ready.http}/health/live`)).status, 200)
    const events = get(`${ready.http}/api/v1/events`, { headers: basic('administrator', 'roamline') })
    const [response] = (await once(events, 'response')) as [NodeJS.ReadableStream]
    response.resume()

    const startedAt = performance.now()
    process_.child.kill(signal)
    t.same(await process_.exit, [0, null])
    t.ok(performance.now() - startedAt < withinMs, 'within 5 s, with an event stream open')
    t.equal(await process_.stderr, '', 'nothing to say')
  })
}

t.test('a second signal kills at once', async (t) => {
  const process_ = run(t, ['--config', await configFile(t.testdir())])
  const { http } = await readyLine(process_)
  // A request whose body never comes keeps the clean stop waiting.
  const { port, hostname } = new URL(http)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => {})
  const { authorization } = basic('administrator', 'roamline')
  socket.write(
    `PUT /api/v1/services/ils HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nAuthorization: ${authorization}\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n`,
  )
  const [answer] = (await once(socket, 'data')) as [Buffer]
  t.match(answer.toString(), /100 Continue/u, 'it is being worked on')
  process_.child.kill('SIGTERM')
  // Again and again, as an impatient person would: a signal in the instant in which the first one is taken is lost.
  const impatience = setInterval(() => process_.child.kill('SIGINT'), 20)
  t.teardown(() => clearInterval(impatience))
  t.same(await process_.exit, [1, null])
})

t.test('the end of the parent pipe stops the process', async (t) => {
  const process_ = run(t, ['--config', await configFile(t.testdir())], { ROAMLINE_PARENT_PIPE: '1' })
  await readyLine(process_)
  process_.child.stdin.end()
  t.same(await process_.exit, [0, null])
})

t.test('without that, stdin means nothing', async (t) => {
  const process_ = run(t, ['--config', await configFile(t.testdir())])
  process_.child.stdin.end()
  const { http } = await readyLine(process_)
  t.equal((await fetch(`${http}/health/live`)).status, 200)
})

t.test('--help explains and succeeds', async (t) => {
  const process_ = run(t, ['--help'])
  t.match(await text(process_.child.stdout), /Usage: .*--config FILE[^]*Exit codes/u)
  t.same(await process_.exit, [0, null])
})

t.test('whatever a person can put right is one sentence and exit code 2', async (t) => {
  const folder = t.testdir({
    'not-json.json': '{"name":',
    'a-file': '',
    foreign: { data: { 'cluster.sqlite': 'my diary' } },
  })
  const taken = createServer().listen(0, '127.0.0.1')
  t.teardown(() => taken.close())
  await once(taken, 'listening')
  const { port } = taken.address() as AddressInfo
  const write = (name: string, changes: Record<string, unknown>) => configFile(`${folder}/${name}`, changes)
  const cases: readonly [what: string, args: readonly string[], sentence: RegExp][] = [
    ['no arguments', [], /--config FILE is missing/u],
    ['an unknown option', ['--conf', 'x'], /Unknown option '--conf'/u],
    ['no such file', ['--config', `${folder}/none.json`], /none\.json cannot be read: ENOENT/u],
    ['no JSON', ['--config', `${folder}/not-json.json`], /not-json\.json is not JSON/u],
    ['an unknown key', ['--config', await write('unknown', { colour: 'red' })], /colour is unknown/u],
    [
      'a port in use',
      ['--config', await write('port', { listen: { httpPort: port, httpsPort: 0 } })],
      /port \d+ is in use/u,
    ],
    [
      'a missing folder',
      ['--config', await write('missing', { dataDirectory: `${folder}/no/where` })],
      /the folder .*\/no does not exist: create it, or correct dataDirectory/u,
    ],
    [
      'a folder that is a file',
      ['--config', await write('file', { dataDirectory: `${folder}/a-file/data` })],
      /a-file/u,
    ],
    ['a foreign database', ['--config', await write('foreign', {})], /cluster\.sqlite/u],
    [
      'standard passwords for everybody',
      ['--config', await write('open', { listen: { host: '0.0.0.0', httpPort: 0, httpsPort: 0 } })],
      /will not listen on 0\.0\.0\.0 while administrator, emproxy, superusersync/u,
    ],
  ]
  for (const [what, args, sentence] of cases) {
    const { stderr, exit } = run(t, args)
    t.same(await exit, [2, null], what)
    t.match(await stderr, sentence, what)
    t.match(await stderr, /^[^\n]+\n$/u, `${what}: one line`)
  }
  t.equal(
    await readFile(`${folder}/foreign/data/cluster.sqlite`, 'utf8'),
    'my diary',
    'nothing of what was there is touched',
  )
})

t.test('main starts a cluster inside another program', async (t) => {
  await using cluster = await main(configIn(t.testdir(), { services: { ils: { active: false } } }))
  t.match(cluster.services.list(), [{ name: 'database', active: true }])
})
