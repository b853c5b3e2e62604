import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { database } from '../../../services/database/index.ts'
import type { ServiceContext } from '../../../services/service.ts'
import { clock, createErrorLog } from './fixtures/test-database.ts'

t.test('the service opens cluster.sqlite in the data folder and lets go of it when it stops', async (t) => {
  const dataDirectory = t.testdir()
  const context = { dataDirectory, clock, log: createErrorLog() } as unknown as ServiceContext
  const running = await database.start(context, {})
  t.ok(existsSync(join(dataDirectory, 'cluster.sqlite')))
  await running.api.write(() => running.api.endUsers.insert({ userId: 'bob', lastName: 'x' }))
  await t.rejects(database.start(context, {}), { code: 'DATABASE_IN_USE' })
  await running.stop()
  await running.stop()
  const again = await database.start(context, {})
  t.teardown(() => again.stop())
  t.ok(again.api.endUsers.find('bob'))
})
