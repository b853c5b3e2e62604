import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { sendFile } from '../../scripts/bulk-file.ts'
import { createClusterClient } from '../../scripts/cluster-client.ts'
import { bulkCluster } from '../services/bulk-administration/bulk-lab.ts'
import { roamline } from './fixtures/cli.ts'

t.test('a file is sent, and its failed rows can be put right and sent again as they are', async (t) => {
  const cluster = await bulkCluster(t)
  const http = await cluster.app.listen({ host: '127.0.0.1', port: 0 })
  const client = createClusterClient({ name: 'cluster1', http, password: 'a-password-of-the-tests' })
  const file = join(cluster.directory, 'phones.csv')
  writeFileSync(
    file,
    [
      'name,description,owner',
      'SEP00000001AA01,"two\nlines",bob',
      "SEP00000001AA02,'=1+1,robert",
      'SEP00000001AA03,+49 1,robert',
    ].join('\n'),
  )
  const first = await sendFile(client, { file, kind: 'phones', update: false, quiet: true })
  t.match(first.report, { total: 3, added: 1, failed: [{ line: 4, key: 'SEP00000001AA02' }, { line: 5 }] })
  const failed = first.failedFile ?? ''
  t.equal(failed, `${file}.failed.csv`)
  t.equal(statSync(failed).mode & 0o777, 0o600)
  const text = readFileSync(failed, 'utf8')
  t.match(
    text,
    /^name,description,owner,failure\r\nSEP00000001AA02,'=1\+1,robert,.*robert.*\r\nSEP00000001AA03,'\+49 1,/u,
  )

  await cluster.addUser({ userId: 'robert' })
  const second = await sendFile(client, { file: failed, kind: 'phones', update: false, quiet: true })
  t.match(second, { report: { added: 2, failed: [] }, failedFile: undefined })
  t.match(cluster.database.devices.find('SEP00000001AA02'), { description: '=1+1', owner: 'robert' })
  t.match(cluster.database.devices.find('SEP00000001AA03'), { description: '+49 1' })

  const again = await sendFile(client, { file, kind: 'phones', update: true, quiet: true })
  t.match(again.report, { added: 0, updated: 3, failed: [] })
  writeFileSync(file, 'name,colour\n')
  const wrong = sendFile(client, { file, kind: 'phones', update: false, quiet: true })
  await t.rejects(wrong, { message: /no column "colour"/u })
  const missing = sendFile(client, { file: `${file}.none`, kind: 'phones', update: false, quiet: true })
  await t.rejects(missing, { message: /phones\.csv\.none cannot be read/u })
})

t.test('roamline bulk needs a kind and a lab', async (t) => {
  t.match(await roamline('bulk', 'phones.csv'), { code: 2, stderr: /--kind/u })
  const outcome = await roamline('bulk', 'phones.csv', '--kind', 'phones', '--data', t.testdir({}))
  t.match(outcome, { code: 1, stderr: /No lab runs/u })
  t.match((await roamline('bulk', '--help')).stdout, /Example:\n {2}\$ npx roamline bulk/u)
})
