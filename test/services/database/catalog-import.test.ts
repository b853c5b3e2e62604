// Catalogs come in and go in pieces: whoever looks sees all of the old one or all of the new one.
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import type { CatalogEntry } from '../../../services/database/api.ts'
import { clearInPieces, importInPieces } from '../../../services/database/catalog-import.ts'
import { openClusterDatabase } from '../../../services/database/index.ts'
import type { OpenClusterDatabase } from '../../../services/database/index.ts'
import { clock, createErrorLog } from './fixtures/test-database.ts'

const kally: CatalogEntry = { type: 'Directory URI', pattern: 'kally@partner.example', failover: '' }

function numbers(count: number): CatalogEntry[] {
  return Array.from({ length: count }, (_, at) => {
    return { type: 'E.164 Number', pattern: `+1408${String(at).padStart(7, '0')}`, failover: '' }
  })
}

function open(t: Test, path: string): OpenClusterDatabase {
  const database = openClusterDatabase({ path, clock, log: createErrorLog() })
  t.teardown(() => database.close())
  return database
}

/** With a catalog of kally alone. */
async function withCatalog(t: Test) {
  const path = join(t.testdir(), 'cluster.sqlite')
  const database = open(t, path)
  await database.write(() => {
    database.globalDialPlan.insertCatalog({ name: 'partner', description: '', routeString: 'partner.example' })
    database.globalDialPlan.importCatalog('partner', [kally])
  })
  return { path, database }
}

const importing = (database: OpenClusterDatabase, entries: readonly CatalogEntry[]) =>
  importInPieces(database, { name: 'partner', entries, commit: (finish) => database.write(finish) })

const entriesOf = ({ globalDialPlan }: OpenClusterDatabase) => [...globalDialPlan.catalogEntries('partner')]

function rows({ sql }: OpenClusterDatabase) {
  const count = (table: string) => sql.prepare(`SELECT count(*) AS rows FROM ${table}`).get()?.['rows']
  return { entries: count('rl_catalogentry'), contents: count('rl_catalogcontent') }
}

t.test('until all of it is there the old catalog is, and other writes are answered meanwhile', async (t) => {
  const { database } = await withCatalog(t)
  const state = { isOver: false }
  const done = importing(database, numbers(10_000)).finally(() => (state.isOver = true))
  let others = 0
  for (; !state.isOver; others++) {
    const seen = await database.write(() => database.globalDialPlan.catalogs()[0]?.entries)
    const read = entriesOf(database).length
    t.ok(seen === 1 || seen === 10_000)
    t.ok(read === 1 || read === 10_000)
  }
  t.ok(others > 2, `${others} writes of others`)
  t.match(await done, { entries: 10_000 })
  t.strictSame(entriesOf(database), numbers(10_000))
  t.strictSame(rows(database), { entries: 10_000, contents: 1 })
})

t.test('a process that dies in the middle leaves the old catalog, and the next start clears up', async (t) => {
  const { path, database } = await withCatalog(t)
  await database.write(() => {
    const content = database.globalDialPlan.beginCatalogImport('partner')
    database.globalDialPlan.stageCatalogEntries(content, numbers(3000))
  })
  await clearInPieces(database)
  t.strictSame(rows(database), { entries: 3001, contents: 2 }, 'what is coming in is no leftover')
  database.close()
  const again = open(t, path)
  t.strictSame(entriesOf(again), [kally])
  t.strictSame(rows(again), { entries: 1, contents: 1 })
})

t.test('an import that fails in any piece, or in its last write, changes nothing', async (t) => {
  const { database } = await withCatalog(t)
  const wrong: CatalogEntry = { type: 'E.164 Number', pattern: '1408', failover: '' }
  await t.rejects(importing(database, [...numbers(5000), wrong]), { code: 'DATABASE_INVALID' })
  await t.rejects(importing(database, [...numbers(5000), ...numbers(1)]), { code: 'DATABASE_DUPLICATE' })
  const refuse = () => Promise.reject(new Error('a spoke by now'))
  await t.rejects(
    importInPieces(database, { name: 'partner', entries: numbers(5000), commit: refuse }),
    /a spoke by now/u,
  )
  await t.rejects(
    importInPieces(database, { name: 'nobody', entries: [], commit: (finish) => database.write(finish) }),
    {
      code: 'DATABASE_NOT_FOUND',
    },
  )
  t.strictSame(entriesOf(database), [kally])
  t.strictSame(rows(database), { entries: 1, contents: 1 })
})

t.test(
  'a catalog that is removed while it comes in stays removed; of two imports the one that ends last counts',
  async (t) => {
    const { database } = await withCatalog(t)
    await Promise.all([importing(database, numbers(6000)), importing(database, numbers(3000))])
    t.strictSame(entriesOf(database), numbers(6000))
    const late = importing(database, numbers(6000))
    await database.write(() => {})
    await database.write(() => database.globalDialPlan.removeCatalog('partner'))
    await t.rejects(late, { code: 'DATABASE_NOT_FOUND' })
    t.strictSame(rows(database), { entries: 0, contents: 0 })
  },
)

t.test(
  'who reads a catalog while another takes its place is told, and does not get a part for the whole',
  async (t) => {
    const { database } = await withCatalog(t)
    await importing(database, numbers(2500))
    const reading = database.globalDialPlan.catalogEntries('partner')[Symbol.iterator]()
    t.match(reading.next().value, { pattern: '+14080000000' })
    await importing(database, numbers(2500))
    t.throws(() => [...{ [Symbol.iterator]: () => reading }], { code: 'DATABASE_CHANGED' })
  },
)

t.test('a file that outlives its catalog is not for the next one of that name', async (t) => {
  const { database } = await withCatalog(t)
  const { globalDialPlan } = database
  const late = importInPieces(database, {
    name: 'partner',
    entries: numbers(10),
    async commit(finish) {
      await database.write(() => {
        globalDialPlan.removeCatalog('partner')
        globalDialPlan.insertCatalog({ name: 'partner', description: '', routeString: 'other.example' })
      })
      return database.write(finish)
    },
  })
  await t.rejects(late, { code: 'DATABASE_NOT_FOUND', message: 'catalog partner was removed while it was imported' })
  t.strictSame(entriesOf(database), [])
  t.strictSame(rows(database), { entries: 0, contents: 1 })
})
