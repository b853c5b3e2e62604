import { once } from 'node:events'
import { get } from 'node:https'
import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { createCluster } from '../../cluster-node/create-cluster.ts'
import { configIn } from '../cluster-node/fixtures/fake-parts.ts'

t.test('a phone that came by HTTPS is sent on by HTTPS', async (t) => {
  const seed = { phones: [{ name: 'SEP000000010001', extensionMobility: true, lines: [{ dn: '1000101' }] }] }
  const cluster = createCluster(configIn(t.testdir(), { seed }))
  t.teardown(() => cluster.close())
  const { https } = await cluster.start()
  const request = get(`${https}/emapp/EMAppServlet?device=SEP000000010001`, { rejectUnauthorized: false, agent: false })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  const page = await text(response)
  t.match(page, `<URL>${https}/emapp/EMAppServlet?device=SEP000000010001</URL>`)
  t.match(page, `<URL>${https}/changecredential/ChangeCredentialServlet?device=SEP000000010001</URL>`)
})
