// The hub as the process that a lab starts.
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import type { Test } from 'tap'
import { endWith } from '../../../fixtures/child-process.ts'

const main = fileURLToPath(new URL('../../../../services/ils/hub/main.ts', import.meta.url))
const nowhere = 'redis://127.0.0.1:1'

interface ReadyLine {
  readonly ready: boolean
  readonly name: string
  readonly kind: string
  readonly pid: number
  readonly http: string
  readonly https: string | null
}

/** One folder per test: asking tap for it again would empty it. */
const folders = new WeakMap<Test, string>()

function folderOf(t: Test): string {
  const folder = folders.get(t) ?? t.testdir()
  folders.set(t, folder)
  return folder
}

function run(t: Test, config: unknown, env: Record<string, string> = {}) {
  const path = join(folderOf(t), `${randomUUID()}.json`)
  writeFileSync(path, typeof config === 'string' ? config : JSON.stringify(config))
  const child = spawn(process.execPath, [main, '--config', path], { env: { ...process.env, ...env } })
  endWith(t, child)
  return { child, stderr: text(child.stderr), exit: once(child, 'exit') as Promise<[number | null]> }
}

const config = (t: Test, more: object = {}) => ({
  name: 'hub',
  dataDirectory: join(folderOf(t), 'data'),
  ils: { network: 'n', password: 'a secret', redisUrl: nowhere },
  ...more,
})

async function started(t: Test, more: object = {}, env: Record<string, string> = {}) {
  const hub = run(t, config(t, more), env)
  const [line] = (await once(createInterface({ input: hub.child.stdout }), 'line')) as [string]
  return { ...hub, ready: JSON.parse(line) as ReadyLine }
}

t.test('it says where it is in one line, answers, and stops cleanly', async (t) => {
  const { child, ready, exit, stderr } = await started(t)
  t.match(ready, {
    ready: true,
    name: 'hub',
    kind: 'hub',
    pid: child.pid,
    http: /^http:\/\/127\.0\.0\.1:\d+$/u,
    https: null,
  })
  const ask = async (path: string) => {
    const answer = await fetch(`${ready.http}${path}`)
    const type = answer.headers.get('content-type') ?? ''
    return { status: answer.status, type, body: type.includes('json') ? await answer.json() : await answer.text() }
  }
  t.match(await ask('/health/live'), { status: 200, body: { status: 'alive' } })
  t.match(await ask('/health/ready'), { status: 503, body: { waitingFor: [/Redis/u] } }, 'there is no Redis')
  t.match(await ask('/metrics'), { status: 200, body: /ils_records_applied_total 0/u })
  t.match(await ask('/api/v1/ils'), { status: 200, body: { clusterId: 'hub', role: 'hub', peers: [] } })
  t.match(await ask('/nothing'), { status: 404, type: /problem\+json/u, body: { status: 404 } })
  child.kill('SIGTERM')
  t.same((await exit)[0], 0)
  t.notMatch(await stderr, /a secret/u, 'no password in the log')
})

t.test('when the parent that holds its pipe is gone, it stops', async (t) => {
  const { child, exit } = await started(t, {}, { ROAMLINE_PARENT_PIPE: '1' })
  child.stdin.end()
  t.same((await exit)[0], 0)
})

t.test('a configuration that cannot be is refused with one sentence and exit code 2', async (t) => {
  const wrong: Record<string, unknown> = {
    'no JSON': '{',
    'no password': config(t, { ils: { network: 'n' } }),
    'a URL that is not of Redis': config(t, { ils: { password: 'a secret', redisUrl: 'http://example.org' } }),
    'an unknown key': config(t, { color: 'red' }),
  }
  for (const [what, one] of Object.entries(wrong)) {
    const { exit, stderr } = run(t, one)
    t.same((await exit)[0], 2, what)
    const said = await stderr
    t.match(said, /^hub: .+\n$/u, what)
    t.notMatch(said, /a secret/u)
  }
})

t.test('where ILS uses certificates, the hub gets one from the CA of its lab', async (t) => {
  const ils = { network: 'n', authentication: 'certificates', redisUrl: nowhere }
  const without = run(t, config(t, { ils }))
  t.same((await without.exit)[0], 2)
  t.match(await without.stderr, /^hub: .*secretsDirectory.*\n$/u)
  const secretsDirectory = join(folderOf(t), 'secrets')
  const { ready, child, exit } = await started(t, { ils, secretsDirectory })
  t.match(await (await fetch(`${ready.http}/api/v1/ils`)).json(), { authentication: 'certificates' })
  t.match(readFileSync(join(folderOf(t), 'data', 'identity.pem'), 'utf8'), /BEGIN CERTIFICATE/u)
  child.kill('SIGTERM')
  t.same((await exit)[0], 0)
})

t.test('a port in use is refused with one sentence', async (t) => {
  const first = await started(t)
  const httpPort = Number(new URL(first.ready.http).port)
  const { exit, stderr } = run(t, config(t, { dataDirectory: join(folderOf(t), 'other'), listen: { httpPort } }))
  t.same((await exit)[0], 2)
  t.match(await stderr, /EADDRINUSE/u)
})

t.test('a folder that another hub uses is refused with one sentence', async (t) => {
  await started(t)
  const { exit, stderr } = run(t, config(t))
  t.same((await exit)[0], 2)
  t.match(await stderr, /in use by another process/u)
})
