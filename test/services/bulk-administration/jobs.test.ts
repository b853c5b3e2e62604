// What becomes of jobs when the service stops, the cluster dies, or too many files come at once.
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import t from 'tap'
import type { Job, RowFailure } from '../../../services/bulk-administration/api.ts'
import { bulkAdministration } from '../../../services/bulk-administration/index.ts'
import { createCredentialHasher } from '../../../services/database/index.ts'
import { loneCluster } from '../../fixtures/lone-cluster.ts'
import type { LoneCluster } from '../../fixtures/lone-cluster.ts'
import { waitFor } from '../../fixtures/wait-for.ts'

const isOver = ({ state }: Job): boolean => state !== 'waiting' && state !== 'running'

function file(text: string) {
  return { kind: 'users', existing: 'refuse', body: Readable.from([Buffer.from(text)]) } as const
}

function users(count: number, from = 0): string {
  const rows = Array.from({ length: count }, (_, at) => `user${from + at},Last,${86420975 + at}`)
  return ['userId,lastName,pin', ...rows].join('\n')
}

/** The service, started in a lone cluster as its host would. */
function startIn({ context }: LoneCluster) {
  return bulkAdministration.start(context, {})
}

t.test('reports are there after a restart, and a job that was killed says so', async (t) => {
  const cluster = await loneCluster(t)
  const first = await startIn(cluster)
  const job = await first.api.submit(file('userId,lastName\nalice,Liddell\nbob,Builder\n'))
  await waitFor('the job', () => isOver(first.api.find(job.id) ?? job))
  await first.stop()
  // As a killed process leaves it.
  const folder = join(cluster.directory, 'bulk')
  const killed: Job = { ...job, id: '5a1c9f8e-0000-4000-8000-000000000001', state: 'running', done: 1 }
  writeFileSync(join(folder, `${killed.id}.job.json`), JSON.stringify(killed))
  writeFileSync(join(folder, `${killed.id}.spool`), 'nobody can read this')
  writeFileSync(join(folder, 'x.job.json'), '{ not JSON')

  const second = await startIn(cluster)
  t.teardown(() => second.stop())
  t.match(second.api.find(job.id), { state: 'done', added: 1, failed: 1 })
  const failures: RowFailure[] = []
  for await (const failure of second.api.failures(job.id)) failures.push(failure)
  t.match(failures, [{ line: 3, key: 'bob', reason: /bob/u }])
  t.match(second.api.find(killed.id), { state: 'interrupted', detail: /existing=update/u })
  t.notMatch(readdirSync(folder).join(' '), /spool/u)
  t.equal(second.api.list().length, 2)
})

t.test('a service that stops ends its jobs between two rows, and takes no more', async (t) => {
  const cluster = await loneCluster(t)
  const bulk = await startIn(cluster)
  const job = await bulk.api.submit(file(users(5000)))
  await waitFor('the first rows', () => (bulk.api.find(job.id)?.done ?? 0) > 0)
  await bulk.stop()
  const ended = bulk.api.find(job.id)
  t.match(ended, { state: 'interrupted', detail: 'The service was stopped.' })
  t.equal(cluster.database.endUsers.list().length, 1 + (ended?.added ?? 0), 'every row that counts is on disk')
  t.ok((ended?.added ?? 0) < 5000)
  await t.rejects(bulk.api.submit(file(users(1))), { message: /wait/u })
})

t.test('one job runs, some wait, one more is refused, and any can be ended', async (t) => {
  const cluster = await loneCluster(t, {
    hasher: createCredentialHasher({ pepper: Buffer.from('pepper of the tests'), memoryKiB: 4096, passes: 8 }),
  })
  const bulk = await startIn(cluster)
  t.teardown(() => bulk.stop())
  const jobs: Job[] = []
  for (const place of [0, 1, 2, 3, 4]) jobs.push(await bulk.api.submit(file(users(500, place * 500))))
  await t.rejects(bulk.api.submit(file(users(1, 9999))), { message: /4 files wait already/u })
  for (const { id } of jobs) await bulk.api.remove(id)
  await waitFor('all to end', () => bulk.api.list().every(isOver))
  t.match(new Set(bulk.api.list().map(({ state }) => state)), new Set(['interrupted']))
  t.match(bulk.api.find(jobs[4]?.id ?? ''), { done: 0, detail: 'Somebody ended it.' })
})

t.test('a login does not wait behind the PINs of a file', async (t) => {
  const cluster = await loneCluster(t, {
    hasher: createCredentialHasher({ pepper: Buffer.from('pepper of the tests'), memoryKiB: 4096, passes: 8 }),
  })
  const bulk = await startIn(cluster)
  t.teardown(() => bulk.stop())
  const job = await bulk.api.submit(file(users(2000)))
  await waitFor('the first rows', () => (bulk.api.find(job.id)?.done ?? 0) > 0)
  await cluster.mobility.login({ deviceName: 'SEP000000010001', userId: 'bob', proof: { kind: 'pin', pin: '12345' } })
  t.equal(bulk.api.find(job.id)?.state, 'running', 'the file is far from over')
})
