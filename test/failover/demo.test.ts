import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import t from 'tap'
import { roamline } from '../scripts/fixtures/cli.ts'

interface StepLine {
  readonly step?: string
  readonly held: boolean
  readonly seen?: string
}

const steps = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as StepLine)
const leftovers = () => readdirSync(tmpdir()).filter((name) => name.startsWith('roamline-demo-'))

t.test('the story holds from the first call to the last, and leaves nothing behind', async (t) => {
  const before = leftovers()
  const { code, stdout, stderr } = await roamline('demo', '--json')
  t.equal(stderr, '')
  const told = steps(stdout)
  t.strictSame(
    told.filter(({ held }) => !held),
    [],
  )
  t.equal(told.length, 14, 'thirteen steps and the verdict')
  t.equal(code, 0)
  t.strictSame(leftovers(), before)
})

t.test('with another victim than the home cluster the story does not hold, and says where', async (t) => {
  const { code, stdout } = await roamline('demo', '--kill', 'cluster2', '--json')
  t.equal(code, 1)
  const told = steps(stdout)
  t.match(told.at(-2), {
    held: false,
    step: /is killed with SIGKILL/u,
    seen: 'cluster1 still answers: cluster2 was killed instead',
  })
  t.match(told.at(-1), { held: false })
})

t.test('a victim that does not exist is refused before anything is started', async (t) => {
  t.match(await roamline('demo', '--kill', 'moon'), {
    code: 1,
    stdout: '',
    stderr: /no process "moon" to kill; there are: redis, hub/u,
  })
})
