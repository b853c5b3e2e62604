// What is too large for one write: others have their turns between the pieces, and nobody sees a part of a catalog.
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import type { CatalogEntry } from '../../../../services/database/api.ts'
import { clearInPieces, importInPieces } from '../../../../services/database/catalog-import.ts'
import { waitFor } from '../../../fixtures/wait-for.ts'
import { ilsLab } from '../ils-lab.ts'
import type { LabCluster } from '../ils-lab.ts'

const many = Number(process.env['ROAMLINE_ENTRIES'] ?? 100_000)

const largeCatalog = Array.from({ length: many }, (_, at): CatalogEntry => {
  return { type: 'E.164 Number', pattern: `+1408${String(at).padStart(7, '0')}`, failover: '' }
})

function importLarge(cluster: LabCluster) {
  const { database, ils } = cluster
  return importInPieces(database, {
    name: 'partner',
    entries: largeCatalog,
    commit: (finish) =>
      database.write(() => {
        const catalog = finish()
        ils.dialPlanChanged({ part: 'catalog', name: 'partner' })
        return catalog
      }),
  })
}

/** How many others' writes were answered until `work` was done, and how long it and its longest turn took. */
async function besides(
  t: Test,
  what: string,
  { cluster, work }: { cluster: LabCluster; work: () => Promise<unknown> },
) {
  const turns = monitorEventLoopDelay({ resolution: 1 })
  turns.enable()
  const started = performance.now()
  const state = { isOver: false }
  const working = work().finally(() => (state.isOver = true))
  let logins = 0
  for (; !state.isOver; logins++) {
    await cluster.login('bob')
    await cluster.logout('bob')
    await setImmediate()
  }
  await working
  turns.disable()
  const [whole, longest] = [performance.now() - started, turns.max / 1e6]
  t.comment(`${what}: ${whole.toFixed()} ms, longest turn ${longest.toFixed()} ms, ${logins} logins meanwhile`)
  return logins
}

const count = ({ database }: LabCluster, where: string) =>
  Number(database.sql.prepare(`SELECT count(*) AS rows FROM ${where}`).get()?.['rows'])
const advertised = (cluster: LabCluster) => count(cluster, "ils_record WHERE kind = 'e164-number' AND value <> 'null'")

/** Catalogs are gone through in order, and counting would cost a long turn. */
function waitForLast({ database }: LabCluster, isThere: boolean) {
  const last = database.sql.prepare(
    "SELECT value FROM ils_record WHERE kind = 'e164-number' AND key = ? AND origin = ?",
  )
  const key = largeCatalog.at(-1)?.pattern ?? ''
  const probe = () => ((last.get(key, 'cluster1')?.['value'] ?? 'null') !== 'null') === isThere
  return waitFor(isThere ? 'all to be advertised' : 'all to be withdrawn', probe, { timeoutMs: 120_000 })
}

t.test(`B3 Imported catalogs: ${many} entries are imported, advertised and removed while people log in`, async (t) => {
  const lab = await ilsLab(t)
  const cluster = await lab.cluster('cluster1', { role: 'hub', registrationServer: 'hub', heartbeatMs: 1000 })
  const { database } = cluster
  const { globalDialPlan } = database
  await cluster.addUser('bob')
  await database.write(() => {
    globalDialPlan.insertCatalog({ name: 'partner', description: '', routeString: 'partner.example' })
  })
  const importing = await besides(t, 'import', { cluster, work: () => importLarge(cluster) })
  t.ok(importing > 1, 'logins were answered before the import was')
  t.match(globalDialPlan.catalogs(), [{ entries: many }])
  const advertising = await besides(t, 'the rest of advertising', {
    cluster,
    work: () => waitForLast(cluster, true),
  })
  t.ok(advertising > 0)
  t.equal(advertised(cluster), many)
  const configuring = await besides(t, 'exchange switched off and on', {
    cluster,
    async work() {
      await cluster.ils.configure({ exchangeGlobalDialPlan: false })
      await waitForLast(cluster, false)
      await cluster.ils.configure({ exchangeGlobalDialPlan: true })
      await waitForLast(cluster, true)
    },
  })
  t.ok(configuring > 0)
  t.equal(advertised(cluster), many)
  const removing = await besides(t, 'removal', {
    cluster,
    async work() {
      await database.write(() => {
        globalDialPlan.removeCatalog('partner')
        cluster.ils.dialPlanChanged({ part: 'catalog', name: 'partner' })
      })
      await clearInPieces(database)
      await waitForLast(cluster, false)
    },
  })
  t.ok(removing > 1)
  t.equal(advertised(cluster), 0)
  t.equal(count(cluster, 'rl_catalogentry') + count(cluster, 'rl_catalogcontent') + count(cluster, 'ils_advertised'), 1)
})
