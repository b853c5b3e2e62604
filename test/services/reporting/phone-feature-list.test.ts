import t from 'tap'
import { phoneFeatures } from '../../../services/database/phone-models.ts'
import { reporting } from '../../../services/reporting/index.ts'
import { loneCluster } from '../../fixtures/lone-cluster.ts'

const path = '/api/v1/reports/phone-feature-list'

type Row = { readonly product: string; readonly protocols: readonly string[]; readonly feature: string }

t.test('A1.2 step 1: the phone feature list tells which phones support Extension Mobility', async (t) => {
  const cluster = await loneCluster(t, { also: [[reporting as never, {}]] })
  const ask = async (query: string) => (await cluster.ask(`GET ${path}?${query}`, undefined, 'reader')).body as Row[]
  const mobile = await ask('product=All&feature=Extension%20Mobility')
  t.ok(mobile.some(({ product }) => product === 'Cisco 8845'))
  t.notOk(
    mobile.some(({ product }) => product === 'Cisco IP Communicator'),
    'it needs a physical phone',
  )
  t.same([...new Set(mobile.map(({ feature }) => feature))], ['Extension Mobility'])
  const one = await ask('product=cisco%208845')
  t.match(one[0], { product: 'Cisco 8845', protocols: ['SIP'], feature: 'Extension Mobility' })
  t.same(
    [...new Set((await ask('product=All')).map(({ feature }) => feature))].toSorted(),
    [...phoneFeatures].toSorted(),
  )
})

t.test('the report comes as CSV too', async (t) => {
  const cluster = await loneCluster(t, { also: [[reporting as never, {}]] })
  const authorization = `Basic ${Buffer.from('reader:a-password-of-the-tests').toString('base64')}`
  const url = `${path}?product=Cisco%207962&feature=Secure%20Tone&format=csv`
  const reply = await cluster.app.inject({ method: 'GET', url, headers: { authorization } })
  t.match(reply.headers['content-type'], /^text\/csv/u)
  t.equal(reply.body, 'product,protocols,feature\r\nCisco 7962,SCCP SIP,Secure Tone\r\n')
})

t.test('what the report does not know is 404 and says what it knows; reports are listed', async (t) => {
  const cluster = await loneCluster(t, { also: [[reporting as never, {}]] })
  t.match(await cluster.ask(`GET ${path}?product=Abacus`), {
    status: 404,
    body: { detail: /Abacus.*All, Cisco 7811/u },
  })
  t.match(await cluster.ask(`GET ${path}?feature=Coffee`), { status: 404, body: { detail: /Coffee.*IPv6/u } })
  t.match(await cluster.ask(`GET ${path}?format=pdf`), { status: 400 })
  t.match((await cluster.ask('GET /api/v1/reports', undefined, 'reader')).body, [{ name: 'phone-feature-list', path }])
})
