// The replica store remembers own records; what a failed write put into that memory must be gone with it.
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import type { JsonValue, StoreChange } from '../../../ils-sync/core/data/record.ts'
import { openClusterDatabase } from '../../../services/database/index.ts'
import { createReplicaStore } from '../../../services/ils/replica-store.ts'
import { pino } from 'pino'

const key = ['cluster1', 'location', 'bob'] as const

function written(usn: number, value: JsonValue): StoreChange {
  const [origin, kind, name] = key
  const record = { origin, epoch: 1, usn, kind, key: name, value }
  return { type: 'records', origin, version: { epoch: 1, usn }, records: [record] }
}

function emptied(usn: number): StoreChange {
  return { type: 'replace', origin: key[0], version: { epoch: 1, usn }, records: [] }
}

async function openWithOneRecord(t: Test) {
  const path = join(t.testdir({}), 'cluster.sqlite')
  const database = openClusterDatabase({ path, clock: Date, log: pino({ level: 'silent' }) })
  t.teardown(() => database.close())
  const remembering = createReplicaStore(database.sql, database.cache())
  const plain = createReplicaStore(database.sql)
  await database.write(() => remembering.apply(written(1, 'home')))
  const value = () => remembering.find(...key)?.value
  return { database, store: remembering, value, onDisk: () => plain.find(...key)?.value }
}

t.test('a work that fails takes back what it wrote, before the next work of the same batch', async (t) => {
  const { database, store, value, onDisk } = await openWithOneRecord(t)
  t.equal(value(), 'home')
  const failed = database.write(() => {
    store.apply(written(2, 'away'))
    t.equal(value(), 'away', 'inside its own work it is there')
    throw new Error('no')
  })
  const next = database.write(() => value())
  await t.rejects(failed, { message: 'no' })
  t.equal(await next, 'home')
  t.equal(onDisk(), 'home')
})

t.test('a record read for the first time inside a work that fails is read again', async (t) => {
  const { database, store, value } = await openWithOneRecord(t)
  const failed = database.write(() => {
    store.apply(written(2, 'away'))
    t.equal(value(), 'away')
    throw new Error('no')
  })
  await t.rejects(failed)
  t.equal(value(), 'home')
})

t.test('replacing everything is forgotten with the work that fails, and kept with the one that does not', async (t) => {
  const { database, store, value } = await openWithOneRecord(t)
  const failed = database.write(() => {
    store.apply(emptied(5))
    t.equal(value(), undefined)
    throw new Error('no')
  })
  await t.rejects(failed)
  t.equal(value(), 'home')
  await database.write(() => store.apply(emptied(5)))
  t.equal(value(), undefined)
})

t.test('a batch that cannot be committed is forgotten', async (t) => {
  const { database, store, value } = await openWithOneRecord(t)
  const lost = database.write(() => {
    store.apply(written(2, 'away'))
    t.equal(value(), 'away')
    database.sql.exec('ROLLBACK')
  })
  await t.rejects(lost, { code: 'DATABASE_WRITE_FAILED' })
  t.equal(value(), 'home')
})
