import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { createClusterClient } from '../../scripts/cluster-client.ts'
import { importCatalog } from '../../scripts/import-catalog.ts'
import { dialPlanCluster } from '../fixtures/dial-plan-cluster.ts'
import { roamline } from './fixtures/cli.ts'

/** A hub that can be talked to, and the file of a catalog, which `write` writes. */
async function hubWithFile(t: Test) {
  const cluster = await dialPlanCluster(t)
  const http = await cluster.app.listen({ host: '127.0.0.1', port: 0 })
  const client = createClusterClient({ name: 'cluster1', http, password: 'a-password-of-the-tests' })
  const file = join(cluster.directory, 'partner.csv')
  const write = (...lines: string[]) => writeFileSync(file, ['PatternType,PSTNFailover,Pattern', ...lines].join('\n'))
  return { cluster, client, file, write }
}

t.test('a file becomes a catalog of a hub, and is imported again in its place', async (t) => {
  const { cluster, client, file, write } = await hubWithFile(t)
  const wanted = { name: 'Partner 1', file }
  write('E.164 Number,,+14085550300')
  await t.rejects(importCatalog(client, wanted), { message: /no catalog Partner 1 yet.*--route-string/u })
  const first = await importCatalog(client, { ...wanted, routeString: 'partner.example' })
  t.match(first, { name: 'Partner 1', routeString: 'partner.example', entries: 1 })

  write('E.164 Number,,+14085550300', 'Directory URI,,kally@partner.example')
  t.match(await importCatalog(client, wanted), { routeString: 'partner.example', entries: 2 })
  t.match(await importCatalog(client, { ...wanted, routeString: 'other.example' }), { routeString: 'other.example' })

  write('E.164 Number,,+14085550300', 'E.164 Number,,bob')
  await t.rejects(importCatalog(client, wanted), { status: 422, message: /Line 3, column Pattern/u })
  const other = importCatalog(client, { name: 'other', file, routeString: 'a.example' })
  await t.rejects(other, { status: 422, message: /Nothing has been imported/u })
  t.match(cluster.database.globalDialPlan.catalogs(), { length: 1, 0: { entries: 2 } }, 'no catalog is left of it')
  await t.rejects(importCatalog(client, { ...wanted, file: `${file}.none` }), { message: /cannot be read/u })
  await t.rejects(
    importCatalog(client, { ...wanted, file: cluster.directory }),
    { message: /cannot be read/u },
    'a folder',
  )
  const sample = importCatalog(client, { name: 'sample.csv', file, routeString: 'a.example' })
  await t.rejects(sample, { status: 422, message: /another name/u })
})

t.test('a file and a route string are taken together or not at all', async (t) => {
  const { cluster, client, file, write } = await hubWithFile(t)
  const before = { routeString: 'partner.example', entries: 1 }
  write('E.164 Number,,+14085550300')
  await importCatalog(client, { name: 'partner', file, routeString: before.routeString })

  write('E.164 Number,,+14085550300', 'E.164 Number,,+14085550301')
  await t.rejects(importCatalog(client, { name: 'partner', file, routeString: 'a b' }), { message: /not a label/u })
  t.match(cluster.database.globalDialPlan.catalogs(), [before], 'the file is not there without its route string')
  write('E.164 Number,,bob')
  await t.rejects(importCatalog(client, { name: 'partner', file, routeString: 'other.example' }), {
    message: /Line 2/u,
  })
  t.match(cluster.database.globalDialPlan.catalogs(), [before], 'nor the route string without the file')
})

t.test('roamline catalog import needs a name, a file and a lab', async (t) => {
  t.match(await roamline('catalog', 'import', 'partner'), { code: 2, stderr: /file/u })
  const outcome = await roamline('catalog', 'import', 'partner', 'partner.csv', '--data', t.testdir({}))
  t.match(outcome, { code: 1, stderr: /No lab runs/u })
  t.match((await roamline('catalog', 'import', '--help')).stdout, /Example:\n {2}\$ npx roamline catalog import/u)
})
