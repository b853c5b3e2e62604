import t from 'tap'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Test } from 'tap'
import { writeFileSync } from 'node:fs'
import { endWith } from '../../fixtures/child-process.ts'

const entry = join(import.meta.dirname, '../../../services/super-user-sync/main.ts')
const nowhere = { name: 'cluster1', url: 'https://127.0.0.1:1', userId: 'superusersync', password: 'hidden-word' }

/** Starts the process with this text as its configuration file. */
function start(t: Test, text: string, env: object = {}) {
  const directory = t.testdir({ data: {}, 'config.json': '' })
  const config = join(directory, 'config.json')
  writeFileSync(config, text.replaceAll('DIR', directory))
  const child = spawn(process.execPath, [entry, '--config', config], { env: { ...process.env, ...env } })
  endWith(t, child)
  let stderr = ''
  child.stderr.on('data', (chunk) => (stderr += String(chunk)))
  const ended = once(child, 'close').then(([code]) => ({ code: code as number, stderr }))
  const ready = once(createInterface(child.stdout), 'line').then(([line]) => JSON.parse(String(line)))
  return { child, ended, ready }
}

const config = (more: object = {}) =>
  JSON.stringify({
    dataDirectory: 'DIR/data',
    secretsDirectory: 'DIR/secrets',
    clusters: [nowhere],
    schedule: null,
    ...more,
  })

t.test('the process says once where it is, and stops cleanly when told to', async (t) => {
  const { child, ended, ready } = start(t, config())
  const line = await ready
  t.match(line, { ready: true, name: 'super-user-sync', kind: 'super-user-sync', pid: child.pid, http: /^http:/ })
  t.equal((await fetch(`${line.http}/health/live`)).status, 200)
  child.kill('SIGTERM')
  const { code, stderr } = await ended
  t.equal(code, 0)
  t.notMatch(stderr, /hidden-word/)
})

t.test('the end of its parent ends it', async (t) => {
  const { child, ended, ready } = start(t, config(), { ROAMLINE_PARENT_PIPE: '1' })
  await ready
  child.stdin.end()
  t.equal((await ended).code, 0)
})

t.test('a configuration that cannot be used is one sentence and exit code 2', async (t) => {
  for (const [text, sentence] of [
    ['{', /^super-user-sync: .*JSON/],
    [config({ clusters: [] }), /^super-user-sync: clusters must not be empty/],
  ] as const) {
    const { ended } = start(t, text)
    const { code, stderr } = await ended
    t.equal(code, 2)
    t.match(stderr, sentence)
    t.equal(stderr.trim().split('\n').length, 1)
  }
})

t.test('a port in use is told', async (t) => {
  const server = createServer().listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  const { ended } = start(t, config({ listen: { httpPort: (server.address() as AddressInfo).port } }))
  const { code, stderr } = await ended
  t.equal(code, 2)
  t.match(stderr, /EADDRINUSE/)
})
