import t from 'tap'
import type { Test } from 'tap'
import { dialPlanCluster, root } from '../../../fixtures/dial-plan-cluster.ts'
import { waitFor } from '../../../fixtures/wait-for.ts'

const path = `${root}/catalogs`
const header = 'PatternType,PSTNFailover,Pattern\r\n'

/** A hub with a catalog of one entry. */
async function hubWithCatalog(t: Test) {
  const cluster = await dialPlanCluster(t)
  await cluster.ask(`POST ${path}`, { name: 'partner', routeString: 'Partner.Example', description: 'Theirs' })
  await cluster.upload(`PUT ${path}/partner/entries`, `${header}Directory URI,,kally@partner.example\r\n`)
  cluster.changes.length = 0
  return cluster
}

t.test(
  'B3 Imported Global Dial Plan Catalogs: a catalog is added, changed and deleted, and ILS told each time',
  async (t) => {
    const cluster = await dialPlanCluster(t)
    t.match(await cluster.ask(`POST ${path}`, { name: 'partner', routeString: 'Partner.Example' }), {
      status: 201,
      headers: { location: `${path}/partner` },
      body: { name: 'partner', description: '', routeString: 'partner.example', entries: 0 },
    })
    t.equal((await cluster.ask(`POST ${path}`, { name: 'PARTNER', routeString: 'a.b' })).status, 409)
    t.equal((await cluster.ask(`POST ${path}`, { name: 'other' })).status, 400, 'a route string is required')
    t.match(await cluster.ask(`POST ${path}`, { name: 'other', routeString: 'a b' }), { status: 422 })
    for (const name of ['.', '..']) {
      t.equal((await cluster.ask(`POST ${path}`, { name, routeString: 'a.b' })).status, 400, 'no URL could name it')
    }
    t.match(await cluster.ask(`POST ${path}`, { name: 'Sample.csv', routeString: 'a.b' }), { status: 422 })
    t.match(await cluster.ask(`PATCH ${path}/Partner`, { routeString: 'other.example' }), {
      status: 200,
      body: { name: 'partner', routeString: 'other.example' },
    })
    t.equal((await cluster.ask(`DELETE ${path}/partner`)).status, 204)
    t.equal((await cluster.ask(`GET ${path}/partner`)).status, 404)
    t.strictSame(
      cluster.changes,
      [1, 2, 3].map(() => ({ part: 'catalog', name: 'partner' })),
    )
  },
)

t.test('the sample file can be imported, and what was imported read as the same file', async (t) => {
  const cluster = await hubWithCatalog(t)
  const sample = await cluster.download(`${path}/sample.csv`)
  t.match(sample, { status: 200, type: /text\/csv/u, text: header })
  t.match(await cluster.upload(`POST ${path}/partner/entries`, sample.text), { status: 200, body: { entries: 5 } })
  t.strictSame(cluster.changes, [{ part: 'catalog', name: 'partner' }])
  t.strictSame(
    [...cluster.database.globalDialPlan.catalogEntries('partner')],
    [
      { type: 'Directory URI', pattern: 'kally@partner.example', failover: '+14085550300' },
      { type: 'Enterprise Number', pattern: '85550301', failover: '' },
      { type: 'E.164 Number', pattern: '+14085550302', failover: '+14085550302' },
      {
        type: 'Enterprise Pattern',
        pattern: '8666XXXX',
        failover: { use: 'Strip Digits and Prepend Digits', stripDigits: 1, prependDigits: '+1408' },
      },
      { type: 'E.164 Pattern', pattern: '\\+1408777XXXX', failover: { use: 'Use Pattern as PSTN Failover' } },
    ],
  )
  t.equal((await cluster.download(`${path}/partner/entries`)).text, sample.text)
})

t.test('a file as spreadsheets and people write it is read too', async (t) => {
  const cluster = await hubWithCatalog(t)
  const csv = `\u{feff}${header.trimEnd()}\n"Directory URI",+1408,"Bob,Jr@Partner.Example"\nE.164 Pattern,Don't Use PSTN Failover,+1408XXX`
  t.match(await cluster.upload(`PUT ${path}/partner/entries`, csv), { status: 200, body: { entries: 2 } })
  t.match(
    [...cluster.database.globalDialPlan.catalogEntries('partner')],
    [{ pattern: 'bob,jr@partner.example' }, { pattern: '\\+1408XXX' }],
  )
})

t.test(
  'B3 Catalog syntax: a file with one bad line imports nothing and names the line, the column and the reason',
  async (t) => {
    const cluster = await hubWithCatalog(t)
    const right = 'E.164 Number,,+14085550300\r\n'
    const refuses = async (csv: string | Buffer, detail: RegExp) => {
      const answer = await cluster.upload(`PUT ${path}/partner/entries`, csv)
      t.match(answer, { status: 422, body: { title: 'Not a catalog', detail } })
      t.match(answer.body.detail, /Nothing has been imported\.$/u)
    }
    const bad = (line: string) => `${header}${right}${line}\r\nE.164 Number,,+14085550301\r\n`
    await refuses(bad('e164,,+1408'), /Line 3, column PatternType: "e164" is none of/u)
    await refuses(bad('E.164 Number,,1408'), /Line 3, column Pattern: 1408 is not a \+E.164 number/u)
    await refuses(bad('Directory URI,,kally'), /Line 3, column Pattern: .*user@host/u)
    await refuses(bad('Enterprise Pattern,,8[XX'), /Line 3, column Pattern: .*bracket/u)
    await refuses(bad('Enterprise Number,x,8555'), /Line 3, column PSTNFailover: "x" cannot be dialled/u)
    await refuses(bad('Enterprise Pattern,+1408,8XXX'), /Line 3, column PSTNFailover: "\+1408" is none of/u)
    await refuses(bad('Enterprise Pattern,Strip:65 Prepend:,8XXX'), /Line 3, column PSTNFailover: 0 to 64/u)
    await refuses(bad('E.164 Number,,+1 408 555-0300'), /Line 3, column Pattern: .* is on line 2 already/u)
    await refuses(bad('E.164 Number,+1408'), /Line 3: it has 2 cells, the header 3/u)
    await refuses(bad(''), /Line 3: it has 1 cells/u)
    await refuses(bad('E.164 Number,"x,+1408'), /Line \d: a quoted cell does not end/u)
    await refuses(bad(`E.164 Number,,+${'1'.repeat(2000)}`), /Line \d: the line is longer/u)
    await refuses(
      `patterntype,PSTNFailover,Pattern\r\n${right}`,
      /Line 1: the header is PatternType,PSTNFailover,Pattern/u,
    )
    await refuses(`PatternType,Pattern,PSTNFailover\r\n${right}`, /Line 1: the header/u)
    await refuses('', /Line 1: the header/u)
    await refuses(Buffer.from([0xff, 0xfe, 0x20]), /not valid UTF-8/u)
    t.match([...cluster.database.globalDialPlan.catalogEntries('partner')], [{ pattern: 'kally@partner.example' }])
    t.strictSame(cluster.changes, [])
  },
)

t.test('B1 Third-party catalogs: only a hub imports a catalog', async (t) => {
  const csv = `${header}E.164 Number,,+14085550300\r\n`
  const spoke = await dialPlanCluster(t, 'spoke')
  await spoke.ask(`POST ${path}`, { name: 'partner', routeString: 'partner.example' })
  t.match(await spoke.upload(`PUT ${path}/partner/entries`, csv), {
    status: 409,
    body: { detail: /only into a hub cluster, and this is a spoke cluster/u },
  })
  spoke.runIls(false)
  t.match(await spoke.upload(`PUT ${path}/partner/entries`, csv), {
    status: 409,
    body: { detail: /ILS does not run here/u },
  })
  t.match(spoke.database.globalDialPlan.catalogs(), [{ entries: 0 }])
})

t.test('an import to nowhere, of what is no CSV or of more than there may be is refused', async (t) => {
  const cluster = await hubWithCatalog(t)
  t.match(await cluster.upload(`PUT ${path}/other/entries`, header), { status: 404, body: { detail: /other/u } })
  t.match(await cluster.upload(`PUT ${path}/partner/entries`, '[]', 'application/json'), { status: 415 })
  const large = Buffer.alloc(32 * 1024 * 1024 + 1, 'x')
  t.match(await cluster.upload(`PUT ${path}/partner/entries`, large), { status: 413, body: { detail: /32 MiB/u } })
  t.match(await cluster.upload('POST /api/v1/users', header), { status: 415 }, 'nothing else reads CSV')
  t.match(cluster.database.globalDialPlan.catalogs(), [{ entries: 1 }])
})

t.test('catalogs are told apart as the tables do it, which fold the letters A to Z alone', async (t) => {
  const cluster = await dialPlanCluster(t)
  for (const name of ['Ärzte', 'ärzte']) {
    t.equal((await cluster.ask(`POST ${path}`, { name, routeString: 'a.example' })).status, 201)
  }
  t.equal((await cluster.ask(`DELETE ${path}/${encodeURIComponent('ärZTE')}`)).status, 204)
  t.match(cluster.database.globalDialPlan.catalogs(), [{ name: 'Ärzte' }])
  t.equal((await cluster.ask(`GET ${path}/${encodeURIComponent('ärzte')}`)).status, 404)
})

t.test('a hub that becomes a spoke while a file comes in keeps the catalog that it has', async (t) => {
  const cluster = await hubWithCatalog(t)
  const lines = Array.from({ length: 20_000 }, (_, at) => `E.164 Number,,+1408${String(at).padStart(7, '0')}\r\n`)
  const uploading = cluster.upload(`PUT ${path}/partner/entries`, header + lines.join(''))
  const staged = cluster.database.sql.prepare('SELECT count(*) AS contents FROM rl_catalogcontent')
  await waitFor('entries to come in', () => staged.get()?.['contents'] === 2, { intervalMs: 1 })
  const before = cluster.ils.configuration()
  cluster.ils.configuration = () => ({ ...before, role: 'spoke' })
  t.match(await uploading, { status: 409, body: { detail: /this is a spoke cluster/u } })
  t.match(cluster.database.globalDialPlan.catalogs(), [{ entries: 1 }])
  t.equal(staged.get()?.['contents'], 1)
  t.strictSame(cluster.changes, [])
})

t.test('100,000 entries are one import, one file and deleted', async (t) => {
  const cluster = await hubWithCatalog(t)
  const lines = Array.from({ length: 100_000 }, (_, at) => `E.164 Number,,+1408${String(at).padStart(7, '0')}\r\n`)
  t.match(await cluster.upload(`PUT ${path}/partner/entries`, header + lines.join('')), {
    status: 200,
    body: { entries: 100_000 },
  })
  t.strictSame(cluster.changes, [{ part: 'catalog', name: 'partner' }])
  const read = (await cluster.download(`${path}/partner/entries`)).text.trimEnd().split('\r\n')
  t.match([read.length, read.at(-1)], [100_001, /14080099999$/u])
  t.equal((await cluster.ask(`DELETE ${path}/partner`)).status, 204)
  t.match(cluster.database.sql.prepare('SELECT count(*) AS entries FROM rl_catalogentry').get(), { entries: 0 })
})
