import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import packageFacts from '../../package.json' with { type: 'json' }
import { projectRoot } from '../../scripts/install.mjs'
import { chooseNode, entries, isNewEnough } from '../../scripts/launch.mjs'
import { runNode } from './fixtures/cli.ts'

t.test('Node is new enough from 24.7 on', async (t) => {
  t.strictSame(
    ['24.7.0', '24.21.0', '25.0.0', '30.1.2'].map((version) => isNewEnough(version)),
    [true, true, true, true],
  )
  t.strictSame(
    ['24.6.9', '22.19.0', '20.0.0', '8.17.0', ''].map((version) => isNewEnough(version)),
    [false, false, false, false, false],
  )
})

t.test('the running Node is taken if it will do, else the one that npm brought', async (t) => {
  const choose = (version: string, exists: boolean) =>
    chooseNode({ version, executable: 'running', packaged: 'packaged', exists: () => exists })
  t.equal(choose('24.21.0', true), 'running')
  t.equal(choose('20.19.0', true), 'packaged')
  t.equal(choose('20.19.0', false), undefined)
})

t.test(
  'everything that package.json starts has an entry, and what can run needs no development packages',
  async (t) => {
    const started = Object.values(packageFacts.scripts).flatMap((line) => /bootstrap\.mjs (\w+)/u.exec(line)?.[1] ?? [])
    t.strictSame([...new Set(started)].sort(), ['bench', 'demo', 'scale', 'simulate', 'start', 'test'])
    for (const name of started) t.ok(entries[name], name)
    t.equal(packageFacts.bin.roamline, 'scripts/roamline.mjs')
    for (const name of ['start', 'demo', 'roamline']) t.equal(entries[name]?.set, 'prod')
    for (const name of ['test', 'roamline']) t.ok(existsSync(join(projectRoot, 'scripts', entries[name]?.script ?? '')))
  },
)

t.test('the bin hands arguments and exit codes through', async (t) => {
  const bin = join(projectRoot, 'scripts', 'roamline.mjs')
  t.match(await runNode(bin, '--version'), { code: 0, stdout: `${packageFacts.version}\n` })
  t.match(await runNode(bin, 'fly'), { code: 2, stderr: /unknown command 'fly'/u })
})

t.test('an unknown entry is refused by name', async (t) => {
  const bootstrap = join(projectRoot, 'scripts', 'bootstrap.mjs')
  t.match(await runNode(bootstrap, 'fly'), { code: 1, stderr: /^there is no "fly"; there are: start, demo/u })
})
