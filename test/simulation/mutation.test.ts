// Would the simulation notice? Each rule that repairs something is taken out of a copy of ils-sync, and the seed that is on the page
// must break. `npm run simulate:mutations` looks for seeds anew; with `-- --write` it writes them down.
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import t from 'tap'
import { readCaught, renderTable } from './caught.ts'
import { misfits, searchWithout, testWithout } from './mutate.ts'
import { editsOf, mutations, runsOf } from './mutations.ts'
import { rules } from './rules.ts'

const caught = readCaught()
// Each of them is a process of its own.
t.jobs = availableParallelism()
const again = 'npm run simulate:mutations -- --write'

t.test('every repair rule is on the list, and on the page', async (t) => {
  t.strictSame(mutations.map(({ rule }) => rule).sort(), Object.keys(rules).sort())
  t.strictSame(
    caught.filter(({ proven }) => !proven),
    [],
    'what notices is known of each',
  )
  const page = readFileSync(new URL('../../docs/simulation.md', import.meta.url), 'utf8')
  t.ok(page.includes(renderTable(mutations, caught)), `the table of docs/simulation.md is not stale, else: ${again}`)
})

for (const mutation of mutations) {
  const { rule, test } = mutation
  t.test(`without the rule "${rule}" something breaks`, { buffered: true }, async (t) => {
    t.strictSame(misfits(editsOf(mutation)), [], 'the rule is where the list says')
    if (test !== undefined) return t.ok(await testWithout(t.testdir(), editsOf(mutation), test), test)
    const seed = caught.find((one) => one.rule === rule)?.seed
    if (seed === undefined) return t.fail(`no seed is known: ${again}`)
    const runs = { ...runsOf(mutation), firstSeed: seed, seeds: 1 }
    const { broken } = await searchWithout(t.testdir(), editsOf(mutation), runs)
    t.ok(broken, `seed ${seed} breaks (${broken?.violation.split('\n')[0]}), else: ${again}`)
  })
}
