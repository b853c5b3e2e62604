import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { projectRoot } from '../../scripts/install.mjs'
import { createProgress } from '../../scripts/simulation/progress.ts'
import { drawScript } from '../simulation/plan.ts'
import { serializeScript } from '../simulation/script.ts'
import { runNode } from './fixtures/cli.ts'

const program = join(projectRoot, 'scripts', 'simulate.ts')

t.test('npm run simulate runs seeds in processes of their own and counts', async (t) => {
  const { code, stdout } = await runNode(
    program,
    '--seed',
    '5',
    '--seeds',
    '4',
    '--steps',
    '30',
    '--jobs',
    '2',
    '--json',
  )
  t.equal(code, 0)
  t.match(JSON.parse(stdout), { first: 5, seeds: 4, steps: 120, brokenSeeds: 0, broken: [] })
})

t.test('one seed is told with its story', async (t) => {
  const { code, stdout } = await runNode(program, '--seed', '7', '--steps', '20', '--nodes', '4', '--story')
  t.match({ code, stdout }, { code: 0, stdout: /everything heals[\s\S]*seed 7: held/u })
})

t.test('a script is replayed, and one that cannot be run says why', async (t) => {
  const file = join(t.testdir(), 'script.json')
  writeFileSync(file, serializeScript(drawScript({ seed: 7, steps: 20, nodes: 4 })))
  t.match(await runNode(program, '--replay', file), { code: 0, stdout: /everything heals\nheld\n$/u })
  writeFileSync(file, '{"actions":[{"at":0,"do":"fly"}]}')
  t.match(await runNode(program, '--replay', file), { code: 2, stderr: /there is no action "fly"/u })
  t.match(await runNode(program, '--replay', join(t.testdirName, 'missing')), { code: 2, stderr: /ENOENT/u })
})

t.test('what cannot be meant is refused', async (t) => {
  t.match(await runNode(program, '--for', 'ever'), { code: 2, stderr: /must be like 90s, 20m or 1h/u })
  t.match(await runNode(program, '--seeds', '0'), { code: 2, stderr: /must be 1 or more/u })
  t.match(await runNode(program, '--help'), { code: 0, stdout: /--replay <file>/u })
})

t.test('a broken seed is told at once, on stderr; what held is not', async (t) => {
  const written: string[] = []
  t.intercept(process.stderr, 'isTTY', { value: false })
  const write = t.capture(process.stderr, 'write', (text: string) => written.push(text) > 0)
  const progress = createProgress({ line: () => 'so far' }, false)
  const answer = { steps: 1, crashes: 0, logins: 0, appliedRecords: 0, messages: 0, calls: {} }
  const held = { ...answer, violation: undefined, healedAfter: 1 }
  progress.told({ seed: 7, steps: 20, nodes: 4 }, { ...held, violation: 'cluster1 and hub1 differ:\n- bob' })
  progress.told({ seed: 8, steps: 20, nodes: 4 }, held)
  progress.end()
  write.restore()
  t.strictSame(written, ['seed 7, 4 nodes: cluster1 and hub1 differ:\n'])
})
