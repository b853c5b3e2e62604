// Issue "ILS that can be trusted", part 9: the curves (cost against clusters, cost against objects) of docs/benchmarks.md.
import { readFileSync } from 'node:fs'
import t from 'tap'
import { drawCurves, pictureFile } from '../../../scripts/benchmark/scale/curves.ts'
import { readRecords } from '../../../scripts/benchmark/scale/rows.ts'
import { documentFile, withTables } from '../../../scripts/benchmark/scale/tables.ts'

const records = readRecords()

t.test('the committed pictures are what is drawn of the committed rows', async (t) => {
  const pictures = drawCurves(records)
  t.ok(Object.keys(pictures).length > 0)
  for (const [name, picture] of Object.entries(pictures)) {
    t.equal(readFileSync(pictureFile(name), 'utf8'), picture, `${name}; npm run scale -- --draw makes it`)
  }
})

t.test('the tables of docs/benchmarks.md are those of the committed rows, and it shows every picture', async (t) => {
  const document = readFileSync(documentFile, 'utf8')
  t.equal(withTables(document, records), document, 'npm run scale -- --draw makes them')
  for (const name of Object.keys(drawCurves(records))) t.ok(document.includes(`(pictures/${name})`), name)
})

t.test(
  'the rows reach as far as the issue asks: 200 simulated clusters with 10,000 logins, a million objects',
  async (t) => {
    t.strictSame(
      records.simulation.rows.map(({ hubs, clusters }) => [hubs, clusters]),
      [
        [1, 3],
        [1, 10],
        [2, 25],
        [3, 50],
        [5, 100],
        [10, 200],
      ],
    )
    t.ok(records.simulation.rows.every(({ logins }) => logins === 10_000))
    t.strictSame(
      records.objects.rows.map(({ objects }) => objects),
      [1000, 10_000, 100_000, 1_000_000],
    )
    t.equal(records.processes.budgetMiB, 8192)
  },
)

t.test('a missed aim is said to be missed', async (t) => {
  const document = readFileSync(documentFile, 'utf8')
  const slow = withTables(document, { ...records, 'login-visible': { ...records['login-visible'], ratio: 1.51 } })
  t.match(slow, /login visible everywhere, 3 clusters \| two raw hops \| 1\.51 × \| ≤ 1\.5 × \| \*\*missed\*\*/u)
  const quick = withTables(document, { ...records, 'login-visible': { ...records['login-visible'], ratio: 1.5 } })
  t.match(quick, /login visible everywhere, 3 clusters \| two raw hops \| 1\.50 × \| ≤ 1\.5 × \| met/u)
})

t.test('a document without a place for the tables is refused', async (t) => {
  t.throws(() => withTables('# Benchmarks\n', records), /no place between/u)
})
