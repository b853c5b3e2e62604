// Issue "ILS that can be trusted", part 9: a real run of as many processes as fit in the memory given. Here of very little.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { measureProcesses } from '../../../scripts/benchmark/scale/processes.ts'
import type { ProcessRow } from '../../../scripts/benchmark/scale/rows.ts'
import { waitFor } from '../../fixtures/wait-for.ts'
import { runNode } from '../fixtures/cli.ts'

const script = join(import.meta.dirname, '..', '..', '..', 'scripts', 'scale.ts')
// Its data goes below the folder for temporary files; in one of our own it can be seen that nothing stays.
const temporary = mkdtempSync(join(tmpdir(), 'roamline-scale-test-'))
process.env['TMPDIR'] = temporary
t.teardown(() => rmSync(temporary, { recursive: true, force: true }))

const small = { hubs: 1, logins: 2, minutes: 5, idleMs: 200 }

t.test('real clusters are counted, logged in to, and lose a hub; then nothing of them is left', async (t) => {
  const told: ProcessRow[] = []
  const { rows, limit } = await measureProcesses({
    ...small,
    hubs: 2,
    steps: [3],
    memoryMiB: 8192,
    onRow: (row) => void told.push(row),
  })
  t.equal(limit, 'steps')
  t.strictSame(rows, told)
  const [{ logins, messagesPerLogin, visibleMs, rawMs, idleCpu, ...others }] = rows as [ProcessRow]
  t.match(others, { hubs: 2, clusters: 3 })
  t.equal(logins, 2)
  t.ok(messagesPerLogin > 0 && messagesPerLogin <= 4, 'one to every other node at most')
  t.ok(idleCpu >= 0)
  for (const [name, figure] of Object.entries({ ...others, ...visibleMs, ...rawMs })) {
    t.ok(Number.isFinite(figure) && figure > 0, `${name}: ${figure}`)
  }
  t.strictSame(readdirSync(temporary), [])
})

t.test('it grows no further than the memory given', async (t) => {
  const { rows, limit } = await measureProcesses({ ...small, steps: [50], memoryMiB: 400 })
  t.equal(limit, 'memory')
  t.ok(rows.at(-1)!.clusters < 50)
  t.strictSame(readdirSync(temporary), [])
})

t.test('with memory for one cluster alone it says so', async (t) => {
  await t.rejects(measureProcesses({ ...small, steps: [50], memoryMiB: 190 }), {
    message: '190 MiB are too little for 2 clusters and the hubs (1): give more memory, or ask for fewer hubs',
  })
  t.strictSame(readdirSync(temporary), [])
})

t.test('told to stop, it stops everything', async (t) => {
  const stop = new AbortController()
  const options = { ...small, steps: [2], memoryMiB: 8192, signal: stop.signal }
  const refused = t.rejects(measureProcesses(options))
  await waitFor(
    'a cluster is being started',
    () => readdirSync(temporary, { recursive: true }).some((file) => String(file).endsWith('cluster1.log')),
    {
      timeoutMs: 60_000,
    },
  )
  stop.abort()
  await refused
  t.strictSame(readdirSync(temporary), [])
})

t.test('what it cannot do is refused by name', async (t) => {
  const refused = async (argument: string, value: string, stderr: RegExp) =>
    t.match(await runNode(script, argument, value), { code: 2, stderr }, `${argument} ${value}`)
  await refused('--memory', 'lots', /a size such as 8GiB or 500MiB/u)
  await refused('--memory', '0GiB', /a size such as/u)
  await refused('--steps', '10,5', /growing numbers/u)
  await refused('--hubs', '11', /a whole number from 1 to 10/u)
  await refused('--only', 'everything', /there are login-visible, objects, processes, simulation/u)
  t.match(await runNode(script, '--quick', '--record'), { code: 2, stderr: /--quick figures are not for the record/u })
})
