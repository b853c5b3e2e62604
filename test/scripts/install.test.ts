import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { delimiter, join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { holds, isInstalled, projectRoot, serves } from '../../scripts/install.mjs'
import type { Lockfile } from '../../scripts/install.mjs'

const lock: Lockfile = {
  packages: {
    '': {},
    'node_modules/fastify': { version: '5.0.0' },
    'node_modules/tap': { version: '21.0.0', dev: true },
    'node_modules/node': { version: '24.0.0', optional: true },
  },
}

t.test('a stamp serves its own set and what is less, of the same lock only', async (t) => {
  t.ok(serves({ lock: 'a', set: 'prod' }, 'a', 'prod'))
  t.ok(serves({ lock: 'a', set: 'dev' }, 'a', 'prod'), 'everything is there, so also what is needed to run')
  t.notOk(serves({ lock: 'a', set: 'prod' }, 'a', 'dev'))
  t.notOk(serves({ lock: 'b', set: 'dev' }, 'a', 'dev'))
  t.notOk(serves(undefined, 'a', 'prod'))
})

t.test('what npm was asked for by hand is recognised', async (t) => {
  const { '': _, 'node_modules/node': __, ...present } = lock.packages
  t.ok(holds({ packages: present }, lock, 'dev'), 'optional packages may be absent')
  const { 'node_modules/tap': ___, ...production } = present
  t.ok(holds({ packages: production }, lock, 'prod'))
  t.notOk(holds({ packages: production }, lock, 'dev'))
  t.notOk(holds({ packages: { ...present, 'node_modules/fastify': { version: '4.0.0' } } }, lock, 'prod'))
  t.notOk(holds({}, lock, 'prod'))
})

t.test('nothing installed is not enough', async (t) => {
  const root = t.testdir({ 'package-lock.json': JSON.stringify(lock) })
  t.notOk(isInstalled('prod', root))
  mkdirSync(join(root, 'node_modules'))
  t.notOk(isInstalled('prod', root))
  writeFileSync(join(root, 'node_modules', '.package-lock.json'), JSON.stringify(lock))
  t.ok(isInstalled('dev', root))
  writeFileSync(
    join(root, 'package-lock.json'),
    JSON.stringify({ packages: { 'node_modules/fastify': { version: '6.0.0' } } }),
  )
  t.notOk(isInstalled('prod', root), 'the lock has changed since')
})

/** A project whose `npm ci` notes each run, takes a moment, and says so if another one is at work. */
function project(test: Test): { root: string; runs: () => string[]; path: string } {
  const root = test.testdir({
    'package-lock.json': JSON.stringify(lock),
    bin: {
      npm: `#!/bin/sh
[ -e busy ] && echo "overlap" >> runs
touch busy; echo "$*" >> runs; mkdir -p node_modules; sleep 0.3; rm busy
`,
    },
  })
  chmodSync(join(root, 'bin', 'npm'), 0o755)
  const file = join(root, 'runs')
  const runs = () => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [])
  return { root, runs, path: `${join(root, 'bin')}${delimiter}${process.env['PATH'] ?? ''}` }
}

async function install(set: string, { root, path }: { root: string; path: string }): Promise<number> {
  const code = `import('${join(projectRoot, 'scripts', 'install.mjs')}').then((m) => m.installMissing('${set}', '${root}'))`
  const child = spawn(process.execPath, ['--eval', code], {
    stdio: 'ignore',
    env: { ...process.env, PATH: path },
    cwd: root,
  })
  return ((await once(child, 'exit')) as [number])[0]
}

t.test('two at once install once, and nothing is ever taken away again', async (t) => {
  const here = project(t)
  t.strictSame(await Promise.all([install('prod', here), install('prod', here), install('prod', here)]), [0, 0, 0])
  t.strictSame(here.runs(), ['ci --loglevel=error --no-fund --no-audit --omit=dev'])
  t.equal(await install('dev', here), 0)
  t.strictSame(here.runs().slice(1), ['ci --loglevel=error --no-fund --no-audit'])
  t.equal(await install('prod', here), 0)
  t.equal(here.runs().length, 2)
})

t.test('the lock of somebody who was killed while installing is no obstacle', async (t) => {
  const here = project(t)
  mkdirSync(join(here.root, '.roamline'))
  const gone = spawn('true')
  await once(gone, 'exit')
  writeFileSync(join(here.root, '.roamline', 'install.lock'), String(gone.pid))
  t.equal(await install('prod', here), 0)
  t.equal(here.runs().length, 1)
})

t.test('an npm that fails is a failure, and the next one tries again', async (t) => {
  const here = project(t)
  writeFileSync(join(here.root, 'bin', 'npm'), '#!/bin/sh\necho "$*" >> runs\nexit 7\n')
  t.not(await install('prod', here), 0)
  t.not(await install('prod', here), 0)
  t.equal(here.runs().length, 2)
  t.notOk(existsSync(join(here.root, '.roamline', 'install.lock')))
})
